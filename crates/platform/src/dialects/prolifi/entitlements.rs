//! Entitlements: what a customer's plan lets it use, and how much of it is used. They begin anew
//! with each month (UTC).

use std::collections::HashMap;

use axum::http::StatusCode;
use chrono::{DateTime, Days, NaiveTime, Utc};
use latchkey_store::{CustomerRow, EventUsage, MonthUsage, Repeat, Written, billing::month_of};
use serde_json::{Value, json};

use super::{
    super::timestamp,
    book,
    customers::needed_text,
    faults::Faults,
    find_customer, lists,
    plans::{self, Feature, Plan},
};
use crate::gateway::{Call, Fields, Refusal, Reply};

const QUANTITY: std::ops::RangeInclusive<u32> = 1..=1_000_000_000;

/// What is left of a feature in a month.
struct Standing {
    limit: Option<i64>,
    used: i64,
}

impl Standing {
    /// `None` without a limit.
    fn remaining(&self) -> Option<i64> {
        self.limit.map(|limit| limit.saturating_sub(self.used).max(0))
    }

    fn allows(&self, quantity: i64) -> bool {
        self.remaining().is_none_or(|remaining| quantity <= remaining)
    }
}

/// `POST /entitlements/check`: asks and changes nothing. An archived customer, and one whose plan
/// lacks the feature, is entitled to nothing.
pub async fn check(mut call: Call, repeat: Option<Repeat>) -> Result<Written, Refusal> {
    let sent = call.object().await?;
    let (fields, mut faults) = (Fields::of_body(&sent), Faults::default());
    let reference = faults.note(needed_text(&fields, "customer_id"));
    let feature_id = faults.note(needed_text(&fields, "feature_id"));
    let quantity = faults.note(fields.integer("requested_quantity", QUANTITY)).unwrap_or(1);
    faults.finish()?;
    let customer = find_customer(&call, &reference).await?;
    let plans = plans::all(&call).await?;
    let known = plans.iter().flat_map(|plan| &plan.features).any(|one| one.id == feature_id);
    if !known {
        return Err(Refusal::NotFound { what: "feature", id: feature_id });
    }
    let standing = match feature_of(&plans, &customer, &feature_id) {
        Some(feature) => {
            let used = used_this_month(&call, &customer, Some(&feature.event_name)).await?;
            stand(feature, &used)
        }
        None => Standing { limit: Some(0), used: 0 },
    };
    let data = json!({
        "entitled": customer.archived_at.is_none() && standing.allows(quantity.into()),
        "limit": standing.limit,
        "current_usage": standing.used,
        "remaining": standing.remaining(),
    });
    let answer = lists::kept(StatusCode::OK, &data);
    match repeat {
        None => Ok(Written::Done { answer, tells: false }),
        Some(repeat) => {
            let store = &call.context().store;
            Ok(store.keep_answer(&book(&call), answer, repeat, call.now).await?)
        }
    }
}

/// `GET /customers/{id}/entitlements`
pub async fn list(mut call: Call) -> Result<Reply, Refusal> {
    let reference = call.segment().await;
    let customer = find_customer(&call, &reference).await?;
    let window = lists::window(&call.query())?;
    let plan = plans::all(&call).await?.into_iter().find(|plan| plan.row.id == customer.plan_id);
    let used = used_this_month(&call, &customer, None).await?;
    let reset_at = timestamp(month_end(call.now));
    let body = |feature: &Feature| {
        let standing = stand(feature, &used);
        json!({
            "feature_id": feature.id,
            "name": feature.name,
            "is_unlimited": standing.limit.is_none(),
            "limit": standing.limit,
            "current_usage": standing.used,
            "remaining": standing.remaining(),
            "reset_at": reset_at,
        })
    };
    let features = plan.map(|plan| plan.features).unwrap_or_default();
    Ok(lists::list(&lists::part(features, window), window, body).into())
}

fn feature_of<'p>(plans: &'p [Plan], customer: &CustomerRow, id: &str) -> Option<&'p Feature> {
    let plan = plans.iter().find(|plan| plan.row.id == customer.plan_id)?;
    plan.features.iter().find(|feature| feature.id == id)
}

fn stand(feature: &Feature, used: &[EventUsage]) -> Standing {
    let used = used.iter().find(|usage| usage.event_name == feature.event_name);
    Standing { limit: feature.limit, used: used.map_or(0, |usage| usage.quantity) }
}

async fn used_this_month(
    call: &Call,
    customer: &CustomerRow,
    event_name: Option<&str>,
) -> Result<Vec<EventUsage>, Refusal> {
    let (store, month) = (&call.context().store, month_of(call.now));
    Ok(store.list_customer_usage(&book(call), &customer.id, month, event_name).await?)
}

/// When the month of `now` is over.
fn month_end(now: DateTime<Utc>) -> DateTime<Utc> {
    let (_, last) = month_of(now);
    let next = last.checked_add_days(Days::new(1)).unwrap_or(last);
    next.and_time(NaiveTime::MIN).and_utc()
}

/// The limits of some customers' plans.
pub struct Limits {
    features: HashMap<String, Vec<Feature>>,
    reset_at: DateTime<Utc>,
}

impl Limits {
    /// Reads their plans.
    pub async fn of(call: &Call, customers: &[CustomerRow]) -> Result<Self, Refusal> {
        let plans = plans::all(call).await?;
        let features_of = |customer: &CustomerRow| {
            let plan = plans.iter().find(|plan| plan.row.id == customer.plan_id);
            plan.map(|plan| plan.features.clone()).unwrap_or_default()
        };
        let features = customers.iter().map(|one| (one.id.clone(), features_of(one))).collect();
        Ok(Self { features, reset_at: month_end(call.now) })
    }

    /// The limits that a use has just passed, with whose they are; one that was passed before is
    /// not told again.
    pub fn exceeded(&self, usage: &MonthUsage) -> Vec<(String, Value)> {
        let features = self.features.get(&usage.customer_id).into_iter().flatten();
        let passed = features.filter_map(|feature| {
            let limit = feature.limit.filter(|_| feature.event_name == usage.event_name)?;
            (usage.before <= limit && limit < usage.after).then_some((feature, limit))
        });
        let told = passed.map(|(feature, limit)| {
            let data = json!({
                "customer_id": usage.customer_id,
                "feature_id": feature.id,
                "limit": limit,
                "current_usage": usage.after,
                "reset_at": timestamp(self.reset_at),
            });
            (usage.customer_id.clone(), data)
        });
        told.collect()
    }
}
