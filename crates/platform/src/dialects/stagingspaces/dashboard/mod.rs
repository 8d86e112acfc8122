//! What members do themselves, with an identity token: keys and their webhooks, claims, usage, settings.

mod claims;
mod keys;
mod settings;
mod usage;
mod webhook;

use axum::{Router, routing::MethodFilter};

use crate::gateway::{Mount, member_call};

/// The calls below the base path.
pub fn routes() -> Router<Mount> {
    use MethodFilter as On;
    Router::new()
        .route(
            "/keys",
            member_call(On::POST, keys::create_key).merge(member_call(On::GET, keys::list_keys)),
        )
        .route("/keys/{id}", member_call(On::DELETE, keys::revoke_key))
        .route(
            "/keys/{id}/webhook",
            member_call(On::GET, webhook::read_webhook)
                .merge(member_call(On::PUT, webhook::put_webhook)),
        )
        .route("/keys/{id}/webhook/test", member_call(On::POST, webhook::send_test))
        .route("/claim", member_call(On::POST, claims::redeem))
        .route("/claim/preview", member_call(On::POST, claims::preview))
        .route(
            "/settings/auto-topup",
            member_call(On::GET, settings::read_auto_topup)
                .merge(member_call(On::PUT, settings::put_auto_topup)),
        )
        .route("/usage", member_call(On::GET, usage::read_usage))
}
