//! A desk: a display, a desktop session, and the app's window between them.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};

use super::display::Display;
use crate::support::{
    children::{Guarded, wait_until},
    session::Session,
};

/// What anything may take on a busy machine; nothing here waits longer than it has to.
pub const LIMIT: Duration = Duration::from_secs(30);
const TAP: &str = include_str!("tap.js");
const APP: &str = env!("CARGO_BIN_EXE_latchkey");

/// A display, a session and the app's window. Everything ends when it is dropped.
pub struct Desk {
    window: Option<WebDriver>,
    driver: Guarded,
    port: u16,
    pub display: Display,
    pub session: Session,
}

/// A process of the session, as `/proc` shows it.
pub struct Process {
    pub id: u32,
    pub arguments: Vec<u8>,
    pub environment: Vec<u8>,
}

impl Desk {
    /// Sits down in a session; the window is not open yet.
    pub fn in_session(session: Session) -> Self {
        Self::with_log(session, None)
    }

    /// The same, with the app's log as detailed as asked.
    pub fn with_log(session: Session, log: Option<&str>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let display = Display::start();
        let port = free_port();
        let mut command = session.command("WebKitWebDriver");
        display.show(&mut command);
        command.arg(format!("--port={port}")).env("TAURI_WEBVIEW_AUTOMATION", "true");
        command.env("TZ", "UTC").env_remove("LATCHKEY_DATA_DIR").env_remove("LATCHKEY_LOG");
        command.envs(log.map(|log| ("LATCHKEY_LOG", log)));
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let driver = Guarded::spawn(&mut command);
        wait_until("the driver", LIMIT, || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Self { window: None, driver, port, display, session }
    }

    /// A desk with an unlocked keyring and the app's window open on it.
    pub async fn open() -> Self {
        let mut desk = Self::in_session(Session::with_keyring());
        desk.open_window().await;
        desk
    }

    /// Starts the app.
    pub async fn open_window(&mut self) {
        let mut wanted = Capabilities::new();
        wanted.set("webkitgtk:browserOptions", json!({ "binary": APP, "args": [] })).unwrap();
        let server = format!("http://127.0.0.1:{}", self.port);
        let window = WebDriver::new(&server, wanted).await.expect("the app's window");
        window.set_script_timeout(LIMIT).await.unwrap();
        self.window = Some(window);
        self.eval(TAP, json!([])).await;
    }

    /// Closes the window and waits until nothing of the app runs.
    pub async fn close_window(&mut self) {
        self.window.take().expect("the window is open").quit().await.unwrap();
        wait_until("the app's end", LIMIT, || self.app_processes().is_empty());
    }

    pub fn window(&self) -> &WebDriver {
        self.window.as_ref().expect("the window is open")
    }

    /// Everything that runs in this session.
    pub fn processes(&self) -> Vec<Process> {
        let home = format!("HOME={}\0", self.session.home().display()).into_bytes();
        let entries = fs::read_dir("/proc").unwrap().flatten();
        entries
            .filter_map(|entry| {
                let id = entry.file_name().to_str()?.parse().ok()?;
                let environment = fs::read(entry.path().join("environ")).ok()?;
                let arguments = fs::read(entry.path().join("cmdline")).ok()?;
                environment.windows(home.len()).any(|part| part == home).then_some(Process {
                    id,
                    arguments,
                    environment,
                })
            })
            .collect()
    }

    /// The app's own processes: itself and the engine's.
    pub fn app_processes(&self) -> Vec<Process> {
        let mut all = self.processes();
        all.retain(|process| {
            let program = process.arguments.split(|byte| *byte == 0).next().unwrap_or_default();
            program == APP.as_bytes() || program.ends_with(b"Process")
        });
        all
    }

    /// Where the app writes: data, settings, logs, the engine's storage.
    pub fn home(&self) -> PathBuf {
        self.session.home()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(window) = self.window.take() {
            // Ending a session is a call that a failing test does not wait for.
            let _ = window.leak();
        }
        self.driver.signal("KILL");
        for process in self.app_processes() {
            let mut kill = std::process::Command::new("kill");
            let _ = kill.arg("-KILL").arg(process.id.to_string()).stderr(Stdio::null()).status();
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}
