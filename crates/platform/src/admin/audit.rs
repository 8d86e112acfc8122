use axum::{Json, extract::State};
use latchkey_contract::{
    Page,
    audit::{AuditEvent, AuditQuery},
};

use super::{
    body::{Params, check_page_limit, check_platform, check_range},
    fault::Fault,
    openapi::Problems,
    viewer::Viewer,
};
use crate::Context;

/// List audit events
///
/// Every change with its author, the newest first. The records are chained: each one's hash
/// covers the one before.
#[utoipa::path(
    get, path = "/audit-events", tag = "audit", security(("session" = [])), params(AuditQuery),
    responses((status = 200, description = "One page", body = Page<AuditEvent>), Problems)
)]
pub async fn list_audit_events(
    State(context): State<Context>,
    viewer: Viewer,
    Params(query): Params<AuditQuery>,
) -> Result<Json<Page<AuditEvent>>, Fault> {
    check_page_limit(query.limit)?;
    check_platform(&context, query.platform.as_deref())?;
    check_range(query.from, query.to)?;
    Ok(Json(context.store.list_audit_events(viewer.partner(), &query).await?))
}
