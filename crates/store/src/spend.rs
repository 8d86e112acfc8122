//! What keys with a spend limit have spent, holds included.
//!
//! A key gets its row when it gets its first limit, and the grouped writer counts in it as long as
//! the key has one. Keys without a limit are never looked up there. A key that replaces another
//! spends from that one's row: a rotation is no way round a limit.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, KeyId, PartnerId, PrefixedId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use crate::{
    KeyRow, Store, StoreError, UsageSpan,
    columns::{id, micros, time},
    connection::WriteTransaction,
    entities::{
        api_keys, jobs,
        key_spend::{self, Column},
        usage,
    },
};

const DAY_SECONDS: i64 = 86_400;

/// What a key may spend. Amounts are above zero; `None` is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SpendLimits {
    /// Credits a day; the day ends at 00:00 UTC.
    pub daily_limit: Option<Amount>,
    /// Credits in all.
    pub credit_allowance: Option<Amount>,
}

impl SpendLimits {
    /// Whether there is a limit at all.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.daily_limit.is_some() || self.credit_allowance.is_some()
    }
}

/// What a key with a limit has spent: captured, and held by operations under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeySpend {
    /// Since the key was made.
    pub in_all: Amount,
    /// The last day something was held on, in days since 1970.
    day: i64,
    on_day: Amount,
}

impl KeySpend {
    pub(crate) const fn new(in_all: Amount, day: i64, on_day: Amount) -> Self {
        Self { in_all, day, on_day }
    }

    /// Since 00:00 UTC of the day of `now`.
    #[must_use]
    pub fn today(&self, now: DateTime<Utc>) -> Amount {
        if is_day(self.day, day_of(now)) { self.on_day } else { Amount::ZERO }
    }
}

impl Store {
    /// What those of the partner's keys have spent that have, or had, a spend limit. Asked for by
    /// [`KeyRow::spend_key`].
    pub async fn list_key_spend(
        &self,
        partner_id: &PartnerId,
        keys: &[KeyId],
    ) -> Result<HashMap<KeyId, KeySpend>, StoreError> {
        let found = key_spend::Entity::find()
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(Column::KeyId.is_in(keys.iter().map(KeyId::as_str)))
            .all(self.db())
            .await?;
        let read = |row: key_spend::Model| {
            let spend = KeySpend::new(Amount(row.spent), row.day, Amount(row.spent_on_day));
            Ok((id(row.key_id)?, spend))
        };
        found.into_iter().map(read).collect()
    }
}

/// The day in days since 1970, UTC.
pub(crate) const fn day_of(time: DateTime<Utc>) -> i64 {
    time.timestamp().div_euclid(DAY_SECONDS)
}

/// Whether what was counted on `counted` counts on `day`. A call that came just before midnight may
/// be written just after the first of the new day, and counts on that one then.
const fn is_day(counted: i64, day: i64) -> bool {
    counted == day || counted == day + 1
}

/// The keys that spend from one count, and since when there are any.
struct Purse {
    partner_id: PartnerId,
    keys: Vec<String>,
    since: DateTime<Utc>,
}

impl Purse {
    async fn of(tx: &WriteTransaction, key: &KeyRow) -> Result<Self, StoreError> {
        let first = key.spend_key().as_str();
        let found: Vec<(String, i64)> = api_keys::Entity::find()
            .select_only()
            .column(api_keys::Column::Id)
            .column(api_keys::Column::CreatedAt)
            .filter(api_keys::Column::PartnerId.eq(key.partner_id.as_str()))
            .filter(
                Condition::any()
                    .add(api_keys::Column::Id.eq(first))
                    .add(api_keys::Column::SpendsWith.eq(first)),
            )
            .into_tuple()
            .all(&**tx)
            .await?;
        let since = found.iter().map(|(_, created_at)| *created_at).min();
        Ok(Self {
            partner_id: key.partner_id.clone(),
            since: since.map_or(Ok(key.created_at), time)?,
            keys: found.into_iter().map(|(id, _)| id).collect(),
        })
    }

    fn open_holds(&self) -> Condition {
        Condition::all()
            .add(jobs::Column::FinishedAt.is_null())
            .add(jobs::Column::PartnerId.eq(self.partner_id.as_str()))
            .add(jobs::Column::KeyId.is_in(&self.keys))
    }

    /// Captured since, and held since and open.
    async fn spent_since(
        &self,
        tx: &WriteTransaction,
        since: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        let bucket = UsageSpan::QuarterHour.bucket(since);
        let captured: Option<Option<i64>> = usage::Entity::find()
            .select_only()
            .column_as(Expr::col(usage::Column::Credits).sum().cast_as("BIGINT"), "credits")
            .filter(usage::Column::PartnerId.eq(self.partner_id.as_str()))
            .filter(usage::Column::SpanS.eq(UsageSpan::QuarterHour.seconds()))
            .filter(usage::Column::Bucket.gte(bucket))
            .filter(usage::Column::KeyId.is_in(&self.keys))
            .into_tuple()
            .one(&**tx)
            .await?;
        let held: Option<Option<i64>> = jobs::Entity::find()
            .select_only()
            .column_as(Expr::col(jobs::Column::Price).sum().cast_as("BIGINT"), "price")
            .filter(self.open_holds())
            .filter(jobs::Column::CreatedAt.gte(micros(since)))
            .into_tuple()
            .one(&**tx)
            .await?;
        let sum = |found: Option<Option<i64>>| found.flatten().unwrap_or_default();
        sum(captured).checked_add(sum(held)).ok_or(StoreError::AmountOutOfRange)
    }
}

/// Counts anew what a key has spent, for a limit it was just given: what was captured by the time
/// of its capture, open holds by the time they were made. Within the transaction that sets it.
pub(crate) async fn recount(
    tx: &WriteTransaction,
    key: &KeyRow,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let purse = Purse::of(tx, key).await?;
    mark_open_holds(tx, &purse).await?;
    let day = day_of(now);
    let midnight = DateTime::from_timestamp(day * DAY_SECONDS, 0).unwrap_or(now);
    let row = key_spend::ActiveModel {
        key_id: Set(key.spend_key().to_string()),
        partner_id: Set(key.partner_id.to_string()),
        spent: Set(purse.spent_since(tx, purse.since).await?),
        day: Set(day),
        spent_on_day: Set(purse.spent_since(tx, midnight).await?),
    };
    let counted = [Column::Spent, Column::Day, Column::SpentOnDay];
    let replace = OnConflict::column(Column::KeyId).update_columns(counted).to_owned();
    key_spend::Entity::insert(row).on_conflict(replace).exec_without_returning(&**tx).await?;
    Ok(())
}

/// Open holds are given back to the day they were made on.
async fn mark_open_holds(tx: &WriteTransaction, purse: &Purse) -> Result<(), StoreError> {
    let day = Expr::col(jobs::Column::CreatedAt).div(DAY_SECONDS * 1_000_000);
    jobs::Entity::update_many()
        .col_expr(jobs::Column::SpendDay, day)
        .filter(purse.open_holds())
        .exec(&**tx)
        .await?;
    Ok(())
}
