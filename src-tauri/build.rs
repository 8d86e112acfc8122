use std::{error::Error, fs, io, path::Path};

use tauri_build::{AppManifest, Attributes};

/// tauri-build writes its schemas beside `Cargo.toml`; they belong to the app.
const SCHEMAS: [&str; 2] = ["gen", "src-tauri/gen"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    let manifest = AppManifest::new().permissions_path_pattern("src-tauri/permissions/*.toml");
    let attributes = Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/**/*.json")
        .app_manifest(manifest);
    tauri_build::try_build(attributes)?;
    Ok(move_schemas()?)
}

fn move_schemas() -> io::Result<()> {
    let [from, to] = SCHEMAS.map(Path::new);
    if !from.exists() {
        return Ok(());
    }
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::rename(from, to)
}
