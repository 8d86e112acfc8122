//! The dialect of a platform that is described by its manifest alone: ordinary JSON bodies.
//!
//! An operation's [`Route`] says where it is called and what it does: create a job, read it,
//! cancel it, or tell of the account.

mod bodies;
mod errors;
mod order;

use std::sync::Arc;

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, Environment, PrefixedId, RequestId};
use latchkey_store::{JobRow, JobState};
use serde_json::{Value, json};

use self::{bodies::JobBody, order::Order};
use super::{
    Dialect, Drawing, Event,
    model_input::{self, Strictness},
    timestamp, webhook_url,
};
use crate::{
    gateway::{Call, Fields, Mount, Refusal, Reply, Submission, call},
    jobs::{self, Stored, Uploads},
    manifest::{Manifest, Operation, Route, Work},
};

/// Told with the answer to a repeated submit.
const REPLAYED: (&str, &str) = ("idempotent-replayed", "true");

pub struct Generic {
    manifest: Arc<Manifest>,
}

impl Generic {
    pub fn of(manifest: Arc<Manifest>) -> Self {
        Self { manifest }
    }
}

impl Dialect for Generic {
    fn routes(&self) -> Router<Mount> {
        self.manifest.operations.iter().fold(Router::new(), |router, operation| {
            let Some(route) = &operation.route else { return router };
            let (on, name) = (route.method.into(), Arc::clone(&operation.name));
            let serve = match route.does {
                Work::Create => call(on, name, create),
                Work::Read => call(on, name, read),
                Work::Cancel => call(on, name, cancel),
                Work::Account => call(on, name, read_account),
            };
            router.route(&route.path, serve)
        })
    }

    fn refuse(&self, refusal: &Refusal, request_id: &RequestId) -> Response {
        errors::answer(refusal, request_id).into_response()
    }

    fn drawings(&self, job: &JobRow, _uploads: &Uploads) -> Vec<Drawing> {
        Order::of_job(job).map(|order| vec![order.drawing()]).unwrap_or_default()
    }

    fn output(&self, _job: &JobRow, kept: &[Stored], _now: DateTime<Utc>) -> Value {
        bodies::output(kept)
    }

    fn failure(&self) -> (&'static str, &'static str) {
        ("job_failed", "The job failed. What it cost was given back in full.")
    }

    fn event(&self, job: &JobRow) -> Option<Event<'_>> {
        let operation = self.manifest.operation(&job.operation)?;
        let events = &operation.route.as_ref()?.events;
        let event_type = match job.state {
            JobState::Succeeded => events.succeeded.as_deref()?,
            JobState::Failed => events.failed.as_deref()?,
            JobState::Canceled => events.canceled.as_deref()?,
            JobState::Queued | JobState::Running => return None,
        };
        let told = json!({
            "type": event_type,
            "timestamp": timestamp(job.finished_at.unwrap_or(job.created_at)),
            "data": JobBody::of(job, &Order::of_job(job)?),
        });
        Some(Event { event_type, body: told.to_string() })
    }
}

/// A submit: 202 with the job.
async fn create(mut call: Call) -> Result<Reply, Refusal> {
    let claim = call.claim()?;
    let body = call.object().await?;
    let fields = Fields::of_body(&body);
    let (operation, route) = served(&call)?;
    let input = model_input::read(&route.input, &fields, Strictness::Whole)?;
    let decimals = call.manifest().unit.decimals;
    let price =
        operation.price.map_or(Amount::ZERO, |price| route.pricing(price).price(&input, decimals));
    let order = Order { origin: call.origin(), media: route.media, input };
    let mock = match call.environment() {
        Environment::Live => None,
        Environment::Test => Some(order.mock(call.context()).await?),
    };
    let id: RequestId = call.context().entropy.id(call.now);
    let submission = Submission {
        job_id: id.as_str().replacen("req_", "job_", 1),
        price,
        request: order.to_json(),
        webhook_url: webhook_url(&call, &fields, "webhook_url")?,
        mock,
    };
    let accepted = call.charge(claim, &body, submission).await?;
    let job = Json(JobBody::of(&accepted.job.row, &order));
    Ok(if accepted.repeated {
        accepted.reply((StatusCode::ACCEPTED, [REPLAYED], job))
    } else {
        accepted.reply((StatusCode::ACCEPTED, job))
    })
}

async fn read(mut call: Call) -> Result<Reply, Refusal> {
    let id = call.segment().await;
    let job = call.job("job", id).await?;
    tell(&job.row)
}

/// Once more tells the same; what has ended otherwise stays so.
async fn cancel(mut call: Call) -> Result<Reply, Refusal> {
    let id = call.segment().await;
    let job = call.job("job", id).await?;
    let job = jobs::cancel(call.context(), call.mount.dialect(), &job.row).await?;
    match job.state {
        JobState::Canceled => tell(&job),
        state => {
            let problem = format!("has {} already and cannot be canceled", bodies::status(state));
            Err(Refusal::unprocessable("id", problem))
        }
    }
}

fn tell(job: &JobRow) -> Result<Reply, Refusal> {
    let unreadable = || Refusal::Internal { cause: "a job's request is unreadable".into() };
    let order = Order::of_job(job).ok_or_else(unreadable)?;
    Ok(Json(JobBody::of(job, &order)).into())
}

/// What can be spent, and what the calling key may do.
async fn read_account(call: Call) -> Result<Reply, Refusal> {
    let key = &call.key.row;
    let account = call.context().store.get_account(&key.partner_id, &key.platform).await?;
    let (balance, held) = account.map_or((Amount::ZERO, Amount::ZERO), |a| (a.balance, a.held));
    let account = json!({
        "balance": balance.to_string(),
        "held": held.to_string(),
        "unit": call.manifest().unit.name,
        "environment": key.environment,
        "scopes": key.scopes,
        "requests_per_minute": call.rate_limit(),
        "concurrent_limit": call.concurrent_limit(),
    });
    Ok(Json(account).into())
}

/// The called operation and its route, which is how the call came here.
fn served(call: &Call) -> Result<(&Operation, &Route), Refusal> {
    let operation = call.manifest().operation(&call.operation);
    let served = operation.and_then(|operation| Some((operation, operation.route.as_ref()?)));
    served.ok_or_else(|| Refusal::Internal { cause: "an operation lost its route".into() })
}
