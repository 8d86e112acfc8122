//! Manifests: what is data about a platform. One TOML file a platform in `manifests/`.
//!
//! A file says how the platform looks on the wire (base path, hosts, header schemes, key
//! prefixes, scopes, limits, idempotency, operations with prices, models, webhooks). What must be
//! code, the bodies, is its dialect's.
//!
//! ```toml
//! slug = "example"                # names the platform in URLs and everywhere else
//! name = "Example"
//! monogram = "EX"
//! summary = "What it is for, one sentence."
//! documentation_url = "https://example.com/docs"
//! base_path = "/v1"               # below /{slug}, or below / on one of its hosts
//! hosts = ["api.example.com"]
//! media_host = "media.example.com"
//! key_variable = "EXAMPLE_API_KEY"
//! header_schemes = [{ header = "Authorization", prefix = "Bearer " }]
//! key_prefixes = [{ environment = "live", kind = "secret", prefix = "sk_live_" }]
//! live_from_start = true          # false: the operator enables live mode
//! pairs = false                   # true: a secret and a public key are issued together
//! browser_calls = false           # true: web pages may call with public keys (CORS)
//! ip_entries = false              # true: an account lists where its keys are used from
//! unit = { name = "credits", decimals = 0 }
//! limits = { requests_per_minute = 60 }
//! operations = [{ name = "things.create", title = "Create a thing", price = 1 }]
//! webhooks = { target = "account", max_endpoints = 1, events = [] }
//! sample = { method = "GET", path = "/things", price = 0 }
//! ```
//!
//! A platform without a dialect of its own says at each operation what is served where; see
//! [`Route`].

mod credits;
mod load;
mod model;
mod parts;
mod route;
mod validate;

use latchkey_contract::{
    Environment,
    keys::KeyKind,
    platforms::{self, Account, CreditUnit, HeaderScheme, KeyPrefix, Platform, Scope},
};
use serde::Deserialize;

use crate::dialects;

pub use credits::Credits;
pub use load::{ManifestError, Manifests};
pub use model::{Factors, InputField, InputType, MediaType, Model, Multiplier, Pricing};
pub use parts::{
    CheckFact, Dashboard, Idempotency, IdempotencyScope, KeyCheck, LimitHeaders, Limits, Operation,
    Repetition, Sample, Webhooks,
};
pub use route::{Route, Work};

/// One platform.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Names the platform in URLs and in every row.
    pub slug: String,
    pub name: String,
    /// Two letters for the badge.
    pub monogram: String,
    pub summary: String,
    pub documentation_url: String,
    /// Below `/{slug}`, or below `/` on one of its hosts; begins with a slash, ends without.
    #[serde(default)]
    pub base_path: String,
    /// Names the platform is reached by in production.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Name its media lie at, for requests that came by one of `hosts`; that host unless told.
    #[serde(default)]
    pub media_host: Option<String>,
    /// Name of the dialect; unless told the slug, where a dialect has that name, else `generic`.
    #[serde(default)]
    dialect: Option<String>,
    /// Environment variable that snippets read the key from.
    pub key_variable: String,
    /// Whether live keys work before the operator enables live mode.
    #[serde(default = "yes")]
    pub live_from_start: bool,
    /// How a request carries its key, the recommended way first.
    pub header_schemes: Vec<HeaderScheme>,
    pub key_prefixes: Vec<KeyPrefix>,
    /// Whether a secret and a public key are issued together.
    #[serde(default)]
    pub pairs: bool,
    /// Whether public keys may be used from pages of any origin: CORS for them and for nothing else.
    #[serde(default)]
    pub browser_calls: bool,
    /// Whether an account may list the addresses that its keys are used from, by environment.
    #[serde(default)]
    pub ip_entries: bool,
    #[serde(default)]
    pub scopes: Vec<Scope>,
    pub unit: CreditUnit,
    /// What an account gets with its first key.
    #[serde(default)]
    pub first_key_grant: Option<Credits>,
    pub limits: Limits,
    #[serde(default)]
    pub idempotency: Option<Idempotency>,
    pub operations: Vec<Operation>,
    #[serde(default)]
    pub models: Vec<Model>,
    pub webhooks: Webhooks,
    /// How a key is tried; it cannot be where this is absent.
    #[serde(default)]
    pub key_check: Option<KeyCheck>,
    /// What members call themselves; nothing where this is absent.
    #[serde(default)]
    pub dashboard: Option<Dashboard>,
    pub sample: Sample,
}

const fn yes() -> bool {
    true
}

impl Manifest {
    /// Name of the dialect that speaks for this platform.
    #[must_use]
    pub fn dialect(&self) -> &str {
        match &self.dialect {
            Some(name) => name,
            None if dialects::is_known(&self.slug) => &self.slug,
            None => dialects::GENERIC,
        }
    }

    /// Where `origin` (scheme and host, no trailing slash) serves the keyed API.
    #[must_use]
    pub fn base_url(&self, origin: &str) -> String {
        format!("{}/{}{}", origin.trim_end_matches('/'), self.slug, self.base_path)
    }

    /// Where the platform itself serves its API, without a trailing slash; `None` where no host of
    /// it is known.
    #[must_use]
    pub fn public_url(&self) -> Option<String> {
        self.hosts.first().map(|host| format!("https://{host}{}", self.base_path))
    }

    /// The environments that keys exist for, live first.
    #[must_use]
    pub fn environments(&self) -> Vec<Environment> {
        [Environment::Live, Environment::Test]
            .into_iter()
            .filter(|environment| self.key_prefixes.iter().any(|k| k.environment == *environment))
            .collect()
    }

    /// What keys of this environment and kind begin with; `None` where there are no such keys.
    #[must_use]
    pub fn prefix(&self, environment: Environment, kind: KeyKind) -> Option<&str> {
        self.key_prefixes
            .iter()
            .find(|key| key.environment == environment && key.kind == kind)
            .map(|key| key.prefix.as_str())
    }

    /// Scopes of a key that was not told any.
    #[must_use]
    pub fn default_scopes(&self) -> Vec<String> {
        self.scopes.iter().filter(|scope| scope.default).map(|scope| scope.name.clone()).collect()
    }

    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| &*operation.name == name)
    }

    #[must_use]
    pub fn model(&self, slug: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.slug == slug)
    }

    /// What the console is told: the public part, served from `origin`, with the partner's account.
    #[must_use]
    pub fn describe(&self, origin: &str, account: Account) -> Platform {
        Platform {
            slug: self.slug.clone(),
            name: self.name.clone(),
            monogram: self.monogram.clone(),
            summary: self.summary.clone(),
            base_url: self.base_url(origin),
            documentation_url: self.documentation_url.clone(),
            environments: self.environments(),
            header_schemes: self.header_schemes.clone(),
            key_prefixes: self.key_prefixes.clone(),
            paired_keys: self.pairs,
            ip_entries: self.ip_entries,
            scopes: self.scopes.clone(),
            requests_per_minute: self.limits.requests_per_minute,
            concurrency: self.limits.concurrency,
            unit: self.unit.clone(),
            operations: self.operations.iter().filter_map(Operation::describe).collect(),
            webhooks: self.webhooks.describe(),
            key_variable: self.key_variable.clone(),
            sample: self.sample.describe(),
            account,
        }
    }
}

impl Operation {
    /// As the console lists it; free calls are not listed.
    fn describe(&self) -> Option<platforms::Operation> {
        Some(platforms::Operation {
            name: self.name.to_string(),
            title: self.title.clone(),
            price: self.price?.amount(),
        })
    }
}
