//! Usage events: one, or many at once.

use std::collections::HashMap;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use latchkey_store::{
    CustomerRow, NewUsageEvent, Recorded, RecordedEvent, Repeat, Telling, Written,
};
use serde_json::{Map, Value, json};

use super::{
    super::timestamp,
    book,
    customers::{needed_text, text},
    entitlements::Limits,
    faults::Faults,
    lists, new_id,
    telling::{ENTITLEMENT_EXCEEDED, Teller, USAGE_RECORDED},
};
use crate::gateway::{Call, Fields, Refusal};

/// Events of one batch at most.
const MOST: usize = 1_000;
/// How much one event may count.
const QUANTITY: std::ops::RangeInclusive<u32> = 0..=1_000_000_000;
/// How far another clock may be ahead.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// A checked event of a customer who is yet to be found.
struct Reported {
    customer: String,
    event: NewUsageEvent,
}

/// `POST /events`
pub async fn record(mut call: Call, repeat: Option<Repeat>) -> Result<Written, Refusal> {
    let sent = call.object().await?;
    let Reported { customer, event } = Reported::read(&sent, &call)?;
    let row = super::find_customer(&call, &customer).await?;
    let event = assign(event, &row)?;
    let answer = |recorded: &Recorded| {
        let data = recorded.events.first().map(body).unwrap_or_default();
        lists::kept(StatusCode::CREATED, &data)
    };
    write(&call, vec![event], &[row], repeat, answer).await
}

/// `POST /events/batch`: each event on its own.
pub async fn record_batch(mut call: Call, repeat: Option<Repeat>) -> Result<Written, Refusal> {
    let sent = call.object().await?;
    let fields = Fields::of_body(&sent);
    let items = match fields.required("events", fields.get("events"))? {
        Value::Array(items) if (1..=MOST).contains(&items.len()) => items,
        _ => return fields.wrong("events", format!("must be a list of 1 to {MOST} events")),
    };
    let reported: Vec<_> = items.iter().map(|item| Reported::read_item(item, &call)).collect();
    let customers: Vec<_> = reported.iter().flatten().map(|one| one.customer.clone()).collect();
    let known = call.context().store.get_customers(&book(&call), &customers).await?;
    let (mut events, mut errors) = (Vec::new(), Vec::new());
    for (index, reported) in reported.into_iter().enumerate() {
        match reported.and_then(|reported| reported.assigned(&known)) {
            Ok(event) => events.push(event),
            Err(refusal) => errors.push(error(index, &refusal)),
        }
    }
    let accepted = events.len();
    let answer = move |_: &Recorded| {
        let data = json!({ "accepted": accepted, "rejected": errors.len(), "errors": errors });
        lists::kept(StatusCode::OK, &data)
    };
    let customers: Vec<_> = known.into_values().collect();
    write(&call, events, &customers, repeat, answer).await
}

/// Records the events, and tells of each, and of limits that they pass.
async fn write(
    call: &Call,
    events: Vec<NewUsageEvent>,
    customers: &[CustomerRow],
    repeat: Option<Repeat>,
    answer: impl FnOnce(&Recorded) -> latchkey_store::Answer + Send,
) -> Result<Written, Refusal> {
    let teller = Teller::of(call, &[USAGE_RECORDED, ENTITLEMENT_EXCEEDED]).await?;
    let limits = Limits::of(call, customers).await?;
    let tell = |recorded: &Recorded| {
        let new = recorded.events.iter().filter(|recorded| !recorded.repeated);
        let told = new.filter_map(|recorded| {
            teller.tell(USAGE_RECORDED, &recorded.event.customer_id, &body(recorded))
        });
        let exceeded = recorded.month.iter().flat_map(|usage| limits.exceeded(usage));
        let exceeded = exceeded
            .filter_map(|(customer, data)| teller.tell(ENTITLEMENT_EXCEEDED, &customer, &data));
        Telling { answer: answer(recorded), events: told.chain(exceeded).collect() }
    };
    let store = &call.context().store;
    Ok(store.record_usage(&book(call), events, repeat, call.now, tell).await?)
}

impl Reported {
    fn read_item(item: &Value, call: &Call) -> Result<Self, Refusal> {
        match item {
            Value::Object(object) => Self::read(object, call),
            _ => Err(Refusal::invalid("event", "must be an object")),
        }
    }

    fn read(sent: &Map<String, Value>, call: &Call) -> Result<Self, Refusal> {
        let (fields, mut faults) = (Fields::of_body(sent), Faults::default());
        let customer = faults.note(needed_text(&fields, "customer_id"));
        let event_name = faults.note(needed_text(&fields, "event_name"));
        let (properties, quantity) = faults.note(properties(&fields));
        let event = NewUsageEvent {
            id: new_id(call),
            customer_id: String::new(),
            event_name,
            subscription_id: faults.note(text(&fields, "subscription_id")),
            quantity,
            properties,
            idempotency_key: faults.note(text(&fields, "idempotency_key")),
            at: faults.note(time(&fields, call.now)).unwrap_or(call.now),
        };
        faults.finish()?;
        Ok(Self { customer, event })
    }

    fn assigned(self, known: &HashMap<String, CustomerRow>) -> Result<NewUsageEvent, Refusal> {
        match known.get(&self.customer) {
            Some(customer) => assign(self.event, customer),
            None => Err(Refusal::invalid("customer_id", "is no customer's")),
        }
    }
}

fn assign(event: NewUsageEvent, customer: &CustomerRow) -> Result<NewUsageEvent, Refusal> {
    if customer.archived_at.is_some() {
        return Err(Refusal::unprocessable("customer_id", "is of an archived customer"));
    }
    Ok(NewUsageEvent { customer_id: customer.id.clone(), ..event })
}

/// The properties as they are kept, and how much the event counts.
fn properties(fields: &Fields<'_>) -> Result<(String, i64), Refusal> {
    let Some(properties) = fields.inner("properties")? else {
        return Ok((json!({ "count": 1 }).to_string(), 1));
    };
    let quantity = properties.integer("count", QUANTITY)?.unwrap_or(1);
    Ok((Value::Object(properties.object().clone()).to_string(), quantity.into()))
}

fn time(fields: &Fields<'_>, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Refusal> {
    let Some(text) = fields.text("timestamp")? else { return Ok(None) };
    let time = DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    match time.filter(|time| time.timestamp() >= 0) {
        Some(time) if time > now + AHEAD => fields.wrong("timestamp", "must not lie in the future"),
        Some(time) => Ok(Some(time)),
        None => fields.wrong("timestamp", "must be a time such as 2026-01-31T12:00:00Z"),
    }
}

/// An event as answers and webhooks tell it.
fn body(recorded: &RecordedEvent) -> Value {
    let event = &recorded.event;
    let properties: Value = serde_json::from_str(&event.properties).unwrap_or_default();
    json!({
        "id": event.id,
        "customer_id": event.customer_id,
        "event_name": event.event_name,
        "subscription_id": event.subscription_id,
        "timestamp": timestamp(event.at),
        "properties": properties,
        "idempotency_key": event.idempotency_key,
        "created_at": timestamp(recorded.created_at),
    })
}

/// Why an event of a batch was not recorded.
fn error(index: usize, refusal: &Refusal) -> Value {
    match refusal {
        Refusal::InvalidField { field, problem, .. }
        | Refusal::Unprocessable { field, problem } => {
            json!({ "index": index, "field": field, "message": problem })
        }
        other => json!({ "index": index, "field": null, "message": other.to_string() }),
    }
}
