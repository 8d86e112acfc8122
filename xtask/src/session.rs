//! A D-Bus session of our own with an open keychain, where the person's own cannot be used.

use std::env;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::headless::Home;
use crate::process::{Running, bound_command, command, wait_until};

const INSTALL: &str = "Install dbus, dbus-x11 and gnome-keyring and try again";
const KEYCHAIN_WITHIN: Duration = Duration::from_secs(10);

/// Whether the person has a D-Bus session.
pub fn is_present() -> bool {
    if env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty()) {
        return true;
    }
    env::var_os("XDG_RUNTIME_DIR").is_some_and(|folder| PathBuf::from(folder).join("bus").exists())
}

/// A running session bus and keychain. The keychain is ended first.
pub struct PrivateSession {
    _keychain: Running,
    _bus: Running,
    variables: Vec<(&'static str, OsString)>,
}

impl PrivateSession {
    pub fn start(home: &Home) -> Result<Self> {
        let mut variables = folders(home)?;
        let (bus, address) = start_bus(home, &variables)?;
        variables.push(("DBUS_SESSION_BUS_ADDRESS", address.into()));
        let keychain = start_keychain(home, &variables)?;
        let session = Self { _keychain: keychain, _bus: bus, variables };
        ensure!(
            wait_until(KEYCHAIN_WITHIN, || session.has_secret_service()),
            "the keychain (gnome-keyring-daemon) did not come up. {} says why",
            keychain_log(home)?.display()
        );
        Ok(session)
    }

    /// Lets a program join this session.
    pub fn join(&self, command: &mut Command) {
        command.envs(self.variables.iter().cloned());
    }

    fn has_secret_service(&self) -> bool {
        let mut ask = command("dbus-send");
        self.join(&mut ask);
        ask.args([
            "--session",
            "--print-reply=literal",
            "--dest=org.freedesktop.DBus",
            "/org/freedesktop/DBus",
        ]);
        ask.args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"]);
        ask.output().is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).contains("true"))
    }
}

/// The app's data lie beside the keychain that holds their key. A runtime folder is only given where there is none:
/// a Wayland display has its socket in the person's own.
fn folders(home: &Home) -> Result<Vec<(&'static str, OsString)>> {
    let mut folders =
        vec![("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "config"), ("XDG_CACHE_HOME", "cache")];
    if env::var_os("XDG_RUNTIME_DIR").is_none() {
        folders.push(("XDG_RUNTIME_DIR", "run"));
    }
    let mut variables = Vec::new();
    for (variable, name) in folders {
        let folder = home.folder().join(name);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        variables.push((variable, folder.into_os_string()));
    }
    Ok(variables)
}

fn start_bus(home: &Home, variables: &[(&'static str, OsString)]) -> Result<(Running, String)> {
    let log = home.scratch()?.join("dbus.log");
    let mut daemon = bound_command("dbus-daemon");
    daemon
        .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
        .envs(variables.iter().cloned());
    daemon.stdout(Stdio::piped()).stderr(File::create(&log)?);
    let mut bus = Running::start(&mut daemon)
        .with_context(|| format!("dbus-daemon could not be started. {INSTALL}"))?;
    let mut address = String::new();
    if let Some(stdout) = bus.child().stdout.take() {
        BufReader::new(stdout).read_line(&mut address)?;
    }
    if address.trim().is_empty() {
        bail!("dbus-daemon ended before it had an address. {} says why", log.display());
    }
    Ok((bus, address.trim().to_owned()))
}

fn start_keychain(home: &Home, variables: &[(&'static str, OsString)]) -> Result<Running> {
    let control = home.scratch()?.join("keyring");
    // gnome-keyring may not make the folder it is told to use.
    if !control.exists() {
        DirBuilder::new().mode(0o700).create(&control)?;
    }
    let mut daemon = bound_command("gnome-keyring-daemon");
    daemon
        .args(["--foreground", "--unlock", "--components=secrets", "--control-directory"])
        .arg(&control);
    daemon.envs(variables.iter().cloned()).stdin(Stdio::piped()).stdout(Stdio::null());
    daemon.stderr(File::create(keychain_log(home)?)?);
    let mut keychain = Running::start(&mut daemon)
        .with_context(|| format!("gnome-keyring-daemon could not be started. {INSTALL}"))?;
    // It reads the password to the end of its input, which is closed here.
    if let Some(mut input) = keychain.child().stdin.take() {
        input.write_all(&home.keychain_password()?)?;
    }
    Ok(keychain)
}

fn keychain_log(home: &Home) -> Result<PathBuf> {
    Ok(fs::canonicalize(home.scratch()?)?.join("keyring.log"))
}
