//! What every part of a running server shares.

use std::sync::Arc;

use latchkey_store::Store;
use tokio_util::sync::CancellationToken;

use crate::{
    Clock, Config, Entropy, keys::KeyCache, live::LiveFeed, manifest::Manifests, sessions::Sessions,
    webhooks::Webhooks,
};

/// Handles to everything; cloning is cheap.
#[derive(Clone)]
pub struct Context {
    pub store: Store,
    pub clock: Clock,
    pub entropy: Entropy,
    pub config: Arc<Config>,
    pub live: LiveFeed,
    /// Passwords and tokens.
    pub sessions: Sessions,
    /// Cancelled when the server stops: loops end, streams close.
    pub stopping: CancellationToken,
    pub manifests: Arc<Manifests>,
    pub keys: Arc<KeyCache>,
    /// Webhooks: what seals their secrets, sends them, wakes the dispatcher and paces it.
    pub webhooks: Webhooks,
}
