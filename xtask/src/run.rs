//! Builds the console and opens it; where there is no display, on one of our own.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::display::{self, Xvfb};
use crate::headless::Home;
use crate::process::{Running, bound_command, cargo};
use crate::project::Project;
use crate::session::{self, PrivateSession};
use crate::step::{Journal, Step};
use crate::system::Purpose;
use crate::{interface, setup};

/// What the app prints when its embedded server listens, before the address.
const LISTENING: &str = "latchkey: platform listening on ";
/// What the app prints when its window has first painted.
const READY: &str = "latchkey: window ready";
const READY_WITHIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);

#[derive(clap::Args)]
pub struct Arguments {
    /// Run without a display even where there is one
    #[arg(long)]
    headless: bool,
}

/// `cargo xtask run`.
pub fn run(journal: &mut Journal, arguments: &Arguments) -> Result<()> {
    let project = Project::find()?;
    let surroundings = Surroundings::look(arguments);
    surroundings.announce();
    setup::for_purposes(journal, &project, &surroundings.purposes())?;
    interface::build(journal, &project)?;
    build_app(journal)?;
    let stop = stop_signals()?;
    let stage = Stage::set(surroundings)?;
    let mut app = App::start(&project, &stage)?;
    if app.wait_until_ready(&stop)? {
        stage.describe(&project, app.address.as_deref())?;
    }
    app.wait_until_over(&stop)
}

fn build_app(journal: &mut Journal) -> Result<()> {
    let step = Step {
        does: "Build the console (the first time compiles all of it and takes several minutes)",
        remedy: "Put right what the lines above name, then run this again.",
    };
    journal.run(&step, cargo().args(["build", "--package", "latchkey", "--bin", "latchkey"]))
}

/// What the machine lacks for showing a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Surroundings {
    Desktop,
    /// A display, but no D-Bus session to reach a keychain through.
    NoSession,
    /// Nobody sees a window here, and so nobody could unlock a keychain.
    NoDisplay,
}

impl Surroundings {
    fn look(arguments: &Arguments) -> Self {
        match (display::is_present() && !arguments.headless, session::is_present()) {
            (false, _) => Self::NoDisplay,
            (true, false) => Self::NoSession,
            (true, true) => Self::Desktop,
        }
    }

    fn announce(self) {
        match self {
            Self::Desktop => {}
            Self::NoSession => println!(
                "There is no D-Bus session here: Latchkey runs in a private one, with its own keychain."
            ),
            Self::NoDisplay => println!(
                "No display: the window opens under Xvfb, in a private D-Bus session with its own keychain. A picture \
                 of it follows."
            ),
        }
    }

    fn purposes(self) -> Vec<Purpose> {
        match self {
            Self::Desktop => vec![Purpose::Build],
            Self::NoSession => vec![Purpose::Build, Purpose::Keychain],
            Self::NoDisplay => vec![Purpose::Build, Purpose::Keychain, Purpose::Display],
        }
    }
}

/// What stands in for the missing surroundings. The display is ended first, the hold on the folder last.
struct Stage {
    display: Option<Xvfb>,
    session: Option<PrivateSession>,
    home: Option<Home>,
}

impl Stage {
    fn set(surroundings: Surroundings) -> Result<Self> {
        if surroundings == Surroundings::Desktop {
            return Ok(Self { display: None, session: None, home: None });
        }
        let home = Home::open()?;
        let session = PrivateSession::start(&home)?;
        let display = match surroundings {
            Surroundings::NoDisplay => Some(Xvfb::start(&home)?),
            _ => None,
        };
        Ok(Self { display, session: Some(session), home: Some(home) })
    }

    fn prepare(&self, app: &mut Command) {
        if let Some(session) = &self.session {
            session.join(app);
        }
        if let Some(display) = &self.display {
            display.show(app);
        }
    }

    /// Says where everything is, now that the window stands.
    fn describe(&self, project: &Project, address: Option<&str>) -> Result<()> {
        println!("\nLatchkey is running. Ctrl-C ends it.");
        if let Some(address) = address {
            println!("  API        {address}  (reference: {address}/docs)");
        }
        if let Some(display) = &self.display {
            let file = project.screens().join("run.png");
            display.picture()?.write_png(&file)?;
            println!("  picture    {}", file.display());
            println!("  display    {}  (XAUTHORITY={})", display.name, display.authority.display());
        }
        if let Some(home) = &self.home {
            println!("  data       {}", home.folder().display());
            println!(
                "             The keychain lies there too, with its password beside it: it is for trying Latchkey \
                 out, since whoever can read your files can open it."
            );
        }
        Ok(())
    }
}

/// The running app and what it prints.
struct App {
    running: Running,
    lines: Receiver<String>,
    address: Option<String>,
}

impl App {
    fn start(project: &Project, stage: &Stage) -> Result<Self> {
        let mut command = bound_command(project.app());
        stage.prepare(&mut command);
        let mut running = Running::start(command.stdout(Stdio::piped()))
            .with_context(|| format!("{} could not be started", project.app().display()))?;
        let (sender, lines) = channel();
        if let Some(stdout) = running.child().stdout.take() {
            thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    println!("{line}");
                    // Nobody listens any more once the window stands; the lines are shown all the same.
                    let _ = sender.send(line);
                }
            });
        }
        Ok(Self { running, lines, address: None })
    }

    /// Whether the window came up; it did not if the person stopped it or the app ended first.
    fn wait_until_ready(&mut self, stop: &AtomicBool) -> Result<bool> {
        let start = Instant::now();
        while start.elapsed() < READY_WITHIN && !stop.load(Ordering::Relaxed) {
            match self.lines.recv_timeout(POLL) {
                Ok(line) if line.starts_with(READY) => return Ok(true),
                Ok(line) => self.note_address(&line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(false),
            }
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(false);
        }
        bail!(
            "the window did not come up within {} s. The app's lines above may say why; `cargo xtask run --headless` \
             shows whether it is the display",
            READY_WITHIN.as_secs()
        )
    }

    fn note_address(&mut self, line: &str) {
        if let Some(address) = line.strip_prefix(LISTENING) {
            self.address = Some(address.trim().to_owned());
        }
    }

    /// Waits for the app to end, or ends it when the person asks to.
    fn wait_until_over(&mut self, stop: &AtomicBool) -> Result<()> {
        loop {
            if let Some(status) = self.running.ended()? {
                return judge_end(status);
            }
            if stop.load(Ordering::Relaxed) {
                println!("\nEnding Latchkey.");
                self.running.end();
                return Ok(());
            }
            thread::sleep(POLL);
        }
    }
}

fn judge_end(status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("Latchkey ended with a failure ({status}). Its lines above say why");
    }
    println!("Latchkey was closed.");
    Ok(())
}

/// Becomes true when the person or the system asks xtask to stop.
fn stop_signals() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_installed() {
        assert_eq!(Surroundings::Desktop.purposes(), [Purpose::Build]);
        assert!(!Surroundings::NoSession.purposes().contains(&Purpose::Display));
        assert!(Surroundings::NoDisplay.purposes().contains(&Purpose::Keychain));
    }

    #[test]
    fn headless_is_without_display_whatever_there_is() {
        assert_eq!(Surroundings::look(&Arguments { headless: true }), Surroundings::NoDisplay);
    }
}
