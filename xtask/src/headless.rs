//! What a run without the person's own desktop session keeps: a folder of its own with the app's data and a
//! keychain, which belong together. The keychain's password lies beside it, because nobody could be asked for it:
//! whoever can read the person's files can open it. It is for trying Latchkey out, and `run` says so.

use std::env;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The folder, held for as long as this lives.
pub struct Home {
    folder: PathBuf,
    _lock: File,
}

impl Home {
    /// Opens the folder in the person's data folder.
    pub fn open() -> Result<Self> {
        let data = env::var_os("XDG_DATA_HOME")
            .map(PathBuf::from)
            .filter(|folder| folder.is_absolute())
            .or_else(|| Some(env::home_dir()?.join(".local/share")))
            .context("there is no home folder to keep the data in: set HOME")?;
        Self::open_in(&data.join("latchkey-headless"))
    }

    /// Opens a folder of one's own choice.
    pub fn open_in(folder: &Path) -> Result<Self> {
        let why = || format!("{} cannot be used to keep data and keychain in", folder.display());
        DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(why)?;
        let lock = File::create(folder.join("lock")).with_context(why)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.to_path_buf(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "another `cargo xtask run` is using {}: end it with Ctrl-C and try again",
                    folder.display()
                )
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(why),
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A folder for what lasts no longer than one run.
    pub fn scratch(&self) -> Result<PathBuf> {
        let scratch = self.folder.join("run");
        DirBuilder::new().recursive(true).mode(0o700).create(&scratch)?;
        Ok(scratch)
    }

    /// The password of the keychain, drawn when it is first needed.
    pub fn keychain_password(&self) -> Result<Vec<u8>> {
        let file = self.folder.join("keychain-password");
        if !file.exists() {
            let text: String =
                random_bytes::<16>()?.iter().map(|byte| format!("{byte:02x}")).collect();
            write_private(&file, text.as_bytes())?;
        }
        Ok(fs::read(file)?)
    }
}

/// Bytes from the system's generator.
pub fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file that only its owner may read.
pub fn write_private(file: &Path, contents: &[u8]) -> Result<()> {
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    Ok(file.write_all(contents)?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn one_run_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open_in(&folder.path().join("latchkey-headless")).unwrap();
        let second = Home::open_in(home.folder()).err().unwrap();
        assert!(second.to_string().contains("end it with Ctrl-C"), "{second}");
        let path = home.folder().to_path_buf();
        drop(home);
        assert!(Home::open_in(&path).is_ok());
    }

    #[test]
    fn the_password_stays_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open_in(&folder.path().join("latchkey-headless")).unwrap();
        let password = home.keychain_password().unwrap();
        assert_eq!(password.len(), 32);
        assert_eq!(home.keychain_password().unwrap(), password);
        for (file, mode) in [("keychain-password", 0o600), (".", 0o700)] {
            let permissions = fs::metadata(home.folder().join(file)).unwrap().permissions();
            assert_eq!(permissions.mode() & 0o777, mode, "{file}");
        }
    }
}
