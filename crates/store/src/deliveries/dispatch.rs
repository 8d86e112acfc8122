//! The dispatcher's side: claims, attempts, outcomes.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use latchkey_contract::{EndpointId, PrefixedId, webhooks::DisabledReason};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Expr,
};

use super::{AttemptOutcome, ClaimedDelivery, NewAttempt, waiting::planned};
use crate::{
    MadeAttempt, RecordedAttempt, SealedSecret, Store, StoreError, WriteError,
    columns::{count, micros, time_opt},
    endpoints::previous_secret,
    entities::{
        deliveries::{self, Column},
        events, webhook_endpoints,
    },
};

impl Store {
    /// The dispatcher's claim over all partners: up to `limit` deliveries due at `now`, the longest
    /// due first; theirs until `lease_until`, then they are due again. None to the endpoints in
    /// `busy`: those have as many under way as they may, and a slow one must not hold up the others.
    pub async fn claim_deliveries(
        &self,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
        limit: u32,
        busy: &[EndpointId],
    ) -> Result<Vec<ClaimedDelivery>, StoreError> {
        // A look first: most look in vain and should not wait for their turn to write.
        if self.next_delivery_due(busy).await?.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        let due = deliveries::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::DueAt.lte(micros(now)))
            .filter(none_of(busy))
            .order_by_asc(Column::DueAt)
            .limit(u64::from(limit))
            .into_query();
        let tx = self.begin_write().await?;
        let claimed = deliveries::Entity::update_many()
            .col_expr(Column::DueAt, Expr::value(micros(lease_until)))
            .filter(Column::Id.in_subquery(due))
            .filter(Column::DueAt.lte(micros(now)))
            .exec_with_returning(&*tx)
            .await?;
        tx.commit().await?;
        self.complete_claims(claimed).await
    }

    /// The dispatcher's start over all partners: claims of a dead process are due again.
    pub async fn release_delivery_claims(&self) -> Result<u64, StoreError> {
        let tx = self.begin_write().await?;
        let released = deliveries::Entity::update_many()
            .col_expr(Column::DueAt, planned())
            .filter(Column::DueAt.is_not_null())
            .exec(&*tx)
            .await?;
        tx.commit().await?;
        Ok(released.rows_affected)
    }

    /// When the next delivery of anybody is due, for the dispatcher's sleep; those to the endpoints
    /// in `busy` are not looked at.
    pub async fn next_delivery_due(
        &self,
        busy: &[EndpointId],
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let next: Option<Option<i64>> = deliveries::Entity::find()
            .select_only()
            .column(Column::DueAt)
            .filter(Column::DueAt.is_not_null())
            .filter(none_of(busy))
            .order_by_asc(Column::DueAt)
            .limit(1)
            .into_tuple()
            .one(self.db())
            .await?;
        time_opt(next.flatten())
    }

    /// Puts a claimed delivery off without counting an attempt: what hinders it is the server's
    /// own. `reason` is told as its last error.
    pub async fn put_off_delivery(
        &self,
        claimed: &ClaimedDelivery,
        until: DateTime<Utc>,
        reason: &str,
    ) -> Result<(), StoreError> {
        let tx = self.begin_write().await?;
        deliveries::Entity::update_many()
            .col_expr(Column::DueAt, Expr::value(micros(until)))
            .col_expr(Column::LastError, Expr::value(reason))
            .filter(Column::Id.eq(claimed.delivery.id.as_str()))
            .filter(Column::DueAt.is_not_null())
            .exec(&*tx)
            .await?;
        tx.commit().await
    }

    /// Keeps an attempt, what comes of the delivery, and that its endpoint goes off where there is
    /// a reason to, together. Attempts that wait are committed together too.
    pub async fn record_attempt(
        &self,
        claimed: &ClaimedDelivery,
        attempt: NewAttempt,
        outcome: AttemptOutcome,
        switch_off: Option<DisabledReason>,
    ) -> Result<RecordedAttempt, StoreError> {
        let text = |headers| {
            serde_json::to_string(headers).map_err(|_| StoreError::Corrupt("a header".to_owned()))
        };
        let made = MadeAttempt {
            delivery_id: claimed.delivery.id.clone(),
            partner_id: claimed.delivery.partner_id.clone(),
            endpoint_id: claimed.delivery.endpoint_id.clone(),
            platform: claimed.delivery.platform.clone(),
            url: claimed.delivery.url.clone(),
            replay: claimed.replay,
            outcome,
            switch_off,
            request_headers: text(&attempt.request_headers)?,
            response_headers: text(&attempt.response_headers)?,
            at: attempt.at,
            duration_ms: attempt.duration_ms,
            status: attempt.status,
            error: attempt.error,
            response_body: attempt.response_body,
        };
        let recorded = self.writer().record(made).await.unwrap_or(Err(WriteError::Closed));
        Ok(recorded?)
    }

    /// Adds body and secret to claimed rows.
    async fn complete_claims(
        &self,
        claimed: Vec<deliveries::Model>,
    ) -> Result<Vec<ClaimedDelivery>, StoreError> {
        if claimed.is_empty() {
            return Ok(Vec::new());
        }
        let events = events::Entity::find()
            .filter(
                events::Column::Id.is_in(claimed.iter().map(|delivery| delivery.event_id.as_str())),
            )
            .all(self.db())
            .await?;
        let endpoints = webhook_endpoints::Entity::find()
            .filter(
                webhook_endpoints::Column::Id
                    .is_in(claimed.iter().map(|delivery| delivery.endpoint_id.as_str())),
            )
            .all(self.db())
            .await?;
        let events: HashMap<_, _> =
            events.into_iter().map(|event| (event.id.clone(), event)).collect();
        let endpoints: HashMap<_, _> =
            endpoints.into_iter().map(|endpoint| (endpoint.id.clone(), endpoint)).collect();
        let complete = |delivery: deliveries::Model| {
            let event = events.get(&delivery.event_id).cloned();
            let endpoint = endpoints.get(&delivery.endpoint_id).cloned();
            let (event, endpoint) = event.zip(endpoint).ok_or_else(|| {
                StoreError::Corrupt(format!("the delivery {} lacks its event", delivery.id))
            })?;
            claimed_delivery(delivery, event, endpoint)
        };
        claimed.into_iter().map(complete).collect()
    }
}

/// Deliveries to other endpoints than these.
fn none_of(endpoints: &[EndpointId]) -> Expr {
    Column::EndpointId.is_not_in(endpoints.iter().map(EndpointId::as_str))
}

fn claimed_delivery(
    delivery: deliveries::Model,
    event: events::Model,
    endpoint: webhook_endpoints::Model,
) -> Result<ClaimedDelivery, StoreError> {
    Ok(ClaimedDelivery {
        body: event.body,
        subject: event.subject,
        previous: previous_secret(&endpoint)?,
        secret: SealedSecret {
            ciphertext: endpoint.secret_ciphertext,
            nonce: endpoint.secret_nonce,
        },
        scheduled_attempts: count(delivery.scheduled_attempts)?,
        replay: delivery.replay_at.is_some(),
        delivery: delivery.try_into()?,
    })
}
