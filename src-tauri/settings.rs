//! What the person chose, in a small JSON file. Nothing secret.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{
    AppError,
    elsewhere::{DashboardConnection, KeyConnection},
    error::Fault,
};

/// The longest time a key may stay in the clipboard, in seconds: an hour.
const MOST_CLIPBOARD_SECONDS: u32 = 3_600;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    #[default]
    System,
    Light,
    Dark,
}

/// What can be chosen in the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Settings {
    pub theme: ThemeChoice,
    /// How long a key stays in the clipboard; 0 leaves it there. At most 3,600.
    pub clipboard_seconds: u32,
    /// Whether single letters are shortcuts.
    pub single_letter_shortcuts: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { theme: ThemeChoice::System, clipboard_seconds: 45, single_letter_shortcuts: true }
    }
}

/// The file: the settings, and what the app remembers on its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Remembered {
    settings: Settings,
    /// The port that was used when the usual one was taken.
    port: Option<u16>,
    /// Who signed in last, by server.
    emails: BTreeMap<String, String>,
    /// Keys of platforms elsewhere, without the keys.
    connections: Vec<KeyConnection>,
    /// Dashboards elsewhere, without their tokens.
    dashboards: Vec<DashboardConnection>,
}

/// The settings, in memory and on disk.
#[derive(Debug)]
pub struct SettingsFile {
    path: PathBuf,
    now: Mutex<Remembered>,
    /// What was wrong with the file when it was read.
    notice: Option<String>,
}

impl SettingsFile {
    /// Reads the file. One that is absent means defaults; one that cannot be read too, with a
    /// notice, and it is set aside rather than lost.
    #[must_use]
    pub fn open(path: PathBuf) -> Self {
        let (now, notice) = match read(&path) {
            Ok(remembered) => (remembered, None),
            Err(error) => (Remembered::default(), Some(set_aside(&path, &error))),
        };
        Self { path, now: Mutex::new(now), notice }
    }

    /// What was wrong with the file, for people.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    #[must_use]
    pub fn get(&self) -> Settings {
        self.now.lock().settings.clone()
    }

    /// Changes the settings.
    ///
    /// # Errors
    /// `invalid_input` with the field; `settings_not_saved` where they hold only until the end.
    pub fn update(&self, settings: Settings) -> Result<Settings, AppError> {
        if settings.clipboard_seconds > MOST_CLIPBOARD_SECONDS {
            let detail = "0 to 3,600 seconds are allowed; 0 leaves keys in the clipboard.";
            return Err(AppError::field("/clipboard_seconds", detail));
        }
        self.change(|remembered| remembered.settings = settings)?;
        Ok(self.get())
    }

    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.now.lock().port
    }

    /// Remembers the port in use.
    pub fn remember_port(&self, port: u16) {
        self.note(|remembered| remembered.port = Some(port));
    }

    /// Who signed in to this server last.
    #[must_use]
    pub fn email(&self, server: &str) -> Option<String> {
        self.now.lock().emails.get(server).cloned()
    }

    /// Remembers who signed in.
    pub fn remember_email(&self, server: &str, email: &str) {
        self.note(|remembered| drop(remembered.emails.insert(server.to_owned(), email.to_owned())));
    }

    /// Keys of platforms elsewhere, in the order they were added.
    #[must_use]
    pub fn connections(&self) -> Vec<KeyConnection> {
        self.now.lock().connections.clone()
    }

    /// Adds, changes or removes some.
    ///
    /// # Errors
    /// `settings_not_saved` where it holds only until the end.
    pub fn change_connections(
        &self,
        change: impl FnOnce(&mut Vec<KeyConnection>),
    ) -> Result<(), AppError> {
        self.change(|remembered| change(&mut remembered.connections))
    }

    /// Dashboards of platforms elsewhere, in the order they were added.
    #[must_use]
    pub fn dashboards(&self) -> Vec<DashboardConnection> {
        self.now.lock().dashboards.clone()
    }

    /// Adds, changes or removes some.
    ///
    /// # Errors
    /// `settings_not_saved` where it holds only until the end.
    pub fn change_dashboards(
        &self,
        change: impl FnOnce(&mut Vec<DashboardConnection>),
    ) -> Result<(), AppError> {
        self.change(|remembered| change(&mut remembered.dashboards))
    }

    /// A convenience that may fail without anybody being told.
    fn note(&self, change: impl FnOnce(&mut Remembered)) {
        if let Err(error) = self.change(change) {
            tracing::warn!(%error, "the settings file could not be written");
        }
    }

    fn change(&self, change: impl FnOnce(&mut Remembered)) -> Result<(), AppError> {
        let mut now = self.now.lock();
        let before = now.clone();
        change(&mut now);
        if *now == before {
            return Ok(());
        }
        write(&self.path, &now).map_err(|error| {
            tracing::warn!(%error, "the settings file could not be written");
            Fault::SettingsNotSaved.into()
        })
    }
}

fn read(path: &Path) -> io::Result<Remembered> {
    match fs::read(path) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Remembered::default()),
        Err(error) => Err(error),
    }
}

fn set_aside(path: &Path, error: &io::Error) -> String {
    let aside = path.with_extension("json.unreadable");
    tracing::warn!(%error, "the settings file could not be read");
    match fs::rename(path, &aside) {
        Ok(()) => format!(
            "The settings could not be read and are as at first. The old file is {}.",
            aside.display()
        ),
        Err(_) => "The settings could not be read and are as at first.".to_owned(),
    }
}

/// Replaces the file in one step: a crash leaves the old one or the new one.
fn write(path: &Path, remembered: &Remembered) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = path.with_extension("json.new");
    fs::write(&fresh, serde_json::to_vec_pretty(remembered)?)?;
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen() -> Settings {
        Settings { theme: ThemeChoice::Dark, clipboard_seconds: 0, single_letter_shortcuts: false }
    }

    #[test]
    fn what_is_chosen_is_there_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/settings.json");
        let file = SettingsFile::open(path.clone());
        assert_eq!(file.get(), Settings::default());
        assert_eq!(file.update(chosen()), Ok(chosen()));
        file.remember_port(4_791);
        file.remember_email("local", "ann@example.com");
        let file = SettingsFile::open(path);
        assert_eq!((file.get(), file.port(), file.notice()), (chosen(), Some(4_791), None));
        assert_eq!(file.email("local").as_deref(), Some("ann@example.com"));
    }

    #[test]
    fn a_broken_file_is_set_aside_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        fs::write(&path, "{ \"settings\": ").unwrap();
        let file = SettingsFile::open(path.clone());
        assert_eq!(file.get(), Settings::default());
        assert!(file.notice().unwrap().contains("settings.json.unreadable"));
        assert!(folder.path().join("settings.json.unreadable").exists());
        assert_eq!(file.update(chosen()), Ok(chosen()));
        assert_eq!(SettingsFile::open(path).get(), chosen());
    }

    #[test]
    fn a_day_in_the_clipboard_is_refused_by_field() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::open(folder.path().join("settings.json"));
        let error = file.update(Settings { clipboard_seconds: 86_400, ..chosen() }).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.fields[0].pointer.as_str()),
            ("invalid_input", "/clipboard_seconds")
        );
    }

    #[test]
    fn settings_that_cannot_be_saved_hold_until_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::open(folder.path().join("settings.json"));
        fs::write(folder.path().join("settings.json.new"), "").unwrap();
        let in_the_way = folder.path().join("settings.json");
        fs::create_dir(&in_the_way).unwrap();
        let error = file.update(chosen()).unwrap_err();
        assert_eq!(error.code, "settings_not_saved");
        assert_eq!(file.get(), chosen());
    }
}
