//! How endpoints fared, from their deliveries and attempts.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{
    EndpointId, PartnerId, PrefixedId,
    webhooks::{DeliveryState, EndpointHealth, HourlyAttempts},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

use crate::{
    Store, StoreError,
    columns::{Word, count, micros, time_opt},
    entities::{attempts, deliveries, webhook_endpoints},
};

const HOUR: i64 = 3_600_000_000;

/// Hours looked back at.
const HOURS: usize = 24;

impl Store {
    /// How the partner's endpoints fared in the 24 hours before `now`. Others' ids are left out.
    pub async fn endpoint_health(
        &self,
        partner_id: &PartnerId,
        endpoint_ids: &[EndpointId],
        now: DateTime<Utc>,
    ) -> Result<HashMap<EndpointId, EndpointHealth>, StoreError> {
        let own: Vec<String> = webhook_endpoints::Entity::find()
            .select_only()
            .column(webhook_endpoints::Column::Id)
            .filter(webhook_endpoints::Column::PartnerId.eq(partner_id.as_str()))
            .filter(
                webhook_endpoints::Column::Id.is_in(endpoint_ids.iter().map(PrefixedId::as_str)),
            )
            .into_tuple()
            .all(self.db())
            .await?;
        let mut health = HashMap::with_capacity(own.len());
        for endpoint_id in endpoint_ids.iter().filter(|id| own.iter().any(|own| own == id.as_str()))
        {
            health.insert(endpoint_id.clone(), self.health_of(endpoint_id.as_str(), now).await?);
        }
        Ok(health)
    }

    async fn health_of(
        &self,
        endpoint_id: &str,
        now: DateTime<Utc>,
    ) -> Result<EndpointHealth, StoreError> {
        let since = micros(now) - HOUR * HOURS as i64;
        Ok(EndpointHealth {
            delivered: self.count_deliveries(endpoint_id, DeliveryState::Delivered, since).await?,
            failed: self.count_deliveries(endpoint_id, DeliveryState::Failed, since).await?,
            waiting: self
                .count_deliveries(endpoint_id, DeliveryState::Waiting, oldest_waiting(now))
                .await?,
            p95_ms: self.p95_ms(endpoint_id, since).await?,
            failing_since: self.failing_since(endpoint_id).await?,
            hourly: self.hourly(endpoint_id, since).await?,
        })
    }

    async fn count_deliveries(
        &self,
        endpoint_id: &str,
        state: DeliveryState,
        since: i64,
    ) -> Result<u32, StoreError> {
        let found = deliveries::Entity::find()
            .filter(deliveries::Column::EndpointId.eq(endpoint_id))
            .filter(deliveries::Column::CreatedAt.gt(since))
            .filter(deliveries::Column::State.eq(state.word()))
            .count(self.db())
            .await?;
        Ok(u32::try_from(found).unwrap_or(u32::MAX))
    }

    /// The 95th percentile of the answers' time, by nearest rank.
    async fn p95_ms(&self, endpoint_id: &str, since: i64) -> Result<Option<u32>, StoreError> {
        let answered = || {
            let answered = recent(endpoint_id, since).add(attempts::Column::Status.is_not_null());
            attempts::Entity::find().filter(answered)
        };
        let answers = answered().count(self.db()).await?;
        let rank = (answers * 95).div_ceil(100);
        let found: Option<i64> = answered()
            .select_only()
            .column(attempts::Column::DurationMs)
            .order_by_asc(attempts::Column::DurationMs)
            .offset(rank.saturating_sub(1))
            .limit(1)
            .into_tuple()
            .one(self.db())
            .await?;
        found.map(count).transpose()
    }

    /// The first failure after the last success, if there was one.
    async fn failing_since(&self, endpoint_id: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let of = || {
            attempts::Entity::find()
                .select_only()
                .filter(attempts::Column::EndpointId.eq(endpoint_id))
        };
        let last_success: Option<i64> = of()
            .column(attempts::Column::At)
            .filter(succeeded())
            .order_by_desc(attempts::Column::At)
            .limit(1)
            .into_tuple()
            .one(self.db())
            .await?;
        let first_failure: Option<i64> = of()
            .column(attempts::Column::At)
            .filter(attempts::Column::At.gt(last_success.unwrap_or(i64::MIN)))
            .order_by_asc(attempts::Column::At)
            .limit(1)
            .into_tuple()
            .one(self.db())
            .await?;
        time_opt(first_failure)
    }

    async fn hourly(
        &self,
        endpoint_id: &str,
        since: i64,
    ) -> Result<Vec<HourlyAttempts>, StoreError> {
        // Integer division on every engine; `since` itself is not in the range.
        let hour = Expr::col(attempts::Column::At).sub(since + 1).div(HOUR);
        let found: Vec<(i64, i64, i64)> = attempts::Entity::find()
            .select_only()
            .column_as(hour, "hour")
            .column_as(
                Expr::Case(Box::new(Expr::case(succeeded(), 1_i64).finally(0_i64))),
                "succeeded",
            )
            .column_as(attempts::Column::Number.count(), "attempts")
            .filter(recent(endpoint_id, since))
            .group_by(Expr::cust("hour"))
            .group_by(Expr::cust("succeeded"))
            .into_tuple()
            .all(self.db())
            .await?;
        let mut hourly = vec![HourlyAttempts::default(); HOURS];
        for (hour, succeeded, attempts) in found {
            let Some(slot) = usize::try_from(hour).ok().and_then(|hour| hourly.get_mut(hour))
            else {
                continue;
            };
            let side = if succeeded == 1 { &mut slot.succeeded } else { &mut slot.failed };
            *side = count(attempts)?;
        }
        Ok(hourly)
    }
}

fn recent(endpoint_id: &str, since: i64) -> Condition {
    Condition::all()
        .add(attempts::Column::EndpointId.eq(endpoint_id))
        .add(attempts::Column::At.gt(since))
}

/// Answered with 2xx.
fn succeeded() -> Condition {
    Condition::all().add(attempts::Column::Status.between(200, 299))
}

/// Older deliveries are past the whole schedule of retries, some 76 hours.
fn oldest_waiting(now: DateTime<Utc>) -> i64 {
    micros(now - TimeDelta::days(4))
}
