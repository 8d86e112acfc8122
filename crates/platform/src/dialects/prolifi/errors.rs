//! The table of errors, and the envelope they come in.

use axum::{
    Json,
    http::{Method, StatusCode},
};
use serde::Serialize;

use crate::gateway::Refusal;

#[derive(Debug, Serialize)]
pub struct Failed<'a> {
    error: Problem<'a>,
}

#[derive(Debug, Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: String,
    /// Every field at fault; empty where none is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem<'a>>,
}

#[derive(Debug, Serialize)]
struct FieldProblem<'a> {
    field: &'a str,
    message: &'a str,
}

/// Status and body of a refusal.
pub fn answer(refusal: &Refusal) -> (StatusCode, Json<Failed<'_>>) {
    let (status, kind) = type_of(refusal);
    let mut errors = Vec::new();
    if let Refusal::InvalidField { field, problem, others } = refusal {
        errors.push(FieldProblem { field, message: problem });
        errors.extend(others.iter().map(|(field, message)| FieldProblem { field, message }));
    }
    (status, Json(Failed { error: Problem { kind, message: refusal.to_string(), errors } }))
}

/// Where the table has no type for a case, the nearest documented one is sent, so that a client
/// which knows the table knows every answer.
fn type_of(refusal: &Refusal) -> (StatusCode, &'static str) {
    use StatusCode as S;
    const REQUEST: &str = "invalid_request";
    match refusal {
        Refusal::NoKey(_)
        | Refusal::TwoSchemes(_)
        | Refusal::MalformedKey
        | Refusal::Unidentified(_)
        | Refusal::UnknownKey
        | Refusal::Revoked
        | Refusal::Expired
        | Refusal::Paused => (S::UNAUTHORIZED, "authentication_error"),
        Refusal::Suspended
        | Refusal::LiveDisabled
        | Refusal::PublicKey
        | Refusal::MissingScope(_)
        | Refusal::InsufficientCredits { .. }
        | Refusal::OverSpendLimit { .. } => (S::FORBIDDEN, "permission_error"),
        Refusal::IpNotAllowed { .. } => (S::FORBIDDEN, "ip_restricted"),
        Refusal::TooManyRequests { .. } | Refusal::TooManyAtOnce { .. } => {
            (S::TOO_MANY_REQUESTS, "rate_limit_error")
        }
        Refusal::IdempotencyKeyReused { .. }
        | Refusal::IdempotencyInProgress
        | Refusal::Unprocessable { .. } => (S::CONFLICT, "conflict"),
        Refusal::IdempotencyKeyMissing { .. }
        | Refusal::IdempotencyKeyInvalid { .. }
        | Refusal::MalformedJson(_)
        | Refusal::MalformedForm(_)
        | Refusal::NotJson
        | Refusal::BodyUnread => (S::BAD_REQUEST, REQUEST),
        Refusal::BodyTooLarge | Refusal::FileTooLarge { .. } => (S::PAYLOAD_TOO_LARGE, REQUEST),
        Refusal::MethodNotAllowed { method, .. } if is_unknown(method) => {
            (S::NOT_IMPLEMENTED, "internal_error")
        }
        Refusal::MethodNotAllowed { .. } => (S::METHOD_NOT_ALLOWED, REQUEST),
        Refusal::InvalidField { .. } => (S::UNPROCESSABLE_ENTITY, "validation_error"),
        Refusal::NotFound { .. } | Refusal::NoSuchRoute { .. } => (S::NOT_FOUND, "not_found"),
        Refusal::Unavailable { .. } | Refusal::Internal { .. } => {
            (S::INTERNAL_SERVER_ERROR, "internal_error")
        }
    }
}

/// Whether no call of the API has this method (RFC 9110, section 15.6.2).
fn is_unknown(method: &Method) -> bool {
    let known =
        [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    !known.contains(method) && method != Method::OPTIONS
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use latchkey_contract::{Amount, platforms::CreditUnit};
    use latchkey_store::SpendLimit;
    use serde_json::Value;

    use super::*;

    /// Every refusal there is, with status and type.
    fn table() -> Vec<(Refusal, u16, &'static str)> {
        let text = String::new;
        let method = |name: &str| Refusal::MethodNotAllowed {
            method: Method::from_bytes(name.as_bytes()).unwrap(),
            path: text(),
        };
        let (needed, left) = (Amount(2), Amount(1));
        let unit = || CreditUnit { name: "USD".to_owned(), decimals: 2 };
        vec![
            (Refusal::NoKey(text()), 401, "authentication_error"),
            (Refusal::TwoSchemes(text()), 401, "authentication_error"),
            (Refusal::MalformedKey, 401, "authentication_error"),
            (Refusal::UnknownKey, 401, "authentication_error"),
            (Refusal::Revoked, 401, "authentication_error"),
            (Refusal::Expired, 401, "authentication_error"),
            (Refusal::Paused, 401, "authentication_error"),
            (Refusal::Suspended, 403, "permission_error"),
            (Refusal::LiveDisabled, 403, "permission_error"),
            (Refusal::IpNotAllowed { address: Ipv4Addr::LOCALHOST.into() }, 403, "ip_restricted"),
            (Refusal::PublicKey, 403, "permission_error"),
            (Refusal::MissingScope(text()), 403, "permission_error"),
            (Refusal::TooManyRequests { limit: 1, retry_after: 1 }, 429, "rate_limit_error"),
            (Refusal::TooManyAtOnce { limit: 1 }, 429, "rate_limit_error"),
            (Refusal::IdempotencyKeyMissing { header: text() }, 400, "invalid_request"),
            (Refusal::IdempotencyKeyInvalid { header: text(), max: 1 }, 400, "invalid_request"),
            (Refusal::IdempotencyKeyReused { job_id: text() }, 409, "conflict"),
            (Refusal::IdempotencyInProgress, 409, "conflict"),
            (
                Refusal::InsufficientCredits { needed, balance: left, unit: unit() },
                403,
                "permission_error",
            ),
            (
                Refusal::OverSpendLimit { limit: SpendLimit::Daily, needed, left, unit: unit() },
                403,
                "permission_error",
            ),
            (Refusal::MalformedJson(text()), 400, "invalid_request"),
            (Refusal::NotJson, 400, "invalid_request"),
            (Refusal::BodyTooLarge, 413, "invalid_request"),
            (Refusal::BodyUnread, 400, "invalid_request"),
            (Refusal::invalid("email", "is wrong"), 422, "validation_error"),
            (Refusal::missing("email"), 422, "validation_error"),
            (Refusal::unprocessable("external_id", "is taken"), 409, "conflict"),
            (Refusal::NotFound { what: "plan", id: text() }, 404, "not_found"),
            (Refusal::NoSuchRoute { method: Method::GET, path: text() }, 404, "not_found"),
            (method("PUT"), 405, "invalid_request"),
            (method("OPTIONS"), 405, "invalid_request"),
            (method("BREW"), 501, "internal_error"),
            (Refusal::Unavailable { cause: "inner trouble".into() }, 500, "internal_error"),
            (Refusal::Internal { cause: "inner trouble".into() }, 500, "internal_error"),
        ]
    }

    #[test]
    fn every_refusal_has_its_row() {
        for (refusal, status, kind) in table() {
            let (told, Json(body)) = answer(&refusal);
            let body = serde_json::to_value(body).unwrap();
            assert_eq!((told.as_u16(), body["error"]["type"].as_str()), (status, Some(kind)));
            let fields = |value: &Value| -> Vec<String> {
                value.as_object().unwrap().keys().cloned().collect()
            };
            assert_eq!(fields(&body), ["error"]);
            let mut known = vec!["type", "message"];
            if status == 422 {
                known.push("errors");
                assert_eq!(fields(&body["error"]["errors"][0]), ["field", "message"]);
            }
            assert_eq!(fields(&body["error"]), known, "{refusal:?}");
            assert!(!body.to_string().contains("inner trouble"), "a cause is for the log alone");
        }
    }
}
