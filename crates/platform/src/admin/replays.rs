use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use latchkey_contract::{
    Page, ReplayId,
    page::PageQuery,
    webhooks::{CreateReplay, Replay},
};

use super::{
    body::{Body, Id, Params, check_page_limit},
    fault::Fault,
    once::{Issued, RepeatKey, once},
    openapi::Problems,
    viewer::Viewer,
};
use crate::{
    Context,
    webhooks::replays::{self, RangeError},
};

impl From<RangeError> for Fault {
    fn from(error: RangeError) -> Self {
        match error {
            RangeError::Invalid(errors) => Self::invalid(errors),
            RangeError::Absent => Self::not_found("replay"),
            RangeError::Store(error) => error.into(),
        }
    }
}

/// Send a range of deliveries again
///
/// With `dry_run` it is counted only. Otherwise it is sent at `per_second`, with the `webhook-id`s
/// and schedules the deliveries have, and goes on after a restart.
#[utoipa::path(
    post, path = "/replays", tag = "webhooks", security(("session" = [])),
    request_body = CreateReplay,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the call safe to repeat for 24 hours")),
    responses(
        (status = 200, description = "Counted", body = Replay),
        (status = 201, description = "On its way", body = Replay, headers(
            ("Location" = String, description = "Where it is found"),
            ("Idempotent-Replayed" = Option<String>, description = "`true` where it is the answer to an earlier request with the same key")
        )),
        Problems
    )
)]
pub async fn create_replay(
    State(context): State<Context>,
    viewer: Viewer,
    repeat: RepeatKey,
    Body(request): Body<CreateReplay>,
) -> Result<Response, Fault> {
    let (partner, author) = (viewer.partner().clone(), viewer.0.author());
    let asked = request.clone();
    let work = |context: Context| async move {
        Ok::<_, Fault>(replays::create(&context, &partner, author, asked).await?)
    };
    if request.dry_run {
        return Ok(Json(work(context).await?).into_response());
    }
    let done = once(&context, &viewer, repeat, ("create_replay", &request), work).await?;
    Ok(done.into_response())
}

impl Issued for Replay {
    fn without_secret(self) -> Self {
        self
    }

    fn location(&self) -> String {
        format!(
            "/admin/v1/replays/{}",
            self.id.as_ref().map(ToString::to_string).unwrap_or_default()
        )
    }
}

/// List replays
///
/// The newest first.
#[utoipa::path(
    get, path = "/replays", tag = "webhooks", security(("session" = [])), params(PageQuery),
    responses((status = 200, description = "One page", body = Page<Replay>), Problems)
)]
pub async fn list_replays(
    State(context): State<Context>,
    viewer: Viewer,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Replay>>, Fault> {
    check_page_limit(query.limit)?;
    Ok(Json(replays::list(&context, viewer.partner(), &query).await?))
}

/// Get a replay
#[utoipa::path(
    get, path = "/replays/{id}", tag = "webhooks", security(("session" = [])),
    params(("id" = String, Path, description = "`rpl_…`")),
    responses((status = 200, description = "How far it is", body = Replay), Problems)
)]
pub async fn get_replay(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<ReplayId>,
) -> Result<Json<Replay>, Fault> {
    Ok(Json(replays::get(&context, viewer.partner(), &id).await?))
}

/// Stop a replay
///
/// What is on its way still arrives. One that is over stays as it ended.
#[utoipa::path(
    post, path = "/replays/{id}/cancel", tag = "webhooks", security(("session" = [])),
    params(("id" = String, Path, description = "`rpl_…`")),
    responses((status = 200, description = "As it is now", body = Replay), Problems)
)]
pub async fn cancel_replay(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<ReplayId>,
) -> Result<(StatusCode, Json<Replay>), Fault> {
    let author = viewer.0.author();
    let replay = replays::cancel(&context, viewer.partner(), &author, &id).await?;
    Ok((StatusCode::OK, Json(replay)))
}
