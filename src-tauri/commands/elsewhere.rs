//! Keys of platforms elsewhere.

use latchkey_contract::SecretText;

use super::{Answer, App, keys::clear_after};
use crate::{
    clipboard::ClipboardState,
    elsewhere::{KeyConnection, NewKeyConnection, Recognised},
};

/// The platforms whose keys begin like this one.
#[tauri::command]
#[specta::specta]
pub async fn recognise_key(app: App<'_>, key: SecretText) -> Answer<Vec<Recognised>> {
    Ok(app.elsewhere.recognise(&key))
}

/// The connected keys, without the keys.
#[tauri::command]
#[specta::specta]
pub async fn list_key_connections(app: App<'_>) -> Answer<Vec<KeyConnection>> {
    Ok(app.settings.connections())
}

/// Keeps a key of a platform elsewhere and tries it.
#[tauri::command]
#[specta::specta]
pub async fn add_key_connection(app: App<'_>, request: NewKeyConnection) -> Answer<KeyConnection> {
    app.elsewhere.add(request).await
}

/// Tries a connected key again.
#[tauri::command]
#[specta::specta]
pub async fn check_key_connection(app: App<'_>, id: String) -> Answer<KeyConnection> {
    app.elsewhere.check(&id).await
}

/// Copies a connected key; the page never sees it.
#[tauri::command]
#[specta::specta]
pub async fn copy_key_connection(app: App<'_>, id: String) -> Answer<ClipboardState> {
    let key = app.elsewhere.key(&id).await?;
    Ok(app.clipboard.copy_secret(key, clear_after(&app)).await?)
}

/// Removes a connected key from this computer.
#[tauri::command]
#[specta::specta]
pub async fn remove_key_connection(app: App<'_>, id: String) -> Answer<()> {
    app.elsewhere.remove(&id).await
}
