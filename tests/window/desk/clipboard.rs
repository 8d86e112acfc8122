//! What another program finds on the display's clipboard.

use std::{
    env,
    io::{self, Write},
    process::Stdio,
};

use super::app::Desk;

/// Makes a test binary the other program.
const PROGRAM: &str = "LATCHKEY_TEST_CLIPBOARD_PROGRAM";

/// The other program: writes what the clipboard holds to stdout. Does nothing as a test.
pub fn program() {
    if env::var_os(PROGRAM).is_some() {
        let text = arboard::Clipboard::new().and_then(|mut clipboard| clipboard.get_text());
        let mut out = io::stdout();
        write!(out, "\n> {}\n", text.unwrap_or_default()).unwrap();
    }
}

impl Desk {
    /// The clipboard's text; empty where it holds none. The test's binary has to have a test
    /// `clipboard_program` that calls [`program`].
    pub fn clipboard(&self) -> String {
        let mut command = self.session.command(env::current_exe().unwrap());
        self.display.show(&mut command);
        command.args(["--exact", "clipboard_program", "--nocapture"]).env(PROGRAM, "1");
        let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().find_map(|line| line.strip_prefix("> ")).unwrap_or_default().to_owned()
    }
}
