//! Webhooks: where events go, how they are signed, and how they get there.

pub mod scheme;
