//! API keys.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::{IntoParams, ToSchema};

use crate::{Amount, Environment, KeyId, SecretText};

/// Secret keys stay on servers; public keys may be shown to browsers where a platform has them.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    ToSchema,
    Type,
)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    #[default]
    Secret,
    Public,
}

/// Where a key stands in its life, at the moment of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    Active,
    Paused,
    Expired,
    Revoked,
}

/// An API key without its secret part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Key {
    pub id: KeyId,
    /// Slug of the platform.
    pub platform: String,
    pub name: String,
    pub kind: KeyKind,
    pub environment: Environment,
    pub status: KeyStatus,
    /// What the key begins with, `sk_live_`.
    pub prefix: String,
    /// Its last four characters.
    pub last4: String,
    /// SHA-256 of the key in lower-case hex, so that a kept copy can be compared.
    pub digest: String,
    pub scopes: Vec<String>,
    /// Requests a minute; the platform's default holds where absent.
    pub requests_per_minute: Option<u32>,
    /// Operations under way at once; the platform's default holds where absent.
    pub concurrent_limit: Option<u32>,
    /// Credits this key may spend a day, holds included; no limit where absent. The day ends at
    /// 00:00 UTC.
    pub daily_limit: Option<Amount>,
    /// Credits this key may spend in all, holds included; no limit where absent.
    pub credit_allowance: Option<Amount>,
    /// Credits spent since 00:00 UTC, holds included; absent unless the key has one of the two
    /// limits above.
    pub spent_today: Option<Amount>,
    /// Credits spent since the key was created, likewise.
    pub spent_in_all: Option<Amount>,
    pub expires_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// Email of the member who created it.
    pub created_by: String,
    pub last_used_at: Option<DateTime<Utc>>,
    pub last_used_address: Option<String>,
    pub last_used_agent: Option<String>,
    pub paused_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// Email of the member who revoked it.
    pub revoked_by: Option<String>,
    /// Counts changes; sent as the `ETag` and asked back as `If-Match`.
    pub version: i64,
}

/// `POST /keys`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Type)]
pub struct CreateKey {
    /// Slug of the platform.
    pub platform: String,
    /// 1 to 100 characters.
    pub name: String,
    pub environment: Environment,
    #[serde(default)]
    pub kind: KeyKind,
    /// The platform's defaults where absent.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// 1 to 100,000; the platform's default where absent.
    #[serde(default)]
    pub requests_per_minute: Option<u32>,
    /// Operations under way at once, 1 to 10,000; the platform's default where absent.
    #[serde(default)]
    pub concurrent_limit: Option<u32>,
    /// Credits a day, above 0 and at most 1,000,000,000; no limit where absent. The day ends at
    /// 00:00 UTC.
    #[serde(default)]
    pub daily_limit: Option<Amount>,
    /// Credits in all, above 0 and at most 1,000,000,000; no limit where absent.
    #[serde(default)]
    pub credit_allowance: Option<Amount>,
    /// In the future; never where absent.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
}

/// The answer to `POST /keys`: the only one that ever holds the key. `Cache-Control: no-store`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IssuedKey {
    pub key: Key,
    /// The key itself. A repeated request (`Idempotency-Key`) gets `null`.
    pub secret: Option<SecretText>,
}

/// `PATCH /keys/{id}` with `If-Match`: absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
#[serde(default)]
pub struct UpdateKey {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// `0` goes back to the platform's default; otherwise 1 to 100,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    /// `0` goes back to the platform's default; otherwise 1 to 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_limit: Option<u32>,
    /// `0` takes the limit away; otherwise at most 1,000,000,000 credits a day. What was spent today
    /// before counts too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily_limit: Option<Amount>,
    /// `0` takes the limit away; otherwise at most 1,000,000,000 credits in all. What was spent
    /// before counts too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_allowance: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
}

/// `GET /keys`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, Type)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct KeyQuery {
    pub platform: Option<String>,
    pub environment: Option<Environment>,
    /// Part of the name, or the last four characters; without case.
    pub search: Option<String>,
    /// Whether revoked keys are listed too; they are unless told otherwise.
    pub include_revoked: Option<bool>,
    pub cursor: Option<String>,
    /// 1 to 200, 50 unless told.
    pub limit: Option<u16>,
}
