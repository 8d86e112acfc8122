//! Jobs: what an accepted operation runs as. Made and settled by the grouped writer.

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, Environment, KeyId, PartnerId};
use serde_json::Value;

use crate::{Store, StoreError};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// To be run.
    Queued,
    /// Being run.
    Running,
    /// Done; has an output.
    Succeeded,
    /// Failed; has a failure.
    Failed,
    /// Given up.
    Canceled,
}

impl JobState {
    /// Whether it stays like this.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFailure {
    /// The platform's code.
    pub code: String,
    /// A sentence for the partner.
    pub message: String,
}

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRow {
    /// The id the partner knows it by.
    pub id: String,
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: String,
    /// Live or test.
    pub environment: Environment,
    /// The key that asked.
    pub key_id: KeyId,
    /// The operation's name.
    pub operation: String,
    /// Where it stands.
    pub state: JobState,
    /// What was held.
    pub price: Amount,
    /// What was spent of it.
    pub captured: Amount,
    /// What was asked.
    pub request: Value,
    /// Where the request wants its webhook.
    pub webhook_url: Option<String>,
    /// How far it is, 0.0 to 1.0, where known.
    pub progress: Option<f64>,
    /// What it made.
    pub output: Option<Value>,
    /// Why it failed.
    pub failure: Option<JobFailure>,
    /// When it was accepted.
    pub created_at: DateTime<Utc>,
    /// When it was last started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Store {
    /// One of the partner's jobs on a platform.
    pub async fn get_job(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        job_id: &str,
    ) -> Result<Option<JobRow>, StoreError> {
        todo!()
    }

    /// The runner's claim over all partners: the oldest queued live job, now running. No two
    /// claims get the same one.
    pub async fn claim_job(&self, now: DateTime<Utc>) -> Result<Option<JobRow>, StoreError> {
        todo!()
    }

    /// The runner's start over all partners: what a dead process left running is queued again.
    pub async fn requeue_running_jobs(&self) -> Result<u64, StoreError> {
        todo!()
    }

    /// Notes how far a running job is, 0.0 to 1.0; nothing where it has ended meanwhile.
    pub async fn set_job_progress(
        &self,
        partner_id: &PartnerId,
        job_id: &str,
        progress: f64,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// The gateway's start over all partners: how many jobs of each key are not finished.
    pub async fn count_open_jobs(&self) -> Result<Vec<(KeyId, u32)>, StoreError> {
        todo!()
    }
}
