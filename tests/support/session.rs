//! A desktop session: home, runtime folder, bus, keyring.

use std::{
    fs,
    io::Write,
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use super::children::{Guarded, wait_until};

const LIMIT: Duration = Duration::from_secs(20);
/// Of the keyring.
pub const PASSWORD: &str = "keyring password of the tests";
/// A bus on which nothing starts by itself.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#;

/// A session of its own. Everything in it ends when it is dropped.
pub struct Session {
    keyring: Option<Guarded>,
    bus: Option<Guarded>,
    folder: TempDir,
}

impl Session {
    /// A home, and nothing that runs.
    pub fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "run"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::set_permissions(folder.path().join("run"), fs::Permissions::from_mode(0o700)).unwrap();
        Self { keyring: None, bus: None, folder }
    }

    /// A home and a bus, and nobody on it.
    pub fn with_bus() -> Self {
        let mut session = Self::bare();
        let config = session.folder.path().join("bus.conf");
        fs::write(&config, BUS.replace("SOCKET", &session.socket().display().to_string())).unwrap();
        let mut command = session.command("dbus-daemon");
        command.arg("--nofork").arg("--config-file").arg(config).stdout(Stdio::null());
        session.bus = Some(Guarded::spawn(&mut command));
        wait_until("the bus", LIMIT, || UnixStream::connect(session.socket()).is_ok());
        session
    }

    /// A home, a bus and an unlocked keyring.
    pub fn with_keyring() -> Self {
        let mut session = Self::with_bus();
        session.unlock_keyring();
        session
    }

    /// Starts the keyring anew, unlocked; what it kept is still there.
    pub fn unlock_keyring(&mut self) {
        self.start_keyring(&["--unlock"], PASSWORD);
        let unlocked =
            || self.keyring_says("Locked").is_some_and(|answer| answer.contains("boolean false"));
        wait_until("the unlocked keyring", LIMIT, unlocked);
    }

    /// Starts the keyring anew, locked.
    pub fn lock_keyring(&mut self) {
        self.start_keyring(&[], "");
        let locked =
            || self.keyring_says("Locked").is_some_and(|answer| answer.contains("boolean true"));
        wait_until("the locked keyring", LIMIT, locked);
    }

    /// Ends the keyring.
    pub fn stop_keyring(&mut self) {
        self.keyring = None;
    }

    /// The keyring's process.
    pub fn keyring(&self) -> &Guarded {
        self.keyring.as_ref().expect("a keyring runs")
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A program in this session, and in nothing of the session that runs the tests.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        for name in [
            "DBUS_SESSION_BUS_ADDRESS",
            "XDG_DATA_HOME",
            "XDG_CONFIG_HOME",
            "XDG_CACHE_HOME",
            "GNOME_KEYRING_CONTROL",
        ] {
            command.env_remove(name);
        }
        command.env("HOME", self.home()).env("XDG_RUNTIME_DIR", self.folder.path().join("run"));
        if self.bus.is_some() {
            command
                .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", self.socket().display()));
        }
        command
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("run/bus")
    }

    fn start_keyring(&mut self, arguments: &[&str], password: &str) {
        self.keyring = None;
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut keyring = Guarded::spawn(&mut command);
        keyring.0.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        self.keyring = Some(keyring);
    }

    fn keyring_says(&self, property: &str) -> Option<String> {
        let mut ask = self.command("dbus-send");
        ask.args(["--session", "--print-reply", "--dest=org.freedesktop.secrets"]);
        ask.args([
            "/org/freedesktop/secrets/aliases/default",
            "org.freedesktop.DBus.Properties.Get",
        ]);
        ask.args(["string:org.freedesktop.Secret.Collection", &format!("string:{property}")]);
        let answer =
            ask.stderr(Stdio::null()).output().ok().filter(|answer| answer.status.success())?;
        String::from_utf8(answer.stdout).ok()
    }
}
