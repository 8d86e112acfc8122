//! Clipia: a queue that generates images and video. Submit, then status and result.

mod bodies;
mod catalogue;
mod order;

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::MethodFilter,
};
use chrono::{DateTime, Duration, Utc};
use latchkey_contract::{Amount, Environment, RequestId, usage::UsageGroup};
use latchkey_store::{JobRow, JobState, UsageFilter, UsageSpan};
use serde_json::{Value, json};

use self::{
    bodies::{RequestResult, RequestStatus, Submitted, credits},
    order::Order,
};
use super::{
    Dialect, Drawing, Event,
    model_input::{self, Strictness},
    webhook_url,
};
use crate::{
    gateway::{Call, Fields, Mount, Refusal, Reply, Submission, call},
    jobs::{Stored, Uploads},
    manifest::{Manifest, Model},
};

/// What counts as a request in the account's usage.
const SUBMIT: &str = "models.submit";

pub struct Clipia;

impl Dialect for Clipia {
    fn routes(&self) -> Router<Mount> {
        use MethodFilter as On;
        let read_model = call(On::GET, "models.read", read_model);
        Router::new()
            .route("/models", call(On::GET, "models.list", list_models))
            .route("/models/{slug}", call(On::POST, SUBMIT, submit).merge(read_model))
            .route("/models/{slug}/estimate", call(On::POST, "models.estimate", estimate))
            .route("/requests/{id}/status", call(On::GET, "requests.status", read_status))
            .route("/requests/{id}", call(On::GET, "requests.result", read_result))
            .route("/account", call(On::GET, "account.read", read_account))
            .route("/key", call(On::GET, "key.read", read_key))
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &RequestId) -> Response {
        let (status, kind, code) = code_of(refusal);
        let error = bodies::Problem { kind, code, message: refusal.to_string() };
        (status, Json(bodies::Failed { error })).into_response()
    }

    fn drawings(&self, job: &JobRow, _uploads: &Uploads) -> Vec<Drawing> {
        Order::of_job(job).map(|order| order.drawings()).unwrap_or_default()
    }

    fn output(&self, job: &JobRow, kept: &[Stored], _now: DateTime<Utc>) -> Value {
        Order::of_job(job).map(|order| order.output(kept)).unwrap_or_default()
    }

    fn failure(&self) -> (&'static str, &'static str) {
        ("GENERATION_FAILED", "The generation failed. Its credits were given back in full.")
    }

    fn event(&self, job: &JobRow) -> Option<Event<'_>> {
        let event_type = match job.state {
            JobState::Succeeded => "request.completed",
            JobState::Failed => "request.failed",
            _ => return None,
        };
        let order = Order::of_job(job)?;
        let told = match &job.failure {
            None => json!({
                "request_id": job.id,
                "status": "OK",
                "payload": {
                    "model": order.model,
                    "output": bodies::output(job, &order.origin),
                    "cost": order.cost,
                },
            }),
            Some(failure) => json!({
                "request_id": job.id,
                "status": "ERROR",
                "error": { "code": failure.code, "message": failure.message },
            }),
        };
        Some(Event { event_type, body: told.to_string() })
    }
}

/// `POST /v1/models/{slug}`
async fn submit(mut call: Call) -> Result<Reply, Refusal> {
    let claim = call.claim()?;
    let slug = call.segment().await;
    let mount = call.mount.clone();
    let model = find_model(mount.manifest(), &slug)?;
    let body = call.object().await?;
    let fields = Fields::of_body(&body);
    let input = model_input::read(&model.input, &input_of(&fields)?, Strictness::Whole)?;
    let webhook_url = webhook_url(&call, &fields, "webhook_url")?;
    let price = model.pricing.price(&input, call.manifest().unit.decimals);
    let order = Order::new(model, input, price, call.origin());
    let mock = match call.environment() {
        Environment::Live => None,
        Environment::Test => Some(order.mock(call.context()).await?),
    };
    let submission = Submission {
        job_id: new_request_id(&call),
        price,
        request: order.to_json(),
        webhook_url,
        mock,
    };
    let accepted = call.charge(claim, &body, submission).await?;
    let position = call.context().jobs.queue_position(&accepted.job);
    let submitted = Submitted::of(&accepted.job.row, position, &call.base_url(), &call.origin());
    Ok(accepted.reply(Json(submitted)))
}

/// `POST /v1/models/{slug}/estimate`
async fn estimate(mut call: Call) -> Result<Reply, Refusal> {
    let slug = call.segment().await;
    let body = call.object().await?;
    let model = find_model(call.manifest(), &slug)?;
    let fields = input_of(&Fields::of_body(&body))?;
    let input = model_input::read(&model.input, &fields, Strictness::WhatIsThere)?;
    let price = model.pricing.price(&input, call.manifest().unit.decimals);
    Ok(Json(json!({ "credits": credits(price) })).into())
}

/// `GET /v1/requests/{id}/status`
async fn read_status(mut call: Call) -> Result<Reply, Refusal> {
    let id = call.segment().await;
    let job = call.job("request", id).await?;
    let position = call.context().jobs.queue_position(&job);
    Ok(Json(RequestStatus::of(&job, position)).into())
}

/// `GET /v1/requests/{id}`
async fn read_result(mut call: Call) -> Result<Reply, Refusal> {
    let id = call.segment().await;
    let job = call.job("request", id).await?;
    let status = if job.row.state.is_final() { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(RequestResult::of(&job.row, &call.origin()))).into())
}

/// `GET /v1/models`
async fn list_models(call: Call) -> Result<Reply, Refusal> {
    let models: Vec<_> = call.manifest().models.iter().map(catalogue::summary).collect();
    Ok(Json(json!({ "data": models })).into())
}

/// `GET /v1/models/{slug}`
async fn read_model(mut call: Call) -> Result<Reply, Refusal> {
    let slug = call.segment().await;
    Ok(Json(catalogue::detail(find_model(call.manifest(), &slug)?)).into())
}

/// `GET /v1/account`
async fn read_account(call: Call) -> Result<Reply, Refusal> {
    let (store, key) = (&call.context().store, &call.key.row);
    let account = store.get_account(&key.partner_id, &key.platform).await?;
    let filter = UsageFilter {
        key_id: None,
        group_by: Some(UsageGroup::Operation),
        ..call.usage_since(call.now - Duration::days(30))
    };
    let rows = store.list_usage(&key.partner_id, &filter).await?;
    let submits = rows.iter().filter(|row| row.group.as_deref() == Some(SUBMIT));
    let (requests, spent) = submits.fold((0, Amount::ZERO), |(requests, spent), row| {
        (requests + row.requests.saturating_sub(row.refused), spent + row.credits)
    });
    let balance = account.map_or(Amount::ZERO, |account| account.balance);
    Ok(Json(json!({
        "account_id": key.partner_id,
        "balance": { "credits": credits(balance) },
        "usage_30d": { "requests": requests, "credits_spent": credits(spent) },
    }))
    .into())
}

/// `GET /v1/key`
async fn read_key(call: Call) -> Result<Reply, Refusal> {
    let key = &call.key.row;
    // Its first bucket begins before the key does.
    let since = key.created_at - Duration::seconds(UsageSpan::QuarterHour.seconds());
    let used = call.context().store.sum_usage(&key.partner_id, &call.usage_since(since)).await?;
    let limit = key.spend_limits.credit_allowance;
    let spent = call.spend().await?.unwrap_or_default().in_all;
    let remaining = limit.map(|limit| (limit - spent).max(Amount::ZERO));
    Ok(Json(json!({ "data": {
        "label": key.name,
        "usage": credits(used.credits),
        "limit": limit.map(credits),
        "limit_remaining": remaining.map(credits),
        "rate_limit": { "requests": call.rate_limit(), "interval": "1m" },
    }}))
    .into())
}

fn find_model<'m>(manifest: &'m Manifest, slug: &str) -> Result<&'m Model, Refusal> {
    let missing = || Refusal::NotFound { what: "model", id: slug.to_owned() };
    manifest.model(slug).ok_or_else(missing)
}

fn input_of<'b>(body: &Fields<'b>) -> Result<Fields<'b>, Refusal> {
    body.required("input", body.inner("input")?)
}

/// A UUID whose order is that of time (RFC 9562, version 7), so that rows of one moment lie together.
fn new_request_id(call: &Call) -> String {
    let millis = u64::try_from(call.now.timestamp_millis()).unwrap_or_default();
    let random = call.context().entropy.bytes();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}

/// The table of errors. Where it has no code for a case, the nearest documented one is sent, so
/// that a client which knows the table knows every answer.
fn code_of(refusal: &Refusal) -> (StatusCode, &'static str, &'static str) {
    const REQUEST: &str = "invalid_request_error";
    match refusal {
        Refusal::NoKey(_)
        | Refusal::MalformedKey
        | Refusal::Unidentified(_)
        | Refusal::UnknownKey
        | Refusal::Revoked
        | Refusal::Expired
        | Refusal::Paused => (StatusCode::UNAUTHORIZED, "authentication_error", "invalid_api_key"),
        Refusal::TwoSchemes(_)
        | Refusal::IdempotencyKeyMissing { .. }
        | Refusal::IdempotencyKeyInvalid { .. }
        | Refusal::MalformedJson(_)
        | Refusal::MalformedForm(_)
        | Refusal::NotJson
        | Refusal::BodyUnread => (StatusCode::BAD_REQUEST, REQUEST, "invalid_request"),
        // What lies in `input` is the model's; all else is the request's.
        Refusal::InvalidField { field, .. } if !field.starts_with("input.") => {
            (StatusCode::BAD_REQUEST, REQUEST, "invalid_request")
        }
        Refusal::InvalidField { .. } | Refusal::Unprocessable { .. } => {
            (StatusCode::UNPROCESSABLE_ENTITY, REQUEST, "model_input_invalid")
        }
        Refusal::BodyTooLarge | Refusal::FileTooLarge { .. } => {
            (StatusCode::PAYLOAD_TOO_LARGE, REQUEST, "invalid_request")
        }
        Refusal::MethodNotAllowed { .. } => {
            (StatusCode::METHOD_NOT_ALLOWED, REQUEST, "invalid_request")
        }
        Refusal::Suspended
        | Refusal::LiveDisabled
        | Refusal::IpNotAllowed { .. }
        | Refusal::PublicKey
        | Refusal::MissingScope(_) => (StatusCode::FORBIDDEN, REQUEST, "insufficient_scope"),
        Refusal::InsufficientCredits { .. } | Refusal::OverSpendLimit { .. } => {
            (StatusCode::PAYMENT_REQUIRED, REQUEST, "insufficient_credits")
        }
        Refusal::NotFound { .. } | Refusal::NoSuchRoute { .. } => {
            (StatusCode::NOT_FOUND, REQUEST, "not_found")
        }
        Refusal::IdempotencyKeyReused { .. } => {
            (StatusCode::CONFLICT, REQUEST, "idempotency_key_reuse")
        }
        Refusal::IdempotencyInProgress => (StatusCode::CONFLICT, REQUEST, "request_in_progress"),
        Refusal::TooManyRequests { .. } | Refusal::TooManyAtOnce { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", "rate_limit_exceeded")
        }
        Refusal::Unavailable { .. } => {
            (StatusCode::SERVICE_UNAVAILABLE, "api_error", "service_unavailable")
        }
        Refusal::Internal { .. } => {
            (StatusCode::INTERNAL_SERVER_ERROR, "api_error", "internal_error")
        }
    }
}
