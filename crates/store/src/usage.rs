//! The usage roll-up: counted by the grouped writer, read here in buckets.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Amount, Environment, KeyId, PartnerId, PrefixedId,
    usage::{Outcome, UsageGroup},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::Expr,
};

use crate::{
    Store, StoreError,
    columns::Word,
    entities::usage::{self, Column},
};

mod hours;

pub(crate) use hours::ALL_PLATFORMS;

/// The lengths of bucket that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UsageSpan {
    /// Kept for three hours.
    Minute,
    /// Kept for good.
    QuarterHour,
    /// Kept for good, of each platform and of all together, without keys and operations: a month
    /// by the hour is a few thousand rows, however many keys there are.
    Hour,
}

impl UsageSpan {
    /// Its length.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::QuarterHour => 900,
            Self::Hour => 3600,
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
    /// Which buckets; hours come as quarters of them where keys or operations are asked for.
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

impl UsageFilter {
    /// The rows to read: those of hours know no keys and operations.
    fn rows(&self) -> UsageSpan {
        let of_one = self.key_id.is_some() || self.operation.is_some();
        let of_each = matches!(self.group_by, Some(UsageGroup::Key | UsageGroup::Operation));
        if of_one || of_each { self.span.min(UsageSpan::QuarterHour) } else { self.span }
    }
}

impl Store {
    /// The partner's usage by bucket, environment and group, in this order. Buckets without any
    /// are absent.
    pub async fn list_usage(
        &self,
        partner_id: &PartnerId,
        filter: &UsageFilter,
    ) -> Result<Vec<UsageRow>, StoreError> {
        if filter.rows() == UsageSpan::Hour {
            return self.list_hours(partner_id, filter).await;
        }
        let group = filter.group_by.map_or(Column::Environment, group_column);
        let select = chosen(partner_id, filter)
            .column(Column::Bucket)
            .column(Column::Environment)
            .column_as(group, "series")
            .group_by(Column::Bucket)
            .group_by(Column::Environment)
            .group_by(group)
            .order_by_asc(Column::Bucket)
            .order_by_asc(Column::Environment)
            .order_by_asc(group);
        let found: Vec<(i64, String, String, i64, i64, i64, i64)> =
            summed(select, filter).into_tuple().all(self.db()).await?;
        let rows = found.into_iter().map(|found| {
            let (bucket, environment, group, requests, refused, failed, credits) = found;
            Ok(UsageRow {
                bucket: DateTime::from_timestamp(bucket, 0)
                    .ok_or_else(|| StoreError::Corrupt(format!("the bucket {bucket}")))?,
                environment: Environment::from_word(&environment)?,
                group: filter.group_by.map(|_| group),
                requests: unsigned(requests)?,
                refused: unsigned(refused)?,
                failed: unsigned(failed)?,
                credits: Amount(credits),
            })
        });
        rows.collect()
    }

    /// The partner's usage summed over the range; the grouping does not matter.
    pub async fn sum_usage(
        &self,
        partner_id: &PartnerId,
        filter: &UsageFilter,
    ) -> Result<UsageTotals, StoreError> {
        let ungrouped = UsageFilter { group_by: None, ..filter.clone() };
        let sums = match ungrouped.rows() {
            UsageSpan::Hour => hours::summed(partner_id, &ungrouped).into_tuple(),
            _ => summed(chosen(partner_id, &ungrouped), &ungrouped).into_tuple(),
        };
        let found: Option<Sums> = sums.one(self.db()).await?;
        let (requests, refused, failed, credits) = found.unwrap_or_default();
        Ok(UsageTotals {
            requests: unsigned(requests.unwrap_or_default())?,
            refused: unsigned(refused.unwrap_or_default())?,
            failed: unsigned(failed.unwrap_or_default())?,
            credits: Amount(credits.unwrap_or_default()),
        })
    }
}

/// Requests, refused, failed, credits; nothing where there is no row.
type Sums = (Option<i64>, Option<i64>, Option<i64>, Option<i64>);

/// The partner's rows that are asked for, nothing of them selected yet.
fn chosen(partner_id: &PartnerId, filter: &UsageFilter) -> Select<usage::Entity> {
    let narrowed = Condition::all()
        .add_option(
            filter.environment.map(|environment| Column::Environment.eq(environment.word())),
        )
        .add_option(filter.platform.as_deref().map(|slug| Column::Platform.eq(slug)))
        .add_option(filter.key_id.as_ref().map(|key_id| Column::KeyId.eq(key_id.as_str())))
        .add_option(filter.operation.as_deref().map(|name| Column::Operation.eq(name)));
    usage::Entity::find()
        .select_only()
        .filter(Column::PartnerId.eq(partner_id.as_str()))
        .filter(Column::SpanS.eq(filter.rows().seconds()))
        .filter(Column::Bucket.gte(filter.from.timestamp()))
        .filter(Column::Bucket.lt(filter.to.timestamp()))
        .filter(narrowed)
}

/// Adds the sums. A failed job was counted as an accepted call before, so it is no call of its own,
/// but where outcomes are told apart.
fn summed(select: Select<usage::Entity>, filter: &UsageFilter) -> Select<usage::Entity> {
    let sum = |counted: Expr| counted.sum().cast_as("BIGINT");
    let requests = || Expr::col(Column::Requests);
    let of = |which: Expr| {
        let counted = Expr::case(which, requests()).finally(0_i64);
        sum(counted.into())
    };
    let ended = |outcome: Outcome| Column::Outcome.eq(outcome.word());
    let calls = match filter.group_by {
        Some(UsageGroup::Outcome) => sum(requests()),
        _ => of(Column::Outcome.ne(Outcome::Failed.word())),
    };
    select
        .column_as(calls, "calls")
        .column_as(of(ended(Outcome::Refused)), "refused")
        .column_as(of(ended(Outcome::Failed)), "failed")
        .column_as(sum(Expr::col(Column::Credits)), "spent")
}

const fn group_column(group: UsageGroup) -> Column {
    match group {
        UsageGroup::Platform => Column::Platform,
        UsageGroup::Key => Column::KeyId,
        UsageGroup::Operation => Column::Operation,
        UsageGroup::Outcome => Column::Outcome,
    }
}

fn unsigned(count: i64) -> Result<u64, StoreError> {
    u64::try_from(count).map_err(|_| StoreError::Corrupt(format!("the count {count}")))
}
