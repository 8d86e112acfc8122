//! Credits.

use latchkey_client::Client;
use latchkey_contract::{
    Page,
    credits::{CreditEntry, CreditSummary, CreditsQuery, EntryQuery},
};

use super::{Answer, App};

/// Where the credits went, one line a platform.
#[tauri::command]
#[specta::specta]
pub async fn get_credits(app: App<'_>) -> Answer<Vec<CreditSummary>> {
    let query = &CreditsQuery::default();
    let call = |client: Client| async move { client.get_credits(query).await };
    Ok(app.connection.call(call).await?.data)
}

/// Movements of credits, the newest first.
#[tauri::command]
#[specta::specta]
pub async fn list_credit_entries(app: App<'_>, query: EntryQuery) -> Answer<Page<CreditEntry>> {
    let query = &query;
    let call = |client: Client| async move { client.list_credit_entries(query).await };
    app.connection.call(call).await
}
