//! Plans. Two exist in a new account, so that the first request shows something.

use latchkey_store::{NewPlan, PlanRow, PlanStatus};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{super::timestamp, book, lists, new_id};
use crate::gateway::{Call, Refusal, Reply};

/// What a plan includes, counted by the month.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Feature {
    pub id: String,
    pub name: String,
    /// The usage events it is measured by.
    pub event_name: String,
    pub is_unlimited: bool,
    /// Events a month; absent where there is no limit.
    pub limit: Option<i64>,
}

/// A plan and what it includes.
pub struct Plan {
    pub row: PlanRow,
    pub features: Vec<Feature>,
}

/// `GET /plans`
pub async fn list(call: Call) -> Result<Reply, Refusal> {
    let query = call.query();
    let window = lists::window(&query)?;
    let statuses = [
        ("active", PlanStatus::Active),
        ("inactive", PlanStatus::Inactive),
        ("archived", PlanStatus::Archived),
    ];
    let status = lists::choice(&query, "status", &statuses)?.unwrap_or(PlanStatus::Active);
    all(&call).await?;
    let part = call.context().store.page_plans(&book(&call), status, window).await?;
    Ok(lists::list(&part, window, body).into())
}

/// `GET /plans/{id}`
pub async fn read(mut call: Call) -> Result<Reply, Refusal> {
    let id = call.segment().await;
    let found = call.context().store.get_plan(&book(&call), &id).await?;
    let row = found.ok_or(Refusal::NotFound { what: "plan", id })?;
    Ok(lists::one(&body(&row)).into())
}

/// All plans of the account in the key's environment, in their order.
pub async fn all(call: &Call) -> Result<Vec<Plan>, Refusal> {
    let (store, book) = (&call.context().store, book(call));
    let mut rows = store.list_plans(&book).await?;
    if rows.is_empty() {
        store.create_plans(&book, first_plans(call), call.now).await?;
        rows = store.list_plans(&book).await?;
    }
    rows.into_iter().map(Plan::of).collect()
}

impl Plan {
    fn of(row: PlanRow) -> Result<Self, Refusal> {
        let features = serde_json::from_str(&row.features);
        let unreadable = |_| Refusal::Internal { cause: format!("plan {} is unreadable", row.id) };
        Ok(Self { features: features.map_err(unreadable)?, row })
    }
}

fn body(row: &PlanRow) -> Value {
    let status = match row.status {
        PlanStatus::Active => "active",
        PlanStatus::Inactive => "inactive",
        PlanStatus::Archived => "archived",
    };
    json!({
        "id": row.id,
        "code": row.code,
        "name": row.name,
        "description": row.description,
        "status": status,
        "billing_cycles": read_json(&row.billing_cycles),
        "features": read_json(&row.features),
        "created_at": timestamp(row.created_at),
    })
}

fn read_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// What a new account sells.
fn first_plans(call: &Call) -> Vec<NewPlan> {
    let feature = |id: &str, name: &str, event_name: &str, limit: Option<i64>| Feature {
        id: id.to_owned(),
        name: name.to_owned(),
        event_name: event_name.to_owned(),
        is_unlimited: limit.is_none(),
        limit,
    };
    let cycle = |interval: &str, price: &str| json!({ "interval": interval, "price": price, "currency": "USD" });
    let plan =
        |code: &str, name: &str, description: &str, cycles: Value, features: Vec<Feature>| {
            NewPlan {
                id: new_id(call),
                code: code.to_owned(),
                name: name.to_owned(),
                description: description.to_owned(),
                status: PlanStatus::Active,
                billing_cycles: cycles.to_string(),
                features: json!(features).to_string(),
            }
        };
    vec![
        plan(
            "starter",
            "Starter",
            "To begin with: a thousand API calls a month.",
            json!([cycle("month", "29.00"), cycle("year", "290.00")]),
            vec![
                feature("api_calls", "API calls", "api_call", Some(1_000)),
                feature("reports", "Reports", "report_created", Some(10)),
            ],
        ),
        plan(
            "growth",
            "Growth",
            "For more: a hundred thousand API calls a month, and reports without a limit.",
            json!([cycle("month", "199.00"), cycle("year", "1990.00")]),
            vec![
                feature("api_calls", "API calls", "api_call", Some(100_000)),
                feature("reports", "Reports", "report_created", None),
                feature("exports", "Exports", "export_created", Some(100)),
            ],
        ),
    ]
}
