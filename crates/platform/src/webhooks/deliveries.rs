//! Deliveries: who is told of an event, and what became of it.

use latchkey_contract::{
    DeliveryId, KeyId, Page, PartnerId,
    events::Topic,
    platforms::WebhookTarget,
    webhooks::{Delivery, DeliveryDetail, DeliveryQuery},
};
use latchkey_store::{DeliveryRow, EndpointRow, NewDelivery, StoreError};
use url::Url;

use crate::Context;

/// Why a delivery was not replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("there is no such delivery")]
    Absent,
    #[error("its endpoint is switched off or deleted; switch it on to replay")]
    EndpointOff,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What happened, as far as it decides who is told.
#[derive(Debug, Clone, Copy)]
pub struct Occurred<'a> {
    pub partner: &'a PartnerId,
    /// Slug.
    pub platform: &'a str,
    /// The platform's name for it.
    pub event_type: &'a str,
    /// The key whose call caused it; `None` for what concerns the account as a whole.
    pub key: Option<&'a KeyId>,
    /// Where the request that caused it wants to be told.
    pub request_url: Option<&'a Url>,
}

/// To whom an event goes: the partner's enabled endpoints on the platform that asked for this
/// type. Where endpoints belong to keys, that of the key that caused it, or all of them. An
/// endpoint without a URL of its own gets it at the request's, or not at all.
///
/// # Errors
/// What the database says.
pub async fn deliveries_for(
    context: &Context,
    event: Occurred<'_>,
) -> Result<Vec<NewDelivery>, StoreError> {
    let Occurred { partner, platform, event_type, key, request_url } = event;
    let by_key = context
        .manifests
        .get(platform)
        .is_some_and(|manifest| manifest.webhooks.target == WebhookTarget::Key);
    let key = key.filter(|_| by_key);
    let endpoints = context.store.endpoints_for_event(partner, platform, event_type, key).await?;
    let addressed = endpoints.into_iter().filter_map(|endpoint| {
        let url = endpoint.url.clone().or_else(|| request_url.map(Url::to_string))?;
        Some(new_delivery(context, &endpoint, url))
    });
    Ok(addressed.collect())
}

/// A delivery to `endpoint`, due now.
pub(super) fn new_delivery(context: &Context, endpoint: &EndpointRow, url: String) -> NewDelivery {
    let now = context.clock.now();
    NewDelivery { id: context.entropy.id(now), endpoint_id: endpoint.id.clone(), url, at: now }
}

/// Tells dispatcher and consoles of deliveries that were just committed.
pub fn announce(context: &Context, partner: &PartnerId, platform: &str) {
    context.webhooks.wake();
    context.live.announce(partner, Topic::Deliveries, Some(platform));
}

/// The partner's deliveries, the newest first.
///
/// # Errors
/// What the database says; [`StoreError::BadCursor`] for a cursor of another list.
pub async fn list(
    context: &Context,
    partner: &PartnerId,
    query: &DeliveryQuery,
) -> Result<Page<Delivery>, StoreError> {
    let page = context.store.list_deliveries(partner, query).await?;
    let data = page.data.into_iter().map(describe).collect();
    Ok(Page { data, next_cursor: page.next_cursor })
}

/// One of the partner's deliveries with its body and attempts.
///
/// # Errors
/// What the database says.
pub async fn get(
    context: &Context,
    partner: &PartnerId,
    id: &DeliveryId,
) -> Result<Option<DeliveryDetail>, StoreError> {
    let found = context.store.get_delivery_detail(partner, id).await?;
    Ok(found.map(|(row, body, attempts)| DeliveryDetail {
        delivery: describe(row),
        body,
        attempts,
    }))
}

/// Sends a delivery once more, now, whatever became of it. Its schedule goes on as it was.
///
/// # Errors
/// Where there is nothing to replay, or nowhere to send it.
pub async fn replay(
    context: &Context,
    partner: &PartnerId,
    id: &DeliveryId,
) -> Result<Delivery, ReplayError> {
    let now = context.clock.now();
    if let Some(row) = context.store.replay_delivery(partner, id, now).await? {
        announce(context, partner, &row.platform);
        context.live.announce(partner, Topic::Audit, Some(&row.platform));
        return Ok(describe(row));
    }
    match context.store.get_delivery(partner, id).await? {
        Some(_) => Err(ReplayError::EndpointOff),
        None => Err(ReplayError::Absent),
    }
}

/// A delivery as it goes over the wire.
#[must_use]
pub fn describe(row: DeliveryRow) -> Delivery {
    Delivery {
        id: row.id,
        endpoint_id: row.endpoint_id,
        platform: row.platform,
        environment: row.environment,
        event_id: row.event_id,
        event_type: row.event_type,
        url: row.url,
        state: row.state,
        created_at: row.created_at,
        attempts: row.attempts,
        last_attempt_at: row.last_attempt_at,
        next_attempt_at: row.next_attempt_at,
        last_status: row.last_status,
        last_error: row.last_error,
        last_duration_ms: row.last_duration_ms,
    }
}
