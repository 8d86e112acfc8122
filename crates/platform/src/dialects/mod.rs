//! Dialects: the bodies of one platform, in its own words.
//!
//! A dialect's route parses a body, calls the gateway, and forms the answer. Everything that is
//! the same for all platforms is the gateway's; everything that is data is the manifest's.
//!
//! To add one: a file here with a type that implements [`Dialect`], and a line in `OWN`. A
//! platform of ordinary JSON bodies needs none: `generic` speaks for it from its manifest.

mod clipia;
mod deepcreative;
mod generic;
mod model_input;
mod proclubs;
mod prolifi;
mod sample;
mod stagingspaces;

use std::sync::Arc;

use axum::{Router, response::Response};
use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, RequestId};
use latchkey_store::{AccountEvent, JobRow};
use serde_json::Value;
use url::Url;

use crate::{
    gateway::{Call, Fields, Mount, Refusal},
    jobs::{Stored, Uploads},
    manifest::Manifest,
    pictures::{Fonts, Picture, PictureError},
};

/// A picture to be drawn.
pub type Drawing = Box<dyn FnOnce(&Fonts) -> Result<Picture, PictureError> + Send>;

/// What is told by webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<'d> {
    /// One of the manifest's events.
    pub event_type: &'d str,
    /// The body that is sent.
    pub body: String,
}

/// How one platform speaks.
pub trait Dialect: Send + Sync {
    /// Its contents page, below its base path.
    fn routes(&self) -> Router<Mount>;

    /// What it serves beside its base path.
    fn other_routes(&self) -> Router<Mount> {
        Router::new()
    }

    /// Whether some of its calls take an identity token in place of a key.
    fn takes_members(&self) -> bool {
        false
    }

    /// The one table from refusals to status, code and body.
    fn refuse(&self, refusal: &Refusal, request_id: &RequestId) -> Response;

    /// What a queued job asks to be drawn, from what was uploaded with it where there is such;
    /// nothing where its request cannot be read back, or where the platform has no jobs.
    fn drawings(&self, _job: &JobRow, _uploads: &Uploads) -> Vec<Drawing> {
        Vec::new()
    }

    /// The fields of forms that files come as.
    fn upload_fields(&self) -> &'static [&'static str] {
        &[]
    }

    /// What is remembered of a job that was drawn at `now`, in the order of its drawings.
    fn output(&self, _job: &JobRow, _kept: &[Stored], _now: DateTime<Utc>) -> Value {
        Value::Null
    }

    /// Code and sentence of a job that could not be drawn.
    fn failure(&self) -> (&'static str, &'static str) {
        ("failed", "The work could not be done.")
    }

    /// The same where it was for what was uploaded.
    fn failure_of_upload(&self) -> (&'static str, &'static str) {
        self.failure()
    }

    /// What is told of a finished job.
    fn event(&self, _job: &JobRow) -> Option<Event<'_>> {
        None
    }

    /// The body of a test ping, on platforms whose webhooks have an envelope of their own.
    fn ping(&self, _now: DateTime<Utc>) -> Option<String> {
        None
    }

    /// What completes its body with the account's balance, where webhooks tell that.
    fn balance_teller(&self) -> Option<fn(&mut Event<'_>, Amount)> {
        None
    }

    /// What is told of an account: credits bought or not, a balance gone low. Nothing unless the
    /// platform has such events.
    fn account_event(&self, _event: &AccountEvent<'_>) -> Option<Event<'_>> {
        None
    }
}

type Make = fn() -> Arc<dyn Dialect>;

/// Dialects of platforms that have one of their own, by name.
const OWN: [(&str, Make); 5] = [
    ("proclubs", || Arc::new(proclubs::ProClubs)),
    ("clipia", || Arc::new(clipia::Clipia)),
    ("deepcreative", || Arc::new(deepcreative::DeepCreative)),
    ("prolifi", || Arc::new(prolifi::Prolifi)),
    ("stagingspaces", || Arc::new(stagingspaces::StagingSpaces)),
];

/// The dialect of a platform; `None` for a name that is none.
#[must_use]
pub fn find(manifest: &Arc<Manifest>) -> Option<Arc<dyn Dialect>> {
    let name = manifest.dialect();
    if name == GENERIC {
        return Some(Arc::new(generic::Generic::of(Arc::clone(manifest))));
    }
    OWN.iter().find(|(own, _)| *own == name).map(|(_, dialect)| dialect())
}

/// Name of the dialect that a manifest alone makes.
pub const GENERIC: &str = "generic";

/// Whether there is a dialect of this name.
#[must_use]
pub fn is_known(name: &str) -> bool {
    name == GENERIC || OWN.iter().any(|(own, _)| *own == name)
}

/// Where a request wants its webhook: its field `name`, checked to be an address that may be called.
fn webhook_url(call: &Call, body: &Fields<'_>, name: &str) -> Result<Option<Url>, Refusal> {
    let Some(text) = body.text(name)? else { return Ok(None) };
    let checked = call.context().webhooks.targets.check(text);
    checked.map(Some).or_else(|error| body.wrong(name, error.to_string()))
}

/// A time on the wire: UTC, RFC 3339 with milliseconds.
fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
