//! The app itself: how it stands, its keychain, its clipboard, the browser.

use std::time::Duration;

use latchkey_contract::{partners::Me, platforms::Platform};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Answer, App};
use crate::{
    AppError,
    clipboard::ClipboardState,
    error::Fault,
    notice::Notice,
    settings::ThemeChoice,
    vault::{self, KeychainState},
};

/// How the app stands.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct AppState {
    pub version: String,
    pub server: ServerState,
    pub keychain: KeychainState,
    /// What the system calls its keychain.
    pub keychain_name: String,
    pub signed_in: bool,
    pub me: Option<Me>,
    /// The built-in platforms.
    pub platforms: Vec<Monogram>,
    /// Whether somebody has signed in to this server from here before.
    pub has_account: bool,
    /// Where database and pictures lie.
    pub data_dir: String,
    pub theme: ThemeChoice,
    pub clipboard_seconds: u32,
    /// What the person should know about their settings file.
    pub settings_note: Option<String>,
}

/// The server that the console works with.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ServerState {
    pub kind: ServerKind,
    /// Without a trailing slash; empty while it does not run.
    pub base_url: String,
    pub running: bool,
    /// Why it does not run.
    pub error: Option<AppError>,
    pub port_note: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ServerKind {
    /// Inside this app.
    Local,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct Monogram {
    pub monogram: String,
}

/// How the app stands, once the local platform has been started and the session restored.
#[tauri::command]
#[specta::specta]
pub async fn get_app(app: App<'_>) -> Answer<AppState> {
    app.wait_until_ready().await;
    let settings = app.settings.get();
    let me = app.connection.me();
    Ok(AppState {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        server: server_state(&app),
        keychain: app.vault.state().await,
        keychain_name: vault::local_name().to_owned(),
        signed_in: me.is_some(),
        me,
        platforms: app
            .monograms
            .iter()
            .map(|monogram| Monogram { monogram: monogram.clone() })
            .collect(),
        has_account: app.server_id().is_ok_and(|server| app.settings.email(&server).is_some()),
        data_dir: app.server.data_dir().display().to_string(),
        theme: settings.theme,
        clipboard_seconds: settings.clipboard_seconds,
        settings_note: app.settings.notice().map(str::to_owned),
    })
}

fn server_state(app: &App<'_>) -> ServerState {
    let now = app.server.now();
    let base_url = now.server.map(|server| server.base.as_str().trim_end_matches('/').to_owned());
    ServerState {
        kind: ServerKind::Local,
        running: base_url.is_some(),
        base_url: base_url.unwrap_or_default(),
        error: now.error,
        port_note: now.port_note,
    }
}

/// Tries again to start the local platform.
#[tauri::command]
#[specta::specta]
pub async fn retry_server(app: App<'_>) -> Answer<AppState> {
    app.start().await;
    get_app(app).await
}

/// Has the keychain ask the person to unlock it, then keeps what waited for it.
#[tauri::command]
#[specta::specta]
pub async fn unlock_keychain(app: App<'_>) -> Answer<KeychainState> {
    let mut state = app.vault.unlock().await;
    if state == KeychainState::Present {
        state = app.catch_up_with_keychain().await;
    }
    (app.tell)(Notice::Keychain(state));
    Ok(state)
}

/// Opens a documentation page in the browser; other addresses are refused.
#[tauri::command]
#[specta::specta]
pub async fn open_url(app: App<'_>, url: String) -> Answer<()> {
    let reference = app.server.now().server.and_then(|server| server.base.join("docs").ok());
    let known = reference.is_some_and(|reference| reference.as_str() == url)
        || is_documentation(&app, &url).await;
    if !known {
        return Err(AppError::field("/url", "Only documentation pages are opened from here."));
    }
    tauri_plugin_opener::open_url(url, None::<&str>).map_err(|error| {
        tracing::warn!(%error, "no browser opened");
        Fault::NotOpened.into()
    })
}

async fn is_documentation(app: &App<'_>, url: &str) -> bool {
    let platforms =
        app.connection.call(|client| async move { client.list_platforms().await }).await;
    let is_it = |platform: &Platform| platform.documentation_url == url;
    platforms.is_ok_and(|platforms| platforms.data.iter().any(is_it))
}

/// Copies text that is no secret: a snippet, an id.
#[tauri::command]
#[specta::specta]
pub async fn copy_text(app: App<'_>, text: String) -> Answer<()> {
    Ok(app.clipboard.copy_text(text).await?)
}

/// Keeps the copied key in the clipboard for longer; with 0 until something else is copied.
#[tauri::command]
#[specta::specta]
pub async fn extend_clipboard(app: App<'_>, seconds: u32) -> Answer<ClipboardState> {
    let by = (seconds > 0).then(|| Duration::from_secs(seconds.into()));
    Ok(app.clipboard.extend(by).await?)
}

/// Clears the clipboard now if it still holds our key.
#[tauri::command]
#[specta::specta]
pub async fn clear_clipboard(app: App<'_>) -> Answer<()> {
    Ok(app.clipboard.clear().await?)
}
