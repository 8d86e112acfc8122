//! What the generic dialect serves: addresses of ordinary JSON bodies, as data.
//!
//! ```toml
//! [[operations]]
//! name = "posters.create"
//! title = "Create a poster"
//! price = 2
//!
//! [operations.route]
//! method = "POST"
//! path = "/posters"
//! does = "create"
//! media = "image"
//! input = [
//!     { name = "prompt", type = "string", required = true },
//!     { name = "size", type = "string", enum = ["A4", "A3"], default = "A4" },
//! ]
//! multipliers.size = { A4 = 1.0, A3 = 1.5 }
//! events = { succeeded = "poster.ready", failed = "poster.failed" }
//! ```

use std::collections::BTreeMap;

use axum::routing::MethodFilter;
use serde::Deserialize;

use super::{Credits, Factors, InputField, MediaType, Pricing};

/// Where an operation is called, and what it does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub method: RouteMethod,
    /// Below the base path; `{id}` stands for a job's id.
    pub path: String,
    pub does: Work,
    /// What a job makes.
    #[serde(default = "image")]
    pub media: MediaType,
    /// Fields of the body.
    #[serde(default)]
    pub input: Vec<InputField>,
    /// What multiplies the price: input field → its value → factor.
    #[serde(default)]
    pub multipliers: BTreeMap<String, Factors>,
    /// What is told of a finished job.
    #[serde(default)]
    pub events: JobEvents,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RouteMethod {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Checks the body, holds the price and queues a job.
    Create,
    /// Tells how it stands with a job.
    Read,
    /// Gives up a job that has not ended.
    Cancel,
    /// Tells what the account can spend and the key may do.
    Account,
}

/// Names of the manifest's events, by how a job ends; nothing is told where one is absent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobEvents {
    #[serde(default)]
    pub succeeded: Option<String>,
    #[serde(default)]
    pub failed: Option<String>,
    #[serde(default)]
    pub canceled: Option<String>,
}

const fn image() -> MediaType {
    MediaType::Image
}

impl Route {
    /// What a call costs.
    #[must_use]
    pub fn pricing(&self, price: Credits) -> Pricing {
        Pricing { credits: price, multipliers: self.multipliers.clone(), note: None }
    }
}

impl JobEvents {
    pub fn names(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [("succeeded", &self.succeeded), ("failed", &self.failed), ("canceled", &self.canceled)]
            .into_iter()
            .filter_map(|(end, name)| Some((end, name.as_deref()?)))
    }
}

impl From<RouteMethod> for MethodFilter {
    fn from(method: RouteMethod) -> Self {
        match method {
            RouteMethod::Get => Self::GET,
            RouteMethod::Post => Self::POST,
            RouteMethod::Put => Self::PUT,
            RouteMethod::Patch => Self::PATCH,
            RouteMethod::Delete => Self::DELETE,
        }
    }
}
