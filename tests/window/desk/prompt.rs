//! The desktop's prompt for the keyring's password: a window of another program, answered as a
//! person would, with keys.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use super::app::{Desk, LIMIT};
use crate::support::children::{Guarded, wait_until};

/// Names the desktop's own program for it, which comes with gnome-keyring.
const SERVICE: &str = "/usr/share/dbus-1/services/org.gnome.keyring.SystemPrompter.service";

/// The program that shows prompts. It ends when this is dropped.
pub struct Prompter {
    _program: Guarded,
}

impl Desk {
    /// Starts the program that shows prompts, as a desktop has one.
    pub fn start_prompter(&self) -> Prompter {
        let service = fs::read_to_string(SERVICE).expect(SERVICE);
        let program = service.lines().find_map(|line| line.strip_prefix("Exec=")).expect("Exec");
        let mut command = self.session.command(program);
        self.display.show(&mut command);
        Prompter { _program: Guarded::spawn(command.stdin(Stdio::null()).stdout(Stdio::null())) }
    }

    /// Waits for a prompt, types into it and sends it.
    pub fn answer_prompt(&self, text: &str) {
        self.wait_for_prompt();
        let mut child = self.keys(&["type", "--file", "-"]).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "xdotool typed");
        self.strike_in_prompt("Return");
    }

    /// Waits for a prompt and refuses it.
    pub fn dismiss_prompt(&self) {
        self.wait_for_prompt();
        self.strike_in_prompt("Escape");
    }

    fn strike_in_prompt(&self, key: &str) {
        assert!(self.keys(&["key", key]).status().unwrap().success(), "xdotool struck {key}");
        wait_until("the prompt's end", LIMIT, || !self.has_prompt(&[]));
    }

    /// Once it is there it is given the keyboard, as a window manager would.
    fn wait_for_prompt(&self) {
        wait_until("the keyring's prompt", LIMIT, || self.has_prompt(&["windowfocus", "--sync"]));
    }

    /// Whether there is a prompt to which this could be done.
    fn has_prompt(&self, act: &[&str]) -> bool {
        let mut look = self.keys(&["search", "--onlyvisible", "--name", "^Unlock"]);
        let look = look.args(act).stdout(Stdio::null()).stderr(Stdio::null());
        look.status().is_ok_and(|status| status.success())
    }

    fn keys(&self, arguments: &[&str]) -> Command {
        let mut command = self.session.command("xdotool");
        self.display.show(&mut command);
        command.args(arguments);
        command
    }
}
