//! What a customer used.

use std::collections::HashMap;

use chrono::NaiveDate;
use latchkey_store::{EventUsage, billing::month_of};
use serde_json::{Value, json};

use super::{super::timestamp, book, find_customer, lists};
use crate::gateway::{Call, Refusal, Reply};

/// `GET /customers/{id}/usage`: of this month unless told otherwise, both days included.
pub async fn read(mut call: Call) -> Result<Reply, Refusal> {
    let reference = call.segment().await;
    let customer = find_customer(&call, &reference).await?;
    let query = call.query();
    let window = lists::window(&query)?;
    let (first, today) = (month_of(call.now).0, call.now.date_naive());
    let (from, to) = match (date(&query, "start_date")?, date(&query, "end_date")?) {
        (Some(from), to) => (from, to.unwrap_or(today.max(from))),
        (None, to) => (first.min(to.unwrap_or(today)), to.unwrap_or(today)),
    };
    if to < from {
        return Err(Refusal::invalid("end_date", "must not lie before `start_date`"));
    }
    let named = query.get("event_name").map(String::as_str);
    let store = &call.context().store;
    let usage = store.list_customer_usage(&book(&call), &customer.id, (from, to), named).await?;
    Ok(lists::list(&lists::part(usage, window), window, body).into())
}

fn date(query: &HashMap<String, String>, name: &str) -> Result<Option<NaiveDate>, Refusal> {
    let Some(text) = query.get(name) else { return Ok(None) };
    let wrong = |_| Refusal::invalid(name, "must be a date such as 2026-01-31");
    text.parse().map(Some).map_err(wrong)
}

fn body(usage: &EventUsage) -> Value {
    json!({
        "event_name": usage.event_name,
        "count": usage.quantity,
        "last_event_at": timestamp(usage.last_at),
    })
}
