//! The interface in `ui/`: its packages and its build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::command;
use crate::project::Project;
use crate::stale::is_stale;
use crate::step::{Journal, Step};

/// What is made from the sources, or by tools beside them.
const NOT_SOURCES: [&str; 3] = ["node_modules", "dist", ".svelte-kit"];

/// Installs the packages the lock file names, unless just these are installed.
pub fn install_packages(journal: &mut Journal, project: &Project) -> Result<()> {
    let folder = project.interface();
    let lock = fs::read(folder.join("package-lock.json")).context(
        "ui/package-lock.json cannot be read. Restore it (`git checkout ui/package-lock.json`)",
    )?;
    let stamp = folder.join("node_modules/.latchkey-installed.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        journal.already("Interface packages: as package-lock.json names them");
        return Ok(());
    }
    let step = Step {
        does: "Install the interface's packages (npm ci)",
        remedy: "npm's lines above say why: usually the network. Then run this again.",
    };
    // NODE_ENV=production would leave out what builds and tests the interface.
    journal.run(&step, npm(project).args(["ci", "--include=dev", "--no-audit", "--no-fund"]))?;
    fs::write(stamp, lock).context("node_modules cannot be written to")
}

/// Builds `ui/dist`, unless it is newer than all it is made from.
pub fn build(journal: &mut Journal, project: &Project) -> Result<()> {
    let folder = project.interface();
    let sources = sources(&folder).context("ui/ cannot be read")?;
    if !is_stale(&folder.join("dist/index.html"), sources.iter().map(PathBuf::as_path))? {
        journal.already("Interface: built, and nothing changed since");
        return Ok(());
    }
    let step = Step {
        does: "Build the interface (npm run build)",
        remedy: "Put right what the lines above name, then run this again.",
    };
    journal.run(&step, npm(project).args(["run", "build"]))
}

/// Runs one script of `ui/package.json`.
pub fn run_script(
    journal: &mut Journal,
    project: &Project,
    step: &Step,
    script: &str,
) -> Result<()> {
    journal.run(step, npm(project).args(["run", script]))
}

/// npm in the interface's folder.
fn npm(project: &Project) -> Command {
    let mut npm = command("npm");
    npm.current_dir(project.interface());
    npm
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !NOT_SOURCES.iter().any(|name| entry.file_name() == *name) {
            sources.push(entry.path());
        }
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_no_source() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["src", "node_modules", "dist", ".svelte-kit", "static"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("vite.config.ts"), "").unwrap();
        let mut names: Vec<_> = sources(folder.path())
            .unwrap()
            .iter()
            .map(|path| path.file_name().unwrap().to_owned())
            .collect();
        names.sort();
        assert_eq!(names, ["src", "static", "vite.config.ts"]);
    }
}
