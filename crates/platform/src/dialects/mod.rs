//! Dialects: the bodies of one platform, in its own words.
//!
//! A dialect's route parses a body, calls the gateway, and forms the answer. Everything that is
//! the same for all platforms is the gateway's; everything that is data is the manifest's.
//!
//! To add one: a file here with a type that implements [`Dialect`], and a line in [`OWN`]. A
//! platform of ordinary JSON bodies needs none: [`generic`] speaks for it from its manifest.

mod clipia;
mod deepcreative;
mod generic;
mod model_input;
mod proclubs;
mod prolifi;

use std::sync::Arc;

use axum::{Router, response::Response};
use chrono::{DateTime, Utc};
use latchkey_contract::RequestId;
use latchkey_store::JobRow;
use serde_json::Value;
use url::Url;

use crate::{
    gateway::{Call, Fields, Mount, Refusal},
    jobs::Stored,
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

    /// The one table from refusals to status, code and body.
    fn refuse(&self, refusal: &Refusal, request_id: &RequestId) -> Response;

    /// What a queued job asks to be drawn; nothing where its request cannot be read back, or where
    /// the platform has no jobs.
    fn drawings(&self, _job: &JobRow) -> Vec<Drawing> {
        Vec::new()
    }

    /// What is remembered of a job that was drawn at `now`, in the order of its drawings.
    fn output(&self, _job: &JobRow, _kept: &[Stored], _now: DateTime<Utc>) -> Value {
        Value::Null
    }

    /// Code and sentence of a job that could not be drawn.
    fn failure(&self) -> (&'static str, &'static str) {
        ("failed", "The work could not be done.")
    }

    /// What is told of a finished job.
    fn event(&self, _job: &JobRow) -> Option<Event<'_>> {
        None
    }
}

type Make = fn() -> Arc<dyn Dialect>;

/// Dialects of platforms that have one of their own, by name.
const OWN: [(&str, Make); 4] = [
    ("proclubs", || Arc::new(proclubs::ProClubs)),
    ("clipia", || Arc::new(clipia::Clipia)),
    ("deepcreative", || Arc::new(deepcreative::DeepCreative)),
    ("prolifi", || Arc::new(prolifi::Prolifi)),
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
