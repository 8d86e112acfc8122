//! A display that nobody looks at.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use crate::support::children::Guarded;

/// Room for the window at its usual size.
const SCREEN: &str = "1280x800x24";

/// A running Xvfb.
pub struct Display {
    _xvfb: Guarded,
    /// As `DISPLAY` wants it.
    pub name: String,
}

impl Display {
    pub fn start() -> Self {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]);
        let mut xvfb = Guarded::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()));
        let mut number = String::new();
        BufReader::new(xvfb.0.stdout.take().unwrap()).read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "Xvfb ended before it had a display");
        Self { _xvfb: xvfb, name: format!(":{}", number.trim()) }
    }

    /// Points a program at this display.
    pub fn show(&self, command: &mut Command) {
        command.env("DISPLAY", &self.name).env("GDK_BACKEND", "x11").env("NO_AT_BRIDGE", "1");
        command.env_remove("WAYLAND_DISPLAY").env_remove("XAUTHORITY");
    }
}
