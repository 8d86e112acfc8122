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

/// `GET /api/v1/keys/{id}/webhook`
pub async fn read_webhook(mut call: MemberCall) -> Result<Response, Refusal> {
    let key = find_key(&mut call).await?;
    Ok(match find(&call, &key).await? {
        Some(row) => told(&row, None),
        None => Json(json!({ "url": null, "enabled": false, "secret": null })).into_response(),
    })
}

/// `PUT /api/v1/keys/{id}/webhook`: the first one's answer has the signing secret in full.
pub async fn put_webhook(mut call: MemberCall) -> Result<Response, Refusal> {
    let key = find_key(&mut call).await?;
    let body = call.object().await?;
    let fields = Fields::of_body(&body);
    let url = fields.required("url", fields.text("url")?)?.to_owned();
    let enabled = fields.flag("enabled")?.unwrap_or(true);
    let (context, partner) = (call.context().by(call.by.author()), call.partner());
    let (row, secret) = match find(&call, &key).await? {
        Some(row) => (row, None),
        None => {
            let request = CreateWebhookEndpoint {
                platform: call.manifest().slug.clone(),
                url: url.clone(),
                events: None,
                key_id: Some(key.clone()),
            };
            let issued = endpoints::create(&context, partner, request).await?;
            (find(&call, &key).await?.ok_or_else(vanished)?, issued.secret)
        }
    };
    let current = (row.url.as_deref(), row.enabled()) == (Some(url.as_str()), enabled);
    if current {
        return Ok(told(&row, secret));
    }
    let change =
        UpdateWebhookEndpoint { url: Some(url), enabled: Some(enabled), ..Default::default() };
    endpoints::update(&context, partner, &row.id, row.version, change).await?;
    let row = find(&call, &key).await?.ok_or_else(vanished)?;
    Ok(told(&row, secret))
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
            EndpointError::Invalid(faults) => Self::first_of(faults),
            EndpointError::Absent => Self::NotFound { what: "webhook", id: String::new() },
            EndpointError::Store(error) => error.into(),
            EndpointError::Stale => vanished(),
            error => Self::Internal { cause: error.to_string() },
        }
    }
}
