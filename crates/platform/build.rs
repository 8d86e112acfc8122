//! Lists the manifests, so that a new platform's file is found without naming it in the code.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=manifests");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("manifests");
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.retain(|file| file.path().extension().is_some_and(|end| end == "toml"));
    files.sort_by_key(fs::DirEntry::file_name);

    let mut list = String::from("&[\n");
    for file in files {
        let (name, path) = (file.file_name(), file.path());
        writeln!(list, "    ({name:?}, include_str!({path:?})),")?;
    }
    list.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("manifests.rs"), list)?;
    Ok(())
}
