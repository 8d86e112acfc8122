//! Platforms as the console draws them: the public part of a manifest, and the partner's account.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::ToSchema;

use crate::{Amount, credits::TopUpRule, keys::KeyKind};

/// Live spends credits and does the work; test answers with a mock and costs nothing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, Type,
)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    Live,
    Test,
}

impl Environment {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

/// A platform and this partner's account on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Platform {
    /// Names the platform in URLs and in the other resources.
    pub slug: String,
    pub name: String,
    /// Two letters for the badge.
    pub monogram: String,
    /// What the platform is for, one sentence.
    pub summary: String,
    /// Where this server serves the platform's keyed API, without a trailing slash.
    pub base_url: String,
    pub documentation_url: String,
    pub environments: Vec<Environment>,
    /// How a request carries its key, the recommended way first.
    pub header_schemes: Vec<HeaderScheme>,
    pub key_prefixes: Vec<KeyPrefix>,
    /// Whether a secret and a public key are issued together.
    pub paired_keys: bool,
    /// Whether an account may list the addresses that its keys are used from.
    pub ip_entries: bool,
    /// Empty where the platform's keys have no scopes.
    pub scopes: Vec<Scope>,
    /// Requests a minute and key, unless a key sets its own.
    pub requests_per_minute: u32,
    /// Operations under way at once and key.
    pub concurrency: Option<u32>,
    pub unit: CreditUnit,
    pub operations: Vec<Operation>,
    pub webhooks: WebhookSupport,
    /// Name of the environment variable that snippets read the key from.
    pub key_variable: String,
    /// The request that snippets show.
    pub sample: SampleRequest,
    pub account: Account,
}

/// One way to send a key: `{header}: {prefix}{key}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct HeaderScheme {
    pub header: String,
    /// What stands before the key, `Bearer ` for instance; may be empty.
    pub prefix: String,
}

/// What keys of one environment and kind begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct KeyPrefix {
    pub environment: Environment,
    pub kind: KeyKind,
    pub prefix: String,
}

/// Something a key may be allowed to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Scope {
    pub name: String,
    pub summary: String,
    /// Whether a new key has it unless told otherwise.
    pub default: bool,
}

/// What the platform calls its credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct CreditUnit {
    /// `credits`, `USD`.
    pub name: String,
    /// Digits shown after the point.
    pub decimals: u8,
}

/// One billable call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Operation {
    /// Names the operation in usage: `images.create`.
    pub name: String,
    pub title: String,
    /// The least a call costs.
    pub price: Amount,
}

/// What the platform tells by webhook, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct WebhookSupport {
    pub target: WebhookTarget,
    /// Endpoints a partner may have here, or one key where `target` is `key`; none where the URL
    /// comes with the request.
    pub max_endpoints: u32,
    pub events: Vec<EventType>,
}

/// Where a platform takes webhook URLs from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum WebhookTarget {
    /// The account's settings: endpoints are created here.
    Account,
    /// The key's settings: endpoints are created here, each for one key.
    Key,
    /// Each request names its own URL; one endpoint without a URL holds the signing secret.
    Request,
}

/// A kind of event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct EventType {
    pub name: String,
    pub summary: String,
}

/// A request that works when pasted, the key apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct SampleRequest {
    pub method: String,
    /// Below `base_url`, with its leading slash.
    pub path: String,
    /// Headers beside the key's.
    pub headers: Vec<SampleHeader>,
    /// The JSON body as text.
    pub body: Option<String>,
    /// What the call costs with a live key.
    pub price: Amount,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct SampleHeader {
    pub name: String,
    /// `{uuid}` stands for a fresh UUID.
    pub value: String,
}

/// A partner on a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Account {
    /// What can be spent now: holds are already taken off.
    pub balance: Amount,
    /// Set aside for operations that are under way.
    pub held: Amount,
    pub live_enabled: bool,
    pub suspended_at: Option<DateTime<Utc>>,
    /// Where its keys may be used from, by environment. Without an active entry in an environment
    /// any address may.
    pub ip_entries: Vec<IpEntry>,
    /// The balance below which the partner is told, once a crossing; never where absent.
    pub low_balance: Option<Amount>,
    pub top_up: TopUpRule,
    /// How much may be owed for purchases on account: the operator says.
    pub credit_line: Amount,
    /// What is owed for them, in the platform's unit.
    pub owed: Amount,
    /// Counts changes of the settings; sent as the `ETag` and asked back as `If-Match`.
    pub version: i64,
}

/// Addresses that keys of one environment may be used from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct IpEntry {
    pub environment: Environment,
    /// An IPv4 or IPv6 address, or a range in CIDR notation: `203.0.113.0/24`.
    pub rule: String,
    /// One that is not active is kept and means nothing.
    pub active: bool,
    /// What it is for, up to 100 characters.
    pub note: String,
}

/// `PATCH /platforms/{slug}/account` with `If-Match`: absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
#[serde(default)]
pub struct UpdateAccount {
    /// `0` tells no more; otherwise at most 1,000,000,000 credits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_balance: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_up: Option<TopUpRule>,
    /// Replaces all of them; at most 100, each rule once an environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_entries: Option<Vec<IpEntry>>,
}
