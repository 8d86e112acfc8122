//! A job as answers and webhooks tell it.

use latchkey_contract::Environment;
use latchkey_store::{JobFailure, JobRow, JobState};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{super::timestamp, order::Order};
use crate::jobs::Stored;

/// A job: what is absent until it has ended is left out.
#[derive(Serialize)]
pub struct JobBody<'j> {
    id: &'j str,
    operation: &'j str,
    environment: Environment,
    status: &'static str,
    input: &'j Map<String, Value>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure<'j>>,
    /// In the platform's unit, decimal: what is held until it has ended, then what was spent.
    cost: String,
}

#[derive(Serialize)]
struct Failure<'j> {
    code: &'j str,
    message: &'j str,
}

impl<'j> JobBody<'j> {
    pub fn of(job: &'j JobRow, order: &'j Order) -> Self {
        let media = job.output.as_ref().and_then(Value::as_array);
        let failure = job.failure.as_ref();
        let cost = if job.state.is_final() { job.captured } else { job.price };
        Self {
            id: &job.id,
            operation: &job.operation,
            environment: job.environment,
            status: status(job.state),
            input: &order.input,
            created_at: timestamp(job.created_at),
            finished_at: job.finished_at.map(timestamp),
            output: media.map(|media| media.iter().map(|one| with_url(one, order)).collect()),
            error: failure.map(|JobFailure { code, message }| Failure { code, message }),
            cost: cost.to_string(),
        }
    }
}

/// What is remembered of what was drawn.
pub fn output(kept: &[Stored]) -> Value {
    let one = |stored: &Stored| {
        json!({
            "path": stored.path,
            "content_type": stored.content_type,
            "width": stored.width,
            "height": stored.height,
        })
    };
    kept.iter().map(one).collect()
}

/// A medium under the address by which the caller reached the server.
fn with_url(medium: &Value, order: &Order) -> Value {
    let path = medium["path"].as_str().unwrap_or_default();
    json!({
        "url": format!("{}{path}", order.origin),
        "content_type": medium["content_type"],
        "width": medium["width"],
        "height": medium["height"],
    })
}

pub const fn status(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "queued",
        JobState::Running => "running",
        JobState::Succeeded => "succeeded",
        JobState::Failed => "failed",
        JobState::Canceled => "canceled",
    }
}
