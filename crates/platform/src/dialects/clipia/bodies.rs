//! Answers about a request.

use latchkey_contract::Amount;
use latchkey_store::{JobRow, JobState};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{super::timestamp, order::Order};
use crate::jobs::Job;

/// The envelope of an error.
#[derive(Serialize)]
pub struct Failed {
    pub error: Problem,
}

#[derive(Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub code: &'static str,
    pub message: String,
}

/// The answer to a submit.
#[derive(Serialize)]
pub struct Submitted<'j> {
    request_id: &'j str,
    status: &'static str,
    queue_position: u64,
    status_url: String,
    response_url: String,
    cost: Value,
    /// The sample of a test call, which is finished at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Value>,
}

/// `GET /v1/requests/{id}/status`
#[derive(Serialize)]
pub struct RequestStatus<'j> {
    request_id: &'j str,
    status: &'static str,
    queue_position: Option<u64>,
    progress: u8,
    logs: [Value; 0],
}

/// `GET /v1/requests/{id}`
#[derive(Serialize)]
pub struct RequestResult<'j> {
    request_id: &'j str,
    status: &'static str,
    model: Option<String>,
    output: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<GenerationError<'j>>,
    cost: Value,
    created_at: String,
    completed_at: Option<String>,
}

#[derive(Serialize)]
struct GenerationError<'j> {
    code: &'j str,
    message: &'j str,
}

impl<'j> Submitted<'j> {
    /// `base_url` is where the caller reaches the API, `origin` where media lie.
    pub fn of(job: &'j JobRow, position: Option<u64>, base_url: &str, origin: &str) -> Self {
        let response_url = format!("{base_url}/requests/{}", job.id);
        let mock = job.environment == latchkey_contract::Environment::Test;
        Self {
            request_id: &job.id,
            status: status(job),
            queue_position: position.unwrap_or(0),
            status_url: format!("{response_url}/status"),
            response_url,
            cost: Order::of_job(job).map(|order| order.cost).unwrap_or_default(),
            output: mock.then(|| output(job, origin)),
        }
    }
}

impl<'j> RequestStatus<'j> {
    pub fn of(job: &'j Job, queue_position: Option<u64>) -> Self {
        let progress = match job.row.state {
            JobState::Succeeded => 100,
            JobState::Running => job.progress(),
            JobState::Queued | JobState::Failed | JobState::Canceled => 0,
        };
        let (request_id, status) = (&job.row.id, status(&job.row));
        Self { request_id, status, queue_position, progress, logs: [] }
    }
}

impl<'j> RequestResult<'j> {
    pub fn of(job: &'j JobRow, origin: &str) -> Self {
        let (model, cost) = Order::of_job(job).map(|order| (order.model, order.cost)).unzip();
        Self {
            request_id: &job.id,
            status: status(job),
            model,
            output: output(job, origin),
            error: job
                .failure
                .as_ref()
                .map(|failure| GenerationError { code: &failure.code, message: &failure.message }),
            cost: cost.unwrap_or_default(),
            created_at: timestamp(job.created_at),
            completed_at: job.finished_at.map(timestamp),
        }
    }
}

fn status(job: &JobRow) -> &'static str {
    match job.state {
        JobState::Queued => "IN_QUEUE",
        JobState::Running => "IN_PROGRESS",
        JobState::Succeeded => "COMPLETED",
        JobState::Failed => "FAILED",
        JobState::Canceled => "CANCELED",
    }
}

/// What a request made, fetched from `origin`; `null` until there is something.
pub fn output(job: &JobRow, origin: &str) -> Value {
    let Some(kept) = &job.output else { return Value::Null };
    match (&kept["images"], &kept["video"]) {
        (Value::Array(images), _) => {
            let images: Vec<_> = images.iter().map(|image| media(image, origin)).collect();
            json!({ "images": images })
        }
        (_, video) => json!({ "video": media(video, origin) }),
    }
}

/// One medium: its path becomes a URL, all else stays.
fn media(kept: &Value, origin: &str) -> Value {
    let mut told = Map::new();
    for (field, value) in kept.as_object().into_iter().flatten() {
        match (field.as_str(), value) {
            ("path", Value::String(path)) => {
                told.insert("url".to_owned(), format!("{origin}{path}").into());
            }
            _ => {
                told.insert(field.clone(), value.clone());
            }
        }
    }
    Value::Object(told)
}

/// Credits as a number, whole where they are.
pub fn credits(amount: Amount) -> Value {
    if amount.0 % Amount::PER_CREDIT == 0 {
        return amount.whole_credits().into();
    }
    #[expect(clippy::cast_precision_loss, reason = "for display; the books are kept elsewhere")]
    (amount.0 as f64 / Amount::PER_CREDIT as f64).into()
}
