//! Prolifi: plans, customers, usage events and entitlements. Nothing costs credits here; secret and
//! public keys come in pairs, and public ones read only.

mod customers;
mod entitlements;
mod errors;
mod events;
mod faults;
mod lists;
mod once;
mod plans;
mod telling;
mod usage;

use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::MethodFilter,
};
use latchkey_contract::RequestId;
use latchkey_store::{Book, CustomerRow};

use self::once::once;
use super::Dialect;
use crate::gateway::{Call, Mount, Refusal, call};

pub struct Prolifi;

impl Dialect for Prolifi {
    fn routes(&self) -> Router<Mount> {
        use MethodFilter as On;
        let create = call(On::POST, "customers.create", |call| once(call, customers::create));
        let update = call(On::PATCH, "customers.update", |call| once(call, customers::update));
        let archive = call(On::DELETE, "customers.archive", |call| once(call, customers::archive));
        let record = call(On::POST, "events.create", |call| once(call, events::record));
        let batch = call(On::POST, "events.batch", |call| once(call, events::record_batch));
        let check = call(On::POST, "entitlements.check", |call| once(call, entitlements::check));
        let read = call(On::GET, "customers.read", customers::read);
        Router::new()
            .route("/plans", call(On::GET, "plans.list", plans::list))
            .route("/plans/{id}", call(On::GET, "plans.read", plans::read))
            .route("/customers", call(On::GET, "customers.list", customers::list).merge(create))
            .route("/customers/{id}", read.merge(update).merge(archive))
            .route("/customers/{id}/usage", call(On::GET, "usage.read", usage::read))
            .route(
                "/customers/{id}/entitlements",
                call(On::GET, "entitlements.list", entitlements::list),
            )
            .route("/events", record)
            .route("/events/batch", batch)
            .route("/entitlements/check", check)
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &RequestId) -> Response {
        errors::answer(refusal).into_response()
    }
}

/// The calling partner's book in the key's environment.
fn book(call: &Call) -> Book {
    let key = &call.key.row;
    Book {
        partner_id: key.partner_id.clone(),
        platform: key.platform.clone(),
        environment: key.environment,
    }
}

/// A customer of the book by its id or its external id, archived or not.
async fn find_customer(call: &Call, reference: &str) -> Result<CustomerRow, Refusal> {
    let found = call.context().store.get_customer(&book(call), reference).await?;
    found.ok_or_else(|| Refusal::NotFound { what: "customer", id: reference.to_owned() })
}

/// A new UUID (RFC 9562, version 4).
fn new_id(call: &Call) -> String {
    uuid::Builder::from_random_bytes(call.context().entropy.bytes()).into_uuid().to_string()
}
