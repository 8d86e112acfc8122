//! Pro Clubs Studio: asynchronous images of football player cards, in an envelope
//! `success/data/error`.

mod order;

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::MethodFilter,
};
use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{Environment, PrefixedId, RequestId};
use latchkey_store::{JobRow, JobState};
use serde::Serialize;
use serde_json::{Value, json};

use self::order::Order;
use super::{Dialect, Drawing, Event, timestamp};
use crate::{
    gateway::{Call, Mount, Refusal, Reply, Submission, call},
    jobs::{Job, Stored, Uploads},
    pictures::{Card, Fonts, Placeholder, Subject},
};

/// An image can be fetched for so many days after its completion.
const DAYS_KEPT: i64 = 91;
/// How long a card takes, as the platform tells it, in seconds.
const ETA: u32 = 5;
const ERROR_PAGES: &str = "https://platform.proclubsstudio.com/docs/errors";

pub struct ProClubs;

impl Dialect for ProClubs {
    fn routes(&self) -> Router<Mount> {
        Router::new()
            .route("/images", call(MethodFilter::POST, "images.create", create_image))
            .route("/images/{image_id}", call(MethodFilter::GET, "images.read", read_image))
    }

    fn refuse(&self, refusal: &Refusal, request_id: &RequestId) -> Response {
        let (status, code) = code_of(refusal);
        let error = Failed {
            code,
            message: refusal.to_string(),
            request_id: request_id.as_str(),
            docs_url: format!("{ERROR_PAGES}/{code}"),
        };
        (status, Json(Envelope::<()> { success: false, data: None, error: Some(error) }))
            .into_response()
    }

    fn drawings(&self, job: &JobRow, _uploads: &Uploads) -> Vec<Drawing> {
        let card = Order::of_job(job).map(Order::card);
        card.map(|card| Box::new(move |fonts: &Fonts| card.render(fonts)) as Drawing)
            .into_iter()
            .collect()
    }

    fn output(&self, _job: &JobRow, kept: &[Stored], now: DateTime<Utc>) -> Value {
        kept.first().map_or(Value::Null, |image| output(image, now))
    }

    fn failure(&self) -> (&'static str, &'static str) {
        ("IMAGE_PROCESSING_FAILED", "The image could not be made. Its credit was given back.")
    }

    fn event(&self, job: &JobRow) -> Option<Event<'_>> {
        let event_type = match job.state {
            JobState::Succeeded => "image.completed",
            JobState::Failed => "image.failed",
            _ => return None,
        };
        let order = Order::of_job(job);
        let told = Told {
            event: event_type,
            image: Image::of(job, None, order.as_ref().map_or("", |order| &order.origin)),
            metadata: order.as_ref().and_then(|order| order.metadata.as_ref()),
            timestamp: timestamp(job.finished_at.unwrap_or(job.created_at)),
            environment: job.environment.as_str(),
        };
        let body = serde_json::to_string(&told).ok()?;
        Some(Event { event_type, body })
    }
}

/// `POST /v1/images`
async fn create_image(mut call: Call) -> Result<Reply, Refusal> {
    let claim = call.claim()?;
    let body = call.object().await?;
    let order = Order::read(&body, call.origin())?;
    let mock = match call.environment() {
        Environment::Live => None,
        Environment::Test => Some(mock_output(&call).await?),
    };
    let price = call.manifest().operation(&call.operation).and_then(|operation| operation.price);
    let submission = Submission {
        job_id: new_image_id(&call),
        price: price.map(|price| price.amount()).unwrap_or_default(),
        request: order.to_json(),
        webhook_url: None,
        mock,
    };
    let accepted = call.charge(claim, &body, submission).await?;
    let base_path = &call.manifest().base_path;
    let submitted = Submitted::of(&accepted.job.row, base_path);
    Ok(accepted.reply((StatusCode::ACCEPTED, Json(Envelope::of(submitted)))))
}

/// `GET /v1/images/{image_id}`
async fn read_image(mut call: Call) -> Result<Reply, Refusal> {
    let id = call.segment().await;
    let job = call.job("image", id).await?;
    let origin = call.origin();
    Ok(Json(Envelope::of(Image::of(&job.row, Some(&job), &origin))).into())
}

/// `img_` and a ULID.
fn new_image_id(call: &Call) -> String {
    let id: RequestId = call.context().entropy.id(call.now);
    format!("img_{}", id.as_str().trim_start_matches("req_"))
}

/// What a test call gets at once: the placeholder.
async fn mock_output(call: &Call) -> Result<Value, Refusal> {
    let context = call.context();
    let (width, height) = (Card::DEFAULT_WIDTH, Card::DEFAULT_HEIGHT);
    let placeholder = Placeholder { subject: Subject::Card, width, height };
    let draw = move |fonts: &Fonts| placeholder.render(fonts);
    let image = context.media.sample("card", &context.fonts, draw).await?;
    Ok(output(&image, call.now))
}

fn output(image: &Stored, now: DateTime<Utc>) -> Value {
    json!({
        "path": image.path,
        "width": image.width,
        "height": image.height,
        "content_type": image.content_type,
        "expires_at": timestamp(now + TimeDelta::days(DAYS_KEPT)),
    })
}

/// The table of errors. Where it has no code for a case, the nearest documented one is sent, so
/// that a client which knows the table knows every answer.
fn code_of(refusal: &Refusal) -> (StatusCode, &'static str) {
    match refusal {
        Refusal::NoKey(_)
        | Refusal::TwoSchemes(_)
        | Refusal::MalformedKey
        | Refusal::Unidentified(_)
        | Refusal::UnknownKey
        | Refusal::Revoked
        | Refusal::Expired
        | Refusal::Paused => (StatusCode::UNAUTHORIZED, "INVALID_API_KEY"),
        Refusal::Suspended
        | Refusal::LiveDisabled
        | Refusal::IpNotAllowed { .. }
        | Refusal::PublicKey
        | Refusal::MissingScope(_) => (StatusCode::FORBIDDEN, "PARTNER_SUSPENDED"),
        Refusal::TooManyRequests { .. } | Refusal::TooManyAtOnce { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMIT_EXCEEDED")
        }
        Refusal::IdempotencyKeyReused { .. } | Refusal::IdempotencyInProgress => {
            (StatusCode::CONFLICT, "IDEMPOTENCY_KEY_REUSED_WITH_DIFFERENT_PAYLOAD")
        }
        Refusal::InsufficientCredits { .. } | Refusal::OverSpendLimit { .. } => {
            (StatusCode::PAYMENT_REQUIRED, "INSUFFICIENT_CREDITS")
        }
        Refusal::IdempotencyKeyMissing { .. }
        | Refusal::IdempotencyKeyInvalid { .. }
        | Refusal::MalformedJson(_)
        | Refusal::MalformedForm(_)
        | Refusal::NotJson
        | Refusal::BodyUnread
        | Refusal::InvalidField { .. } => (StatusCode::BAD_REQUEST, "INVALID_REQUEST"),
        Refusal::BodyTooLarge | Refusal::FileTooLarge { .. } => {
            (StatusCode::PAYLOAD_TOO_LARGE, "INVALID_REQUEST")
        }
        Refusal::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "INVALID_REQUEST"),
        Refusal::Unprocessable { .. } => {
            (StatusCode::UNPROCESSABLE_ENTITY, "UNSUPPORTED_IMAGE_SOURCE")
        }
        Refusal::NotFound { .. } | Refusal::NoSuchRoute { .. } => {
            (StatusCode::NOT_FOUND, "IMAGE_NOT_FOUND")
        }
        Refusal::Unavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, "INTERNAL_ERROR"),
        Refusal::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR"),
    }
}

#[derive(Serialize)]
struct Envelope<'e, T> {
    success: bool,
    data: Option<T>,
    error: Option<Failed<'e>>,
}

#[derive(Serialize)]
struct Failed<'e> {
    code: &'static str,
    message: String,
    request_id: &'e str,
    docs_url: String,
}

#[derive(Serialize)]
struct Submitted<'j> {
    image_id: &'j str,
    status: &'static str,
    poll_url: String,
    eta_seconds: u32,
    created_at: String,
}

/// An image as a poll and a webhook tell it.
#[derive(Serialize)]
struct Image<'j> {
    image_id: &'j str,
    status: &'static str,
    /// Absent once the image is finished; `null` while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<Option<f32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<ImageResult<'j>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<ImageUsage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure<'j>>,
}

#[derive(Serialize)]
struct ImageResult<'j> {
    image_url: String,
    width: &'j Value,
    height: &'j Value,
    content_type: &'j Value,
    expires_at: &'j Value,
}

#[derive(Serialize)]
struct ImageUsage {
    credits_used: i64,
}

#[derive(Serialize)]
struct Failure<'j> {
    code: &'j str,
    message: &'j str,
}

/// The flat payload of a webhook.
#[derive(Serialize)]
struct Told<'j> {
    event: &'static str,
    #[serde(flatten)]
    image: Image<'j>,
    metadata: Option<&'j Value>,
    timestamp: String,
    environment: &'static str,
}

impl<T> Envelope<'_, T> {
    const fn of(data: T) -> Self {
        Self { success: true, data: Some(data), error: None }
    }
}

impl<'j> Submitted<'j> {
    /// The first answer, whatever became of the job since.
    fn of(job: &'j JobRow, base_path: &str) -> Self {
        Self {
            image_id: &job.id,
            status: "processing",
            poll_url: format!("{base_path}/images/{}", job.id),
            eta_seconds: ETA,
            created_at: timestamp(job.created_at),
        }
    }
}

impl<'j> Image<'j> {
    /// `origin` is where the picture is fetched from; `running` knows how far a job is.
    fn of(job: &'j JobRow, running: Option<&Job>, origin: &str) -> Self {
        let status = match job.state {
            JobState::Queued | JobState::Running => "processing",
            JobState::Succeeded => "completed",
            JobState::Failed | JobState::Canceled => "failed",
        };
        let output = job.output.as_ref();
        let progress = match job.state {
            JobState::Queued => Some(None),
            JobState::Running => Some(running.map(|job| f32::from(job.progress()) / 100.0)),
            _ => None,
        };
        Self {
            image_id: &job.id,
            status,
            progress,
            result: output.map(|output| ImageResult::of(output, origin)),
            usage: output.map(|_| ImageUsage { credits_used: job.captured.whole_credits() }),
            failure: job
                .failure
                .as_ref()
                .map(|failure| Failure { code: &failure.code, message: &failure.message }),
        }
    }
}

impl<'j> ImageResult<'j> {
    fn of(output: &'j Value, origin: &str) -> Self {
        Self {
            image_url: format!("{origin}{}", output["path"].as_str().unwrap_or_default()),
            width: &output["width"],
            height: &output["height"],
            content_type: &output["content_type"],
            expires_at: &output["expires_at"],
        }
    }
}
