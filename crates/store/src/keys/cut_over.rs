//! Who calls with which of two keys: what a cut-over is judged by.

use chrono::{DateTime, Utc};
use latchkey_contract::{KeyId, PartnerId, PrefixedId, usage::Outcome};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, sea_query::Expr};

use crate::{
    Store, StoreError, UsageSpan,
    columns::{Word, count, id},
    entities::usage::{self, Column},
};

/// Calls with one key in one minute, refused ones too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinuteCalls {
    /// The key.
    pub key_id: KeyId,
    /// The start of the minute.
    pub minute: DateTime<Utc>,
    /// How many.
    pub calls: u32,
}

impl Store {
    /// Calls with some of the partner's keys since then, by key and minute. Minutes without any are
    /// absent.
    pub async fn count_calls(
        &self,
        partner_id: &PartnerId,
        keys: &[&KeyId],
        since: DateTime<Utc>,
    ) -> Result<Vec<MinuteCalls>, StoreError> {
        let found: Vec<(String, i64, i64)> = usage::Entity::find()
            .select_only()
            .column(Column::KeyId)
            .column(Column::Bucket)
            .column_as(Expr::col(Column::Requests).sum().cast_as("BIGINT"), "calls")
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(Column::SpanS.eq(UsageSpan::Minute.seconds()))
            .filter(Column::Bucket.gte(since.timestamp()))
            .filter(Column::KeyId.is_in(keys.iter().map(|key| key.as_str())))
            // A job that failed was counted as a call before.
            .filter(Column::Outcome.ne(Outcome::Failed.word()))
            .group_by(Column::KeyId)
            .group_by(Column::Bucket)
            .into_tuple()
            .all(self.db())
            .await?;
        let read = |(key_id, bucket, calls)| {
            Ok(MinuteCalls { key_id: id(key_id)?, minute: start(bucket)?, calls: count(calls)? })
        };
        found.into_iter().map(read).collect()
    }

    /// When a call with one of the partner's keys was last let in, since then: the start of the
    /// minute, or of the quarter of an hour where it is too long ago for that.
    pub async fn get_last_accepted(
        &self,
        partner_id: &PartnerId,
        key_id: &KeyId,
        since: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        for span in [UsageSpan::Minute, UsageSpan::QuarterHour] {
            let found: Option<Option<i64>> = usage::Entity::find()
                .select_only()
                .column_as(Column::Bucket.max(), "bucket")
                .filter(Column::PartnerId.eq(partner_id.as_str()))
                .filter(Column::SpanS.eq(span.seconds()))
                .filter(Column::Bucket.gte(span.bucket(since)))
                .filter(Column::KeyId.eq(key_id.as_str()))
                .filter(Column::Outcome.eq(Outcome::Accepted.word()))
                .into_tuple()
                .one(self.db())
                .await?;
            if let Some(bucket) = found.flatten() {
                return start(bucket).map(Some);
            }
        }
        Ok(None)
    }
}

fn start(bucket: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp(bucket, 0)
        .ok_or_else(|| StoreError::Corrupt(format!("the bucket {bucket}")))
}
