//! Deep Creative Labs: predictions of images and video, paid in dollars. Live keys only.

mod bodies;
mod errors;
mod order;

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::MethodFilter,
};
use chrono::{DateTime, NaiveTime, Utc};
use latchkey_contract::{Amount, PrefixedId, RequestId};
use latchkey_store::{JobRow, JobState};
use serde_json::{Value, json};

use self::{
    bodies::{Prediction, dollars},
    order::Order,
};
use super::{Dialect, Drawing, Event, webhook_url};
use crate::{
    gateway::{Call, Fields, Mount, Refusal, Reply, Submission, call},
    jobs::{self, Stored, Uploads},
    manifest::{Manifest, Model},
};

pub struct DeepCreative;

impl Dialect for DeepCreative {
    fn routes(&self) -> Router<Mount> {
        use MethodFilter as On;
        let create = || call(On::POST, "predictions.create", create_prediction);
        Router::new()
            .route("/account", call(On::GET, "account.read", read_account))
            .route("/{provider}/{model}/predictions", create())
            .route("/models/{provider}/{model}/predictions", create())
            .route("/status/{job_id}", call(On::GET, "predictions.read", read_prediction))
            .route("/cancel/{job_id}", call(On::POST, "predictions.cancel", cancel_prediction))
    }

    fn refuse(&self, refusal: &Refusal, _request_id: &RequestId) -> Response {
        errors::answer(refusal).into_response()
    }

    fn drawings(&self, job: &JobRow, _uploads: &Uploads) -> Vec<Drawing> {
        Order::of_job(job).map(|order| order.drawings()).unwrap_or_default()
    }

    fn output(&self, _job: &JobRow, kept: &[Stored], _now: DateTime<Utc>) -> Value {
        kept.iter().map(|medium| medium.path.as_str()).collect()
    }

    fn failure(&self) -> (&'static str, &'static str) {
        ("PREDICTION_FAILED", "The prediction failed. It was refunded in full.")
    }

    fn event(&self, job: &JobRow) -> Option<Event<'_>> {
        let event_type = match job.state {
            JobState::Succeeded => "prediction.succeeded",
            JobState::Failed => "prediction.failed",
            JobState::Canceled => "prediction.canceled",
            JobState::Queued | JobState::Running => return None,
        };
        let order = Order::of_job(job)?;
        let body = serde_json::to_string(&Prediction::of(job, &order)).ok()?;
        Some(Event { event_type, body })
    }
}

/// `POST /v1/{provider}/{model}/predictions`, `POST /v1/models/{provider}/{model}/predictions`
async fn create_prediction(mut call: Call) -> Result<Reply, Refusal> {
    let claim = call.claim()?;
    let (provider, model) = call.two_segments().await;
    let mount = call.mount.clone();
    let model = find_model(mount.manifest(), &format!("{provider}/{model}"))?;
    let body = call.object().await?;
    let fields = Fields::of_body(&body);
    order::check_repeated_names(&fields, model)?;
    let webhook_url = webhook_url(&call, &fields, "webhook")?;
    let order = Order::read(&fields, model, &call)?;
    let id: RequestId = call.context().entropy.id(call.now);
    let submission = Submission {
        job_id: format!("pred_{}", id.as_str().trim_start_matches("req_")),
        price: order.price(model, call.manifest().unit.decimals),
        request: order.to_json(),
        webhook_url,
        mock: None,
    };
    let accepted = call.charge(claim, &body, submission).await?;
    if accepted.repeated {
        return Err(Refusal::IdempotencyKeyReused { job_id: accepted.job.row.id.clone() });
    }
    let prediction = Json(Prediction::of(&accepted.job.row, &order));
    Ok(accepted.reply((StatusCode::CREATED, prediction)))
}

/// `GET /v1/status/{job_id}`
async fn read_prediction(mut call: Call) -> Result<Reply, Refusal> {
    let id = call.segment().await;
    let job = call.job("prediction", id).await?;
    tell(&job.row)
}

/// `POST /v1/cancel/{job_id}`: once more tells the same; what has ended otherwise stays so.
async fn cancel_prediction(mut call: Call) -> Result<Reply, Refusal> {
    let id = call.segment().await;
    let job = call.job("prediction", id).await?;
    let job = jobs::cancel(call.context(), call.mount.dialect(), &job.row).await?;
    match job.state {
        JobState::Canceled => tell(&job),
        state => {
            let problem = format!("has {} already and cannot be canceled", bodies::status(state));
            Err(Refusal::invalid("job_id", problem))
        }
    }
}

fn tell(job: &JobRow) -> Result<Reply, Refusal> {
    let unreadable = || Refusal::Internal { cause: "a prediction's request is unreadable".into() };
    let order = Order::of_job(job).ok_or_else(unreadable)?;
    Ok(Json(Prediction::of(job, &order)).into())
}

/// `GET /v1/account`: what the calling key may do, and has done today.
async fn read_account(call: Call) -> Result<Reply, Refusal> {
    let key = &call.key.row;
    let account = call.context().store.get_account(&key.partner_id, &key.platform).await?;
    let balance = account.map_or(Amount::ZERO, |account| account.balance);
    let spend = call.spend().await?;
    let left = key.spend_limits.credit_allowance.map(|allowance| {
        (allowance - spend.unwrap_or_default().in_all).max(Amount::ZERO).min(balance)
    });
    let spent_today = match spend {
        Some(spend) => spend.today(call.now),
        None => captured_today(&call).await?,
    };
    Ok(Json(json!({
        "account_id": key.partner_id,
        "credits_balance": dollars(left.unwrap_or(balance)),
        "rate_limit_per_minute": call.rate_limit(),
        "concurrent_limit": call.concurrent_limit(),
        "daily_limit": key.spend_limits.daily_limit.map(dollars),
        "spent_today": dollars(spent_today),
    }))
    .into())
}

/// What a key without limits has spent since 00:00 UTC; what it holds is not spent yet.
async fn captured_today(call: &Call) -> Result<Amount, Refusal> {
    let today = call.usage_since(call.now.date_naive().and_time(NaiveTime::MIN).and_utc());
    Ok(call.context().store.sum_usage(&call.key.row.partner_id, &today).await?.credits)
}

fn find_model<'m>(manifest: &'m Manifest, slug: &str) -> Result<&'m Model, Refusal> {
    let unknown = || Refusal::NotFound { what: errors::MODEL, id: slug.to_owned() };
    manifest.model(slug).ok_or_else(unknown)
}
