//! Jobs: what an accepted operation runs as. Made and settled by the grouped writer.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, Environment, KeyId, PartnerId, PrefixedId};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use serde_json::Value;

use crate::{
    Store, StoreError,
    columns::{Word, count, id, json, micros, time, time_opt},
    entities::jobs::{self, Column},
};

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
    /// What was asked: JSON, as the dialect wrote it.
    pub request: String,
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
        let found = jobs::Entity::find_by_id(job_id)
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(Column::Platform.eq(platform))
            .one(self.db())
            .await?;
        found.map(JobRow::try_from).transpose()
    }

    /// The runner's claim over all partners: the oldest queued job, now running. No two
    /// claims get the same one.
    pub async fn claim_job(&self, now: DateTime<Utc>) -> Result<Option<JobRow>, StoreError> {
        // A look first, for most look in vain and should not wait for their turn to write.
        if jobs::Entity::find().filter(queued()).one(self.db()).await?.is_none() {
            return Ok(None);
        }
        let oldest = jobs::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(queued())
            .order_by_asc(Column::CreatedAt)
            .limit(1)
            .into_query();
        let tx = self.begin_write().await?;
        let claimed = jobs::Entity::update_many()
            .col_expr(Column::State, Expr::value(JobState::Running.word()))
            .col_expr(Column::StartedAt, Expr::value(micros(now)))
            .filter(Column::Id.in_subquery(oldest))
            .filter(queued())
            .exec_with_returning(&*tx)
            .await?;
        tx.commit().await?;
        claimed.into_iter().next().map(JobRow::try_from).transpose()
    }

    /// The runner's start over all partners: what a dead process left running is queued again.
    pub async fn requeue_running_jobs(&self) -> Result<u64, StoreError> {
        let tx = self.begin_write().await?;
        let requeued = jobs::Entity::update_many()
            .col_expr(Column::State, Expr::value(JobState::Queued.word()))
            .col_expr(Column::StartedAt, Expr::value(None::<i64>))
            .col_expr(Column::Progress, Expr::value(None::<i64>))
            .filter(open_and(JobState::Running))
            .exec(&*tx)
            .await?;
        tx.commit().await?;
        Ok(requeued.rows_affected)
    }

    /// Notes how far a running job is, 0.0 to 1.0; nothing where it has ended meanwhile.
    pub async fn set_job_progress(
        &self,
        partner_id: &PartnerId,
        job_id: &str,
        progress: f64,
    ) -> Result<(), StoreError> {
        let tx = self.begin_write().await?;
        jobs::Entity::update_many()
            .col_expr(Column::Progress, Expr::value(to_millionths(progress)))
            .filter(Column::Id.eq(job_id))
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(open_and(JobState::Running))
            .exec(&*tx)
            .await?;
        tx.commit().await
    }

    /// The gateway's start over all partners: how many jobs of each key are not finished.
    pub async fn count_open_jobs(&self) -> Result<Vec<(KeyId, u32)>, StoreError> {
        let found: Vec<(String, i64)> = jobs::Entity::find()
            .select_only()
            .column(Column::KeyId)
            .column_as(Column::Id.count(), "jobs")
            .filter(Column::FinishedAt.is_null())
            .group_by(Column::KeyId)
            .into_tuple()
            .all(self.db())
            .await?;
        found.into_iter().map(|(key_id, jobs)| Ok((id(key_id)?, count(jobs)?))).collect()
    }

    /// The runner's start over all partners: which jobs are not finished.
    pub async fn list_open_job_ids(&self) -> Result<HashSet<String>, StoreError> {
        let found: Vec<String> = jobs::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::FinishedAt.is_null())
            .into_tuple()
            .all(self.db())
            .await?;
        Ok(found.into_iter().collect())
    }
}

/// Jobs that wait for the runner. A test call that is answered with a mock never does.
fn queued() -> Condition {
    open_and(JobState::Queued)
}

/// Unfinished jobs in a state, as the index of open jobs knows them.
fn open_and(state: JobState) -> Condition {
    Condition::all().add(Column::State.eq(state.word())).add(Column::FinishedAt.is_null())
}

fn to_millionths(progress: f64) -> i64 {
    (progress.clamp(0.0, 1.0) * 1e6) as i64
}

fn from_millionths(progress: i64) -> f64 {
    progress as f64 / 1e6
}

impl TryFrom<jobs::Model> for JobRow {
    type Error = StoreError;

    fn try_from(model: jobs::Model) -> Result<Self, StoreError> {
        let failure = model.failure_code.zip(model.failure_message);
        Ok(Self {
            id: model.id,
            partner_id: id(model.partner_id)?,
            platform: model.platform,
            environment: Environment::from_word(&model.environment)?,
            key_id: id(model.key_id)?,
            operation: model.operation,
            state: JobState::from_word(&model.state)?,
            price: Amount(model.price),
            captured: Amount(model.captured),
            request: model.request,
            webhook_url: model.webhook_url,
            progress: model.progress.map(from_millionths),
            output: model.output.as_deref().map(json).transpose()?,
            failure: failure.map(|(code, message)| JobFailure { code, message }),
            created_at: time(model.created_at)?,
            started_at: time_opt(model.started_at)?,
            finished_at: time_opt(model.finished_at)?,
        })
    }
}
