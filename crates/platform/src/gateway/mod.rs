//! The keyed APIs: one pipeline for every platform.
//!
//! A call is authorised, limited, recognised if it came before, charged, run and settled; each
//! step is a function with one reason to refuse ([`Refusal`]). What a request and an answer look
//! like is the dialect's: its routes hand every request to [`call()`], which runs the pipeline
//! around the dialect's own function.

mod authorise;
mod body;
mod browser;
mod call;
mod charge;
mod exact;
pub mod fields;
mod form;
mod idempotency;
pub mod limit;
mod member;
mod mount;
mod refusal;
mod requests;
mod retirement;
mod tallies;
mod unbroken;

pub use body::{BODY_LIMIT, BODY_PATIENCE};
pub use call::{Call, Reply, call};
pub use charge::{Accepted, Submission};
pub use fields::Fields;
pub use form::{FILE_LIMIT, FilesFor, Form};
pub use idempotency::Claim;
pub use member::{MemberCall, member_call};
pub use mount::{Mount, router};
pub use refusal::Refusal;
pub use tallies::Tallies;
pub(crate) use unbroken::Unbroken;
