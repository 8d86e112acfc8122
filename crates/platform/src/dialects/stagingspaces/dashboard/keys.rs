//! `/api/v1/keys`: keys by whole numbers.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use latchkey_contract::{
    Environment, KeyId,
    keys::{CreateKey, KeyKind},
};
use serde_json::{Value, json};

use super::super::super::timestamp;
use crate::{
    gateway::{Fields, MemberCall, Refusal},
    keys::{self, KeyError},
};

/// `POST /api/v1/keys`: the answer is the only one that ever holds the key.
pub async fn create_key(mut call: MemberCall) -> Result<Response, Refusal> {
    let body = call.object().await?;
    let fields = Fields::of_body(&body);
    let name = fields.required("name", fields.text("name")?)?;
    let environment = fields.choice("environment", &["live", "test"])?;
    let environment = match fields.required("environment", environment)? {
        "live" => Environment::Live,
        _ => Environment::Test,
    };
    let request = CreateKey {
        platform: call.manifest().slug.clone(),
        name: name.to_owned(),
        environment,
        kind: KeyKind::Secret,
        scopes: None,
        requests_per_minute: None,
        concurrent_limit: None,
        daily_limit: None,
        credit_allowance: None,
        expires_at: None,
        ip_rules: None,
    };
    let issued = keys::issue_key(&call.context().by(call.by.author()), &call.by, request).await?;
    let key = issued.key;
    let number = call.context().store.number_key(call.partner(), &key.platform, &key.id).await?;
    let body = json!({
        "id": number,
        "key": issued.secret,
        "prefix": key.prefix,
        "last4": key.last4,
        "name": key.name,
        "environment": key.environment,
        "created_at": timestamp(key.created_at),
    });
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// `GET /api/v1/keys`: the newest first, revoked ones too.
pub async fn list_keys(call: MemberCall) -> Result<Response, Refusal> {
    let store = &call.context().store;
    let keys = store.list_numbered_keys(call.partner(), &call.manifest().slug).await?;
    let keys: Vec<Value> = keys
        .into_iter()
        .map(|(number, key)| {
            json!({
                "id": number,
                "name": key.name,
                "environment": key.environment,
                "prefix": key.prefix,
                "last4": key.last4,
                "created_at": timestamp(key.created_at),
                "last_used_at": key.last_used_at.map(timestamp),
                "revoked_at": key.revoked_at.map(timestamp),
            })
        })
        .collect();
    Ok(Json(json!({ "keys": keys })).into_response())
}

/// `DELETE /api/v1/keys/{id}`: revokes it; once more changes nothing.
pub async fn revoke_key(mut call: MemberCall) -> Result<Response, Refusal> {
    let id = find_key(&mut call).await?;
    keys::revoke_key(&call.context().by(call.by.author()), &call.by, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The member's own key whose number stands in the path.
pub async fn find_key(call: &mut MemberCall) -> Result<KeyId, Refusal> {
    let number = call.segment().await;
    let (context, platform) = (call.context(), &call.manifest().slug);
    // As the list writes it: `+1` and `01` are no other ways to say 1.
    let as_written = number.parse::<i64>().ok().filter(|parsed| parsed.to_string() == number);
    let found = match as_written {
        Some(number) => context.store.get_numbered_key(call.partner(), platform, number).await?,
        None => None,
    };
    found.ok_or(Refusal::NotFound { what: "key", id: number })
}

impl From<KeyError> for Refusal {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Invalid(faults) => Self::first_of(faults),
            KeyError::Store(error) => error.into(),
            error => Self::Internal { cause: error.to_string() },
        }
    }
}
