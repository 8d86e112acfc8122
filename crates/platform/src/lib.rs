//! The platform server: the admin API that the console talks to, and the keyed APIs of the
//! platforms that partners' programs talk to.
//!
//! A partner's call flows one way: HTTP → `gateway` (authorise, limit, idempotency, charge) →
//! `dialects` (bodies of one platform) → `jobs` → the store. A console's call: HTTP → `admin` →
//! `partners`, `sessions`, `keys`, `webhooks`, `usage` → the store. The operator's: `operator` → the
//! same.
//!
//! To add a platform: one TOML in `manifests/` and one file in `dialects/`; nothing else.

pub mod admin;
pub mod clock;
pub mod config;
pub mod context;
pub mod credits;
pub mod dialects;
pub mod entropy;
pub mod gateway;
pub mod input;
pub mod jobs;
pub mod keys;
pub mod live;
pub mod manifest;
pub mod operator;
pub mod partners;
pub mod pictures;
pub mod proxies;
pub mod server;
pub mod sessions;
pub mod usage;
pub mod webhooks;

pub use clock::Clock;
pub use config::{Config, OpenIdIssuer, ServerKey};
pub use context::Context;
pub use entropy::Entropy;
pub use server::{Running, StartError, start, start_with};
