//! Errors as RFC 9457 problem details.

use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::ToSchema;

/// RFC 9457 problem details (`application/problem+json`), extended by a stable `code`, the
/// request's id, and for bad input the fields at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Problem {
    /// A URI naming the kind of problem: `https://latchkey.example/problems/{code}`, never fetched.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words, the same for every occurrence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What programs branch on: `invalid_input`, `wrong_credentials`, `email_taken`, `stale_version`…
    pub code: String,
    /// What happened this time and what to do about it.
    pub detail: String,
    /// The id under which the server's log knows this request.
    pub request_id: String,
    /// For bad input: which fields, and what is wrong with each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One field at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) into the request's body, or a query parameter's name after `?`.
    pub pointer: String,
    /// What is wrong and what is allowed.
    pub detail: String,
}
