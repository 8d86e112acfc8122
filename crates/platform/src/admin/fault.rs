//! Errors of the admin API: RFC 9457 problem details, one table from code to status and title.

use std::{borrow::Cow, error::Error, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use latchkey_contract::{FieldError, Problem, RequestId};
use latchkey_store::StoreError;

/// What programs branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    MalformedJson,
    InvalidHeader,
    Unauthenticated,
    WrongCredentials,
    SignUpClosed,
    NotFound,
    MethodNotAllowed,
    EmailTaken,
    KeyRevoked,
    KeyExpired,
    RotationInProgress,
    NotRotated,
    EndpointLimitReached,
    EndpointOff,
    EndpointWithoutUrl,
    IdempotencyKeyReused,
    RequestInProgress,
    AnswerLost,
    StaleVersion,
    BodyTooLarge,
    UnsupportedMediaType,
    InvalidInput,
    VersionRequired,
    TooManyAttempts,
    Internal,
    SecretUnreadable,
    Busy,
    StorageFull,
}

impl Code {
    /// Status, code and title: the one table of this API's errors.
    const fn facts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::MalformedJson => (S::BAD_REQUEST, "malformed_json", "Malformed JSON"),
            Self::InvalidHeader => (S::BAD_REQUEST, "invalid_header", "Invalid header"),
            Self::Unauthenticated => (S::UNAUTHORIZED, "unauthenticated", "Not signed in"),
            Self::WrongCredentials => {
                (S::UNAUTHORIZED, "wrong_credentials", "Wrong address or password")
            }
            Self::SignUpClosed => (S::FORBIDDEN, "sign_up_closed", "Sign-up is closed"),
            Self::NotFound => (S::NOT_FOUND, "not_found", "Not found"),
            Self::MethodNotAllowed => {
                (S::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed")
            }
            Self::EmailTaken => (S::CONFLICT, "email_taken", "Email address taken"),
            Self::KeyRevoked => (S::CONFLICT, "key_revoked", "Key revoked"),
            Self::KeyExpired => (S::CONFLICT, "key_expired", "Key expired"),
            Self::RotationInProgress => {
                (S::CONFLICT, "rotation_in_progress", "Rotation in progress")
            }
            Self::NotRotated => (S::CONFLICT, "not_rotated", "Key not rotated"),
            Self::EndpointLimitReached => {
                (S::CONFLICT, "endpoint_limit_reached", "Too many webhook endpoints")
            }
            Self::EndpointOff => (S::CONFLICT, "endpoint_off", "Webhook endpoint switched off"),
            Self::EndpointWithoutUrl => {
                (S::CONFLICT, "endpoint_without_url", "Webhook endpoint without a URL")
            }
            Self::IdempotencyKeyReused => {
                (S::CONFLICT, "idempotency_key_reused", "Idempotency key used before")
            }
            Self::RequestInProgress => {
                (S::CONFLICT, "request_in_progress", "Same request in progress")
            }
            Self::AnswerLost => (S::CONFLICT, "answer_lost", "Done, and the answer lost"),
            Self::StaleVersion => (S::PRECONDITION_FAILED, "stale_version", "Changed meanwhile"),
            Self::BodyTooLarge => (S::PAYLOAD_TOO_LARGE, "body_too_large", "Body too large"),
            Self::UnsupportedMediaType => {
                (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Body is not JSON")
            }
            Self::InvalidInput => (S::UNPROCESSABLE_ENTITY, "invalid_input", "Invalid input"),
            Self::VersionRequired => {
                (S::PRECONDITION_REQUIRED, "version_required", "Version required")
            }
            Self::TooManyAttempts => {
                (S::TOO_MANY_REQUESTS, "too_many_attempts", "Too many attempts")
            }
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal_error", "Internal error"),
            Self::SecretUnreadable => {
                (S::INTERNAL_SERVER_ERROR, "secret_unreadable", "Secret cannot be read")
            }
            Self::Busy => (S::SERVICE_UNAVAILABLE, "busy", "Server busy"),
            Self::StorageFull => (S::INSUFFICIENT_STORAGE, "storage_full", "Disk full"),
        }
    }
}

/// Why a request of the admin API is not done.
#[derive(Debug)]
pub struct Fault {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A fault; `detail` says what happened this time and what to do about it.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None, cause: None }
    }

    /// Fields that are not as they must be.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{} {}.", field_name(&one.pointer), one.detail),
            _ => format!("{} fields are not as they must be; see `errors`.", errors.len()),
        };
        Self { errors, ..Self::new(Code::InvalidInput, detail) }
    }

    /// Nothing there, or not the partner's own.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what}, or it is not yours."))
    }

    /// Something that is not the caller's fault. The cause goes to the log alone.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let detail = "Something went wrong in the server; nothing is known to be lost. Try again, \
                      and name the request id if it stays.";
        Self::new(Code::Internal, detail).because(cause)
    }

    #[must_use]
    pub fn at(mut self, pointer: &str, detail: &str) -> Self {
        self.errors.push(FieldError { pointer: pointer.to_owned(), detail: detail.to_owned() });
        self
    }

    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    #[must_use]
    pub fn because(self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    fn answer(&self, request_id: &str) -> Response {
        let (status, code, title) = self.code.facts();
        let problem = Problem {
            kind: format!("https://latchkey.example/problems/{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail: self.detail.clone().into_owned(),
            request_id: request_id.to_owned(),
            errors: self.errors.clone(),
        };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        let media_type = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, media_type);
        if let Some(wait) = self.retry_after {
            // Rounded up: who waits as long as told is let in.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, seconds.max(1).into());
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"latchkey\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// `/name` reads as `name`, `?from` as `from`.
fn field_name(pointer: &str) -> String {
    match pointer.trim_start_matches(['/', '?']) {
        "" => "The body".to_owned(),
        name => format!("`{name}`"),
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull => Self::new(
                Code::StorageFull,
                "The server's disk is full; nothing was changed. Free some space and try again.",
            )
            .because(error),
            StoreError::Busy | StoreError::Closed => Self::new(
                Code::Busy,
                "The server is busy or stopping; nothing was changed. Try again in a moment.",
            )
            .retry_after(Duration::from_secs(1))
            .because(error),
            StoreError::Superseded => Self::new(
                Code::RequestInProgress,
                "Another request with this idempotency key has taken over; this one changed \
                 nothing. Try again in a moment.",
            )
            .retry_after(Duration::from_secs(1)),
            StoreError::BadCursor => Self::invalid(vec![FieldError {
                pointer: "?cursor".to_owned(),
                detail: "must be the `next_cursor` of the page before".to_owned(),
            }]),
            error => Self::internal(error),
        }
    }
}

/// A fault travels to `tell_faults`, which alone knows the request's id.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.code.facts().0.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Turns faults into problem details, and logs once what is the server's own.
pub async fn tell_faults(request: Request, next: Next) -> Response {
    let request_id = request.extensions().get::<RequestId>().map(ToString::to_string);
    let mut response = next.run(request).await;
    let Some(fault) = response.extensions_mut().remove::<Arc<Fault>>() else {
        return response;
    };
    let request_id = request_id.unwrap_or_default();
    if let Some(cause) = &fault.cause {
        tracing::error!(
            request_id,
            error = chain(cause.as_ref()),
            "a request of the admin API failed"
        );
    }
    let mut told = fault.answer(&request_id);
    // A 405 names what is allowed.
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        told.headers_mut().insert(header::ALLOW, allow);
    }
    told
}

/// An error with its causes on one line.
fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        line.push_str(": ");
        line.push_str(&error.to_string());
        source = error.source();
    }
    line
}
