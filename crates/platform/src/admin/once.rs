//! `Idempotency-Key`: a creating call that is repeated within 24 hours is done once.
//!
//! The key is taken before the work. The work notes what it made in its own transaction, and its
//! answer is kept after it. So a server that is killed leaves one of three things: a key whose work
//! was not done, which may be used again after a minute; a key whose work was done and whose answer
//! is lost, which is told with the id of what was made; or the answer. Nothing is ever done twice.

use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use latchkey_contract::{
    PrefixedId,
    credits::TopUp,
    keys::{IssuedKey, PairedKey, RotatedKey},
    webhooks::IssuedEndpoint,
};
use latchkey_store::{AdminReply, AdminRequest};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    fault::{Code, Fault},
    viewer::Viewer,
};
use crate::{Context, clock::later};

const KEPT_FOR: TimeDelta = TimeDelta::hours(24);
const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const LONGEST: usize = 255;

/// The request's `Idempotency-Key`, where it has one.
pub struct RepeatKey(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for RepeatKey {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let Some(value) = parts.headers.get(HEADER) else { return Ok(Self(None)) };
        let visible = |text: &&str| {
            (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        match value.to_str().ok().filter(visible) {
            Some(key) => Ok(Self(Some(key.to_owned()))),
            None => Err(Fault::new(
                Code::InvalidHeader,
                "`Idempotency-Key` must be 1 to 255 visible ASCII characters, such as a UUID.",
            )),
        }
    }
}

/// Something new, with a secret that only the first answer carries.
pub trait Issued: Serialize + Clone + Send + 'static {
    fn without_secret(self) -> Self;
    /// Where it is found from now on.
    fn location(&self) -> String;
}

impl Issued for IssuedKey {
    fn without_secret(self) -> Self {
        let paired = self.paired.map(|paired| PairedKey { secret: None, ..paired });
        Self { secret: None, paired, ..self }
    }

    fn location(&self) -> String {
        format!("/admin/v1/keys/{}", self.key.id.as_str())
    }
}

impl Issued for RotatedKey {
    fn without_secret(self) -> Self {
        Self { secret: None, ..self }
    }

    fn location(&self) -> String {
        format!("/admin/v1/keys/{}", self.key.id.as_str())
    }
}

impl Issued for IssuedEndpoint {
    fn without_secret(self) -> Self {
        Self { secret: None, ..self }
    }

    fn location(&self) -> String {
        format!("/admin/v1/webhook-endpoints/{}", self.endpoint.id.as_str())
    }
}

impl Issued for TopUp {
    fn without_secret(self) -> Self {
        self
    }

    fn location(&self) -> String {
        "/admin/v1/credits/top-ups".to_owned()
    }
}

/// The answer to a creating call.
pub enum Once<T> {
    Created(T),
    /// What the first call was answered, without its secret.
    Repeated {
        status: StatusCode,
        body: String,
    },
}

impl<T: Issued> IntoResponse for Once<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Created(issued) => {
                let location = [(header::LOCATION, issued.location())];
                (StatusCode::CREATED, location, Json(issued)).into_response()
            }
            Self::Repeated { status, body } => {
                let json = HeaderValue::from_static("application/json");
                let repeated = HeaderValue::from_static("true");
                let headers = [
                    (header::CONTENT_TYPE, json),
                    (HeaderName::from_static("idempotent-replayed"), repeated),
                ];
                (status, headers, body).into_response()
            }
        }
    }
}

/// Does `work` in the viewer's name, or answers what it was answered before under the same key.
///
/// # Errors
/// The fault of the work, or that the key is in use for something else.
pub async fn once<T: Issued, W>(
    context: &Context,
    viewer: &Viewer,
    repeat: RepeatKey,
    request: (&'static str, &impl Serialize),
    work: impl FnOnce(Context) -> W + Send,
) -> Result<Once<T>, Fault>
where
    W: Future<Output = Result<T, Fault>> + Send + 'static,
{
    let context = viewer.acting(context);
    let Some(key) = repeat.0 else { return work(context).await.map(Once::Created) };
    let now = context.clock.now();
    let request = AdminRequest {
        scope: viewer.partner().to_string(),
        key,
        payload_digest: digest(request)?,
        now,
        expires_at: later(now, KEPT_FOR),
    };
    match context.store.begin_admin_request(&request).await? {
        AdminReply::Fresh => {
            // On a task of its own: a caller that hangs up must not leave the work half done.
            let work = work(context.claiming(&request));
            let done = tokio::spawn(do_and_keep(context, request, work)).await;
            done.map_err(Fault::internal)?.map(Once::Created)
        }
        AdminReply::Replay { status, body } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED);
            Ok(Once::Repeated { status, body })
        }
        AdminReply::InProgress => Err(Fault::new(
            Code::RequestInProgress,
            "The first request with this idempotency key is still being worked on. Try again in a \
             moment.",
        )
        .retry_after(std::time::Duration::from_secs(1))),
        AdminReply::AnswerLost { subject_id } => Err(Fault::new(
            Code::AnswerLost,
            format!(
                "The first request with this idempotency key was done, and the server stopped \
                 before its answer was kept. It made or changed {subject_id}: look at that, or use \
                 a new key."
            ),
        )),
        AdminReply::Reused => Err(Fault::new(
            Code::IdempotencyKeyReused,
            "This idempotency key came with another request before. Use a new key.",
        )),
    }
}

async fn do_and_keep<T: Issued>(
    context: Context,
    request: AdminRequest,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    let store = &context.store;
    let (scope, key) = (&request.scope, &request.key);
    let kept = match work.await {
        Ok(issued) => {
            let body = serde_json::to_string(&issued.clone().without_secret());
            let body = body.map_err(Fault::internal)?;
            let status = StatusCode::CREATED.as_u16();
            (store.finish_admin_request(scope, key, status, &body).await, Ok(issued))
        }
        Err(fault) => (store.abandon_admin_request(scope, key).await, Err(fault)),
    };
    // The work is done and its answer goes out, whatever became of the note for repetitions.
    if let (Err(error), _) = &kept {
        tracing::warn!(%error, "the answer to an idempotent request was not kept");
    }
    kept.1
}

fn digest((operation, body): (&str, &impl Serialize)) -> Result<[u8; 32], Fault> {
    let mut digest = Sha256::new_with_prefix(operation);
    digest.update([0]);
    digest.update(serde_json::to_vec(body).map_err(Fault::internal)?);
    Ok(digest.finalize().into())
}
