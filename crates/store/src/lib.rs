//! The database of Latchkey: the only crate that knows SQL.
//!
//! [`Store`] opens one SQLite file and answers questions about it; a file a noun holds the
//! questions (`keys`, `jobs`, `deliveries`…). Everything goes through SeaORM, the grouped writer
//! apart (`writer`): what is charged, settled and counted is committed together by a thread of
//! its own, on prepared statements.
//!
//! Every query takes the partner's id and answers with that partner's rows only; the few that
//! cannot (the look-up of a key or session by digest, of a member by address, the claims of the
//! runner and the dispatcher, the operator's own) say so in their first line. What is absent is
//! `Ok(None)`, never an error.
//!
//! Times are UTC, handed in by the caller, stored as Unix microseconds (BIGINT); JSON is TEXT;
//! digests are BLOB; amounts are BIGINT millionths. Nothing here is refused by PostgreSQL.
//!
//! To add a table: a file in `migrations/` listed as a new migration (an old one never changes),
//! an entity in `entities/`, a file with its row type and its queries here, and a test in
//! `tests/` that shows the other partner's rows out of reach.

mod columns;
mod connection;
mod entities;
mod error;
mod migrations;
mod pages;

pub mod account_events;
pub mod accounts;
pub mod audit;
pub mod billing;
pub mod claims;
pub mod deliveries;
pub mod endpoints;
pub mod events;
pub mod idempotency;
pub mod jobs;
pub mod key_numbers;
pub mod keys;
pub mod ledger;
pub mod members;
pub mod partners;
pub mod pruning;
pub mod replays;
pub mod requests;
pub mod sample;
pub mod server;
pub mod sessions;
pub mod spend;
pub mod top_ups;
pub mod usage;
pub mod writer;

pub use account_events::{AccountEvent, Tell};
pub use accounts::{AccountChange, AccountRow, NewAccount};
pub use audit::{Author, NewAuditEvent};
pub use billing::{
    Answer, Book, CustomerChange, CustomerRow, EventUsage, MonthUsage, NewCustomer, NewPlan,
    NewUsageEvent, Part, PlanRow, PlanStatus, Recorded, RecordedEvent, Repeat, Telling, Window,
    Written,
};
pub use claims::{ClaimRow, Claimant, NewClaim};
pub use connection::{Store, StoreConfig};
pub use deliveries::{AttemptOutcome, AttemptRow, ClaimedDelivery, DeliveryRow, NewAttempt};
pub use endpoints::{
    Disabled, EndpointChange, EndpointRow, NewEndpoint, NewSecret, PreviousSecret, SealedSecret,
};
pub use error::StoreError;
pub use events::{NewDelivery, NewEvent};
pub use idempotency::{AdminReply, AdminRequest, IdempotencyRow};
pub use jobs::{JobFailure, JobRow, JobState};
pub use keys::{KeyChange, KeyRow, KeyStanding, MinuteCalls, NewKey, Replaced, Rotated, Rotation};
pub use ledger::{LedgerCheck, Moved, Movement};
pub use members::{MemberRow, NewMember};
pub use partners::{NewPartner, PartnerCreated, PartnerRow};
pub use pruning::Pruned;
pub use replays::{NewReplay, ReplayRange, ReplayRow};
pub use requests::NewRequest;
pub use sample::{
    SampleCharge, SampleDelivery, SamplePartner, SampleSeries, SampleState, SampleUse,
};
pub use server::ServerRow;
pub use sessions::{NewSession, NewTokens, Refreshed, SessionRow, SignedIn, TokenDigest};
pub use spend::{KeySpend, SpendLimits};
pub use top_ups::{Purchase, Purchased, Wanted};
pub use usage::{UsageFilter, UsageRow, UsageSpan, UsageTotals};
pub use writer::{
    Caller, Charge, Charged, GroupedWriter, MadeAttempt, NewIdempotency, NewJob, RecordedAttempt,
    Settled, SettledAs, Settlement, SpendLimit, Tally, WriteError,
};

/// A SHA-256 digest: of a key, a token, a payload.
pub type Digest = [u8; 32];

/// How a change guarded by a version ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Updated<T> {
    /// Done; the row as it is now.
    Changed(T),
    /// Somebody was faster: the row as it is now, unchanged by this call.
    Stale(T),
    /// This partner has no such row.
    Absent,
}
