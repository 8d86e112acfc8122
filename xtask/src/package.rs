//! The packages for Debian, Ubuntu and Fedora.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::process::command;
use crate::project::Project;
use crate::setup;
use crate::step::{Journal, Step};
use crate::system::Purpose;

const KINDS: [&str; 2] = ["deb", "rpm"];

/// `cargo xtask package`. Tauri builds the interface and the release build by itself.
pub fn package(journal: &mut Journal) -> Result<()> {
    let project = Project::find()?;
    setup::for_purposes(journal, &project, &[Purpose::Build])?;
    let step = Step {
        does: "Build the packages (tauri build; the first time takes ten minutes or more)",
        remedy: "Put right what the lines above name, then run this again.",
    };
    let mut tauri = command(project.interface().join("node_modules/.bin/tauri"));
    tauri.args(["build", "--ci", "--bundles", &KINDS.join(",")]);
    journal.run(&step, tauri.current_dir(project.root()))?;
    let packages = find_packages(&project.bundles())?;
    ensure!(!packages.is_empty(), "tauri left no package below {}", project.bundles().display());
    println!("\nThe packages:");
    for file in packages {
        println!("  {}", file.display());
    }
    Ok(())
}

/// Tauri leaves each kind in a folder of its own, beside what it packed.
fn find_packages(bundles: &Path) -> Result<Vec<PathBuf>> {
    let mut packages = Vec::new();
    for kind in KINDS {
        let Ok(entries) = fs::read_dir(bundles.join(kind)) else { continue };
        for entry in entries {
            let file = entry?.path();
            if file.extension().is_some_and(|extension| extension == kind) {
                packages.push(file);
            }
        }
    }
    packages.sort();
    Ok(packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_found_among_what_was_packed() {
        let bundles = tempfile::tempdir().unwrap();
        let deb = bundles.path().join("deb");
        fs::create_dir_all(deb.join("Latchkey_0.1.0_amd64")).unwrap();
        fs::write(deb.join("Latchkey_0.1.0_amd64.deb"), "").unwrap();
        assert_eq!(find_packages(bundles.path()).unwrap(), [deb.join("Latchkey_0.1.0_amd64.deb")]);
    }
}
