//! Where things lie.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// The checked-out project and the folder its programs are built into.
pub struct Project {
    root: PathBuf,
    binaries: PathBuf,
}

impl Project {
    /// Finds the project upwards of the current folder. The programs lie beside xtask itself, wherever
    /// `CARGO_TARGET_DIR` or a configuration puts them.
    pub fn find() -> Result<Self> {
        let here = env::current_dir().context("the current folder cannot be read")?;
        let root = here
            .ancestors()
            .find(|folder| folder.join("tauri.conf.json").is_file())
            .context(
                "this is not inside the Latchkey project: change into its folder and try again",
            )?
            .to_path_buf();
        let xtask = env::current_exe().context("xtask cannot find its own program file")?;
        let binaries = xtask.parent().unwrap_or(&root).to_path_buf();
        Ok(Self { root, binaries })
    }

    pub fn root(&self) -> PathBuf {
        self.root.clone()
    }

    pub fn interface(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// The desktop app of the development build.
    pub fn app(&self) -> PathBuf {
        self.binaries.join("latchkey")
    }

    /// The desktop app of the release build.
    pub fn release_app(&self) -> PathBuf {
        self.binaries.with_file_name("release").join("latchkey")
    }

    /// Where `cargo xtask bench` lets the window run, and leaves pictures of it.
    pub fn bench(&self) -> PathBuf {
        self.binaries.with_file_name("bench")
    }

    /// Where `cargo xtask package` leaves its files.
    pub fn bundles(&self) -> PathBuf {
        self.binaries.with_file_name("release").join("bundle")
    }

    /// Pictures of the window.
    pub fn screens(&self) -> PathBuf {
        self.binaries.with_file_name("screens")
    }
}
