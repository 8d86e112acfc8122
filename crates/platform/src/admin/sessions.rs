use axum::{Json, extract::State, http::StatusCode};
use latchkey_contract::{
    Page, SessionId,
    events::Topic,
    sessions::{CreateSession, RefreshSession, Session, SessionTokens},
};
use latchkey_store::SessionRow;

use super::{
    body::{Body, Id},
    fault::Fault,
    openapi::Problems,
    viewer::{Peer, Viewer},
};
use crate::{Context, sessions};

/// Sign in
///
/// The answer and the time it takes are the same for an unknown address and a wrong password.
#[utoipa::path(
    post, path = "/sessions", tag = "sessions", request_body = CreateSession,
    responses((status = 201, description = "Signed in", body = SessionTokens), Problems)
)]
pub async fn create_session(
    State(context): State<Context>,
    peer: Peer,
    Body(request): Body<CreateSession>,
) -> Result<(StatusCode, Json<SessionTokens>), Fault> {
    let tokens = sessions::create_session(&context, &request, peer.address, peer.caller).await?;
    context.live.announce(&tokens.me.partner.id, Topic::Me, None);
    Ok((StatusCode::CREATED, Json(tokens)))
}

/// Refresh a session
///
/// Exchanges a refresh token for new tokens. It works once: using it again ends the session, for
/// then somebody has a copy of it. Requests with it that come while the first is still being
/// answered get the same answer.
#[utoipa::path(
    post, path = "/sessions/refresh", tag = "sessions", request_body = RefreshSession,
    responses((status = 200, description = "New tokens", body = SessionTokens), Problems)
)]
pub async fn refresh_session(
    State(context): State<Context>,
    peer: Peer,
    Body(request): Body<RefreshSession>,
) -> Result<Json<SessionTokens>, Fault> {
    let token = &request.refresh_token;
    Ok(Json(sessions::refresh_session(&context, token, &peer.caller).await?))
}

/// List sessions
///
/// The member's signed-in devices, the last used first.
#[utoipa::path(
    get, path = "/sessions", tag = "sessions", security(("session" = [])),
    responses((status = 200, description = "All of them", body = Page<Session>), Problems)
)]
pub async fn list_sessions(
    State(context): State<Context>,
    Viewer(me): Viewer,
) -> Result<Json<Page<Session>>, Fault> {
    let now = context.clock.now();
    let rows = context.store.list_sessions(&me.partner.id, &me.member.id, now).await?;
    let data = rows.into_iter().map(|row| describe(row, &me.session.id)).collect();
    Ok(Json(Page { data, next_cursor: None }))
}

/// End a session
///
/// Signs a device out, this one or another.
#[utoipa::path(
    delete, path = "/sessions/{id}", tag = "sessions", security(("session" = [])),
    params(("id" = String, Path, description = "`ses_…`")),
    responses((status = 204, description = "Ended"), Problems)
)]
pub async fn end_session(
    State(context): State<Context>,
    Viewer(me): Viewer,
    Id(id): Id<SessionId>,
) -> Result<StatusCode, Fault> {
    let now = context.clock.now();
    let store = context.store.by(me.author());
    let ended = store.end_session(&me.partner.id, &me.member.id, &id, now).await?;
    if !ended {
        return Err(Fault::not_found("session"));
    }
    // Its event stream, where one is open, looks and ends.
    context.live.announce(&me.partner.id, Topic::Me, None);
    Ok(StatusCode::NO_CONTENT)
}

fn describe(row: SessionRow, current: &SessionId) -> Session {
    Session {
        current: row.id == *current,
        id: row.id,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        address: row.address,
        user_agent: row.user_agent,
    }
}
