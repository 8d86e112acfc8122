//! Latchkey's desktop app: the window, the keychain, the clipboard and the platform server inside.
//!
//! The page in `ui/` calls [`commands`]; they reach the server through [`connection`] and this
//! computer's keychain through [`vault`]. Nothing secret goes to the page but a key or signing
//! secret that the person asked to see.
//!
//! To add a screen: its commands in a file under `commands/`, their names in
//! `permissions/console.toml`, then the page.

pub mod bindings;
pub mod charts;
pub mod clipboard;
pub mod commands;
pub mod connection;
pub mod custody;
pub mod desktop;
pub mod elsewhere;
pub mod embedded;
pub mod error;
pub mod logging;
pub mod notice;
pub mod passphrase;
pub mod secrets;
pub mod settings;
pub mod vault;
pub mod window;

use std::{env, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use tauri::{App, Manager, RunEvent};

use desktop::{Desktop, Folders};
pub use error::AppError;
use vault::Vault;

/// Set by a WebDriver that drives the window: every test is an instance of its own.
pub(crate) const AUTOMATION: &str = "TAURI_WEBVIEW_AUTOMATION";
/// Puts database and pictures elsewhere.
const DATA_DIR: &str = "LATCHKEY_DATA_DIR";

/// Runs the app until its window is closed.
///
/// # Errors
/// Where the window toolkit cannot start.
pub fn run() -> anyhow::Result<()> {
    let typed = bindings::builder();
    let handler = typed.invoke_handler();
    let mut builder = tauri::Builder::default();
    if env::var_os(AUTOMATION).is_none() {
        builder = builder
            .plugin(tauri_plugin_single_instance::init(|app, _, _| window::focus(app)))
            .plugin(tauri_plugin_window_state::Builder::default().build());
    }
    let app = builder
        .invoke_handler(handler)
        .setup(move |app| {
            typed.mount_events(app);
            Ok(set_up(app)?)
        })
        .build(tauri::generate_context!("tauri.conf.json"))
        .context("the window toolkit cannot start")?;
    app.run(|app, event| {
        if let RunEvent::Exit = event {
            let desktop = Arc::clone(&app.state::<Arc<Desktop>>());
            tauri::async_runtime::block_on(async move { desktop.stop().await });
        }
    });
    Ok(())
}

/// The window first; what it shows starts behind it.
fn set_up(app: &mut App) -> anyhow::Result<()> {
    let folders = folders(app)?;
    logging::start(&app.path().app_log_dir()?);
    let tell = notice::tell_windows(app.handle().clone());
    let desktop = Arc::new(Desktop::new(folders, Vault::system(), tell)?);
    app.manage(Arc::clone(&desktop));
    window::open(app, desktop.settings.get().theme)?;
    tauri::async_runtime::spawn(async move { desktop.start().await });
    Ok(())
}

fn folders(app: &App) -> anyhow::Result<Folders> {
    let data = match env::var_os(DATA_DIR) {
        Some(chosen) => PathBuf::from(chosen),
        // Beside what the web view keeps.
        None => app.path().app_data_dir()?.join("platform"),
    };
    Ok(Folders { data, config: app.path().app_config_dir()? })
}
