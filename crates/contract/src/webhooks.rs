//! Webhook endpoints, deliveries and attempts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::{IntoParams, ToSchema};

use crate::{DeliveryId, EndpointId, Environment, EventId, SecretText, platforms::WebhookTarget};

/// Where a partner receives events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct WebhookEndpoint {
    pub id: EndpointId,
    /// Slug of the platform.
    pub platform: String,
    pub target: WebhookTarget,
    /// Absent where each request names its own URL.
    pub url: Option<String>,
    /// The events it receives.
    pub events: Vec<String>,
    pub enabled: bool,
    /// Last four characters of the signing secret.
    pub secret_last4: String,
    pub created_at: DateTime<Utc>,
    pub health: EndpointHealth,
    /// Counts changes; sent as the `ETag` and asked back as `If-Match`.
    pub version: i64,
}

/// How an endpoint fared in the last 24 hours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct EndpointHealth {
    pub delivered: u32,
    /// Given up.
    pub failed: u32,
    /// Still to be tried, or tried again.
    pub waiting: u32,
    /// 95th percentile of the answers' time, in milliseconds.
    pub p95_ms: Option<u32>,
    /// Since when every attempt has failed, if the last one did.
    pub failing_since: Option<DateTime<Utc>>,
    /// Attempts in each of the last 24 hours, the oldest first: how many succeeded and failed.
    pub hourly: Vec<HourlyAttempts>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct HourlyAttempts {
    pub succeeded: u32,
    pub failed: u32,
}

/// `POST /webhook-endpoints`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct CreateWebhookEndpoint {
    /// Slug of the platform.
    pub platform: String,
    /// `https://…`; `http://` and this computer's own addresses only where the server allows them.
    pub url: String,
    /// All of the platform's where absent.
    #[serde(default)]
    pub events: Option<Vec<String>>,
}

/// The answer to `POST /webhook-endpoints` and to revealing a secret. `Cache-Control: no-store`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IssuedEndpoint {
    pub endpoint: WebhookEndpoint,
    /// The signing secret, `whsec_…`. A repeated request (`Idempotency-Key`) gets `null`.
    pub secret: Option<SecretText>,
}

/// `PATCH /webhook-endpoints/{id}` with `If-Match`: absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
#[serde(default)]
pub struct UpdateWebhookEndpoint {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be tried, or tried again.
    Waiting,
    /// Answered with 2xx.
    Delivered,
    /// Given up after the last attempt, or refused for good.
    Failed,
}

/// One event on its way to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Delivery {
    pub id: DeliveryId,
    pub endpoint_id: EndpointId,
    /// Slug of the platform.
    pub platform: String,
    pub environment: Environment,
    pub event_id: EventId,
    pub event_type: String,
    pub url: String,
    pub state: DeliveryState,
    pub created_at: DateTime<Utc>,
    /// Attempts made so far.
    pub attempts: u32,
    pub last_attempt_at: Option<DateTime<Utc>>,
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// HTTP status of the last answer.
    pub last_status: Option<u16>,
    /// Why the last attempt got no answer: `timed out`, `connection refused`…
    pub last_error: Option<String>,
    /// How long the last attempt took, in milliseconds.
    pub last_duration_ms: Option<u32>,
}

/// `GET /deliveries/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct DeliveryDetail {
    pub delivery: Delivery,
    /// The body that is sent.
    pub body: String,
    /// The oldest first.
    pub attempts: Vec<Attempt>,
}

/// One HTTP call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    pub at: DateTime<Utc>,
    pub duration_ms: u32,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    pub request_headers: Vec<Header>,
    pub response_headers: Vec<Header>,
    /// The first 20 kB of the answer, as text.
    pub response_body: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Header {
    pub name: String,
    pub value: String,
}

/// `GET /deliveries`, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, Type)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct DeliveryQuery {
    pub endpoint_id: Option<EndpointId>,
    pub platform: Option<String>,
    pub environment: Option<Environment>,
    pub state: Option<DeliveryState>,
    pub cursor: Option<String>,
    /// 1 to 200, 50 unless told.
    pub limit: Option<u16>,
}
