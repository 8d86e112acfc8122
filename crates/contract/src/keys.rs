//! API keys.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::{IntoParams, ToSchema};

use crate::{Amount, Environment, KeyId, KeyIds, SecretText};

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
    /// Rotated: it works until its grace ends. Then it is expired.
    Retiring,
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
    /// Credits spent since the key was created, likewise. A key and those it replaces spend from
    /// one allowance.
    pub spent_in_all: Option<Amount>,
    /// Addresses and networks (CIDR) it may be used from, IPv4 and IPv6; any address where empty.
    pub ip_rules: Vec<String>,
    pub expires_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// Email of the member who created it.
    pub created_by: String,
    /// Absent before the first call.
    pub first_used_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub last_used_address: Option<String>,
    pub last_used_agent: Option<String>,
    pub paused_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// Email of the member who revoked it.
    pub revoked_by: Option<String>,
    /// The key it was made to replace.
    pub replaces: Option<KeyId>,
    /// The key that replaces it.
    pub replaced_by: Option<KeyId>,
    /// Until when it works beside the key that replaces it.
    pub grace_ends_at: Option<DateTime<Utc>>,
    /// The other key of a pair that was issued together.
    pub pair_id: Option<KeyId>,
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
    /// At most 50 addresses and networks, IPv4 and IPv6: `203.0.113.7`, `2001:db8::/32`. Any
    /// address where absent or empty.
    #[serde(default)]
    pub ip_rules: Option<Vec<String>>,
}

/// The answer to `POST /keys`: the only one that ever holds the key. `Cache-Control: no-store`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IssuedKey {
    pub key: Key,
    /// The key itself. A repeated request (`Idempotency-Key`) gets `null`.
    pub secret: Option<SecretText>,
    /// The other key, where the platform issues secret and public keys in pairs.
    pub paired: Option<PairedKey>,
}

/// The second key of a pair.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PairedKey {
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
    /// In the future.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// `true` takes the expiry away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub never_expires: Option<bool>,
    /// At most 50 addresses and networks; an empty list lets any address in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_rules: Option<Vec<String>>,
}

/// `POST /keys/{id}/rotate`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
#[serde(default)]
pub struct RotateKey {
    /// How long the old key works beside the new one: 0 to 604,800 (seven days), 86,400 where
    /// absent. With 0 it ends at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace_seconds: Option<u32>,
    /// Rotates though the grace of an earlier rotation still runs, and ends that grace now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force: Option<bool>,
}

/// The answer to `POST /keys/{id}/rotate`: the only one that ever holds the new key.
/// `Cache-Control: no-store`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RotatedKey {
    /// The new key, with the settings of the old one.
    pub key: Key,
    /// The new key itself. A repeated request (`Idempotency-Key`) gets `null`.
    pub secret: Option<SecretText>,
    /// The key it replaces.
    pub old: Key,
}

/// `GET /keys/{id}/cut-over`: who still calls with the old key of a rotation, and whether the new
/// one works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct CutOver {
    pub old: Key,
    pub new: Key,
    /// Starts of the last 60 minutes, the one under way last.
    pub minutes: Vec<DateTime<Utc>>,
    /// Calls with the old key in each of them, refused ones too.
    pub old_calls: Vec<u32>,
    /// Calls with the new key in each of them, refused ones too.
    pub new_calls: Vec<u32>,
    /// The last call with the old key, whether it was let in or not.
    pub old_last_call_at: Option<DateTime<Utc>>,
    /// The last call with the new key that was let in, to the minute; after three hours to the
    /// quarter of an hour.
    pub new_last_success_at: Option<DateTime<Utc>>,
    /// How long the old key must be silent.
    pub silent_for_seconds: u32,
    /// The old key has been silent for so long, and calls with the new one are let in.
    pub safe_to_end: bool,
}

/// What keys are listed by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum KeySort {
    /// By platform, then the newest first.
    #[default]
    Platform,
    Created,
    /// Without case.
    Name,
    /// Those that were never used come before all others.
    LastUsed,
}

/// `GET /keys`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, Type)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct KeyQuery {
    /// These keys only: at most 100 ids, with commas between them. Those that are not there are
    /// left out.
    #[param(value_type = Option<String>)]
    pub ids: Option<KeyIds>,
    pub platform: Option<String>,
    pub environment: Option<Environment>,
    /// Part of the name, or the last four characters; without case.
    pub search: Option<String>,
    pub status: Option<KeyStatus>,
    pub kind: Option<KeyKind>,
    /// Keys whose expiry is before this time; those without one are left out.
    pub expires_before: Option<DateTime<Utc>>,
    /// By platform where absent.
    pub sort: Option<KeySort>,
    /// Turns the order round.
    pub descending: Option<bool>,
    /// Whether revoked keys are listed too; they are unless told otherwise.
    pub include_revoked: Option<bool>,
    pub cursor: Option<String>,
    /// 1 to 200, 50 unless told.
    pub limit: Option<u16>,
}

/// How many keys there are of one platform and environment: `GET /keys/counts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct KeyCount {
    /// Slug of the platform.
    pub platform: String,
    pub environment: Environment,
    /// Those that are not revoked: active, paused, rotating or ended.
    pub kept: u32,
    pub revoked: u32,
}
