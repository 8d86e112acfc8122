//! The table of errors. They are flat: `error` is a word that stays, `message` says what to do.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::bodies::credits;
use crate::gateway::Refusal;

/// Status and body of a refusal.
pub fn answer(refusal: &Refusal) -> Response {
    let (status, word) = word_of(refusal);
    let mut body = json!({ "error": word, "message": refusal.to_string() });
    if let Refusal::InsufficientCredits { needed, balance: left, .. }
    | Refusal::OverSpendLimit { needed, left, .. } = refusal
    {
        // Two pages document two sets of fields: both are sent.
        body["credits_remaining"] = credits(*left);
        body["credits_required"] = credits(*needed);
        body["credits_available"] = credits(*left);
    }
    (status, Json(body)).into_response()
}

/// An error that is no refusal of the gateway.
pub fn flat(status: StatusCode, word: &str, message: &str) -> Response {
    (status, Json::<Value>(json!({ "error": word, "message": message }))).into_response()
}

fn word_of(refusal: &Refusal) -> (StatusCode, &'static str) {
    use StatusCode as S;
    match refusal {
        Refusal::NoKey(_)
        | Refusal::TwoSchemes(_)
        | Refusal::MalformedKey
        | Refusal::UnknownKey
        | Refusal::Unidentified(_)
        | Refusal::Revoked
        | Refusal::Expired
        | Refusal::Paused => (S::UNAUTHORIZED, "unauthorized"),
        Refusal::InsufficientCredits { .. } | Refusal::OverSpendLimit { .. } => {
            (S::PAYMENT_REQUIRED, "insufficient_credits")
        }
        Refusal::Suspended
        | Refusal::LiveDisabled
        | Refusal::PublicKey
        | Refusal::MissingScope(_)
        | Refusal::IpNotAllowed { .. } => (S::FORBIDDEN, "forbidden"),
        Refusal::TooManyRequests { .. } => (S::TOO_MANY_REQUESTS, "rate_limit_exceeded"),
        Refusal::TooManyAtOnce { .. } => (S::TOO_MANY_REQUESTS, "too_many_jobs"),
        Refusal::IdempotencyKeyReused { .. } | Refusal::IdempotencyInProgress => {
            (S::CONFLICT, "conflict")
        }
        Refusal::IdempotencyKeyMissing { .. }
        | Refusal::IdempotencyKeyInvalid { .. }
        | Refusal::MalformedJson(_)
        | Refusal::MalformedForm(_)
        | Refusal::NotJson
        | Refusal::BodyUnread
        | Refusal::InvalidField { .. }
        | Refusal::Unprocessable { .. } => (S::BAD_REQUEST, "invalid_request"),
        Refusal::BodyTooLarge | Refusal::FileTooLarge { .. } => {
            (S::PAYLOAD_TOO_LARGE, "payload_too_large")
        }
        Refusal::NotFound { .. } | Refusal::NoSuchRoute { .. } => (S::NOT_FOUND, "not_found"),
        Refusal::MethodNotAllowed { .. } => (S::METHOD_NOT_ALLOWED, "method_not_allowed"),
        Refusal::Unavailable { .. } => (S::SERVICE_UNAVAILABLE, "unavailable"),
        Refusal::Internal { .. } => (S::INTERNAL_SERVER_ERROR, "internal_error"),
    }
}
