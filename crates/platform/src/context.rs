//! What every part of a running server shares.

use std::{net::IpAddr, sync::Arc};

use axum::http::request::Parts;
use latchkey_store::{AdminRequest, Author, Store};
use tokio_util::sync::CancellationToken;

use crate::{
    Clock, Config, Entropy,
    credits::Credits,
    gateway::{Tallies, limit::Ticker},
    jobs::{Jobs, Media},
    keys::KeyCache,
    live::LiveFeed,
    manifest::Manifests,
    pictures::Fonts,
    sessions::Sessions,
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
    /// What pays for credits, and which accounts run low.
    pub credits: Credits,
    /// Counts of keyed calls on their way to the store.
    pub tallies: Arc<Tallies>,
    /// The monotonic clock that rate limits go by.
    pub ticker: Ticker,
    /// Jobs in memory, and the way to their runner.
    pub jobs: Jobs,
    pub media: Media,
    pub fonts: Fonts,
    /// Webhooks: what seals their secrets, sends them, wakes the dispatcher and paces it.
    pub webhooks: Webhooks,
}

impl Context {
    /// Where a request comes from, behind the proxies that are trusted.
    #[must_use]
    pub fn address_of(&self, request: &Parts) -> IpAddr {
        self.config.trusted_proxies.address_of(request)
    }

    /// The same in somebody's hands: what is changed through it is recorded as theirs.
    #[must_use]
    pub fn by(&self, author: Author) -> Self {
        Self { store: self.store.by(author), ..self.clone() }
    }

    /// The same for the work of an admin request that has taken its repeat key.
    #[must_use]
    pub fn claiming(&self, request: &AdminRequest) -> Self {
        Self { store: self.store.claiming(request), ..self.clone() }
    }
}
