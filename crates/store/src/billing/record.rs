//! Recording usage: events as they came, and the counts by day that everything is read from.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use latchkey_contract::PrefixedId;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{CaseStatement, Expr, OnConflict},
};

use super::{
    Book,
    answers::{Begun, Repeat, Telling, Written},
    in_book,
    usage::day_number,
};
use crate::{
    Store, StoreError,
    columns::{Word, micros, time},
    connection::WriteTransaction,
    entities::{
        billing_events::{self, Column},
        billing_usage,
    },
};

/// Rows written or looked up by one statement.
const AT_ONCE: usize = 500;

/// A usage event to be recorded; of a customer of the same book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUsageEvent {
    /// A UUID.
    pub id: String,
    /// Whose.
    pub customer_id: String,
    /// The kind; usage is counted by it.
    pub event_name: String,
    /// The partner's own reference.
    pub subscription_id: Option<String>,
    /// How much it counts.
    pub quantity: i64,
    /// JSON, as it was sent.
    pub properties: String,
    /// Recorded once under the same one, for good.
    pub idempotency_key: Option<String>,
    /// When it happened.
    pub at: DateTime<Utc>,
}

/// An event of which there is a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    /// As it was recorded first.
    pub event: NewUsageEvent,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Whether it was recorded before, and this call has counted nothing.
    pub repeated: bool,
}

/// What a customer has used in this month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthUsage {
    /// Who.
    pub customer_id: String,
    /// Of what.
    pub event_name: String,
    /// Before this call.
    pub before: i64,
    /// With it.
    pub after: i64,
}

/// What a call recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// One for each event, in their order.
    pub events: Vec<RecordedEvent>,
    /// What they add to in the current month.
    pub month: Vec<MonthUsage>,
}

/// Customer and event name.
type Counted = (String, String);

impl Store {
    /// Records events and counts them, all or none of them.
    pub async fn record_usage(
        &self,
        book: &Book,
        events: Vec<NewUsageEvent>,
        repeat: Option<Repeat>,
        now: DateTime<Utc>,
        tell: impl FnOnce(&Recorded) -> Telling + Send,
    ) -> Result<Written, StoreError> {
        let change = match self.begin_change(book, repeat, now).await? {
            Begun::Fresh(change) => change,
            Begun::Replayed(answer) => return Ok(Written::Replayed(answer)),
        };
        let written = insert_events(&change.tx, book, &events, now).await?;
        let new = || events.iter().filter(|event| written.contains(&event.id));
        count_events(&change.tx, book, new()).await?;
        let month = month_usage(&change.tx, book, new(), now).await?;
        let events = with_earlier(&change.tx, book, events, &written, now).await?;
        change.finish(tell(&Recorded { events, month })).await
    }
}

/// Writes the events but those that are known; answers the ids of those it wrote.
async fn insert_events(
    tx: &WriteTransaction,
    book: &Book,
    events: &[NewUsageEvent],
    now: DateTime<Utc>,
) -> Result<HashSet<String>, StoreError> {
    let known = [Column::PartnerId, Column::Platform, Column::Environment, Column::IdempotencyKey];
    let mut written = HashSet::new();
    for some in events.chunks(AT_ONCE) {
        let rows = some.iter().map(|event| row(book, event.clone(), now));
        let ids = billing_events::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns(known).do_nothing().to_owned())
            .exec_with_returning_keys(&**tx)
            .await?;
        written.extend(ids);
    }
    Ok(written)
}

/// Adds the events to the counts of their days.
async fn count_events(
    tx: &WriteTransaction,
    book: &Book,
    events: impl Iterator<Item = &NewUsageEvent>,
) -> Result<(), StoreError> {
    use billing_usage::{ActiveModel, Column, Entity};
    let mut days: BTreeMap<(&str, &str, i64), (i64, i64)> = BTreeMap::new();
    for event in events {
        let day = day_number(event.at.date_naive());
        let count = days.entry((&event.customer_id, &event.event_name, day)).or_default();
        count.0 = count.0.checked_add(event.quantity).ok_or(StoreError::AmountOutOfRange)?;
        count.1 = Ord::max(count.1, micros(event.at));
    }
    let rows: Vec<_> = days
        .into_iter()
        .map(|((customer_id, event_name, day), (quantity, last_at))| ActiveModel {
            partner_id: Set(book.partner_id.to_string()),
            platform: Set(book.platform.clone()),
            environment: Set(book.environment.word().to_owned()),
            customer_id: Set(customer_id.to_owned()),
            event_name: Set(event_name.to_owned()),
            day: Set(day),
            quantity: Set(quantity),
            last_at: Set(last_at),
        })
        .collect();
    let (kept, more) =
        (|column| Expr::col((Entity, column)), |column: Column| Expr::col(("excluded", column)));
    let later = CaseStatement::new()
        .case(more(Column::LastAt).gt(kept(Column::LastAt)), more(Column::LastAt))
        .finally(kept(Column::LastAt));
    let key = [
        Column::PartnerId,
        Column::Platform,
        Column::Environment,
        Column::CustomerId,
        Column::EventName,
        Column::Day,
    ];
    let add = OnConflict::columns(key)
        .value(Column::Quantity, kept(Column::Quantity).add(more(Column::Quantity)))
        .value(Column::LastAt, later)
        .to_owned();
    for some in rows.chunks(AT_ONCE) {
        let rows = some.iter().cloned();
        Entity::insert_many(rows).on_conflict(add.clone()).exec_without_returning(&**tx).await?;
    }
    Ok(())
}

/// What those who were counted have used in the month of `now`.
async fn month_usage(
    tx: &WriteTransaction,
    book: &Book,
    events: impl Iterator<Item = &NewUsageEvent>,
    now: DateTime<Utc>,
) -> Result<Vec<MonthUsage>, StoreError> {
    use billing_usage::{Column, Entity};
    let (first, last) = month_of(now);
    let mut added: HashMap<Counted, i64> = HashMap::new();
    for event in events.filter(|event| (first..=last).contains(&event.at.date_naive())) {
        let counted = (event.customer_id.clone(), event.event_name.clone());
        *added.entry(counted).or_default() += event.quantity;
    }
    let distinct = |of: fn(&Counted) -> &String| -> Vec<String> {
        added.keys().map(of).collect::<HashSet<_>>().into_iter().cloned().collect()
    };
    let (customers, names) = (distinct(|(customer, _)| customer), distinct(|(_, name)| name));
    let mut usage = Vec::with_capacity(added.len());
    for customers in customers.chunks(AT_ONCE) {
        let found: Vec<(String, String, i64)> = Entity::find()
            .select_only()
            .column(Column::CustomerId)
            .column(Column::EventName)
            .column_as(Expr::col(Column::Quantity).sum().cast_as("BIGINT"), "quantity")
            .filter(in_book!(billing_usage, book))
            .filter(Column::CustomerId.is_in(customers.iter().map(String::as_str)))
            .filter(Column::EventName.is_in(names.iter().map(String::as_str)))
            .filter(Column::Day.between(day_number(first), day_number(last)))
            .group_by(Column::CustomerId)
            .group_by(Column::EventName)
            .into_tuple()
            .all(&**tx)
            .await?;
        for (customer_id, event_name, after) in found {
            let counted = (customer_id, event_name);
            let Some(added) = added.get(&counted) else { continue };
            let (customer_id, event_name) = counted;
            usage.push(MonthUsage { customer_id, event_name, before: after - added, after });
        }
    }
    Ok(usage)
}

/// Each event as it was recorded: those that were not written now, as they were before.
async fn with_earlier(
    tx: &WriteTransaction,
    book: &Book,
    events: Vec<NewUsageEvent>,
    written: &HashSet<String>,
    now: DateTime<Utc>,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let repeated = events.iter().filter(|event| !written.contains(&event.id));
    let keys: Vec<&str> = repeated.filter_map(|event| event.idempotency_key.as_deref()).collect();
    let mut earlier = HashMap::new();
    for keys in keys.chunks(AT_ONCE) {
        let found = billing_events::Entity::find()
            .filter(in_book!(billing_events, book))
            .filter(Column::IdempotencyKey.is_in(keys.iter().copied()))
            .all(&**tx)
            .await?;
        earlier.extend(found.into_iter().map(|model| (model.idempotency_key.clone(), model)));
    }
    let record = |event: NewUsageEvent| {
        if written.contains(&event.id) {
            return Ok(RecordedEvent { event, created_at: now, repeated: false });
        }
        let known = earlier.get(&event.idempotency_key).cloned();
        known.ok_or_else(|| StoreError::Corrupt("a usage event".to_owned()))?.try_into()
    };
    events.into_iter().map(record).collect()
}

/// The first and the last day of the month of `now`.
#[must_use]
pub fn month_of(now: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    let today = now.date_naive();
    let first = today.with_day(1).unwrap_or(today);
    let next = first.checked_add_months(Months::new(1));
    (first, next.and_then(|next| next.checked_sub_days(Days::new(1))).unwrap_or(today))
}

fn row(book: &Book, event: NewUsageEvent, now: DateTime<Utc>) -> billing_events::ActiveModel {
    billing_events::ActiveModel {
        id: Set(event.id),
        partner_id: Set(book.partner_id.to_string()),
        platform: Set(book.platform.clone()),
        environment: Set(book.environment.word().to_owned()),
        customer_id: Set(event.customer_id),
        event_name: Set(event.event_name),
        subscription_id: Set(event.subscription_id),
        quantity: Set(event.quantity),
        properties: Set(event.properties),
        idempotency_key: Set(event.idempotency_key),
        at: Set(micros(event.at)),
        created_at: Set(micros(now)),
    }
}

/// One that was recorded before.
impl TryFrom<billing_events::Model> for RecordedEvent {
    type Error = StoreError;

    fn try_from(model: billing_events::Model) -> Result<Self, StoreError> {
        let event = NewUsageEvent {
            id: model.id,
            customer_id: model.customer_id,
            event_name: model.event_name,
            subscription_id: model.subscription_id,
            quantity: model.quantity,
            properties: model.properties,
            idempotency_key: model.idempotency_key,
            at: time(model.at)?,
        };
        Ok(Self { event, created_at: time(model.created_at)?, repeated: true })
    }
}
