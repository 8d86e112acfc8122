//! SeaORM entities, one a table. They stay inside this crate: callers get the row types.

pub(crate) mod accounts;
pub(crate) mod admin_idempotency;
pub(crate) mod api_keys;
pub(crate) mod attempts;
pub(crate) mod audit_events;
pub(crate) mod audit_heads;
pub(crate) mod billing_answers;
pub(crate) mod billing_customers;
pub(crate) mod billing_events;
pub(crate) mod billing_plans;
pub(crate) mod billing_usage;
pub(crate) mod deliveries;
pub(crate) mod events;
pub(crate) mod idempotency;
pub(crate) mod jobs;
pub(crate) mod key_spend;
pub(crate) mod ledger;
pub(crate) mod members;
pub(crate) mod partners;
pub(crate) mod replays;
pub(crate) mod server;
pub(crate) mod sessions;
pub(crate) mod usage;
pub(crate) mod used_refresh_tokens;
pub(crate) mod webhook_endpoints;
