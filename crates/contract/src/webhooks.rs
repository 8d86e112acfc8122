//! Webhook endpoints, deliveries and attempts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::{IntoParams, ToSchema};

use crate::{
    DeliveryId, EndpointId, Environment, EventId, KeyId, ReplayId, SecretText,
    platforms::WebhookTarget,
};

/// Where a partner receives events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct WebhookEndpoint {
    pub id: EndpointId,
    /// Slug of the platform.
    pub platform: String,
    pub target: WebhookTarget,
    /// The key whose events it receives, where `target` is `key`. It follows a rotated key to the
    /// new one; a revoked key causes no new events for it.
    pub key_id: Option<KeyId>,
    /// Absent where each request names its own URL.
    pub url: Option<String>,
    /// The events it receives.
    pub events: Vec<String>,
    pub enabled: bool,
    /// Why nothing is sent to it, if it is off.
    pub disabled_reason: Option<DisabledReason>,
    /// Since when nothing is sent to it, if it is off.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Last four characters of the signing secret.
    pub secret_last4: String,
    /// Until when deliveries are signed with the former secret as well, after a rotation.
    pub previous_secret_until: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub health: EndpointHealth,
    /// Counts changes; sent as the `ETag` and asked back as `If-Match`.
    pub version: i64,
}

/// Why an endpoint is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// A member switched it off.
    ByMember,
    /// It answered 410: the receiver is gone for good.
    Gone,
    /// A delivery used up its retries, and nothing else got through meanwhile.
    Exhausted,
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
    /// The key whose events it receives; needed where the platform's `target` is `key`, and only
    /// there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<KeyId>,
    /// `https://…`; `http://` and this computer's own addresses only where the server allows them.
    pub url: String,
    /// All of the platform's where absent.
    #[serde(default)]
    pub events: Option<Vec<String>>,
}

/// The answer to `POST /webhook-endpoints`, to revealing a secret and to changing it. `Cache-Control: no-store`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IssuedEndpoint {
    pub endpoint: WebhookEndpoint,
    /// The signing secret, `whsec_…`. A repeated request (`Idempotency-Key`) gets `null`.
    pub secret: Option<SecretText>,
}

/// `POST /webhook-endpoints/{id}/rotate-secret`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
#[serde(default)]
pub struct RotateSecret {
    /// How long deliveries are signed with the former secret as well: 0 to 604800, 86400 (a day)
    /// unless told. A secret that is still in its overlap from a rotation before is dropped at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap_seconds: Option<u32>,
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

/// `POST /replays`: deliveries made in a range of time, sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct CreateReplay {
    /// Of one endpoint; of all where absent.
    #[serde(default)]
    pub endpoint_id: Option<EndpointId>,
    /// Of one platform; of all where absent.
    #[serde(default)]
    pub platform: Option<String>,
    /// Live or test; both where absent.
    #[serde(default)]
    pub environment: Option<Environment>,
    /// Those that stand so when the replay comes to them; all where absent.
    #[serde(default)]
    pub state: Option<DeliveryState>,
    /// Created at this time or later.
    pub from: DateTime<Utc>,
    /// Created before this time; nothing that is made after the replay was asked for.
    pub to: DateTime<Utc>,
    /// How many are sent a second: 1 to 1000, 10 unless told.
    #[serde(default)]
    pub per_second: Option<u32>,
    /// Counts only; nothing is sent or kept.
    #[serde(default)]
    pub dry_run: bool,
}

/// A range of deliveries on its way out again. Each keeps its `webhook-id` and its schedule, and
/// goes to endpoints that are on alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Replay {
    /// Absent for a dry run.
    pub id: Option<ReplayId>,
    pub endpoint_id: Option<EndpointId>,
    pub platform: Option<String>,
    pub environment: Option<Environment>,
    /// Which deliveries, by where they stand.
    pub delivery_state: Option<DeliveryState>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Deliveries found when it was asked for.
    pub total: u32,
    /// Deliveries sent again so far; fewer than `total` in the end where some were settled, or
    /// their endpoint switched off, in the meantime.
    pub done: u32,
    pub per_second: u32,
    pub state: ReplayState,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReplayState {
    /// A dry run: nothing is sent.
    Counted,
    /// Sending; goes on where it was after a restart.
    Running,
    /// All were sent.
    Done,
    /// Stopped by a member; what was on its way still arrives.
    Cancelled,
}
