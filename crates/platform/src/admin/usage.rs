use axum::{Json, extract::State};
use latchkey_contract::usage::{Usage, UsageQuery};

use super::{
    body::{Params, check_platform},
    fault::Fault,
    openapi::Problems,
    viewer::Viewer,
};
use crate::{
    Context,
    usage::{self, UsageError},
};

impl From<UsageError> for Fault {
    fn from(error: UsageError) -> Self {
        match error {
            UsageError::Invalid(errors) => Self::invalid(errors),
            UsageError::Store(error) => error.into(),
        }
    }
}

/// Get usage
///
/// Requests and credits in buckets of time, 10,000 at most; live and test are always apart.
#[utoipa::path(
    get, path = "/usage", tag = "usage", security(("session" = [])), params(UsageQuery),
    responses((status = 200, description = "Series over one list of starts", body = Usage), Problems)
)]
pub async fn get_usage(
    State(context): State<Context>,
    viewer: Viewer,
    Params(query): Params<UsageQuery>,
) -> Result<Json<Usage>, Fault> {
    check_platform(&context, query.platform.as_deref())?;
    Ok(Json(usage::get_usage(&context, viewer.partner(), query).await?))
}
