//! Webhook endpoints and deliveries.

use latchkey_client::{Client, IdempotencyKey};
use latchkey_contract::{
    DeliveryId, EndpointId, Page, ReplayId, SecretText,
    page::PageQuery,
    webhooks::{
        CreateReplay, CreateWebhookEndpoint, Delivery, DeliveryDetail, DeliveryQuery, Replay,
        RotateSecret, UpdateWebhookEndpoint, WebhookEndpoint,
    },
};

use super::{Answer, App, keys::clear_after};
use crate::{clipboard::ClipboardState, error::Fault};

/// All endpoints of the partner.
#[tauri::command]
#[specta::specta]
pub async fn list_webhook_endpoints(app: App<'_>) -> Answer<Vec<WebhookEndpoint>> {
    let mut endpoints = Vec::new();
    let mut page = PageQuery { cursor: None, limit: Some(200) };
    loop {
        let asked = &page;
        let call = |client: Client| async move { client.list_webhook_endpoints(asked).await };
        let answer = app.connection.call(call).await?;
        endpoints.extend(answer.data);
        match answer.next_cursor {
            Some(cursor) => page.cursor = Some(cursor),
            None => return Ok(endpoints),
        }
    }
}

/// Creates an endpoint. Its signing secret can be copied and revealed from then on.
#[tauri::command]
#[specta::specta]
pub async fn create_webhook_endpoint(
    app: App<'_>,
    request: CreateWebhookEndpoint,
) -> Answer<WebhookEndpoint> {
    let (request, once) = (&request, &IdempotencyKey::random());
    let call = |client: Client| async move { client.create_webhook_endpoint(request, once).await };
    Ok(app.connection.call(call).await?.endpoint)
}

/// Changes an endpoint, unless somebody else has since `version`.
#[tauri::command]
#[specta::specta]
pub async fn update_webhook_endpoint(
    app: App<'_>,
    id: EndpointId,
    version: i64,
    change: UpdateWebhookEndpoint,
) -> Answer<WebhookEndpoint> {
    let (id, change) = (&id, &change);
    let call =
        |client: Client| async move { client.update_webhook_endpoint(id, version, change).await };
    app.connection.call(call).await
}

/// Removes an endpoint; nothing is sent to it any more.
#[tauri::command]
#[specta::specta]
pub async fn delete_webhook_endpoint(app: App<'_>, id: EndpointId) -> Answer<()> {
    let id = &id;
    app.connection.call(|client| async move { client.delete_webhook_endpoint(id).await }).await
}

/// Sends a ping.
#[tauri::command]
#[specta::specta]
pub async fn test_webhook_endpoint(app: App<'_>, id: EndpointId) -> Answer<Delivery> {
    let id = &id;
    app.connection.call(|client| async move { client.test_webhook_endpoint(id).await }).await
}

/// Copies the signing secret; the page never sees it.
#[tauri::command]
#[specta::specta]
pub async fn copy_webhook_secret(app: App<'_>, id: EndpointId) -> Answer<ClipboardState> {
    let secret = webhook_secret(&app, &id).await?;
    Ok(app.clipboard.copy_secret(secret, clear_after(&app)).await?)
}

/// The signing secret, for showing.
#[tauri::command]
#[specta::specta]
pub async fn reveal_webhook_secret(app: App<'_>, id: EndpointId) -> Answer<String> {
    Ok(webhook_secret(&app, &id).await?.expose().to_owned())
}

/// Gives an endpoint a new signing secret; the former one signs too for its overlap.
#[tauri::command]
#[specta::specta]
pub async fn rotate_webhook_secret(
    app: App<'_>,
    id: EndpointId,
    request: RotateSecret,
) -> Answer<WebhookEndpoint> {
    let (id, request, once) = (&id, &request, &IdempotencyKey::random());
    let call =
        |client: Client| async move { client.rotate_webhook_secret(id, request, once).await };
    Ok(app.connection.call(call).await?.endpoint)
}

/// Counts the deliveries of a range, or sends them again.
#[tauri::command]
#[specta::specta]
pub async fn create_replay(app: App<'_>, request: CreateReplay) -> Answer<Replay> {
    let (request, once) = (&request, &IdempotencyKey::random());
    let call = |client: Client| async move { client.create_replay(request, once).await };
    app.connection.call(call).await
}

/// The latest replays.
#[tauri::command]
#[specta::specta]
pub async fn list_replays(app: App<'_>) -> Answer<Vec<Replay>> {
    let latest = &PageQuery { cursor: None, limit: Some(50) };
    Ok(app.connection.call(|client| async move { client.list_replays(latest).await }).await?.data)
}

/// Stops a replay; what is on its way still arrives.
#[tauri::command]
#[specta::specta]
pub async fn cancel_replay(app: App<'_>, id: ReplayId) -> Answer<Replay> {
    let id = &id;
    app.connection.call(|client| async move { client.cancel_replay(id).await }).await
}

/// Deliveries, the newest first.
#[tauri::command]
#[specta::specta]
pub async fn list_deliveries(app: App<'_>, query: DeliveryQuery) -> Answer<Page<Delivery>> {
    let query = &query;
    app.connection.call(|client| async move { client.list_deliveries(query).await }).await
}

/// One delivery with every attempt.
#[tauri::command]
#[specta::specta]
pub async fn get_delivery(app: App<'_>, id: DeliveryId) -> Answer<DeliveryDetail> {
    let id = &id;
    app.connection.call(|client| async move { client.get_delivery(id).await }).await
}

/// Sends a delivery once more.
#[tauri::command]
#[specta::specta]
pub async fn replay_delivery(app: App<'_>, id: DeliveryId) -> Answer<Delivery> {
    let id = &id;
    app.connection.call(|client| async move { client.replay_delivery(id).await }).await
}

async fn webhook_secret(app: &App<'_>, id: &EndpointId) -> Answer<SecretText> {
    let issued =
        app.connection.call(|client| async move { client.reveal_webhook_secret(id).await }).await?;
    Ok(issued.secret.ok_or(Fault::UnexpectedAnswer)?)
}
