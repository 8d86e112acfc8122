use axum::{Json, extract::State};
use latchkey_contract::{
    Page,
    usage::{RequestQuery, RequestRecord},
};

use super::{
    body::{Params, check_page_limit, check_platform},
    fault::Fault,
    openapi::Problems,
    viewer::Viewer,
};
use crate::Context;

/// List requests
///
/// Single calls of the keyed APIs, with the reason of each refusal, the newest first. The newest
/// thousand are kept; under a flood some are left out. Calls with an unknown key belong to nobody.
#[utoipa::path(
    get, path = "/requests", tag = "usage", security(("session" = [])), params(RequestQuery),
    responses((status = 200, description = "One page", body = Page<RequestRecord>), Problems)
)]
pub async fn list_requests(
    State(context): State<Context>,
    viewer: Viewer,
    Params(query): Params<RequestQuery>,
) -> Result<Json<Page<RequestRecord>>, Fault> {
    check_page_limit(query.limit)?;
    check_platform(&context, query.platform.as_deref())?;
    Ok(Json(context.store.list_requests(viewer.partner(), &query).await?))
}
