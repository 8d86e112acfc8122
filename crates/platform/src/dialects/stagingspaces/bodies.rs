//! What answers and webhooks of finished jobs look like.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use latchkey_contract::{
    Amount,
    credits::{TopUpOutcome, TopUpTrigger},
};
use latchkey_store::{AccountEvent, JobRow, JobState};
use serde_json::{Value, json};

use super::{
    super::{Event, timestamp},
    order::{Order, Work},
};

/// Code of a job that failed for what was uploaded.
pub const UNREADABLE: &str = "unreadable_image";

/// The answer to a call whose job has ended.
pub fn made(job: &JobRow, order: &Order) -> Response {
    let Some(image_url) = image_url(job, order) else { return failed(job) };
    let mut body = json!({ "success": true, "image_url": image_url });
    if let Work::Stage { claim_code, .. } = &order.work {
        body["claim_code"] = json!(claim_code);
    }
    Json(body).into_response()
}

fn failed(job: &JobRow) -> Response {
    let (status, error, message) = match &job.failure {
        Some(failure) => {
            let its_fault = failure.code == UNREADABLE;
            let ours = StatusCode::INTERNAL_SERVER_ERROR;
            let status = if its_fault { StatusCode::BAD_REQUEST } else { ours };
            (status, failure.code.as_str(), failure.message.as_str())
        }
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "It took too long and was given up. Nothing was charged; try again.",
        ),
    };
    let body = json!({ "success": false, "error": error, "message": message });
    (status, Json(body)).into_response()
}

/// Where the picture of a job lies.
pub fn image_url(job: &JobRow, order: &Order) -> Option<String> {
    let path = job.output.as_ref()?.get("path")?.as_str()?;
    (job.state == JobState::Succeeded).then(|| format!("{}{path}", order.origin))
}

/// `staging.complete`; what is left of the credits is added by [`tell_balance`].
pub fn staging_complete(job: &JobRow) -> Option<Event<'static>> {
    let order = Order::of_job(job)?;
    let image_url = image_url(job, &order)?;
    let Work::Stage { style, room_type, claim_code } = &order.work else { return None };
    let data = json!({
        "image_url": image_url,
        "claim_code": claim_code,
        "style": style,
        "room_type": room_type,
        "credits_used": credits(job.captured),
        "credits_remaining": null,
    });
    Some(event("staging.complete", job.finished_at?, data))
}

/// Completes the body of `staging.complete`.
pub fn tell_balance(event: &mut Event<'_>, balance: Amount) {
    let Ok(mut body) = serde_json::from_str::<Value>(&event.body) else { return };
    body["data"]["credits_remaining"] = credits(balance);
    event.body = body.to_string();
}

/// `credits.low`, `auto_topup.success`, `auto_topup.failed`. What a member buys by hand is not
/// told: the answer has told it.
pub fn account_event(happened: &AccountEvent<'_>) -> Option<Event<'static>> {
    match *happened {
        AccountEvent::LowBalance { account, at } => {
            let data = json!({ "current_balance": credits(account.balance) });
            Some(event("credits.low", at, data))
        }
        AccountEvent::TopUp { top_up, account } if top_up.trigger == TopUpTrigger::Rule => {
            let mut data = json!({
                "amount": credits(top_up.amount),
                "current_balance": credits(account.balance),
            });
            let event_type = match top_up.outcome {
                TopUpOutcome::Booked => "auto_topup.success",
                TopUpOutcome::NotBooked => {
                    data["reason"] = json!(top_up.reason);
                    "auto_topup.failed"
                }
            };
            Some(event(event_type, top_up.at, data))
        }
        AccountEvent::TopUp { .. } => None,
    }
}

/// An event in its envelope.
pub fn event(event_type: &'static str, at: DateTime<Utc>, data: Value) -> Event<'static> {
    let body = json!({ "event": event_type, "timestamp": timestamp(at), "data": data });
    Event { event_type, body: body.to_string() }
}

/// Credits as a JSON number: whole where they are.
pub fn credits(amount: Amount) -> Value {
    if amount.0 % Amount::PER_CREDIT == 0 {
        json!(amount.0 / Amount::PER_CREDIT)
    } else {
        json!(amount.0 as f64 / Amount::PER_CREDIT as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_are_whole_where_they_are() {
        for (millionths, told) in
            [(0, "0"), (12_000_000, "12"), (1_500_000, "1.5"), (-2_000_000, "-2")]
        {
            assert_eq!(credits(Amount(millionths)).to_string(), told);
        }
    }
}
