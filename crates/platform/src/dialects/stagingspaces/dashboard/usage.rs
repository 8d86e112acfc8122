//! `/api/v1/usage`: what was called and spent in the last thirty days.

use std::collections::BTreeMap;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use latchkey_contract::{Amount, Environment};
use latchkey_store::{UsageFilter, UsageRow, UsageSpan};
use serde_json::{Value, json};

use super::super::{super::timestamp, bodies::credits};
use crate::gateway::{MemberCall, Refusal};

/// Days told, today among them.
const DAYS: i64 = 30;

/// Calls and credits of live and test keys, in this order.
#[derive(Default, Clone, Copy)]
struct Used([(u64, Amount); 2]);

/// `GET /api/v1/usage`: days are those of UTC.
pub async fn read_usage(call: MemberCall) -> Result<Response, Refusal> {
    let today = call.now.date_naive();
    let first = today - TimeDelta::days(DAYS - 1);
    let from = first.and_time(NaiveTime::MIN).and_utc();
    let filter = UsageFilter {
        span: UsageSpan::QuarterHour,
        from,
        to: call.now + TimeDelta::seconds(UsageSpan::QuarterHour.seconds()),
        environment: None,
        platform: Some(call.manifest().slug.clone()),
        key_id: None,
        operation: None,
        group_by: None,
    };
    let rows = call.context().store.list_usage(call.partner(), &filter).await?;
    let mut days: BTreeMap<NaiveDate, Used> = first
        .iter_days()
        .take_while(|day| *day <= today)
        .map(|day| (day, Used::default()))
        .collect();
    let mut all = Used::default();
    for row in &rows {
        all.add(row);
        if let Some(day) = days.get_mut(&row.bucket.date_naive()) {
            day.add(row);
        }
    }
    let daily: Vec<Value> = days
        .iter()
        .map(|(date, used)| json!({ "date": date, "live": used.told(0), "test": used.told(1) }))
        .collect();
    Ok(Json(json!({
        "from": timestamp(from),
        "to": timestamp(call.now),
        "live": all.told(0),
        "test": all.told(1),
        "daily": daily,
    }))
    .into_response())
}

impl Used {
    fn add(&mut self, row: &UsageRow) {
        let at = match row.environment {
            Environment::Live => 0,
            Environment::Test => 1,
        };
        let (requests, credits) = &mut self.0[at];
        *requests += row.requests;
        *credits = Amount(credits.0.saturating_add(row.credits.0));
    }

    fn told(&self, at: usize) -> Value {
        let (requests, spent) = self.0[at];
        json!({ "requests": requests, "credits": credits(spent) })
    }
}
