//! The platforms and this partner's accounts on them.

use latchkey_contract::platforms::Platform;

use super::{Answer, App};

/// All platforms.
#[tauri::command]
#[specta::specta]
pub async fn list_platforms(app: App<'_>) -> Answer<Vec<Platform>> {
    Ok(app.connection.call(|client| async move { client.list_platforms().await }).await?.data)
}
