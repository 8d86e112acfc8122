//! The table of errors: `{error: {code, message, field?, job_id?, request_id}}`.

use axum::{Json, http::StatusCode};
use latchkey_contract::{PrefixedId, RequestId};
use serde_json::{Value, json};

use crate::gateway::Refusal;

/// Status and body of a refusal.
pub fn answer(refusal: &Refusal, request_id: &RequestId) -> (StatusCode, Json<Value>) {
    let (status, code) = code_of(refusal);
    let mut error = json!({
        "code": code,
        "message": refusal.to_string(),
        "request_id": request_id.as_str(),
    });
    match refusal {
        Refusal::InvalidField { field, .. } | Refusal::Unprocessable { field, .. } => {
            error["field"] = json!(field);
        }
        Refusal::IdempotencyKeyReused { job_id } => error["job_id"] = json!(job_id),
        _ => {}
    }
    (status, Json(json!({ "error": error })))
}

fn code_of(refusal: &Refusal) -> (StatusCode, &'static str) {
    use StatusCode as S;
    match refusal {
        Refusal::NoKey(_) => (S::UNAUTHORIZED, "missing_api_key"),
        Refusal::MalformedKey | Refusal::UnknownKey => (S::UNAUTHORIZED, "invalid_api_key"),
        Refusal::Unidentified(_) => (S::UNAUTHORIZED, "identity_token_required"),
        Refusal::Revoked => (S::UNAUTHORIZED, "api_key_revoked"),
        Refusal::Expired => (S::UNAUTHORIZED, "api_key_expired"),
        Refusal::Paused => (S::UNAUTHORIZED, "api_key_paused"),
        Refusal::Suspended => (S::FORBIDDEN, "account_suspended"),
        Refusal::LiveDisabled => (S::FORBIDDEN, "live_mode_disabled"),
        Refusal::PublicKey => (S::FORBIDDEN, "secret_key_required"),
        Refusal::MissingScope(_) => (S::FORBIDDEN, "insufficient_scope"),
        Refusal::IpNotAllowed { .. } => (S::FORBIDDEN, "address_not_allowed"),
        Refusal::TooManyRequests { .. } => (S::TOO_MANY_REQUESTS, "rate_limit_exceeded"),
        Refusal::TooManyAtOnce { .. } => (S::TOO_MANY_REQUESTS, "concurrency_limit_exceeded"),
        Refusal::IdempotencyKeyReused { .. } => (S::CONFLICT, "idempotency_key_reused"),
        Refusal::IdempotencyInProgress => (S::CONFLICT, "idempotency_in_progress"),
        Refusal::InsufficientCredits { .. } => (S::PAYMENT_REQUIRED, "insufficient_credits"),
        Refusal::OverSpendLimit { .. } => (S::PAYMENT_REQUIRED, "spend_limit_exceeded"),
        Refusal::TwoSchemes(_)
        | Refusal::IdempotencyKeyMissing { .. }
        | Refusal::IdempotencyKeyInvalid { .. }
        | Refusal::MalformedJson(_)
        | Refusal::MalformedForm(_)
        | Refusal::NotJson
        | Refusal::BodyUnread => (S::BAD_REQUEST, "invalid_request"),
        Refusal::BodyTooLarge | Refusal::FileTooLarge { .. } => {
            (S::PAYLOAD_TOO_LARGE, "body_too_large")
        }
        Refusal::InvalidField { .. } | Refusal::Unprocessable { .. } => {
            (S::UNPROCESSABLE_ENTITY, "invalid_field")
        }
        Refusal::NotFound { .. } | Refusal::NoSuchRoute { .. } => (S::NOT_FOUND, "not_found"),
        Refusal::MethodNotAllowed { .. } => (S::METHOD_NOT_ALLOWED, "method_not_allowed"),
        Refusal::Unavailable { .. } => (S::SERVICE_UNAVAILABLE, "unavailable"),
        Refusal::Internal { .. } => (S::INTERNAL_SERVER_ERROR, "internal_error"),
    }
}
