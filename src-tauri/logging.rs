//! The log: to stderr, and to a file of this run and the one before. It names errors and codes,
//! never a request's content.

use std::{
    fs::{self, File},
    io::{self, IsTerminal},
    path::Path,
    sync::Mutex,
};

use tracing_subscriber::{
    EnvFilter, Layer, fmt::layer, layer::SubscriberExt, util::SubscriberInitExt,
};

/// What is logged unless `LATCHKEY_LOG` says otherwise.
const USUAL: &str = "warn,latchkey_desktop=info,latchkey_platform=info,latchkey_store=info";

/// Starts logging. Without a folder to write to, to stderr alone.
pub fn start(folder: &Path) {
    let filter =
        || EnvFilter::try_from_env("LATCHKEY_LOG").unwrap_or_else(|_| EnvFilter::new(USUAL));
    let file = open(folder)
        .map(|file| layer().with_ansi(false).with_writer(Mutex::new(file)).with_filter(filter()));
    let broken = file.as_ref().err().map(ToString::to_string);
    let started = tracing_subscriber::registry()
        .with(
            layer()
                .with_ansi(io::stderr().is_terminal())
                .with_writer(io::stderr)
                .with_filter(filter()),
        )
        .with(file.ok())
        .try_init();
    if let (Ok(()), Some(error)) = (started, broken) {
        tracing::warn!(error, "there is no log file");
    }
}

fn open(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let path = folder.join("latchkey.log");
    // The run before, for whoever asks after a crash.
    let _ = fs::rename(&path, folder.join("latchkey.1.log"));
    File::create(path)
}
