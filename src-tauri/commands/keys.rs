//! API keys: issued on the server, kept on this computer.

use std::time::Duration;

use latchkey_client::Client;
use latchkey_contract::{
    KeyId, Page,
    keys::{CreateKey, CutOver, Key, KeyCount, KeyQuery, RotateKey, UpdateKey},
};

use super::{Answer, App};
use crate::{
    clipboard::ClipboardState,
    custody::{self, Custody, KeptKey, KeptRotation},
    error::Fault,
};

/// Keys, the newest first.
#[tauri::command]
#[specta::specta]
pub async fn list_keys(app: App<'_>, query: KeyQuery) -> Answer<Page<Key>> {
    let query = &query;
    app.connection.call(|client| async move { client.list_keys(query).await }).await
}

/// How many keys there are, by platform and environment.
#[tauri::command]
#[specta::specta]
pub async fn count_keys(app: App<'_>) -> Answer<Vec<KeyCount>> {
    let counts = app.connection.call(|client| async move { client.count_keys().await }).await?;
    Ok(counts.data)
}

/// One key.
#[tauri::command]
#[specta::specta]
pub async fn get_key(app: App<'_>, id: KeyId) -> Answer<Key> {
    let id = &id;
    app.connection.call(|client| async move { client.get_key(id).await }).await
}

/// Issues a key, or a pair of them, and keeps it in the keychain. The page gets prefix and last four.
#[tauri::command]
#[specta::specta]
pub async fn create_key(app: App<'_>, request: CreateKey) -> Answer<KeptKey> {
    let taken = custody::issue(&app, &request).await?;
    Ok(custody::keep(&app, taken).await)
}

/// Puts a new key in a key's place and keeps it in the keychain; the old one works for its grace.
#[tauri::command]
#[specta::specta]
pub async fn rotate_key(app: App<'_>, id: KeyId, request: RotateKey) -> Answer<KeptRotation> {
    let (taken, old) = custody::rotate(&app, &id, &request).await?;
    Ok(KeptRotation { made: custody::keep(&app, taken).await, old })
}

/// Ends the old key of a rotation now, and removes it from this computer.
#[tauri::command]
#[specta::specta]
pub async fn end_grace(app: App<'_>, id: KeyId) -> Answer<Key> {
    let id = &id;
    let old = app.connection.call(|client| async move { client.end_grace(id).await }).await?;
    app.forget_key(&old.id).await;
    Ok(old)
}

/// Who still calls with the old key of a rotation, and whether the new one works.
#[tauri::command]
#[specta::specta]
pub async fn get_cut_over(app: App<'_>, id: KeyId) -> Answer<CutOver> {
    let id = &id;
    app.connection.call(|client| async move { client.get_cut_over(id).await }).await
}

/// Changes a key, unless somebody else has since `version`.
#[tauri::command]
#[specta::specta]
pub async fn update_key(app: App<'_>, id: KeyId, version: i64, change: UpdateKey) -> Answer<Key> {
    let (id, change) = (&id, &change);
    let call = |client: Client| async move { client.update_key(id, version, change).await };
    app.connection.call(call).await
}

/// Revokes a key for good, and removes it from this computer.
#[tauri::command]
#[specta::specta]
pub async fn revoke_key(app: App<'_>, id: KeyId) -> Answer<Key> {
    let revoked = &id;
    let key = app.connection.call(|client| async move { client.revoke_key(revoked).await }).await?;
    app.forget_key(&id).await;
    Ok(key)
}

/// Whether this computer holds a key, and whether it is the server's.
#[tauri::command]
#[specta::specta]
pub async fn key_custody(app: App<'_>, id: KeyId) -> Answer<Custody> {
    custody::custody(&app, &id).await
}

/// Copies a key that this computer holds; the page never sees it.
#[tauri::command]
#[specta::specta]
pub async fn copy_key(app: App<'_>, id: KeyId) -> Answer<ClipboardState> {
    app.connection.me().ok_or(Fault::SignedOut)?;
    let secret = match app.secrets.get(&id) {
        Some(secret) => secret,
        None => app.vault.get(&app.key_account(&id)?).await?.ok_or(Fault::NotKept)?,
    };
    Ok(app.clipboard.copy_secret(secret, clear_after(&app)).await?)
}

/// The key itself, once, while its dialog is open.
#[tauri::command]
#[specta::specta]
pub async fn reveal_key(app: App<'_>, id: KeyId) -> Answer<String> {
    let secret = app.secrets.reveal(&id).ok_or(Fault::RevealedAlready)?;
    Ok(secret.expose().to_owned())
}

/// The dialog is closed: the key leaves memory if the keychain keeps it.
#[tauri::command]
#[specta::specta]
pub async fn discard_key_secret(app: App<'_>, id: KeyId) -> Answer<()> {
    app.secrets.close_dialog(&id);
    Ok(())
}

/// When the clipboard is cleared of a secret; never where that is switched off.
pub fn clear_after(app: &App<'_>) -> Option<Duration> {
    let seconds = app.settings.get().clipboard_seconds;
    (seconds > 0).then(|| Duration::from_secs(seconds.into()))
}
