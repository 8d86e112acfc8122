//! Chromium, showing one page in a window of its own.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use super::site::Site;
use crate::process::bound_command;

/// Where Debian installs it.
const PROGRAM: &str = "/usr/bin/chromium";
const ROOT: u32 = 0;

/// Chromium as Debian installs it, with a profile of its own.
pub struct Browser {
    site: Site,
    profile: PathBuf,
}

pub fn is_installed() -> bool {
    Path::new(PROGRAM).is_file()
}

impl Browser {
    pub const fn new(site: Site, profile: PathBuf) -> Self {
        Self { site, profile }
    }

    pub fn command(&self) -> io::Result<Command> {
        let mut command = bound_command(PROGRAM);
        command.arg(format!("--app=http://{}/", self.site.address));
        command.arg(format!("--user-data-dir={}", self.profile.display()));
        command.args(["--window-position=0,0", "--window-size=1280,800", "--ozone-platform=x11"]);
        // Questions that a first start asks.
        command.args(["--no-first-run", "--no-default-browser-check", "--password-store=basic"]);
        if fs::metadata("/proc/self")?.uid() == ROOT {
            // Its sandbox refuses to run as root; the other one hides the warning about that.
            command.args(["--no-sandbox", "--test-type"]);
        }
        Ok(command)
    }
}
