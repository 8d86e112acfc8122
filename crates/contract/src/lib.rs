//! The wire types of Latchkey's admin API (`/admin/v1`): what travels between the platform
//! server and whoever manages keys with it. Types only, no logic.
//!
//! Every type describes itself three times over: to JSON (serde), to OpenAPI 3.1 (utoipa) and
//! to TypeScript (specta).
//!
//! To add a resource: give it a file here with its request and answer types, re-export the
//! module below, then add its handler in `platform/src/admin` and its call in `client`.

pub mod audit;
pub mod credits;
pub mod events;
pub mod ids;
pub mod keys;
pub mod money;
pub mod page;
pub mod partners;
pub mod platforms;
pub mod problem;
pub mod secret;
pub mod sessions;
pub mod usage;
pub mod webhooks;

pub use ids::*;
pub use money::Amount;
pub use page::Page;
pub use platforms::Environment;
pub use problem::{FieldError, Problem};
pub use secret::SecretText;
