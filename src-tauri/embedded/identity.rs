//! What tells this data folder's server from every other in the keychain.

use std::{fs, io, path::Path};

use latchkey_platform::Entropy;

/// The id that the folder's file holds; written when there is none. Not secret.
pub(super) fn of(data_dir: &Path, entropy: &Entropy) -> io::Result<String> {
    fs::create_dir_all(data_dir)?;
    let path = data_dir.join("server-id");
    match fs::read_to_string(&path) {
        Ok(id) if is_id(id.trim()) => return Ok(id.trim().to_owned()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let id = format!("local-{:016x}", u64::from_be_bytes(entropy.bytes()));
    let fresh = data_dir.join("server-id.new");
    fs::write(&fresh, &id)?;
    fs::rename(fresh, path)?;
    Ok(id)
}

fn is_id(text: &str) -> bool {
    text.len() > 6 && text.len() < 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_its_id_and_another_gets_another() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let entropy = Entropy::system();
        let id = of(&one.path().join("deep"), &entropy).unwrap();
        assert_eq!(of(&one.path().join("deep"), &entropy).unwrap(), id);
        assert_ne!(of(other.path(), &entropy).unwrap(), id);
    }

    #[test]
    fn a_damaged_id_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("server-id"), "../../x").unwrap();
        assert!(of(folder.path(), &Entropy::system()).unwrap().starts_with("local-"));
    }
}
