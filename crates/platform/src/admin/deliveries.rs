use axum::{Json, extract::State, http::StatusCode};
use latchkey_contract::{
    DeliveryId, Page,
    webhooks::{Delivery, DeliveryDetail, DeliveryQuery},
};

use super::{
    body::{Id, Params, check_page_limit, check_platform},
    fault::{Code, Fault},
    openapi::Problems,
    viewer::Viewer,
};
use crate::{
    Context,
    webhooks::deliveries::{self, ReplayError},
};

impl From<ReplayError> for Fault {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Absent => Self::not_found("delivery"),
            ReplayError::EndpointOff => Self::new(
                Code::EndpointOff,
                "Its webhook endpoint is switched off or deleted. Switch it on to send this again.",
            ),
            ReplayError::Store(error) => error.into(),
        }
    }
}

/// List deliveries
///
/// The newest first.
#[utoipa::path(
    get, path = "/deliveries", tag = "webhooks", security(("session" = [])), params(DeliveryQuery),
    responses((status = 200, description = "One page", body = Page<Delivery>), Problems)
)]
pub async fn list_deliveries(
    State(context): State<Context>,
    viewer: Viewer,
    Params(query): Params<DeliveryQuery>,
) -> Result<Json<Page<Delivery>>, Fault> {
    check_page_limit(query.limit)?;
    check_platform(&context, query.platform.as_deref())?;
    Ok(Json(deliveries::list(&context, viewer.partner(), &query).await?))
}

/// Get a delivery
///
/// With the body that is sent and every attempt.
#[utoipa::path(
    get, path = "/deliveries/{id}", tag = "webhooks", security(("session" = [])),
    params(("id" = String, Path, description = "`dlv_…`")),
    responses((status = 200, description = "The delivery", body = DeliveryDetail), Problems)
)]
pub async fn get_delivery(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<DeliveryId>,
) -> Result<Json<DeliveryDetail>, Fault> {
    let detail = deliveries::get(&context, viewer.partner(), &id).await?;
    Ok(Json(detail.ok_or(ReplayError::Absent)?))
}

/// Send a delivery again
///
/// One more attempt, at once; its schedule stays as it is.
#[utoipa::path(
    post, path = "/deliveries/{id}/replay", tag = "webhooks", security(("session" = [])),
    params(("id" = String, Path, description = "`dlv_…`")),
    responses((status = 202, description = "On its way", body = Delivery), Problems)
)]
pub async fn replay_delivery(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<DeliveryId>,
) -> Result<(StatusCode, Json<Delivery>), Fault> {
    let delivery = deliveries::replay(&viewer.acting(&context), viewer.partner(), &id).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery)))
}
