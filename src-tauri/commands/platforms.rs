//! The platforms and this partner's accounts on them.

use latchkey_client::Client;
use latchkey_contract::platforms::{Account, Platform, UpdateAccount};

use super::{Answer, App};

/// All platforms.
#[tauri::command]
#[specta::specta]
pub async fn list_platforms(app: App<'_>) -> Answer<Vec<Platform>> {
    Ok(app.connection.call(|client| async move { client.list_platforms().await }).await?.data)
}

/// Changes an account, unless somebody else changed it since `version`.
#[tauri::command]
#[specta::specta]
pub async fn update_account(
    app: App<'_>,
    platform: String,
    version: i64,
    change: UpdateAccount,
) -> Answer<Account> {
    let (platform, change) = (&platform, &change);
    let call =
        |client: Client| async move { client.update_account(platform, version, change).await };
    app.connection.call(call).await
}
