//! The usage roll-up: counted by the grouped writer, read here in buckets.

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, Environment, KeyId, PartnerId, usage::UsageGroup};

use crate::{Store, StoreError};

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
    /// Slug, key id or operation, as grouped.
    pub group: Option<String>,
    /// Every call, refused ones too.
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
    pub async fn list_usage(&self, partner_id: &PartnerId, filter: &UsageFilter) -> Result<Vec<UsageRow>, StoreError> {
        todo!()
    }

    /// The partner's usage summed over the range; the grouping does not matter.
    pub async fn sum_usage(&self, partner_id: &PartnerId, filter: &UsageFilter) -> Result<UsageTotals, StoreError> {
        todo!()
    }
}
