//! Credits.

use latchkey_client::{Client, IdempotencyKey};
use latchkey_contract::{
    Page,
    credits::{
        CreateTopUp, CreditEntry, CreditSummary, CreditsQuery, EntryQuery, TopUp, TopUpQuery,
    },
};

use super::{Answer, App};

/// Why the balances are what they are, one line a platform.
#[tauri::command]
#[specta::specta]
pub async fn get_credits(app: App<'_>, query: CreditsQuery) -> Answer<Vec<CreditSummary>> {
    let query = &query;
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

/// Buys credits on account; the answer says whether that was booked.
#[tauri::command]
#[specta::specta]
pub async fn create_top_up(app: App<'_>, request: CreateTopUp) -> Answer<TopUp> {
    let (request, once) = (&request, &IdempotencyKey::random());
    let call = |client: Client| async move { client.create_top_up(request, once).await };
    app.connection.call(call).await
}

/// What was bought and what was not, the newest first.
#[tauri::command]
#[specta::specta]
pub async fn list_top_ups(app: App<'_>, query: TopUpQuery) -> Answer<Page<TopUp>> {
    let query = &query;
    let call = |client: Client| async move { client.list_top_ups(query).await };
    app.connection.call(call).await
}
