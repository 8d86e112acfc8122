//! The table of errors, and the envelope they come in.

use axum::{Json, http::StatusCode};
use latchkey_contract::Amount;
use latchkey_store::SpendLimit;
use serde::Serialize;

use crate::gateway::Refusal;

/// What a model is called where there is none: the platform has a code of its own for that.
pub const MODEL: &str = "model";

#[derive(Debug, Serialize)]
pub struct Failed<'a> {
    error: Problem<'a>,
}

#[derive(Debug, Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: String,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Details<'a> {
    Field {
        param: &'a str,
        #[serde(rename = "type")]
        kind: &'static str,
    },
    Job {
        job_id: &'a str,
    },
}

/// Status and body of a refusal.
pub fn answer(refusal: &Refusal) -> (StatusCode, Json<Failed<'_>>) {
    let (status, kind, code) = code_of(refusal);
    let error = Problem { kind, message: message(refusal), code, details: details(refusal) };
    (status, Json(Failed { error }))
}

/// Where the table has no code for a case, the nearest documented one is sent, so that a client
/// which knows the table knows every answer.
fn code_of(refusal: &Refusal) -> (StatusCode, &'static str, &'static str) {
    use StatusCode as S;
    const REQUEST: &str = "invalid_request_error";
    const RATE: &str = "rate_limit_error";
    match refusal {
        Refusal::NoKey(_)
        | Refusal::TwoSchemes(_)
        | Refusal::MalformedKey
        | Refusal::Unidentified(_)
        | Refusal::UnknownKey
        | Refusal::Revoked
        | Refusal::Expired
        | Refusal::Paused => (S::UNAUTHORIZED, "authentication_error", "invalid_api_key"),
        Refusal::Suspended
        | Refusal::LiveDisabled
        | Refusal::IpNotAllowed { .. }
        | Refusal::PublicKey
        | Refusal::MissingScope(_) => {
            (S::FORBIDDEN, "permission_error", "insufficient_permissions")
        }
        Refusal::TooManyRequests { .. } => (S::TOO_MANY_REQUESTS, RATE, "rate_limit_exceeded"),
        Refusal::TooManyAtOnce { .. } => (S::TOO_MANY_REQUESTS, RATE, "concurrency_limit_exceeded"),
        Refusal::IdempotencyKeyReused { .. } | Refusal::IdempotencyInProgress => {
            (S::CONFLICT, "idempotency_error", "idempotency_key_reused")
        }
        Refusal::InsufficientCredits { .. } | Refusal::OverSpendLimit { .. } => {
            (S::PAYMENT_REQUIRED, "payment_error", "INSUFFICIENT_CREDITS")
        }
        Refusal::IdempotencyKeyMissing { .. }
        | Refusal::IdempotencyKeyInvalid { .. }
        | Refusal::MalformedJson(_)
        | Refusal::MalformedForm(_)
        | Refusal::NotJson
        | Refusal::BodyUnread
        | Refusal::InvalidField { .. }
        | Refusal::Unprocessable { .. } => (S::BAD_REQUEST, REQUEST, "invalid_request"),
        Refusal::BodyTooLarge | Refusal::FileTooLarge { .. } => {
            (S::PAYLOAD_TOO_LARGE, REQUEST, "invalid_request")
        }
        Refusal::MethodNotAllowed { .. } => (S::METHOD_NOT_ALLOWED, REQUEST, "invalid_request"),
        Refusal::NotFound { what: MODEL, .. } => (S::BAD_REQUEST, REQUEST, "INVALID_MODEL"),
        Refusal::NotFound { .. } | Refusal::NoSuchRoute { .. } => {
            (S::NOT_FOUND, "not_found_error", "NOT_FOUND")
        }
        Refusal::Unavailable { .. } => (S::SERVICE_UNAVAILABLE, "api_error", "service_unavailable"),
        Refusal::Internal { .. } => (S::INTERNAL_SERVER_ERROR, "api_error", "internal_error"),
    }
}

/// The gateway's sentence, unless the platform's documentation says more.
fn message(refusal: &Refusal) -> String {
    match refusal {
        Refusal::InsufficientCredits { needed, balance: left, .. } => {
            format!("{}. Add credits.", too_little(*needed, *left))
        }
        Refusal::OverSpendLimit { limit, needed, left, .. } => format!(
            "{} within the {}. Raise that, or use another key.",
            too_little(*needed, *left),
            named(*limit)
        ),
        Refusal::IdempotencyKeyReused { .. } => {
            "A request with this idempotency key was already processed. Use a new key.".to_owned()
        }
        _ => refusal.to_string(),
    }
}

/// What is required and what is available, in dollars and cents. Less than a cent is left out of
/// what there is, and counted as one where it is required.
fn too_little(needed: Amount, left: Amount) -> String {
    let cent = Amount::PER_CREDIT / 100;
    let (needed, left) = (needed.0.max(0) + cent - 1, left.0.max(0));
    let dollars = |amount: i64| format!("${}.{:02}", amount / (100 * cent), amount / cent % 100);
    let (needed, left) = (dollars(needed), dollars(left));
    format!("Insufficient credits: {needed} required, {left} available")
}

const fn named(limit: SpendLimit) -> &'static str {
    match limit {
        SpendLimit::Allowance => "API key's allowance",
        SpendLimit::Daily => "API key's daily limit, which ends at 00:00 UTC",
    }
}

fn details(refusal: &Refusal) -> Option<Details<'_>> {
    match refusal {
        Refusal::InvalidField { field, .. } | Refusal::Unprocessable { field, .. } => {
            let kind = if refusal.is_missing_field() { "missing_field" } else { "invalid_field" };
            Some(Details::Field { param: field, kind })
        }
        Refusal::IdempotencyKeyReused { job_id } => Some(Details::Job { job_id }),
        _ => None,
    }
}
