//! The tables of a manifest.

use std::sync::Arc;

use latchkey_contract::platforms::{
    EventType, SampleHeader, SampleRequest, WebhookSupport, WebhookTarget,
};
use serde::Deserialize;

use super::{Credits, Route};
use crate::webhooks::scheme::SignatureScheme;

/// How often a key may call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Unless a key sets its own.
    pub requests_per_minute: u32,
    /// Operations under way at once and key; no limit where absent.
    #[serde(default)]
    pub concurrency: Option<u32>,
    /// Headers sent with every answer; none where absent. `Retry-After` comes with every 429.
    #[serde(default)]
    pub headers: Option<LimitHeaders>,
}

/// Names of the headers that tell a caller where it stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitHeaders {
    /// Requests allowed a minute.
    pub limit: String,
    /// Requests left in this minute.
    pub remaining: String,
    /// Seconds until all are allowed again.
    #[serde(default)]
    pub reset: Option<String>,
}

/// How repeated submits are recognised.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Idempotency {
    pub header: String,
    /// Whether a submit without it is refused.
    #[serde(default)]
    pub required: bool,
    /// Whose keys are compared. Live and test never are.
    pub scope: IdempotencyScope,
    /// How long a key is remembered.
    pub hours: u32,
    /// Characters.
    pub max_length: usize,
    /// What becomes of a repetition while the first is still being accepted.
    #[serde(default)]
    pub repetition: Repetition,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdempotencyScope {
    Partner,
    Key,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repetition {
    /// It waits and gets the first one's answer.
    #[default]
    Waits,
    /// It is refused and may come again.
    Refused,
}

/// One call, as usage counts it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// `images.create`.
    pub name: Arc<str>,
    pub title: String,
    /// The least it costs; absent where the call is free.
    #[serde(default)]
    pub price: Option<Credits>,
    /// What a key must be allowed to do.
    #[serde(default)]
    pub scope: Option<String>,
    /// What the generic dialect serves for it.
    #[serde(default)]
    pub route: Option<Route>,
}

/// What is told by webhook, where to, and how it is signed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    pub target: WebhookTarget,
    /// Endpoints a partner may create, or for one key where they belong to keys; 0 where the URL comes with the request.
    pub max_endpoints: u32,
    pub events: Vec<EventType>,
    /// The platform's own signature; Standard Webhooks headers are always sent beside it.
    #[serde(default)]
    pub signature: Option<SignatureScheme>,
    /// Seconds between attempts, where the platform's documentation promises a schedule of its own.
    #[serde(default)]
    pub retry_seconds: Option<Vec<u64>>,
}

/// A documented call that costs nothing and shows whether a key works.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyCheck {
    /// Below the base path; it is called with GET.
    pub path: String,
    /// Status of the answer to a key that works.
    #[serde(default = "ok")]
    pub works: u16,
    /// Where the answer tells what can be spent: a JSON pointer (RFC 6901).
    #[serde(default)]
    pub balance: Option<String>,
    /// What else it tells.
    #[serde(default)]
    pub facts: Vec<CheckFact>,
}

/// Something a key check tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckFact {
    /// `Requests a minute`.
    pub title: String,
    /// A JSON pointer into the answer.
    pub pointer: String,
}

const fn ok() -> u16 {
    200
}

/// Documented calls that a member makes with an identity token in place of a key. Where they lie
/// is data; their bodies have one form, which whoever calls them reads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dashboard {
    /// What the platform's documentation calls the token: `ID token`.
    pub token: String,
    /// Below the base path: lists and creates keys. Below it lie `/{id}`, `/{id}/webhook` and
    /// `/{id}/webhook/test`.
    pub keys: String,
    /// Tells what was called and spent.
    pub usage: String,
    /// Tells and sets when credits are bought.
    pub auto_topup: String,
}

/// The request that snippets show.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    pub method: String,
    pub path: String,
    #[serde(default)]
    pub headers: Vec<SampleHeader>,
    #[serde(default)]
    pub body: Option<String>,
    pub price: Credits,
}

impl Webhooks {
    #[must_use]
    pub fn event(&self, name: &str) -> Option<&EventType> {
        self.events.iter().find(|event| event.name == name)
    }

    pub(super) fn describe(&self) -> WebhookSupport {
        WebhookSupport {
            target: self.target,
            max_endpoints: self.max_endpoints,
            events: self.events.clone(),
        }
    }
}

impl Sample {
    pub(super) fn describe(&self) -> SampleRequest {
        SampleRequest {
            method: self.method.clone(),
            path: self.path.clone(),
            headers: self.headers.clone(),
            body: self.body.as_ref().map(|body| body.trim().to_owned()),
            price: self.price.amount(),
        }
    }
}
