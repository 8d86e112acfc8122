//! Deliveries: one event to one endpoint, and its attempts.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    DeliveryId, EndpointId, Environment, EventId, Page, PartnerId, PrefixedId,
    webhooks::{DeliveryQuery, DeliveryState, Header},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, sea_query::Expr,
};

use crate::{
    NewDelivery, NewEvent, PreviousSecret, SealedSecret, Store, StoreError, audit,
    columns::{Word, count, id, micros, time, time_opt},
    connection::WriteTransaction,
    entities::{
        attempts,
        deliveries::{self, Column},
        events, webhook_endpoints,
    },
    pages::{last_id, page, page_limit},
};

mod clock;
mod dispatch;
mod health;
pub(crate) mod waiting;

/// One event on its way to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Its id.
    pub id: DeliveryId,
    /// Whose.
    pub partner_id: PartnerId,
    /// To which endpoint.
    pub endpoint_id: EndpointId,
    /// Slug of the platform.
    pub platform: String,
    /// Live or test.
    pub environment: Environment,
    /// Which event.
    pub event_id: EventId,
    /// The platform's name for it.
    pub event_type: String,
    /// Where it goes.
    pub url: String,
    /// Where it stands; waiting also while a replay is.
    pub state: DeliveryState,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Attempts made so far, replays too.
    pub attempts: u32,
    /// The last attempt.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// The next one.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// HTTP status of the last answer.
    pub last_status: Option<u16>,
    /// Why the last attempt got no answer.
    pub last_error: Option<String>,
    /// How long the last attempt took, in milliseconds.
    pub last_duration_ms: Option<u32>,
}

/// A delivery that is due, with all that an attempt needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedDelivery {
    /// The delivery.
    pub delivery: DeliveryRow,
    /// The body, byte for byte.
    pub body: String,
    /// The job it tells of.
    pub subject: String,
    /// The endpoint's signing secret.
    pub secret: SealedSecret,
    /// The secret before it, which may have to sign as well.
    pub previous: Option<PreviousSecret>,
    /// Attempts of the schedule so far: which delay comes next. Replays do not count.
    pub scheduled_attempts: u32,
    /// Whether somebody asked for this attempt; its failure leaves the schedule as it is.
    pub replay: bool,
}

/// An HTTP call just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttempt {
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// What was sent; no secrets.
    pub request_headers: Vec<Header>,
    /// What came back.
    pub response_headers: Vec<Header>,
    /// The first 20 kB of the answer, as text.
    pub response_body: Option<String>,
}

/// An HTTP call, as kept.
pub type AttemptRow = latchkey_contract::webhooks::Attempt;

/// What comes of a delivery after an attempt. It is recorded by the grouped writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// Answered with 2xx.
    Delivered,
    /// To be tried again then. Of a replay: leaves the schedule as it is.
    Retry {
        /// When.
        at: DateTime<Utc>,
    },
    /// Given up. Of a replay: leaves the schedule as it is.
    GaveUp,
}

impl Store {
    /// Keeps an event that no job caused (a test ping) with its deliveries; those to endpoints
    /// that are off or deleted are not written. Answers how many were.
    pub async fn create_event(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        event: NewEvent,
        now: DateTime<Utc>,
    ) -> Result<u32, StoreError> {
        let tx = self.begin_write().await?;
        let written = insert_event(&tx, partner_id, platform, &event, now).await?;
        tx.commit().await?;
        Ok(written)
    }

    /// The partner's deliveries, the newest first.
    pub async fn list_deliveries(
        &self,
        partner_id: &PartnerId,
        query: &DeliveryQuery,
    ) -> Result<Page<DeliveryRow>, StoreError> {
        let limit = page_limit(query.limit);
        let after = last_id::<DeliveryId>(query.cursor.as_deref())?;
        let found = deliveries::Entity::find()
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(chosen(query).add_option(after.map(|after| Column::Id.lt(after.as_str()))))
            .order_by_desc(Column::Id)
            .limit(limit + 1)
            .all(self.db())
            .await?;
        page(found, limit, |delivery| delivery.id.clone(), DeliveryRow::try_from)
    }

    /// One of the partner's deliveries.
    pub async fn get_delivery(
        &self,
        partner_id: &PartnerId,
        delivery_id: &DeliveryId,
    ) -> Result<Option<DeliveryRow>, StoreError> {
        let found =
            deliveries::Entity::find().filter(is(partner_id, delivery_id)).one(self.db()).await?;
        found.map(DeliveryRow::try_from).transpose()
    }

    /// One of the partner's deliveries with its body and its attempts, the oldest first.
    pub async fn get_delivery_detail(
        &self,
        partner_id: &PartnerId,
        delivery_id: &DeliveryId,
    ) -> Result<Option<(DeliveryRow, String, Vec<AttemptRow>)>, StoreError> {
        let Some(delivery) = self.get_delivery(partner_id, delivery_id).await? else {
            return Ok(None);
        };
        let event = events::Entity::find_by_id(delivery.event_id.as_str()).one(self.db()).await?;
        // Attempts are only ever added: those the row counts are those it was read with.
        let attempts = attempts::Entity::find()
            .filter(attempts::Column::DeliveryId.eq(delivery_id.as_str()))
            .filter(attempts::Column::Number.lte(i64::from(delivery.attempts)))
            .order_by_asc(attempts::Column::Number)
            .all(self.db())
            .await?;
        let attempts = attempts.into_iter().map(attempt_from).collect::<Result<_, _>>()?;
        Ok(Some((delivery, event.map(|event| event.body).unwrap_or_default(), attempts)))
    }

    /// Makes a delivery due now, once, without touching its schedule; `None` where the partner has
    /// no such delivery or its endpoint is off or deleted.
    pub async fn replay_delivery(
        &self,
        partner_id: &PartnerId,
        delivery_id: &DeliveryId,
        now: DateTime<Utc>,
    ) -> Result<Option<DeliveryRow>, StoreError> {
        let tx = self.begin_write().await?;
        let open = webhook_endpoints::Entity::find()
            .select_only()
            .column(webhook_endpoints::Column::Id)
            .filter(webhook_endpoints::Column::PartnerId.eq(partner_id.as_str()))
            .filter(webhook_endpoints::Column::DisabledAt.is_null())
            .filter(webhook_endpoints::Column::DeletedAt.is_null())
            .into_query();
        let due = deliveries::Entity::update_many()
            .col_expr(Column::ReplayAt, Expr::value(micros(now)))
            .col_expr(Column::DueAt, Expr::value(micros(now)))
            .filter(is(partner_id, delivery_id))
            .filter(Column::EndpointId.in_subquery(open))
            .exec_with_returning(&*tx)
            .await?;
        let due = due.into_iter().next().map(DeliveryRow::try_from).transpose()?;
        if let Some(delivery) = &due {
            let subject = ("delivery", delivery.id.as_str(), delivery.event_type.as_str());
            let event = self.record(partner_id, "delivery.replayed", subject, now);
            audit::append(&tx, event.on_platform(&delivery.platform)).await?;
        }
        tx.commit().await?;
        Ok(due)
    }
}

fn is(partner_id: &PartnerId, delivery_id: &DeliveryId) -> Condition {
    Condition::all()
        .add(Column::Id.eq(delivery_id.as_str()))
        .add(Column::PartnerId.eq(partner_id.as_str()))
}

fn chosen(query: &DeliveryQuery) -> Condition {
    Condition::all()
        .add_option(
            query
                .endpoint_id
                .as_ref()
                .map(|endpoint_id| Column::EndpointId.eq(endpoint_id.as_str())),
        )
        .add_option(query.platform.as_deref().map(|slug| Column::Platform.eq(slug)))
        .add_option(query.environment.map(|environment| Column::Environment.eq(environment.word())))
        .add_option(query.state.map(in_state))
}

/// A replay makes any delivery wait.
pub(crate) fn in_state(state: DeliveryState) -> Condition {
    let is = Column::State.eq(state.word());
    match state {
        DeliveryState::Waiting => Condition::any().add(is).add(Column::ReplayAt.is_not_null()),
        DeliveryState::Delivered | DeliveryState::Failed => {
            Condition::all().add(is).add(Column::ReplayAt.is_null())
        }
    }
}

/// Writes an event in somebody's transaction, with its deliveries to endpoints that take it;
/// answers how many these are.
pub(crate) async fn insert_event(
    tx: &WriteTransaction,
    partner_id: &PartnerId,
    platform: &str,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> Result<u32, StoreError> {
    events::Entity::insert(event_row(partner_id, platform, event, now))
        .exec_without_returning(&**tx)
        .await?;
    let mut written = 0;
    for delivery in &event.deliveries {
        if takes_events(tx, partner_id, platform, &delivery.endpoint_id).await? {
            let row = delivery_row(partner_id, platform, event, delivery, now);
            deliveries::Entity::insert(row).exec_without_returning(&**tx).await?;
            written += 1;
        }
    }
    Ok(written)
}

/// Whether the endpoint is the partner's, on and not deleted.
async fn takes_events(
    tx: &WriteTransaction,
    partner_id: &PartnerId,
    platform: &str,
    endpoint_id: &EndpointId,
) -> Result<bool, StoreError> {
    let found = webhook_endpoints::Entity::find_by_id(endpoint_id.as_str())
        .filter(webhook_endpoints::Column::PartnerId.eq(partner_id.as_str()))
        .filter(webhook_endpoints::Column::Platform.eq(platform))
        .filter(webhook_endpoints::Column::DisabledAt.is_null())
        .filter(webhook_endpoints::Column::DeletedAt.is_null())
        .one(&**tx)
        .await?;
    Ok(found.is_some())
}

fn event_row(
    partner_id: &PartnerId,
    platform: &str,
    event: &NewEvent,
    now: DateTime<Utc>,
) -> events::ActiveModel {
    events::ActiveModel {
        id: Set(event.id.to_string()),
        partner_id: Set(partner_id.to_string()),
        platform: Set(platform.to_owned()),
        environment: Set(event.environment.word().to_owned()),
        event_type: Set(event.event_type.clone()),
        subject: Set(event.subject.clone()),
        body: Set(event.body.clone()),
        at: Set(micros(now)),
    }
}

fn delivery_row(
    partner_id: &PartnerId,
    platform: &str,
    event: &NewEvent,
    delivery: &NewDelivery,
    now: DateTime<Utc>,
) -> deliveries::ActiveModel {
    deliveries::ActiveModel {
        id: Set(delivery.id.to_string()),
        partner_id: Set(partner_id.to_string()),
        endpoint_id: Set(delivery.endpoint_id.to_string()),
        event_id: Set(event.id.to_string()),
        platform: Set(platform.to_owned()),
        environment: Set(event.environment.word().to_owned()),
        event_type: Set(event.event_type.clone()),
        url: Set(delivery.url.clone()),
        state: Set(DeliveryState::Waiting.word().to_owned()),
        created_at: Set(micros(now)),
        attempts: Set(0),
        scheduled_attempts: Set(0),
        next_attempt_at: Set(Some(micros(delivery.at))),
        due_at: Set(Some(micros(delivery.at))),
        ..Default::default()
    }
}

fn attempt_from(model: attempts::Model) -> Result<AttemptRow, StoreError> {
    Ok(AttemptRow {
        number: count(model.number)?,
        at: time(model.at)?,
        duration_ms: count(model.duration_ms)?,
        status: status(model.status)?,
        error: model.error,
        request_headers: headers(&model.request_headers)?,
        response_headers: headers(&model.response_headers)?,
        response_body: model.response_body,
    })
}

fn headers(text: &str) -> Result<Vec<Header>, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt("an attempt's headers".to_owned()))
}

fn status(status: Option<i64>) -> Result<Option<u16>, StoreError> {
    status
        .map(|status| {
            u16::try_from(status).map_err(|_| StoreError::Corrupt(format!("the status {status}")))
        })
        .transpose()
}

impl TryFrom<deliveries::Model> for DeliveryRow {
    type Error = StoreError;

    fn try_from(model: deliveries::Model) -> Result<Self, StoreError> {
        let state = DeliveryState::from_word(&model.state)?;
        Ok(Self {
            id: id(model.id)?,
            partner_id: id(model.partner_id)?,
            endpoint_id: id(model.endpoint_id)?,
            platform: model.platform,
            environment: Environment::from_word(&model.environment)?,
            event_id: id(model.event_id)?,
            event_type: model.event_type,
            url: model.url,
            state: if model.replay_at.is_some() { DeliveryState::Waiting } else { state },
            created_at: time(model.created_at)?,
            attempts: count(model.attempts)?,
            last_attempt_at: time_opt(model.last_attempt_at)?,
            next_attempt_at: time_opt(model.replay_at.or(model.next_attempt_at))?,
            last_status: status(model.last_status)?,
            last_error: model.last_error,
            last_duration_ms: model.last_duration_ms.map(count).transpose()?,
        })
    }
}
