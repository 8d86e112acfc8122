//! The keyed APIs: one pipeline for every platform.
//!
//! A call is authorised, limited, recognised if it came before, charged, run and settled; each
//! step is a function with one reason to refuse ([`Refusal`]). What a request and an answer look
//! like is the dialect's.

pub mod limit;
pub mod refusal;

pub use refusal::{BODY_LIMIT, Refusal};
