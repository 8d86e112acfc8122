//! What every part of a running server shares.

use std::sync::Arc;

use latchkey_store::Store;

use crate::{Clock, Config, Entropy, live::LiveFeed};

/// Handles to everything; cloning is cheap.
#[derive(Clone)]
pub struct Context {
    pub store: Store,
    pub clock: Clock,
    pub entropy: Entropy,
    pub config: Arc<Config>,
    pub live: LiveFeed,
    // GATEWAY adds: manifests: Arc<Manifests>, keys: Arc<KeyCache>, jobs: Arc<JobCache>, media, job_wake: Arc<Notify>, pictures::Fonts.
    // WEBHOOKS adds: seal: SecretSeal, http: reqwest::Client, delivery_wake: Arc<Notify>.
}
