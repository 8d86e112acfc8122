//! The usage roll-up: counted by the grouped writer, read here in buckets.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Amount, Environment, KeyId, PartnerId, PrefixedId,
    usage::{Outcome, UsageGroup},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select, sea_query::Expr,
};

use crate::{
    Store, StoreError,
    columns::Word,
    entities::usage::{self, Column},
};

/// The two lengths of bucket that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UsageSpan {
    /// Kept for three hours.
    Minute,
    /// Kept for good.
    QuarterHour,
}

impl UsageSpan {
    /// Its length.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::QuarterHour => 900,
        }
    }

    /// The start of the bucket a time falls into, in Unix seconds.
    #[must_use]
    pub fn bucket(self, time: DateTime<Utc>) -> i64 {
        let seconds = time.timestamp();
        seconds - seconds.rem_euclid(self.seconds())
    }
}

/// Which usage is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageFilter {
    /// Which buckets.
    pub span: UsageSpan,
    /// Buckets that start then or later.
    pub from: DateTime<Utc>,
    /// Buckets that start before.
    pub to: DateTime<Utc>,
    /// Live or test; both where absent.
    pub environment: Option<Environment>,
    /// Slug of the platform; all where absent.
    pub platform: Option<String>,
    /// One key; all where absent.
    pub key_id: Option<KeyId>,
    /// One operation; all where absent.
    pub operation: Option<String>,
    /// What rows are told apart by, beside bucket and environment.
    pub group_by: Option<UsageGroup>,
}

/// The usage of one bucket, environment and group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRow {
    /// The start of the bucket.
    pub bucket: DateTime<Utc>,
    /// Live or test.
    pub environment: Environment,
    /// Slug, key id, operation or outcome, as grouped.
    pub group: Option<String>,
    /// Every call, refused ones too; of the group `failed` the jobs that failed.
    pub requests: u64,
    /// Calls that were turned away.
    pub refused: u64,
    /// Jobs that failed (they were accepted calls before).
    pub failed: u64,
    /// Credits captured.
    pub credits: Amount,
}

/// Sums over a range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageTotals {
    /// Every call, refused ones too.
    pub requests: u64,
    /// Calls that were turned away.
    pub refused: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Credits captured.
    pub credits: Amount,
}

impl Store {
    /// The partner's usage by bucket, environment and group, in this order. Buckets without any
    /// are absent.
    pub async fn list_usage(
        &self,
        partner_id: &PartnerId,
        filter: &UsageFilter,
    ) -> Result<Vec<UsageRow>, StoreError> {
        let group = filter.group_by.map(group_column);
        let mut select = summed(partner_id, filter)
            .column(Column::Bucket)
            .column(Column::Environment)
            .group_by(Column::Bucket)
            .group_by(Column::Environment)
            .order_by_asc(Column::Bucket)
            .order_by_asc(Column::Environment);
        if let Some(group) = group {
            select = select.column_as(group, "series").group_by(group).order_by_asc(group);
        }
        let found = select.into_model::<Bucketed>().all(self.db()).await?;
        let mut rows: Vec<UsageRow> = Vec::with_capacity(found.len());
        for found in found {
            let (row, outcome, requests) = found.read()?;
            let by_outcome = filter.group_by == Some(UsageGroup::Outcome);
            match rows.last_mut() {
                Some(last) if last.same_series(&row) => last.add(outcome, requests, row.credits)?,
                _ => {
                    let mut row = row;
                    let credits = std::mem::take(&mut row.credits);
                    row.add(outcome, requests, credits)?;
                    if by_outcome && outcome == Outcome::Failed {
                        row.requests = requests;
                    }
                    rows.push(row);
                }
            }
        }
        Ok(rows)
    }

    /// The partner's usage summed over the range; the grouping does not matter.
    pub async fn sum_usage(
        &self,
        partner_id: &PartnerId,
        filter: &UsageFilter,
    ) -> Result<UsageTotals, StoreError> {
        let found = summed(partner_id, filter).into_model::<Summed>().all(self.db()).await?;
        let mut totals = UsageTotals::default();
        for found in found {
            totals.add(
                Outcome::from_word(&found.outcome)?,
                unsigned(found.requests)?,
                Amount(found.credits),
            )?;
        }
        Ok(totals)
    }
}

/// Sums by outcome; whoever wants more adds columns and groups.
fn summed(partner_id: &PartnerId, filter: &UsageFilter) -> Select<usage::Entity> {
    let sum = |column: Column| Expr::col(column).sum().cast_as("BIGINT");
    let chosen = Condition::all()
        .add_option(
            filter.environment.map(|environment| Column::Environment.eq(environment.word())),
        )
        .add_option(filter.platform.as_deref().map(|slug| Column::Platform.eq(slug)))
        .add_option(filter.key_id.as_ref().map(|key_id| Column::KeyId.eq(key_id.as_str())))
        .add_option(filter.operation.as_deref().map(|name| Column::Operation.eq(name)));
    usage::Entity::find()
        .select_only()
        .column(Column::Outcome)
        .column_as(sum(Column::Requests), "requests")
        .column_as(sum(Column::Credits), "credits")
        .filter(Column::PartnerId.eq(partner_id.as_str()))
        .filter(Column::SpanS.eq(filter.span.seconds()))
        .filter(Column::Bucket.gte(filter.from.timestamp()))
        .filter(Column::Bucket.lt(filter.to.timestamp()))
        .filter(chosen)
        .group_by(Column::Outcome)
}

const fn group_column(group: UsageGroup) -> Column {
    match group {
        UsageGroup::Platform => Column::Platform,
        UsageGroup::Key => Column::KeyId,
        UsageGroup::Operation => Column::Operation,
        UsageGroup::Outcome => Column::Outcome,
    }
}

#[derive(FromQueryResult)]
struct Summed {
    outcome: String,
    requests: i64,
    credits: i64,
}

#[derive(FromQueryResult)]
struct Bucketed {
    bucket: i64,
    environment: String,
    series: Option<String>,
    outcome: String,
    requests: i64,
    credits: i64,
}

impl Bucketed {
    /// A row that counts nothing yet but its credits, with the outcome and the calls to count.
    fn read(self) -> Result<(UsageRow, Outcome, u64), StoreError> {
        let bucket = DateTime::from_timestamp(self.bucket, 0)
            .ok_or_else(|| StoreError::Corrupt(format!("the bucket {}", self.bucket)))?;
        let row = UsageRow {
            bucket,
            environment: Environment::from_word(&self.environment)?,
            group: self.series,
            requests: 0,
            refused: 0,
            failed: 0,
            credits: Amount(self.credits),
        };
        Ok((row, Outcome::from_word(&self.outcome)?, unsigned(self.requests)?))
    }
}

impl UsageRow {
    fn same_series(&self, other: &Self) -> bool {
        self.bucket == other.bucket
            && self.environment == other.environment
            && self.group == other.group
    }

    fn add(&mut self, outcome: Outcome, requests: u64, credits: Amount) -> Result<(), StoreError> {
        let mut totals = UsageTotals {
            requests: self.requests,
            refused: self.refused,
            failed: self.failed,
            credits: self.credits,
        };
        totals.add(outcome, requests, credits)?;
        (self.requests, self.refused, self.failed, self.credits) =
            (totals.requests, totals.refused, totals.failed, totals.credits);
        Ok(())
    }
}

impl UsageTotals {
    /// A failed job was counted as an accepted call before, so it is no call of its own.
    fn add(&mut self, outcome: Outcome, requests: u64, credits: Amount) -> Result<(), StoreError> {
        match outcome {
            Outcome::Accepted => self.requests += requests,
            Outcome::Refused => {
                self.requests += requests;
                self.refused += requests;
            }
            Outcome::Failed => self.failed += requests,
        }
        self.credits =
            Amount(self.credits.0.checked_add(credits.0).ok_or(StoreError::AmountOutOfRange)?);
        Ok(())
    }
}

fn unsigned(count: i64) -> Result<u64, StoreError> {
    u64::try_from(count).map_err(|_| StoreError::Corrupt(format!("the count {count}")))
}
