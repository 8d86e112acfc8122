//! Webhooks: where events go, how they are signed, and how they get there.

pub mod address;
pub mod guard;
pub mod scheme;
pub mod seal;
pub mod secret;
pub mod sign;
