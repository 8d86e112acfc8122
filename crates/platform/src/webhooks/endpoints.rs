//! Endpoints: where a partner wants to be told.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use latchkey_contract::{
    EndpointId, Environment, FieldError, KeyId, Page, PartnerId,
    events::Topic,
    page::PageQuery,
    platforms::WebhookTarget,
    webhooks::{
        CreateWebhookEndpoint, Delivery, EndpointHealth, IssuedEndpoint, RotateSecret,
        UpdateWebhookEndpoint, WebhookEndpoint,
    },
};
use latchkey_store::{
    Author, EndpointChange, EndpointRow, NewEndpoint, NewEvent, NewSecret, StoreError, Updated,
};
use serde_json::json;

use super::{
    SealError,
    deliveries::{self, new_delivery},
    secret::SigningSecret,
};
use crate::{Context, clock::later, dialects, manifest::Manifest};

/// The event of a test ping.
pub const PING: &str = "test.ping";

/// How long a former secret signs as well unless told, and at most.
const OVERLAP_S: u32 = 24 * 60 * 60;
const LONGEST_OVERLAP_S: u32 = 7 * OVERLAP_S;

/// Why something was not done with an endpoint.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    #[error("some fields are not as they must be")]
    Invalid(Vec<FieldError>),
    #[error("there is no such webhook endpoint")]
    Absent,
    /// The account, or the key, has all the endpoints it may have: 409.
    #[error(
        "{platform} allows {max} webhook endpoint(s) {of}; change the one you have, or delete it first"
    )]
    LimitReached { platform: String, max: u32, of: &'static str },
    /// Somebody changed it in between: 412.
    #[error("the webhook endpoint was changed in the meantime; load it again")]
    Stale,
    /// Nothing is sent to it: 409.
    #[error("the webhook endpoint is switched off; switch it on to send a test")]
    Off,
    /// Nowhere to send a test: 409.
    #[error("each request names its own webhook URL here; send one with a test key to try it")]
    NoUrl,
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates an endpoint for all of the platform's events, or those asked for. The answer is one of
/// those that carry the signing secret.
///
/// # Errors
/// The fields at fault, or that the account or the key has its endpoint already.
pub async fn create(
    context: &Context,
    partner: &PartnerId,
    request: CreateWebhookEndpoint,
) -> Result<IssuedEndpoint, EndpointError> {
    let manifest = manifest(context, &request.platform)?;
    let url = checked_url(context, manifest, &request.url);
    let events = request.events.map(|events| checked_events(manifest, events)).transpose();
    let key = checked_key(context, partner, manifest, request.key_id).await?;
    let (key_id, (url, events)) = both(key, both(url, events)).map_err(EndpointError::Invalid)?;
    let events = events.unwrap_or_else(|| all_events(manifest));
    let (mut new, secret) = new_endpoint(context, partner, manifest, Some(url), events)?;
    new.key_id = key_id;
    let max = manifest.webhooks.max_endpoints;
    let of = if new.key_id.is_some() { "a key" } else { "an account" };
    let row = context.store.create_endpoint(new, max).await?;
    let row = row.ok_or_else(|| EndpointError::LimitReached {
        platform: manifest.name.clone(),
        max,
        of,
    })?;
    context.live.announce(partner, Topic::Endpoints, Some(&row.platform));
    let endpoint = describe(manifest, row, EndpointHealth::default(), context.clock.now());
    Ok(IssuedEndpoint { endpoint, secret: Some(secret.to_text()) })
}

/// The endpoint that comes with an account where each request names its own URL: it holds the
/// signing secret. `None` on platforms whose endpoints are created in the settings.
///
/// # Errors
/// When the secret cannot be sealed.
pub fn request_endpoint(
    context: &Context,
    partner: &PartnerId,
    manifest: &Manifest,
) -> Result<Option<NewEndpoint>, SealError> {
    if manifest.webhooks.target != WebhookTarget::Request {
        return Ok(None);
    }
    let (new, _) = new_endpoint(context, partner, manifest, None, all_events(manifest))?;
    Ok(Some(new))
}

/// The partner's endpoints, the oldest first.
///
/// # Errors
/// What the database says; [`StoreError::BadCursor`] for a cursor of another list.
pub async fn list(
    context: &Context,
    partner: &PartnerId,
    query: &PageQuery,
) -> Result<Page<WebhookEndpoint>, EndpointError> {
    let Page { data: rows, next_cursor } = context.store.page_endpoints(partner, query).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id.clone()).collect();
    let now = context.clock.now();
    let mut health = context.store.endpoint_health(partner, &ids, now).await?;
    // A platform whose manifest was taken away keeps its rows, unseen.
    let known = rows.into_iter().filter_map(|row| {
        let manifest = context.manifests.get(&row.platform)?;
        let health = health.remove(&row.id).unwrap_or_default();
        Some(describe(manifest, row, health, now))
    });
    Ok(Page { data: known.collect(), next_cursor })
}

/// One of the partner's endpoints.
///
/// # Errors
/// [`EndpointError::Absent`], or what the database says.
pub async fn get(
    context: &Context,
    partner: &PartnerId,
    id: &EndpointId,
) -> Result<WebhookEndpoint, EndpointError> {
    let row = find(context, partner, id).await?;
    with_health(context, row).await
}

/// Changes an endpoint that still has this version.
///
/// # Errors
/// The fields at fault, [`EndpointError::Absent`] or [`EndpointError::Stale`].
pub async fn update(
    context: &Context,
    partner: &PartnerId,
    id: &EndpointId,
    version: i64,
    request: UpdateWebhookEndpoint,
) -> Result<WebhookEndpoint, EndpointError> {
    let row = find(context, partner, id).await?;
    let manifest = manifest(context, &row.platform)?;
    let url = request.url.map(|url| checked_url(context, manifest, &url)).transpose();
    let events = request.events.map(|events| checked_events(manifest, events)).transpose();
    let (url, events) = both(url, events).map_err(EndpointError::Invalid)?;
    let change = EndpointChange { url, events, enabled: request.enabled };
    let now = context.clock.now();
    match context.store.update_endpoint(partner, id, version, change, now).await? {
        Updated::Changed(row) => {
            context.live.announce(partner, Topic::Endpoints, Some(&row.platform));
            // What waited for it while it was off may go out now.
            context.webhooks.wake();
            with_health(context, row).await
        }
        Updated::Stale(_) => Err(EndpointError::Stale),
        Updated::Absent => Err(EndpointError::Absent),
    }
}

/// Deletes an endpoint; what still waited for it is given up.
///
/// # Errors
/// [`EndpointError::Absent`]; [`EndpointError::Invalid`] for the one that comes with an account.
pub async fn delete(
    context: &Context,
    partner: &PartnerId,
    id: &EndpointId,
) -> Result<(), EndpointError> {
    let row = find(context, partner, id).await?;
    if row.url.is_none() {
        let detail = "belongs to the account and stays with it; switch it off instead";
        return Err(invalid("/id", detail));
    }
    if !context.store.delete_endpoint(partner, id, context.clock.now()).await? {
        return Err(EndpointError::Absent);
    }
    context.live.announce(partner, Topic::Endpoints, Some(&row.platform));
    context.live.announce(partner, Topic::Deliveries, Some(&row.platform));
    Ok(())
}

/// Sends a test ping, whatever events the endpoint asked for. It is delivered, signed, retried
/// and listed as any event.
///
/// # Errors
/// [`EndpointError::Absent`], [`EndpointError::Off`], [`EndpointError::NoUrl`].
pub async fn send_test(
    context: &Context,
    partner: &PartnerId,
    id: &EndpointId,
) -> Result<Delivery, EndpointError> {
    let row = find(context, partner, id).await?;
    let url = row.url.clone().ok_or(EndpointError::NoUrl)?;
    if !row.enabled() {
        return Err(EndpointError::Off);
    }
    let dialect = context.manifests.get(&row.platform).and_then(dialects::find);
    let now = context.clock.now();
    let delivery = new_delivery(context, &row, url);
    let delivery_id = delivery.id.clone();
    let event = NewEvent {
        id: context.entropy.id(now),
        event_type: PING.to_owned(),
        environment: Environment::Test,
        subject: row.id.to_string(),
        body: dialect.and_then(|dialect| dialect.ping(now)).unwrap_or_else(|| ping_body(now)),
        deliveries: vec![delivery],
    };
    context.store.create_event(partner, &row.platform, event, now).await?;
    deliveries::announce(context, partner, &row.platform);
    // Absent only if the endpoint was switched off in this very moment.
    let row = context.store.get_delivery(partner, &delivery_id).await?;
    row.map(deliveries::describe).ok_or(EndpointError::Off)
}

/// Shows the signing secret again.
///
/// # Errors
/// [`EndpointError::Absent`]; [`EndpointError::Seal`] if the server runs with another key.
pub async fn reveal_secret(
    context: &Context,
    partner: &PartnerId,
    id: &EndpointId,
) -> Result<IssuedEndpoint, EndpointError> {
    let row = find(context, partner, id).await?;
    let secret = context.webhooks.seal.open(&row.id, &row.secret)?;
    context.store.record_secret_revealed(&row, context.clock.now()).await?;
    context.live.announce(partner, Topic::Audit, Some(&row.platform));
    let endpoint = with_health(context, row).await?;
    Ok(IssuedEndpoint { endpoint, secret: Some(secret.to_text()) })
}

/// Draws another signing secret. The former one signs beside it for the overlap that was asked
/// for; one that was former already is dropped at once.
///
/// # Errors
/// [`EndpointError::Absent`], or an overlap that is too long.
pub async fn rotate_secret(
    context: &Context,
    partner: &PartnerId,
    author: &Author,
    id: &EndpointId,
    request: &RotateSecret,
) -> Result<IssuedEndpoint, EndpointError> {
    let overlap = request.overlap_seconds.unwrap_or(OVERLAP_S);
    if overlap > LONGEST_OVERLAP_S {
        let detail = format!("must be 0 to {LONGEST_OVERLAP_S}, which is a week");
        return Err(invalid("/overlap_seconds", detail));
    }
    let now = context.clock.now();
    let plain = SigningSecret::draw(&context.entropy);
    let overlap = (overlap > 0).then(|| TimeDelta::seconds(overlap.into()));
    let new = NewSecret {
        secret: context.webhooks.seal.seal(id, &plain, &context.entropy)?,
        last4: plain.last4().to_owned(),
        overlap_until: overlap.map(|overlap| later(now, overlap)),
        author: author.clone(),
        now,
    };
    let row = context.store.rotate_endpoint_secret(partner, id, new).await?;
    let row = row.ok_or(EndpointError::Absent)?;
    context.live.announce(partner, Topic::Endpoints, Some(&row.platform));
    let endpoint = with_health(context, row).await?;
    Ok(IssuedEndpoint { endpoint, secret: Some(plain.to_text()) })
}

fn ping_body(now: DateTime<Utc>) -> String {
    let timestamp = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    json!({ "event": PING, "timestamp": timestamp, "environment": Environment::Test }).to_string()
}

async fn find(
    context: &Context,
    partner: &PartnerId,
    id: &EndpointId,
) -> Result<EndpointRow, EndpointError> {
    context.store.get_endpoint(partner, id).await?.ok_or(EndpointError::Absent)
}

fn manifest<'c>(context: &'c Context, slug: &str) -> Result<&'c Arc<Manifest>, EndpointError> {
    let known = || {
        let slugs: Vec<_> = context.manifests.iter().map(|m| m.slug.as_str()).collect();
        invalid("/platform", format!("must be one of: {}", slugs.join(", ")))
    };
    context.manifests.get(slug).ok_or_else(known)
}

fn new_endpoint(
    context: &Context,
    partner: &PartnerId,
    manifest: &Manifest,
    url: Option<String>,
    events: Vec<String>,
) -> Result<(NewEndpoint, SigningSecret), SealError> {
    let now = context.clock.now();
    let id = context.entropy.id(now);
    let plain = SigningSecret::draw(&context.entropy);
    let secret = context.webhooks.seal.seal(&id, &plain, &context.entropy)?;
    let new = NewEndpoint {
        id,
        partner_id: partner.clone(),
        platform: manifest.slug.clone(),
        key_id: None,
        url,
        events,
        secret,
        secret_last4: plain.last4().to_owned(),
        now,
    };
    Ok((new, plain))
}

fn checked_url(
    context: &Context,
    manifest: &Manifest,
    url: &str,
) -> Result<String, Vec<FieldError>> {
    if manifest.webhooks.target == WebhookTarget::Request {
        let detail = "is not set here: each request names its own webhook URL on this platform";
        return Err(vec![field("/url", detail)]);
    }
    match context.webhooks.targets.check(url.trim()) {
        Ok(url) => Ok(url.into()),
        Err(error) => Err(vec![field("/url", error.to_string())]),
    }
}

/// The events asked for, in the platform's order, each once.
fn checked_events(
    manifest: &Manifest,
    events: Vec<String>,
) -> Result<Vec<String>, Vec<FieldError>> {
    let unknown =
        events.iter().enumerate().filter(|(_, name)| manifest.webhooks.event(name).is_none());
    let allowed = all_events(manifest);
    let faults: Vec<_> = unknown
        .map(|(at, _)| {
            field(format!("/events/{at}"), format!("must be one of: {}", allowed.join(", ")))
        })
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(allowed.into_iter().filter(|name| events.contains(name)).collect())
}

fn all_events(manifest: &Manifest) -> Vec<String> {
    manifest.webhooks.events.iter().map(|event| event.name.clone()).collect()
}

/// The key of a new endpoint: needed where endpoints belong to keys, and one that may still be
/// used.
async fn checked_key(
    context: &Context,
    partner: &PartnerId,
    manifest: &Manifest,
    key: Option<KeyId>,
) -> Result<Result<Option<KeyId>, Vec<FieldError>>, StoreError> {
    let fault = |detail: &str| Ok(Err(vec![field("/key_id", detail)]));
    let key = match (manifest.webhooks.target == WebhookTarget::Key, key) {
        (false, None) => return Ok(Ok(None)),
        (false, Some(_)) => return fault("is not set here: endpoints belong to the account"),
        (true, None) => return fault("must name the key whose events are sent"),
        (true, Some(key)) => key,
    };
    match context.store.get_key(partner, &key).await? {
        Some(row) if row.platform != manifest.slug => fault("is a key of another platform"),
        Some(row) if row.revoked_at.is_some() => fault("is revoked: it causes no more events"),
        Some(row) => Ok(Ok(Some(row.id))),
        None => fault("must be one of your keys"),
    }
}

/// Both values, or the faults of both.
fn both<A, B>(
    a: Result<A, Vec<FieldError>>,
    b: Result<B, Vec<FieldError>>,
) -> Result<(A, B), Vec<FieldError>> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (a, b) => Err(a.err().into_iter().chain(b.err()).flatten().collect()),
    }
}

fn invalid(pointer: &str, detail: impl Into<String>) -> EndpointError {
    EndpointError::Invalid(vec![field(pointer, detail)])
}

fn field(pointer: impl Into<String>, detail: impl Into<String>) -> FieldError {
    FieldError { pointer: pointer.into(), detail: detail.into() }
}

async fn with_health(
    context: &Context,
    row: EndpointRow,
) -> Result<WebhookEndpoint, EndpointError> {
    let manifest = manifest(context, &row.platform)?;
    let ids = [row.id.clone()];
    let now = context.clock.now();
    let mut health = context.store.endpoint_health(&row.partner_id, &ids, now).await?;
    let health = health.remove(&row.id).unwrap_or_default();
    Ok(describe(manifest, row, health, now))
}

/// An endpoint as it goes over the wire.
fn describe(
    manifest: &Manifest,
    row: EndpointRow,
    health: EndpointHealth,
    now: DateTime<Utc>,
) -> WebhookEndpoint {
    let overlap = row.previous.as_ref().map(|previous| previous.until);
    WebhookEndpoint {
        enabled: row.enabled(),
        disabled_reason: row.disabled.map(|disabled| disabled.reason),
        disabled_at: row.disabled.map(|disabled| disabled.at),
        previous_secret_until: overlap.filter(|until| *until > now),
        key_id: row.key_id,
        id: row.id,
        platform: row.platform,
        target: manifest.webhooks.target,
        url: row.url,
        events: row.events,
        secret_last4: row.secret_last4,
        created_at: row.created_at,
        health,
        version: row.version,
    }
}
