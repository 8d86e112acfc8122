//! Webhooks from the event to the receiver: real database, real HTTP, real receivers.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod by_key;
mod crash;
mod endpoints;
mod guard;
mod house;
mod receiver;
mod replays;
mod retries;
mod signatures;
