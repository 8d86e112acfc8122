use axum::{Json, extract::State};
use latchkey_contract::{
    Page,
    credits::{CreditEntry, CreditSummary, EntryQuery},
};

use super::{
    body::{Params, check_page_limit, check_platform},
    fault::Fault,
    openapi::Problems,
    viewer::Viewer,
};
use crate::Context;

/// Get credits
///
/// One line a platform: granted − captured − held = balance.
#[utoipa::path(
    get, path = "/credits", tag = "credits", security(("session" = [])),
    responses((status = 200, description = "All platforms", body = Page<CreditSummary>), Problems)
)]
pub async fn get_credits(
    State(context): State<Context>,
    viewer: Viewer,
) -> Result<Json<Page<CreditSummary>>, Fault> {
    let data = context.store.credit_summaries(viewer.partner()).await?;
    Ok(Json(Page { data, next_cursor: None }))
}

/// List movements of credits
///
/// The newest first.
#[utoipa::path(
    get, path = "/credits/entries", tag = "credits", security(("session" = [])),
    params(EntryQuery),
    responses((status = 200, description = "One page", body = Page<CreditEntry>), Problems)
)]
pub async fn list_credit_entries(
    State(context): State<Context>,
    viewer: Viewer,
    Params(query): Params<EntryQuery>,
) -> Result<Json<Page<CreditEntry>>, Fault> {
    check_page_limit(query.limit)?;
    check_platform(&context, query.platform.as_deref())?;
    Ok(Json(context.store.list_credit_entries(viewer.partner(), &query).await?))
}
