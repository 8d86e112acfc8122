//! Looking around in sample data: a partner of the local platform that is made up. Its member is
//! signed in without a password, which nobody knows.

use latchkey_client::Client;
use latchkey_contract::{KeyId, keys::KeyQuery, partners::Me};
use latchkey_platform::operator::Command;

use super::{Answer, App};
use crate::AppError;

/// Signs in to the sample data, which is made where there is none; that takes a few seconds.
#[tauri::command]
#[specta::specta]
pub async fn explore_sample(app: App<'_>) -> Answer<Me> {
    let tokens = app.server.open_sample().await?;
    Ok(app.connection.begin(tokens).await)
}

/// Signs out of the sample data and removes it, and what this computer keeps of its keys.
#[tauri::command]
#[specta::specta]
pub async fn remove_sample(app: App<'_>) -> Answer<()> {
    if app.connection.me().is_some_and(|me| me.partner.sample) {
        match list_keys(&app).await {
            Ok(keys) => forget_keys(&app, &keys).await,
            Err(error) => tracing::warn!(code = error.code, "keys of the sample may be kept on"),
        }
        app.secrets.forget_all();
        app.connection.end_session().await;
    }
    app.server.operate(Command::RemoveSample).await?;
    Ok(())
}

async fn list_keys(app: &App<'_>) -> Result<Vec<KeyId>, AppError> {
    let mut keys = Vec::new();
    let mut query = KeyQuery { limit: Some(200), ..KeyQuery::default() };
    loop {
        let asked = &query;
        let call = |client: Client| async move { client.list_keys(asked).await };
        let page = app.connection.call(call).await?;
        keys.extend(page.data.into_iter().map(|key| key.id));
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return Ok(keys),
        }
    }
}

/// Visitors may have made keys of their own, which the keychain keeps. One that does not answer is
/// not asked for each.
async fn forget_keys(app: &App<'_>, keys: &[KeyId]) {
    for id in keys {
        let Ok(account) = app.key_account(id) else { return };
        if let Err(error) = app.vault.delete(&account).await {
            tracing::warn!(%error, "keys of the sample may be in the keychain still");
            return;
        }
    }
}
