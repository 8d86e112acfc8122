//! The store on real SQLite files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

mod accounts;
mod audit;
mod billing;
mod credits;
mod deliveries;
mod endpoints;
mod idempotency;
mod jobs;
mod keys;
mod opening;
mod partners;
mod pruning;
mod recount;
mod repeats;
mod replays;
mod requests;
mod sample;
mod server;
mod sessions;
mod spend;
mod top_ups;
mod usage;
mod writer;
