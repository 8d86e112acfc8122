//! Webhooks from the event to the receiver: real database, real HTTP, real receivers.

mod crash;
mod endpoints;
mod guard;
mod house;
mod receiver;
mod retries;
mod signatures;
