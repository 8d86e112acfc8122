//! The admin API, `/admin/v1`: what the console talks to. One file a resource: its errors, its
//! requests, its handlers, in this order.
//!
//! To add a call: its types in `contract`, its handler in the file of its resource with a
//! `utoipa::path`, its line in `routes`, its function in `client`, then
//! `latchkey-platform openapi > docs/openapi.json`.

mod audit;
mod body;
mod credits;
mod deliveries;
pub mod docs;
mod events;
mod fault;
mod keys;
mod me;
mod once;
pub mod openapi;
mod partners;
mod platforms;
mod replays;
mod requests;
mod sessions;
mod usage;
mod versioned;
mod viewer;
mod webhook_endpoints;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderValue, header},
    middleware::from_fn,
    routing::get,
};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use fault::{Code, Fault};

use crate::Context;

/// Where the API is mounted.
pub const MOUNT: &str = "/admin/v1";
const BODY_LIMIT: usize = 1024 * 1024;

/// The API's contents page: every call, and its description.
fn routes() -> (Router<Context>, utoipa::openapi::OpenApi) {
    let calls = OpenApiRouter::new()
        .routes(routes!(partners::create_partner))
        .routes(routes!(sessions::create_session, sessions::list_sessions))
        .routes(routes!(sessions::refresh_session))
        .routes(routes!(sessions::end_session))
        .routes(routes!(me::get_me, me::update_me))
        .routes(routes!(platforms::list_platforms))
        .routes(routes!(platforms::update_account))
        .routes(routes!(keys::create_key, keys::list_keys))
        .routes(routes!(keys::count_keys))
        .routes(routes!(keys::get_key, keys::update_key))
        .routes(routes!(keys::revoke_key))
        .routes(routes!(keys::rotate_key))
        .routes(routes!(keys::end_grace))
        .routes(routes!(keys::get_cut_over))
        .routes(routes!(
            webhook_endpoints::create_webhook_endpoint,
            webhook_endpoints::list_webhook_endpoints
        ))
        .routes(routes!(
            webhook_endpoints::get_webhook_endpoint,
            webhook_endpoints::update_webhook_endpoint,
            webhook_endpoints::delete_webhook_endpoint
        ))
        .routes(routes!(webhook_endpoints::test_webhook_endpoint))
        .routes(routes!(webhook_endpoints::reveal_webhook_secret))
        .routes(routes!(webhook_endpoints::rotate_webhook_secret))
        .routes(routes!(deliveries::list_deliveries))
        .routes(routes!(deliveries::get_delivery))
        .routes(routes!(deliveries::replay_delivery))
        .routes(routes!(replays::create_replay, replays::list_replays))
        .routes(routes!(replays::get_replay))
        .routes(routes!(replays::cancel_replay))
        .routes(routes!(usage::get_usage))
        .routes(routes!(requests::list_requests))
        .routes(routes!(credits::get_credits))
        .routes(routes!(credits::list_credit_entries))
        .routes(routes!(credits::create_top_up, credits::list_top_ups))
        .routes(routes!(audit::list_audit_events))
        .routes(routes!(events::watch_events));
    let document = openapi::Document::openapi();
    OpenApiRouter::with_openapi(document).nest(MOUNT, calls).split_for_parts()
}

/// The admin API below [`MOUNT`], and its reference page at `/docs`.
pub fn router(context: &Context) -> Router {
    let (calls, document) = routes();
    // Written once: it is the same for every request.
    let document = Json(document);
    let openapi = get(async move || document.clone());
    let calls = calls
        .route(&format!("{MOUNT}/openapi.json"), openapi)
        .route(MOUNT, axum::routing::any(no_such_call))
        .route(&format!("{MOUNT}/"), axum::routing::any(no_such_call))
        .route(&format!("{MOUNT}/{{*rest}}"), axum::routing::any(no_such_call))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn(fault::tell_faults))
        // Answers hold a partner's affairs, some a secret: no cache keeps them.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ));
    calls.merge(docs::router()).with_state(context.clone())
}

async fn no_such_call(request: Request) -> Fault {
    let (method, path) = (request.method(), request.uri().path());
    Fault::new(
        Code::NotFound,
        format!("There is no call {method} {path}. See /docs for those there are."),
    )
}

async fn method_not_allowed(request: Request) -> Fault {
    let method = request.method();
    Fault::new(
        Code::MethodNotAllowed,
        format!("{method} is not possible here. `Allow` names what is."),
    )
}
