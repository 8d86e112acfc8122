use axum::{Json, extract::State};
use latchkey_contract::{
    Page,
    credits::{
        CreateTopUp, CreditEntry, CreditSummary, CreditsQuery, EntryQuery, TopUp, TopUpQuery,
    },
};

use super::{
    body::{Body, Params, check_page_limit, check_platform, check_platform_at, check_range},
    fault::Fault,
    once::{Once, RepeatKey, once},
    openapi::Problems,
    viewer::Viewer,
};
use crate::{
    Context,
    credits::{CREDITS, buy},
};

/// Get credits
///
/// One line a platform, as of one moment: opening + granted + purchased + adjusted − captured −
/// held = balance; and the balance counted anew from the movements.
#[utoipa::path(
    get, path = "/credits", tag = "credits", security(("session" = [])), params(CreditsQuery),
    responses((status = 200, description = "All platforms", body = Page<CreditSummary>), Problems)
)]
pub async fn get_credits(
    State(context): State<Context>,
    viewer: Viewer,
    Params(query): Params<CreditsQuery>,
) -> Result<Json<Page<CreditSummary>>, Fault> {
    let now = context.clock.now();
    let data = context.store.credit_summaries(viewer.partner(), query.from, now).await?;
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
    check_range(query.from, query.to)?;
    Ok(Json(context.store.list_credit_entries(viewer.partner(), &query).await?))
}

/// Buy credits
///
/// On account: what they cost is owed, within the account's credit line. The answer says whether
/// they were bought, and why not.
#[utoipa::path(
    post, path = "/credits/top-ups", tag = "credits", security(("session" = [])),
    request_body = CreateTopUp,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the call safe to repeat for 24 hours")),
    responses((status = 201, description = "Bought, or not: see `outcome`", body = TopUp, headers(
            ("Location" = String, description = "Where it is found"),
            ("Idempotent-Replayed" = Option<String>, description = "`true` where it is the answer to an earlier request with the same key")
        )), Problems)
)]
pub async fn create_top_up(
    State(context): State<Context>,
    viewer: Viewer,
    repeat: RepeatKey,
    Body(request): Body<CreateTopUp>,
) -> Result<Once<TopUp>, Fault> {
    check_platform_at(&context, "/platform", Some(&request.platform))?;
    if !CREDITS.contains(&request.amount) {
        let detail = "must be above 0 and at most 1000000000 credits, in millionths".to_owned();
        let pointer = "/amount".to_owned();
        return Err(Fault::invalid(vec![latchkey_contract::FieldError { pointer, detail }]));
    }
    let (by, asked) = (viewer.0.clone(), request.clone());
    let work = |context: Context| async move {
        let CreateTopUp { platform, amount } = asked;
        let top_up = buy(&context, &by.partner.id, &platform, amount, by.author()).await?;
        top_up.ok_or_else(|| Fault::not_found("account"))
    };
    once(&context, &viewer, repeat, ("create_top_up", &request), work).await
}

/// List top-ups
///
/// What was bought and what was not, the newest first.
#[utoipa::path(
    get, path = "/credits/top-ups", tag = "credits", security(("session" = [])),
    params(TopUpQuery),
    responses((status = 200, description = "One page", body = Page<TopUp>), Problems)
)]
pub async fn list_top_ups(
    State(context): State<Context>,
    viewer: Viewer,
    Params(query): Params<TopUpQuery>,
) -> Result<Json<Page<TopUp>>, Fault> {
    check_page_limit(query.limit)?;
    check_platform(&context, query.platform.as_deref())?;
    Ok(Json(context.store.list_top_ups(viewer.partner(), &query).await?))
}
