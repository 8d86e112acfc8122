//! Programs that are started, found and ended.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A program may take this long to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(50);

/// A command without what `cargo run` told xtask about xtask itself: a build that sees another `CARGO_PKG_NAME`
/// than last time would compile some crates again.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(describes_this_package) {
            command.env_remove(name);
        }
    }
    command
}

pub fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn describes_this_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| variable.starts_with(prefix))
}

/// The command for a program that must not outlive xtask, even if xtask is killed.
pub fn bound_command(program: impl AsRef<OsStr>) -> Command {
    let mut bound = match find_program("setpriv") {
        Some(setpriv) => {
            let mut setpriv = command(setpriv);
            setpriv.args(["--pdeathsig", "TERM", "--"]).arg(program);
            setpriv
        }
        None => command(program),
    };
    // Ctrl-C at the terminal reaches xtask alone, which then ends these in the right order.
    bound.process_group(0).stdin(Stdio::null());
    bound
}

pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The first line a program prints, or `None` if it cannot be started or fails.
pub fn first_line(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    output.status.success().then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}

/// A running program that is ended when this is dropped.
pub struct Running(Child);

impl Running {
    pub fn start(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(Self)
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.0.try_wait()
    }

    /// Asks the program to end, and kills it if it does not.
    pub fn end(&mut self) {
        if matches!(self.ended(), Ok(Some(_))) {
            return;
        }
        self.ask_to_end();
        if !wait_until(GRACE, || matches!(self.ended(), Ok(Some(_)))) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn ask_to_end(&self) {
        let _ =
            Command::new("sh").args(["-c", "kill -TERM \"$0\"", &self.0.id().to_string()]).status();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Waits for a condition; says whether it came true in time.
pub fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if condition() {
            return true;
        }
        if start.elapsed() >= limit {
            return false;
        }
        sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_says_about_xtask_is_not_passed_on() {
        assert!(describes_this_package("CARGO_PKG_NAME"));
        assert!(describes_this_package("CARGO_MANIFEST_DIR"));
        assert!(!describes_this_package("CARGO_TARGET_DIR"));
        assert!(!describes_this_package("CARGO_HOME"));
    }

    #[test]
    fn a_running_program_is_ended_when_dropped() {
        let mut running = Running::start(bound_command("sleep").arg("600")).unwrap();
        let process = format!("/proc/{}", running.child().id());
        assert!(std::path::Path::new(&process).exists());
        drop(running);
        assert!(!std::path::Path::new(&process).exists());
    }

    #[test]
    fn the_first_line_of_a_failing_program_is_nothing() {
        assert_eq!(first_line(command("echo").arg("one")), Some("one".to_owned()));
        assert_eq!(first_line(&mut command("false")), None);
        assert_eq!(first_line(&mut command("no-such-program-anywhere")), None);
    }
}
