use axum::{Json, extract::State, http::StatusCode};
use latchkey_contract::{
    EndpointId, Page,
    page::PageQuery,
    webhooks::{
        CreateWebhookEndpoint, Delivery, IssuedEndpoint, RotateSecret, UpdateWebhookEndpoint,
        WebhookEndpoint,
    },
};

use super::{
    body::{Body, Id, IfMatch, OptionalBody, Params, check_page_limit},
    fault::{Code, Fault},
    once::{Once, RepeatKey, once},
    openapi::Problems,
    versioned::Versioned,
    viewer::Viewer,
};
use crate::{
    Context,
    webhooks::{SealError, endpoints, endpoints::EndpointError},
};

impl From<EndpointError> for Fault {
    fn from(error: EndpointError) -> Self {
        let code = match error {
            EndpointError::Invalid(errors) => return Self::invalid(errors),
            EndpointError::Store(error) => return error.into(),
            EndpointError::Seal(error) => return error.into(),
            EndpointError::Absent => return Self::not_found("webhook endpoint"),
            EndpointError::LimitReached { .. } => Code::EndpointLimitReached,
            EndpointError::Stale => Code::StaleVersion,
            EndpointError::Off => Code::EndpointOff,
            EndpointError::NoUrl => Code::EndpointWithoutUrl,
        };
        Self::new(code, sentence(&error))
    }
}

impl From<SealError> for Fault {
    fn from(error: SealError) -> Self {
        Self::new(
            Code::SecretUnreadable,
            "The signing secret was sealed with another server key. The operator must start the \
             server with the key it was sealed with.",
        )
        .because(error)
    }
}

/// An error's text as a sentence of its own.
fn sentence(error: &EndpointError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// Create a webhook endpoint
///
/// Only the first answer carries the signing secret; it can be revealed again later.
#[utoipa::path(
    post, path = "/webhook-endpoints", tag = "webhooks", security(("session" = [])),
    request_body = CreateWebhookEndpoint,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the call safe to repeat for 24 hours")),
    responses((status = 201, description = "Created", body = IssuedEndpoint, headers(
            ("Location" = String, description = "Where it is found"),
            ("Idempotent-Replayed" = Option<String>, description = "`true` where it is the answer to an earlier request with the same key")
        )), Problems)
)]
pub async fn create_webhook_endpoint(
    State(context): State<Context>,
    viewer: Viewer,
    repeat: RepeatKey,
    Body(request): Body<CreateWebhookEndpoint>,
) -> Result<Once<IssuedEndpoint>, Fault> {
    let (partner, asked) = (viewer.partner().clone(), request.clone());
    let work =
        |context: Context| async move { Ok(endpoints::create(&context, &partner, asked).await?) };
    once(&context, &viewer, repeat, ("create_webhook_endpoint", &request), work).await
}

/// List webhook endpoints
///
/// The oldest first.
#[utoipa::path(
    get, path = "/webhook-endpoints", tag = "webhooks", security(("session" = [])),
    params(PageQuery),
    responses((status = 200, description = "One page", body = Page<WebhookEndpoint>), Problems)
)]
pub async fn list_webhook_endpoints(
    State(context): State<Context>,
    viewer: Viewer,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<WebhookEndpoint>>, Fault> {
    check_page_limit(query.limit)?;
    Ok(Json(endpoints::list(&context, viewer.partner(), &query).await?))
}

/// Get a webhook endpoint
#[utoipa::path(
    get, path = "/webhook-endpoints/{id}", tag = "webhooks", security(("session" = [])),
    params(("id" = String, Path, description = "`whe_…`")),
    responses((status = 200, description = "The endpoint", body = WebhookEndpoint, headers(("ETag" = String, description = "The version, for `If-Match`"))), Problems)
)]
pub async fn get_webhook_endpoint(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<EndpointId>,
) -> Result<Versioned<WebhookEndpoint>, Fault> {
    Ok(Versioned(endpoints::get(&context, viewer.partner(), &id).await?))
}

/// Change a webhook endpoint
#[utoipa::path(
    patch, path = "/webhook-endpoints/{id}", tag = "webhooks", security(("session" = [])),
    request_body = UpdateWebhookEndpoint,
    params(
        ("id" = String, Path, description = "`whe_…`"),
        ("If-Match" = String, Header, description = "The endpoint's `ETag`"),
    ),
    responses((status = 200, description = "As it is now", body = WebhookEndpoint, headers(("ETag" = String, description = "The version, for `If-Match`"))), Problems)
)]
pub async fn update_webhook_endpoint(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<EndpointId>,
    IfMatch(version): IfMatch,
    Body(request): Body<UpdateWebhookEndpoint>,
) -> Result<Versioned<WebhookEndpoint>, Fault> {
    let context = viewer.acting(&context);
    let endpoint = endpoints::update(&context, viewer.partner(), &id, version, request).await?;
    Ok(Versioned(endpoint))
}

/// Delete a webhook endpoint
///
/// Nothing is sent to it any more; its deliveries stay readable.
#[utoipa::path(
    delete, path = "/webhook-endpoints/{id}", tag = "webhooks", security(("session" = [])),
    params(("id" = String, Path, description = "`whe_…`")),
    responses((status = 204, description = "Deleted"), Problems)
)]
pub async fn delete_webhook_endpoint(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<EndpointId>,
) -> Result<StatusCode, Fault> {
    endpoints::delete(&viewer.acting(&context), viewer.partner(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send a test ping
///
/// Delivered, signed and listed as any event.
#[utoipa::path(
    post, path = "/webhook-endpoints/{id}/test", tag = "webhooks", security(("session" = [])),
    params(("id" = String, Path, description = "`whe_…`")),
    responses((status = 202, description = "On its way", body = Delivery), Problems)
)]
pub async fn test_webhook_endpoint(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<EndpointId>,
) -> Result<(StatusCode, Json<Delivery>), Fault> {
    let delivery = endpoints::send_test(&context, viewer.partner(), &id).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery)))
}

/// Reveal the signing secret
#[utoipa::path(
    post, path = "/webhook-endpoints/{id}/reveal-secret", tag = "webhooks",
    security(("session" = [])), params(("id" = String, Path, description = "`whe_…`")),
    responses((status = 200, description = "With its secret", body = IssuedEndpoint), Problems)
)]
pub async fn reveal_webhook_secret(
    State(context): State<Context>,
    viewer: Viewer,
    Id(id): Id<EndpointId>,
) -> Result<Json<IssuedEndpoint>, Fault> {
    let context = viewer.acting(&context);
    Ok(Json(endpoints::reveal_secret(&context, viewer.partner(), &id).await?))
}

/// Change the signing secret
///
/// Deliveries are signed with the former one as well for the overlap: `webhook-signature` carries
/// both signatures, a platform's own header the new one. Only the first answer carries the secret.
#[utoipa::path(
    post, path = "/webhook-endpoints/{id}/rotate-secret", tag = "webhooks",
    security(("session" = [])), request_body = Option<RotateSecret>,
    params(
        ("id" = String, Path, description = "`whe_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the call safe to repeat for 24 hours"),
    ),
    responses((status = 201, description = "With its new secret", body = IssuedEndpoint, headers(
            ("Location" = String, description = "Where it is found"),
            ("Idempotent-Replayed" = Option<String>, description = "`true` where it is the answer to an earlier request with the same key")
        )), Problems)
)]
pub async fn rotate_webhook_secret(
    State(context): State<Context>,
    viewer: Viewer,
    repeat: RepeatKey,
    Id(id): Id<EndpointId>,
    OptionalBody(request): OptionalBody<RotateSecret>,
) -> Result<Once<IssuedEndpoint>, Fault> {
    let (partner, author) = (viewer.partner().clone(), viewer.0.author());
    let (of, asked) = (id.clone(), request.clone());
    let work = |context: Context| async move {
        Ok(endpoints::rotate_secret(&context, &partner, &author, &of, &asked).await?)
    };
    once(&context, &viewer, repeat, ("rotate_webhook_secret", &(id, &request)), work).await
}
