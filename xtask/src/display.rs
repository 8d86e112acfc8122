//! A display of our own for a machine without one: Xvfb.

use std::env;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::headless::{Home, random_bytes, write_private};
use crate::picture::Picture;
use crate::process::{Running, bound_command, wait_until};

/// The size of the window in the mocks, 24 bits deep.
const SCREEN: &str = "1280x800x24";
const PAINTED_WITHIN: Duration = Duration::from_secs(15);
/// Shorter than the blinking of a text cursor.
const STILL_FOR: Duration = Duration::from_millis(400);

/// Whether a window can be shown to a person here.
pub fn is_present() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// A running Xvfb.
pub struct Xvfb {
    _running: Running,
    pub name: String,
    pub authority: PathBuf,
    screen: PathBuf,
}

impl Xvfb {
    /// Starts Xvfb on a free display number, closed to every other person on this machine.
    pub fn start(home: &Home) -> Result<Self> {
        let scratch = home.scratch()?;
        let authority = scratch.join("xauthority");
        write_private(&authority, &authority_entry(&random_bytes()?))?;
        let log = scratch.join("xvfb.log");
        let mut command = bound_command("Xvfb");
        command.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            SCREEN,
            "-nolisten",
            "tcp",
            "-noreset",
            "-auth",
        ]);
        command.arg(&authority).arg("-fbdir").arg(&scratch);
        command.stdout(Stdio::piped()).stderr(File::create(&log)?);
        let mut running = Running::start(&mut command)
            .context("Xvfb could not be started. Install it (Debian, Ubuntu: the package xvfb) and try again")?;
        let mut number = String::new();
        if let Some(stdout) = running.child().stdout.take() {
            BufReader::new(stdout).read_line(&mut number)?;
        }
        if number.trim().is_empty() {
            bail!("Xvfb ended before it had a display. {} says why", log.display());
        }
        let name = format!(":{}", number.trim());
        Ok(Self { _running: running, name, authority, screen: scratch.join("Xvfb_screen0") })
    }

    /// The file that Xvfb keeps what it shows in.
    pub fn screen(&self) -> &Path {
        &self.screen
    }

    /// Points a program at this display.
    pub fn show(&self, command: &mut Command) {
        command.env("DISPLAY", &self.name).env("XAUTHORITY", &self.authority);
        command.env("GDK_BACKEND", "x11").env_remove("WAYLAND_DISPLAY");
        // Nobody listens for assistive technology here; without this GTK warns that it finds none.
        command.env("NO_AT_BRIDGE", "1");
    }

    /// The screen, once something is drawn on it and nothing has changed for a moment.
    pub fn picture(&self) -> Result<Picture> {
        let mut last = Picture::read(&self.screen)?;
        let mut changed = Instant::now();
        wait_until(PAINTED_WITHIN, || {
            if let Ok(now) = Picture::read(&self.screen)
                && now != last
            {
                last = now;
                changed = Instant::now();
            }
            !last.is_blank() && changed.elapsed() >= STILL_FOR
        });
        Ok(last)
    }
}

/// One entry of an Xauthority file (libXau): any host, any display, a cookie. Numbers are big-endian.
fn authority_entry(cookie: &[u8; 16]) -> Vec<u8> {
    const ANY_HOST: u16 = 0xffff;
    let mut entry = ANY_HOST.to_be_bytes().to_vec();
    let (any_address, any_display) = (&b""[..], &b""[..]);
    for field in [any_address, any_display, b"MIT-MAGIC-COOKIE-1", cookie] {
        entry.extend((field.len() as u16).to_be_bytes());
        entry.extend(field);
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_entry_is_what_libxau_writes() {
        let entry = authority_entry(&[7; 16]);
        let mut expected = vec![0xff, 0xff, 0, 0, 0, 0, 0, 18];
        expected.extend(b"MIT-MAGIC-COOKIE-1");
        expected.extend([0, 16]);
        expected.extend([7; 16]);
        assert_eq!(entry, expected);
    }
}
