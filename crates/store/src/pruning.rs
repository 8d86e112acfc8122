//! What is not kept for ever: minute buckets, expired repeat keys, dead sessions' tokens, former
//! signing secrets.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, sea_query::Expr,
};

use crate::{
    Store, StoreError, UsageSpan,
    columns::micros,
    entities::{
        admin_idempotency, billing_answers, idempotency, sessions, usage, used_refresh_tokens,
    },
};

/// How long buckets of a minute are kept.
const MINUTES_KEPT: TimeDelta = TimeDelta::hours(3);

/// How many rows went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Minute buckets older than three hours.
    pub minute_buckets: u64,
    /// Repeat keys of the keyed APIs that have expired.
    pub idempotency: u64,
    /// Repeat keys of the admin API that have expired.
    pub admin_idempotency: u64,
    /// Answers kept for repetitions that may come no more.
    pub billing_answers: u64,
    /// Exchanged refresh tokens of sessions that cannot be refreshed any more.
    pub refresh_tokens: u64,
    /// Former signing secrets whose overlap is over.
    pub former_secrets: u64,
}

impl Store {
    /// Removes what has had its time, over all partners: looks at some `limit` rows a table at
    /// most, so that it holds the database for a moment only, and goes on from there the next
    /// time. Call it every few seconds or so.
    pub async fn prune(&self, now: DateTime<Utc>, limit: u32) -> Result<Pruned, StoreError> {
        let limit = u64::from(limit).clamp(1, 100_000);
        Ok(Pruned {
            minute_buckets: self.prune_minutes(now, limit).await?,
            idempotency: self.prune_idempotency(now, limit).await?,
            admin_idempotency: self.prune_admin_idempotency(now).await?,
            billing_answers: self.prune_billing_answers(now).await?,
            refresh_tokens: self.prune_refresh_tokens(now, limit).await?,
            former_secrets: self.prune_former_secrets(now).await?,
        })
    }

    /// Minute by minute, from the oldest.
    async fn prune_minutes(&self, now: DateTime<Utc>, limit: u64) -> Result<u64, StoreError> {
        let cutoff = (now - MINUTES_KEPT).timestamp();
        let minutes = Condition::all().add(usage::Column::SpanS.eq(UsageSpan::Minute.seconds()));
        let mut pruned = 0;
        while pruned < limit {
            let oldest: Option<i64> = usage::Entity::find()
                .select_only()
                .column(usage::Column::Bucket)
                .filter(minutes.clone().add(usage::Column::Bucket.lt(cutoff)))
                .order_by_asc(usage::Column::Bucket)
                .limit(1)
                .into_tuple()
                .one(self.db())
                .await?;
            let Some(oldest) = oldest else {
                break;
            };
            let tx = self.begin_write().await?;
            let which = minutes.clone().add(usage::Column::Bucket.eq(oldest));
            pruned += usage::Entity::delete_many().filter(which).exec(&*tx).await?.rows_affected;
            tx.commit().await?;
        }
        Ok(pruned)
    }

    /// Walks through the table in the order of its key, a window at a time: an index over the
    /// expiry would cost every charge.
    async fn prune_idempotency(&self, now: DateTime<Utc>, limit: u64) -> Result<u64, StoreError> {
        let from = self.pruned_up_to.lock().clone();
        let to: Option<(String, String)> = idempotency::Entity::find()
            .select_only()
            .column(idempotency::Column::Scope)
            .column(idempotency::Column::IdempotencyKey)
            .filter(Condition::all().add_option(from.clone().map(|from| key().gt(pair(from)))))
            .order_by_asc(idempotency::Column::Scope)
            .order_by_asc(idempotency::Column::IdempotencyKey)
            .offset(limit - 1)
            .limit(1)
            .into_tuple()
            .one(self.db())
            .await?;
        let window = Condition::all()
            .add_option(from.map(|from| key().gt(pair(from))))
            .add_option(to.clone().map(|to| key().lte(pair(to))))
            .add(idempotency::Column::ExpiresAt.lte(micros(now)));
        let tx = self.begin_write().await?;
        let pruned =
            idempotency::Entity::delete_many().filter(window).exec(&*tx).await?.rows_affected;
        tx.commit().await?;
        *self.pruned_up_to.lock() = to;
        Ok(pruned)
    }

    async fn prune_admin_idempotency(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let tx = self.begin_write().await?;
        let expired = admin_idempotency::Column::ExpiresAt.lte(micros(now));
        let pruned = admin_idempotency::Entity::delete_many()
            .filter(expired)
            .exec(&*tx)
            .await?
            .rows_affected;
        tx.commit().await?;
        Ok(pruned)
    }

    async fn prune_billing_answers(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let tx = self.begin_write().await?;
        let expired = billing_answers::Column::ExpiresAt.lte(micros(now));
        let pruned =
            billing_answers::Entity::delete_many().filter(expired).exec(&*tx).await?.rows_affected;
        tx.commit().await?;
        Ok(pruned)
    }

    async fn prune_refresh_tokens(
        &self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let dead = sessions::Entity::find()
            .select_only()
            .column(sessions::Column::Id)
            .filter(
                Condition::any()
                    .add(sessions::Column::EndedAt.is_not_null())
                    .add(sessions::Column::RefreshExpiresAt.lte(micros(now))),
            )
            .into_query();
        let some = used_refresh_tokens::Entity::find()
            .select_only()
            .column(used_refresh_tokens::Column::Digest)
            .filter(used_refresh_tokens::Column::SessionId.in_subquery(dead))
            .limit(limit)
            .into_query();
        let tx = self.begin_write().await?;
        let pruned = used_refresh_tokens::Entity::delete_many()
            .filter(used_refresh_tokens::Column::Digest.in_subquery(some))
            .exec(&*tx)
            .await?
            .rows_affected;
        tx.commit().await?;
        Ok(pruned)
    }
}

fn key() -> Expr {
    Expr::tuple([
        Expr::col(idempotency::Column::Scope),
        Expr::col(idempotency::Column::IdempotencyKey),
    ])
}

fn pair((scope, key): (String, String)) -> Expr {
    Expr::tuple([Expr::value(scope), Expr::value(key)])
}
