//! Use of the keyed APIs, in buckets of time.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::{IntoParams, ToSchema};

use crate::{Amount, Environment, KeyId, RequestId};

/// The length of a bucket. Days follow the asked time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Kept for the last three hours only.
    Minute,
    QuarterHour,
    Hour,
    Day,
}

/// How calls ended.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, Type,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Accepted and answered.
    Accepted,
    /// Turned away: wrong key, missing scope, limit, credits, bad input. Costs nothing.
    Refused,
    /// Accepted, but the work failed; its credits were given back.
    Failed,
}

/// What series are told apart by, beside the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum UsageGroup {
    Platform,
    Key,
    Operation,
    /// `accepted`, `refused`, `failed`. A job that failed is among the accepted calls as well.
    Outcome,
}

/// `GET /usage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams, Type)]
#[into_params(parameter_in = Query)]
pub struct UsageQuery {
    /// Inclusive; moved back to the start of its bucket.
    pub from: DateTime<Utc>,
    /// Exclusive; moved on to the end of its bucket.
    pub to: DateTime<Utc>,
    pub interval: Interval,
    /// IANA name, `Europe/Vienna`; UTC where absent.
    pub timezone: Option<String>,
    pub group_by: Option<UsageGroup>,
    pub environment: Option<Environment>,
    pub platform: Option<String>,
    pub key_id: Option<KeyId>,
    /// One operation, by its name in usage.
    pub operation: Option<String>,
}

/// The answer to `GET /usage`: series that share one list of bucket starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Usage {
    pub interval: Interval,
    pub timezone: String,
    /// The start of every bucket in the range, empty ones too.
    pub starts: Vec<DateTime<Utc>>,
    /// Live and test are always apart.
    pub series: Vec<UsageSeries>,
}

/// One series; every list is as long as `starts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct UsageSeries {
    pub environment: Environment,
    /// Slug, key id, operation or outcome, as grouped; absent without a grouping.
    pub group: Option<String>,
    /// Every call, refused ones too.
    pub requests: Vec<u32>,
    pub refused: Vec<u32>,
    pub failed: Vec<u32>,
    /// Credits spent, refunds taken off.
    pub credits: Vec<Amount>,
}

/// One call of a keyed API. The newest thousand are kept; under a flood some are left out, though
/// never of [`Usage`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct RequestRecord {
    /// As `X-Request-Id` told it to the caller.
    pub id: RequestId,
    pub at: DateTime<Utc>,
    /// Slug of the platform.
    pub platform: String,
    /// Of its key.
    pub environment: Option<Environment>,
    pub key_id: Option<KeyId>,
    /// Its name in usage; empty where there is no such call.
    pub operation: String,
    pub method: String,
    /// Without the query.
    pub path: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Accepted or refused. What became of the work is told by its job and by usage.
    pub outcome: Outcome,
    /// Why it was refused: `missing_scope`, `rate_limited`…
    pub reason: Option<String>,
    /// The same as a sentence.
    pub detail: Option<String>,
    /// What it cost, or holds.
    pub credits: Amount,
    /// From its arrival to its answer.
    pub duration_ms: u32,
    /// Where it came from.
    pub address: Option<String>,
}

/// `GET /requests`, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, Type)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct RequestQuery {
    pub platform: Option<String>,
    pub environment: Option<Environment>,
    pub key_id: Option<KeyId>,
    pub outcome: Option<Outcome>,
    pub cursor: Option<String>,
    /// 1 to 200, 50 unless told.
    pub limit: Option<u16>,
}
