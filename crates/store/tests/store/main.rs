//! The store on real SQLite files.

mod common;

mod accounts;
mod credits;
mod deliveries;
mod endpoints;
mod idempotency;
mod jobs;
mod keys;
mod opening;
mod partners;
mod pruning;
mod sessions;
mod usage;
mod writer;
