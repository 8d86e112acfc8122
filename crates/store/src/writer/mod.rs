//! The grouped writer: what is charged, settled and counted is collected and committed together,
//! and each request is answered after its commit. One trait, so that another engine can follow.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Amount, DeliveryId, EndpointId, Environment, KeyId, PartnerId, usage::Outcome,
    webhooks::DisabledReason,
};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::{AttemptOutcome, Digest, JobRow, NewEvent, NewRequest, SpendLimits, Store};

mod attempt;
mod audit;
mod batch;
mod charge;
mod counting;
mod items;
mod settle;
mod spend;
mod sqlite;
mod statements;
mod tallies;

pub(crate) use sqlite::SqliteWriter;

/// Collects writes and commits them together. The answer comes after the commit.
pub trait GroupedWriter: Send + Sync {
    /// Queues a charge.
    fn submit(&self, charge: Charge) -> oneshot::Receiver<Result<Charged, WriteError>>;

    /// Queues the settlement of a job.
    fn settle(&self, settlement: Settlement) -> oneshot::Receiver<Result<Settled, WriteError>>;

    /// Queues what came of an attempt to deliver.
    fn record(
        &self,
        attempt: MadeAttempt,
    ) -> oneshot::Receiver<Result<RecordedAttempt, WriteError>>;

    /// Counts calls; committed with the next batch, at the latest after 200 ms.
    fn tally(&self, tallies: Vec<Tally>);

    /// Keeps single calls; committed as counts are.
    fn log(&self, requests: Vec<NewRequest>);
}

/// An accepted submit: holds the price, keeps the job, counts the call (one [`Outcome::Accepted`]
/// in usage and the key's last use), so the caller tallies it nowhere else.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// When the call was accepted.
    pub now: DateTime<Utc>,
    /// Who pays.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: Arc<str>,
    /// Live or test.
    pub environment: Environment,
    /// The key that asked.
    pub key_id: KeyId,
    /// The operation's name in usage.
    pub operation: Arc<str>,
    /// What is held; zero makes no ledger entry, and a job that is finished at once must cost zero.
    pub price: Amount,
    /// What the key may spend. The hold counts against it at once; what is not spent of it is given
    /// back to the day it was held on, and to the allowance.
    pub limits: SpendLimits,
    /// The account's threshold: a hold that crosses it leaves a note for who tells the partner.
    pub low_balance: Option<Amount>,
    /// The job.
    pub job: NewJob,
    /// The repeat key, where the request has one.
    pub idempotency: Option<NewIdempotency>,
    /// Events of a job that is finished at once (test mode).
    pub events: Vec<NewEvent>,
    /// Where the call came from.
    pub caller: Caller,
}

/// The job of a charge.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// The id the partner knows it by; unique on the server.
    pub id: String,
    /// What was asked: JSON, as the dialect wants it back.
    pub request: String,
    /// Where the request wants its webhook, on platforms where it says so.
    pub webhook_url: Option<String>,
    /// The output of a job that is finished at once; `None` queues it.
    pub output: Option<Value>,
}

/// A repeat key. The same one within its scope gives the first job again until it expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIdempotency {
    /// Whom the key belongs to (partner or API key) and the environment.
    pub scope: String,
    /// What the request sent.
    pub key: String,
    /// Tells another payload apart.
    pub payload_digest: Digest,
    /// From when on the key may be used anew.
    pub expires_at: DateTime<Utc>,
}

/// Where a call came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The peer's address.
    pub address: Option<Arc<str>>,
    /// Its user agent.
    pub agent: Option<Arc<str>>,
}

/// How a charge ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Charged {
    /// Held, kept and counted.
    Accepted {
        /// The job as kept.
        job: JobRow,
        /// The balance after the hold. Zero for a charge of nothing, which does not read it.
        balance: Amount,
    },
    /// The same key and payload came before: nothing was written, nothing counted.
    Replayed {
        /// The first one's job, as it is now.
        job: JobRow,
    },
    /// The same key came before with another payload: nothing was written.
    KeyReused {
        /// The first one's job.
        job_id: String,
    },
    /// The balance is below the price: nothing was written.
    InsufficientCredits {
        /// What there is.
        balance: Amount,
    },
    /// The price is above what is left of a limit of the key's: nothing was written.
    OverLimit {
        /// Which limit.
        limit: SpendLimit,
        /// What is left of it.
        left: Amount,
    },
}

/// A limit of what a key may spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpendLimit {
    /// In all.
    Allowance,
    /// A day; ends at 00:00 UTC.
    Daily,
}

/// The end of a job: captures or releases its hold, keeps the result, tells of it, and counts it
/// (captured credits, or one [`Outcome::Failed`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// When the job ended.
    pub now: DateTime<Utc>,
    /// Whose job.
    pub partner_id: PartnerId,
    /// Which job.
    pub job_id: String,
    /// How it ended.
    pub result: SettledAs,
    /// What is told of it.
    pub events: Vec<NewEvent>,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub enum SettledAs {
    /// Done.
    Succeeded {
        /// What it made.
        output: Value,
        /// What is spent of the hold, at most all of it; the rest is given back.
        captured: Amount,
    },
    /// The work failed; the hold is given back.
    Failed {
        /// The platform's code.
        code: String,
        /// A sentence for the partner.
        message: String,
    },
    /// Given up; the hold is given back.
    Canceled,
}

/// How a settlement ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// Settled now.
    Done {
        /// The job as it is now.
        job: JobRow,
        /// The account's balance after it.
        balance: Amount,
    },
    /// Settled before: nothing was written.
    AlreadySettled {
        /// The job as it is.
        job: JobRow,
    },
    /// This partner has no such job.
    Absent,
}

/// An HTTP call of a webhook that was just made, and what is to come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeAttempt {
    /// Of which delivery.
    pub delivery_id: DeliveryId,
    /// Whose.
    pub partner_id: PartnerId,
    /// To which endpoint.
    pub endpoint_id: EndpointId,
    /// Slug of the platform.
    pub platform: String,
    /// Where it went.
    pub url: String,
    /// Whether somebody asked for this attempt.
    pub replay: bool,
    /// What comes of the delivery.
    pub outcome: AttemptOutcome,
    /// Why the endpoint is to be switched off, if it is. For [`DisabledReason::Exhausted`] it
    /// stays on where it took another delivery since this one was made.
    pub switch_off: Option<DisabledReason>,
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// What was sent, as JSON; no secrets.
    pub request_headers: String,
    /// What came back, as JSON.
    pub response_headers: String,
    /// The start of the answer, as text.
    pub response_body: Option<String>,
}

/// An attempt that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedAttempt {
    /// Set where the endpoint was switched off for it, just now.
    pub switched_off: Option<DisabledReason>,
}

/// Calls to be counted, beside the accepted charges, which count themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// When; falls into its minute and its quarter of an hour.
    pub now: DateTime<Utc>,
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: Arc<str>,
    /// Live or test.
    pub environment: Environment,
    /// The key that called.
    pub key_id: KeyId,
    /// The operation's name in usage.
    pub operation: Arc<str>,
    /// How the calls ended.
    pub outcome: Outcome,
    /// How many.
    pub requests: u32,
    /// Credits spent.
    pub credits: Amount,
    /// Where the last one came from; `None` leaves the key's last use alone.
    pub last_used: Option<Caller>,
}

/// Why the writer did not write. Nothing of the request was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// No space is left. The writer goes on when there is space again.
    #[error("the disk is full; nothing was written")]
    DiskFull,
    /// Another process held the database for longer than the time allowed.
    #[error("the database is busy; nothing was written")]
    Busy,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// An amount does not fit: negative, more captured than held, or past 64 bits.
    #[error("the amount is out of range")]
    AmountOutOfRange,
    /// Anything else.
    #[error("the database failed: {0}")]
    Failed(String),
}

impl Store {
    /// Charges a submit, or finds the one it repeats. Answered after a durable commit.
    pub async fn charge(&self, charge: Charge) -> Result<Charged, WriteError> {
        self.writer().submit(charge).await.unwrap_or(Err(WriteError::Closed))
    }

    /// Settles a job. A second settlement changes nothing.
    pub async fn settle(&self, settlement: Settlement) -> Result<Settled, WriteError> {
        self.writer().settle(settlement).await.unwrap_or(Err(WriteError::Closed))
    }

    /// Counts calls without waiting; committed at the latest after 200 ms.
    pub fn tally(&self, tallies: Vec<Tally>) {
        self.writer().tally(tallies);
    }
}
