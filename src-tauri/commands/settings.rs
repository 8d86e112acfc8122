//! What the person chose.

use super::{Answer, App};
use crate::settings::Settings;

/// The settings.
#[tauri::command]
#[specta::specta]
pub async fn get_settings(app: App<'_>) -> Answer<Settings> {
    Ok(app.settings.get())
}

/// Changes the settings; they hold at once.
#[tauri::command]
#[specta::specta]
pub async fn update_settings(app: App<'_>, settings: Settings) -> Answer<Settings> {
    app.settings.update(settings)
}
