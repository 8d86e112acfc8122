//! Dashboards of platforms elsewhere.

use latchkey_contract::SecretText;

use super::{Answer, App, keys::clear_after};
use crate::{
    clipboard::ClipboardState,
    elsewhere::{
        DashboardConnection, DashboardKey, DashboardPlatform, DashboardTopUp, DashboardUsage,
        DashboardWebhook, KeyConnection, NewDashboardConnection, NewDashboardKey,
        UpdateDashboardWebhook,
    },
};

/// The platforms whose dashboards can be connected.
#[tauri::command]
#[specta::specta]
pub async fn list_dashboard_platforms(app: App<'_>) -> Answer<Vec<DashboardPlatform>> {
    Ok(app.elsewhere.dashboard_platforms())
}

/// The connected dashboards, without their tokens.
#[tauri::command]
#[specta::specta]
pub async fn list_dashboards(app: App<'_>) -> Answer<Vec<DashboardConnection>> {
    Ok(app.settings.dashboards())
}

/// Keeps the identity token of a dashboard and tries it.
#[tauri::command]
#[specta::specta]
pub async fn add_dashboard(
    app: App<'_>,
    request: NewDashboardConnection,
) -> Answer<DashboardConnection> {
    app.elsewhere.add_dashboard(request).await
}

/// Puts a new token in the place of one that ended, and tries it.
#[tauri::command]
#[specta::specta]
pub async fn renew_dashboard_token(
    app: App<'_>,
    id: String,
    token: SecretText,
) -> Answer<DashboardConnection> {
    app.elsewhere.renew_dashboard_token(&id, &token).await
}

/// Tries a dashboard's token again.
#[tauri::command]
#[specta::specta]
pub async fn check_dashboard(app: App<'_>, id: String) -> Answer<DashboardConnection> {
    app.elsewhere.check_dashboard(&id).await
}

/// Removes a dashboard's token from this computer.
#[tauri::command]
#[specta::specta]
pub async fn remove_dashboard(app: App<'_>, id: String) -> Answer<()> {
    app.elsewhere.remove_dashboard(&id).await
}

/// The keys, revoked ones too.
#[tauri::command]
#[specta::specta]
pub async fn list_dashboard_keys(app: App<'_>, id: String) -> Answer<Vec<DashboardKey>> {
    app.elsewhere.list_dashboard_keys(&id).await
}

/// Creates a key, which is kept as a connected key.
#[tauri::command]
#[specta::specta]
pub async fn create_dashboard_key(
    app: App<'_>,
    id: String,
    request: NewDashboardKey,
) -> Answer<KeyConnection> {
    app.elsewhere.create_dashboard_key(&id, &request).await
}

/// Revokes a key for good, and removes it from this computer.
#[tauri::command]
#[specta::specta]
pub async fn revoke_dashboard_key(app: App<'_>, id: String, key: String) -> Answer<()> {
    app.elsewhere.revoke_dashboard_key(&id, &key).await
}

/// Where the events of a key go.
#[tauri::command]
#[specta::specta]
pub async fn get_dashboard_webhook(
    app: App<'_>,
    id: String,
    key: String,
) -> Answer<DashboardWebhook> {
    app.elsewhere.get_dashboard_webhook(&id, &key).await
}

/// Sets where the events of a key go.
#[tauri::command]
#[specta::specta]
pub async fn update_dashboard_webhook(
    app: App<'_>,
    id: String,
    key: String,
    change: UpdateDashboardWebhook,
) -> Answer<DashboardWebhook> {
    app.elsewhere.update_dashboard_webhook(&id, &key, &change).await
}

/// Has the platform send a test event.
#[tauri::command]
#[specta::specta]
pub async fn test_dashboard_webhook(app: App<'_>, id: String, key: String) -> Answer<()> {
    app.elsewhere.test_dashboard_webhook(&id, &key).await
}

/// Copies a webhook's signing secret; the page never sees it.
#[tauri::command]
#[specta::specta]
pub async fn copy_dashboard_secret(
    app: App<'_>,
    id: String,
    key: String,
) -> Answer<ClipboardState> {
    let secret = app.elsewhere.signing_secret(&id, &key).await?;
    Ok(app.clipboard.copy_secret(secret, clear_after(&app)).await?)
}

/// What was called and spent.
#[tauri::command]
#[specta::specta]
pub async fn get_dashboard_usage(app: App<'_>, id: String) -> Answer<DashboardUsage> {
    app.elsewhere.get_dashboard_usage(&id).await
}

/// When credits are bought.
#[tauri::command]
#[specta::specta]
pub async fn get_dashboard_top_up(app: App<'_>, id: String) -> Answer<DashboardTopUp> {
    app.elsewhere.get_dashboard_top_up(&id).await
}

/// Sets when credits are bought.
#[tauri::command]
#[specta::specta]
pub async fn update_dashboard_top_up(
    app: App<'_>,
    id: String,
    rule: DashboardTopUp,
) -> Answer<DashboardTopUp> {
    app.elsewhere.update_dashboard_top_up(&id, &rule).await
}
