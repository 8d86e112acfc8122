//! Customers.

use std::collections::HashMap;

use axum::http::StatusCode;
use latchkey_store::{
    CustomerChange, CustomerRow, NewCustomer, PlanStatus, Repeat, Telling, Written,
};
use serde_json::{Value, json};

use super::{
    super::timestamp,
    book,
    faults::Faults,
    find_customer, lists, new_id, plans,
    telling::{CUSTOMER_ARCHIVED, CUSTOMER_CREATED, Teller},
};
use crate::{
    gateway::{Call, Fields, Refusal, Reply},
    partners::is_email,
};

/// Characters of a text at most.
const LONGEST: usize = 255;

/// `GET /customers`: those that are not archived, unless asked for the others.
pub async fn list(call: Call) -> Result<Reply, Refusal> {
    let query: HashMap<_, _> = call.query();
    let window = lists::window(&query)?;
    let archived = lists::choice(&query, "status", &[("active", false), ("archived", true)])?;
    let store = &call.context().store;
    let part = store.page_customers(&book(&call), archived.unwrap_or(false), window).await?;
    Ok(lists::list(&part, window, body).into())
}

/// `GET /customers/{id}`
pub async fn read(mut call: Call) -> Result<Reply, Refusal> {
    let reference = call.segment().await;
    let row = find_customer(&call, &reference).await?;
    Ok(lists::one(&body(&row)).into())
}

/// `POST /customers`
pub async fn create(mut call: Call, repeat: Option<Repeat>) -> Result<Written, Refusal> {
    let sent = call.object().await?;
    let (fields, mut faults) = (Fields::of_body(&sent), Faults::default());
    let new = NewCustomer {
        id: new_id(&call),
        external_id: faults.note(text(&fields, "external_id")),
        email: faults.note(email(&fields).and_then(|email| fields.required("email", email))),
        name: faults.note(text(&fields, "name")),
        first_name: faults.note(text(&fields, "first_name")),
        last_name: faults.note(text(&fields, "last_name")),
        company_name: faults.note(text(&fields, "company_name")),
        plan_id: faults.note(plan(&call, &fields).await),
    };
    faults.note(check_named(&fields));
    faults.finish()?;
    let (book, store) = (book(&call), call.context().store.clone());
    let teller = Teller::of(&call, &[CUSTOMER_CREATED]).await?;
    let tell = move |row: &CustomerRow| {
        let data = body(row);
        let events = teller.tell(CUSTOMER_CREATED, &row.id, &data).into_iter().collect();
        Telling { answer: lists::kept(StatusCode::CREATED, &data), events }
    };
    Ok(store.create_customer(&book, new, repeat, call.now, tell).await?)
}

/// `PATCH /customers/{id}`: absent fields stay as they are; `null` takes `external_id` or
/// `company_name` away.
pub async fn update(mut call: Call, repeat: Option<Repeat>) -> Result<Written, Refusal> {
    let reference = call.segment().await;
    let row = find_customer(&call, &reference).await?;
    let sent = call.object().await?;
    let (fields, mut faults) = (Fields::of_body(&sent), Faults::default());
    let name = faults.note(text(&fields, "name"));
    let first_name = faults.note(text(&fields, "first_name"));
    let last_name = faults.note(text(&fields, "last_name"));
    // Both together are a whole name and replace the one that was given as a whole.
    let in_parts = (first_name.is_some() && last_name.is_some()).then_some(None);
    let change = CustomerChange {
        external_id: faults.note(or_none(&fields, "external_id")),
        email: faults.note(match sent.get("email") {
            Some(Value::Null) => fields.wrong("email", "must be there and cannot be taken away"),
            _ => email(&fields),
        }),
        name: name.map(Some).or(in_parts),
        first_name,
        last_name,
        company_name: faults.note(or_none(&fields, "company_name")),
        plan_id: match fields.get("plan_id") {
            Some(_) => Some(faults.note(plan(&call, &fields).await)),
            None => None,
        },
    };
    faults.finish()?;
    let (book, store) = (book(&call), call.context().store.clone());
    let tell = |row: &CustomerRow| Telling {
        answer: lists::kept(StatusCode::OK, &body(row)),
        events: Vec::new(),
    };
    Ok(store.update_customer(&book, &row.id, change, repeat, call.now, tell).await?)
}

/// `DELETE /customers/{id}`: archives; once more tells the same.
pub async fn archive(mut call: Call, repeat: Option<Repeat>) -> Result<Written, Refusal> {
    let reference = call.segment().await;
    let row = find_customer(&call, &reference).await?;
    let (book, store) = (book(&call), call.context().store.clone());
    let teller = Teller::of(&call, &[CUSTOMER_ARCHIVED]).await?;
    let tell = move |row: &CustomerRow, first: bool| {
        let data = body(row);
        let event = first.then(|| teller.tell(CUSTOMER_ARCHIVED, &row.id, &data)).flatten();
        Telling { answer: lists::kept(StatusCode::OK, &data), events: event.into_iter().collect() }
    };
    Ok(store.archive_customer(&book, &row.id, repeat, call.now, tell).await?)
}

const NAMELESS: &str = "is missing: send `name`, or `first_name` and `last_name`";

fn email(fields: &Fields<'_>) -> Result<Option<String>, Refusal> {
    match text(fields, "email")? {
        Some(email) if !is_email(&email) => {
            fields.wrong("email", "must be an email address such as name@example.com")
        }
        email => Ok(email),
    }
}

/// A customer has a name, whole or in two parts.
fn check_named(fields: &Fields<'_>) -> Result<(), Refusal> {
    let there = |name| fields.get(name).is_some();
    match (there("name"), there("first_name"), there("last_name")) {
        (true, ..) | (_, true, true) => Ok(()),
        (_, false, true) => fields.wrong("first_name", NAMELESS),
        (_, true, false) => fields.wrong("last_name", NAMELESS),
        (_, false, false) => fields.wrong("name", NAMELESS),
    }
}

/// A text that must be there.
pub fn needed_text(fields: &Fields<'_>, name: &str) -> Result<String, Refusal> {
    fields.required(name, text(fields, name)?)
}

/// A line of text that is not blank.
pub fn text(fields: &Fields<'_>, name: &str) -> Result<Option<String>, Refusal> {
    let Some(text) = fields.text_of(name, 1..=LONGEST)?.map(str::trim) else { return Ok(None) };
    if text.is_empty() || text.chars().any(char::is_control) {
        return fields.wrong(name, "must be one line of text and not blank");
    }
    Ok(Some(text.to_owned()))
}

/// The same, where `null` takes it away.
fn or_none(fields: &Fields<'_>, name: &str) -> Result<Option<Option<String>>, Refusal> {
    match fields.object().get(name) {
        Some(Value::Null) => Ok(Some(None)),
        _ => Ok(text(fields, name)?.map(Some)),
    }
}

/// The plan that is named, or else the account's first: one that is sold.
async fn plan(call: &Call, fields: &Fields<'_>) -> Result<String, Refusal> {
    let asked = text(fields, "plan_id")?;
    let plans = plans::all(call).await?;
    let mut sold = plans.into_iter().filter(|plan| plan.row.status == PlanStatus::Active);
    let plan = sold.find(|plan| asked.as_ref().is_none_or(|id| *id == plan.row.id));
    match plan {
        Some(plan) => Ok(plan.row.id),
        None => fields.wrong("plan_id", "must be the id of an active plan"),
    }
}

/// A customer as answers and webhooks tell it.
fn body(row: &CustomerRow) -> Value {
    let parts = || Some(format!("{} {}", row.first_name.as_ref()?, row.last_name.as_ref()?));
    json!({
        "id": row.id,
        "external_id": row.external_id,
        "type": if row.company_name.is_some() { "business" } else { "individual" },
        "name": row.name.clone().or_else(parts),
        "first_name": row.first_name,
        "last_name": row.last_name,
        "company_name": row.company_name,
        "email": row.email,
        "plan_id": row.plan_id,
        "status": if row.archived_at.is_some() { "archived" } else { "active" },
        "created_at": timestamp(row.created_at),
        "updated_at": timestamp(row.updated_at),
        "archived_at": row.archived_at.map(timestamp),
    })
}
