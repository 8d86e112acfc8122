//! The real program as a process of its own.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use url::Url;

const PROGRAM: &str = env!("CARGO_BIN_EXE_latchkey-platform");

/// A `latchkey-platform serve` on a free port; killed when dropped.
pub struct ServerProcess {
    pub base: Url,
    child: Child,
}

/// The program with the tests' server key.
pub fn program() -> Command {
    let mut command = Command::new(PROGRAM);
    command.env("LATCHKEY_SERVER_KEY", STANDARD.encode([7; 32])).env("LATCHKEY_LOG", "warn");
    command
}

/// Runs a command of the operator's; `input` is what it reads.
pub fn run(data: &Path, words: &[&str], input: &str) -> Output {
    let mut child = program()
        .args(&words[..2])
        .arg("--data")
        .arg(data)
        .args(&words[2..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing has closed its end.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// What a program said that succeeded.
pub fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

impl ServerProcess {
    pub fn start(data: &Path, options: &[&str]) -> Self {
        let mut command = program();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).args(options);
        Self::spawn(&mut command)
    }

    /// Starts a `serve` and waits until it listens.
    pub fn spawn(serve: &mut Command) -> Self {
        let mut child = serve.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.split_whitespace().find_map(|word| {
            word.trim_end_matches(',').strip_prefix("http://").map(|rest| format!("http://{rest}"))
        });
        let base = base.unwrap_or_else(|| panic!("the server said: {line:?}"));
        Self { base: base.parse().unwrap(), child }
    }

    /// Kills the process at once, as a power failure would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
