//! What every request gets: an id, a line in the log, an answer even where the code panics or the
//! body is not wanted.

use std::{any::Any, sync::Arc};

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use latchkey_contract::{PrefixedId, Problem, RequestId};

use super::unread::Unread;
use crate::{Clock, Context, Entropy};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where ids come from. Apart from the context, which is too large to clone for every request.
pub(super) struct Ids {
    clock: Clock,
    entropy: Entropy,
}

impl Ids {
    pub(super) fn of(context: &Context) -> Arc<Self> {
        Arc::new(Self { clock: context.clock.clone(), entropy: context.entropy.clone() })
    }
}

/// Gives the request its id (an extension of type [`RequestId`], and `X-Request-Id` of the
/// answer) and notes how it went. Path only: a query may hold what a log should not.
pub(super) async fn observe(
    State(ids): State<Arc<Ids>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id: RequestId = ids.entropy.id(ids.clock.now());
    let header = HeaderValue::from_str(id.as_str()).ok();
    let noted = tracing::enabled!(tracing::Level::DEBUG).then(|| {
        let path = request.uri().path().to_owned();
        (id.clone(), request.method().clone(), path, std::time::Instant::now())
    });
    request.extensions_mut().insert(id);
    let unread = Unread::of(&mut request);
    let mut response = next.run(request).await;
    if let Some(unread) = unread {
        unread.read_on().await;
    }
    if let Some(header) = header {
        response.headers_mut().entry(REQUEST_ID).or_insert(header);
    }
    if let Some((id, method, path, begun)) = noted {
        let (status, elapsed) = (response.status().as_u16(), begun.elapsed());
        tracing::debug!(%id, %method, path, status, ?elapsed, "answered");
    }
    response
}

/// The answer where a handler panicked. The panic itself is in the log already; its text may hold
/// anything and goes nowhere else.
pub(super) fn answer_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    let problem = Problem {
        kind: "https://latchkey.example/problems/internal_error".to_owned(),
        title: "Internal error".to_owned(),
        status: StatusCode::INTERNAL_SERVER_ERROR.as_u16(),
        code: "internal_error".to_owned(),
        detail: "Something went wrong in the server. Try again; if it stays, name the \
                 `X-Request-Id` of this answer."
            .to_owned(),
        request_id: String::new(),
        errors: Vec::new(),
    };
    let media_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::INTERNAL_SERVER_ERROR, media_type, Json(problem)).into_response()
}
