//! `/api/v1/keys/{id}/webhook`: where the events of one key go.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use latchkey_contract::{
    KeyId, SecretText,
    webhooks::{CreateWebhookEndpoint, UpdateWebhookEndpoint},
};
use latchkey_store::EndpointRow;
use serde_json::json;

use super::{super::errors::flat, keys::find_key};
use crate::{
    gateway::{Fields, MemberCall, Refusal},
    webhooks::endpoints::{self, EndpointError},
};

/// How often a change is tried that others came before.
const TURNS: usize = 100;

/// `GET /api/v1/keys/{id}/webhook`
pub async fn read_webhook(mut call: MemberCall) -> Result<Response, Refusal> {
    let key = find_key(&mut call).await?;
    Ok(match find(&call, &key).await? {
        Some(row) => told(&row, None),
        None => Json(json!({ "url": null, "enabled": false, "secret": null })).into_response(),
    })
}

/// `PUT /api/v1/keys/{id}/webhook`: the first one's answer has the signing secret in full. Of calls
/// that meet, each is done in its turn.
pub async fn put_webhook(mut call: MemberCall) -> Result<Response, Refusal> {
    let key = find_key(&mut call).await?;
    let body = call.object().await?;
    let fields = Fields::of_body(&body);
    let wanted = Wanted {
        url: fields.required("url", fields.text("url")?)?.to_owned(),
        enabled: fields.flag("enabled")?.unwrap_or(true),
    };
    let mut secret = None;
    for _ in 0..TURNS {
        if let Some(row) = put(&call, &key, &wanted, &mut secret).await? {
            return Ok(told(&row, secret));
        }
    }
    Err(vanished())
}

/// What a webhook is to be.
struct Wanted {
    url: String,
    enabled: bool,
}

/// The webhook as it was wanted; `None` where another call came in between. A new one's `secret` is
/// told once.
async fn put(
    call: &MemberCall,
    key: &KeyId,
    wanted: &Wanted,
    secret: &mut Option<SecretText>,
) -> Result<Option<EndpointRow>, Refusal> {
    let (context, partner) = (call.context().by(call.by.author()), call.partner());
    let url = wanted.url.clone();
    let Some(row) = find(call, key).await? else {
        let request = CreateWebhookEndpoint {
            platform: call.manifest().slug.clone(),
            url,
            events: None,
            key_id: Some(key.clone()),
        };
        match endpoints::create(&context, partner, request).await {
            Ok(issued) => *secret = issued.secret,
            Err(EndpointError::LimitReached { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let made = find(call, key).await?;
        return Ok(made.filter(|row| row.enabled() == wanted.enabled));
    };
    if (row.url.as_deref(), row.enabled()) == (Some(url.as_str()), wanted.enabled) {
        return Ok(Some(row));
    }
    let enabled = Some(wanted.enabled);
    let change = UpdateWebhookEndpoint { url: Some(url), enabled, ..Default::default() };
    match endpoints::update(&context, partner, &row.id, row.version, change).await {
        Ok(_) => find(call, key).await,
        Err(EndpointError::Stale | EndpointError::Absent) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// `POST /api/v1/keys/{id}/webhook/test`: sends `test.ping`, live or not.
pub async fn send_test(mut call: MemberCall) -> Result<Response, Refusal> {
    let key = find_key(&mut call).await?;
    let none = "The key has no webhook. Set its `url` first.";
    let Some(row) = find(&call, &key).await? else {
        return Ok(flat(StatusCode::CONFLICT, "no_webhook", none));
    };
    match endpoints::send_test(call.context(), call.partner(), &row.id).await {
        Ok(_) => Ok(Json(json!({ "success": true })).into_response()),
        Err(EndpointError::Off) => {
            let off = "The webhook is switched off. Set `enabled` to true first.";
            Ok(flat(StatusCode::CONFLICT, "webhook_disabled", off))
        }
        Err(error) => Err(error.into()),
    }
}

async fn find(call: &MemberCall, key: &KeyId) -> Result<Option<EndpointRow>, Refusal> {
    let store = &call.context().store;
    let rows = store.list_endpoints(call.partner(), Some(&call.manifest().slug)).await?;
    Ok(rows.into_iter().find(|row| row.key_id.as_ref() == Some(key)))
}

fn vanished() -> Refusal {
    Refusal::Unavailable { cause: "a webhook was deleted in between".to_owned() }
}

fn told(row: &EndpointRow, secret: Option<SecretText>) -> Response {
    let masked = SecretText::new(format!("whsec_…{}", row.secret_last4));
    let body = json!({
        "url": row.url,
        "enabled": row.enabled(),
        "secret": secret.unwrap_or(masked),
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

impl From<EndpointError> for Refusal {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::Invalid(faults) => match faults.first() {
                // Of the key whose number stands in the path: no field says anything of it.
                Some(fault) if fault.pointer == "/key_id" => {
                    Self::invalid("id", format!("is of a key that {}", fault.detail))
                }
                _ => Self::first_of(faults),
            },
            EndpointError::Absent => Self::NotFound { what: "webhook", id: String::new() },
            EndpointError::Store(error) => error.into(),
            EndpointError::Stale => vanished(),
            error => Self::Internal { cause: error.to_string() },
        }
    }
}
