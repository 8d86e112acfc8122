//! Webhooks: where events go, how they are signed, and how they get there.
//!
//! Whoever causes an event asks [`deliveries_for`] to whom it goes, writes both in the transaction
//! that caused it, and calls [`Webhooks::wake`] after the commit. The [`Dispatcher`] does the rest:
//! it claims what is due, signs it by the platform's scheme, sends it, and keeps every attempt.

pub mod address;
mod attempt;
pub mod deliveries;
mod dispatcher;
pub mod endpoints;
pub mod guard;
mod lanes;
mod policy;
pub mod replays;
pub mod scheme;
pub mod seal;
pub mod secret;
mod send;
pub mod sign;

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use latchkey_store::Store;
use reqwest::{Client, dns::Resolve};
use tokio::sync::Notify;

pub use deliveries::{Occurred, deliveries_for};
pub use dispatcher::Dispatcher;
pub use guard::{SystemNames, TargetError, Targets};
pub use policy::DeliveryPolicy;
pub use seal::{SealError, SecretSeal};

use crate::{Config, ServerKey};

/// What webhooks share: the seal of their secrets, where they may go, and the client that sends
/// them. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    pub seal: SecretSeal,
    pub targets: Targets,
    pub policy: Arc<DeliveryPolicy>,
    http: Client,
    due: Arc<Notify>,
    replays_due: Arc<Notify>,
}

impl Webhooks {
    /// Sets up the sending side; `names` resolves host names before the guard looks at them.
    ///
    /// # Errors
    /// When the system's certificates cannot be set up for TLS.
    pub fn new(
        key: &ServerKey,
        targets: Targets,
        policy: DeliveryPolicy,
        names: Arc<dyn Resolve>,
    ) -> reqwest::Result<Self> {
        Ok(Self {
            seal: SecretSeal::new(key),
            targets,
            policy: Arc::new(policy),
            http: guard::client(targets, names)?,
            due: Arc::new(Notify::new()),
            replays_due: Arc::new(Notify::new()),
        })
    }

    /// The sending side of a running server.
    ///
    /// # Errors
    /// As [`Webhooks::new`].
    pub fn from_config(config: &Config) -> reqwest::Result<Self> {
        let targets = Targets::of(config);
        let names = Arc::new(SystemNames);
        Self::new(&config.server_key, targets, DeliveryPolicy::default(), names)
    }

    /// Lets nothing wait for a time that was reckoned while the clock was ahead.
    pub async fn notice_clock(&self, store: &Store, now: DateTime<Utc>) {
        match store.pull_deliveries_back(now).await {
            Ok(0) => {}
            Ok(moved) => {
                tracing::info!(moved, "the clock was set back; retries keep their pauses");
                self.wake();
            }
            Err(error) => tracing::warn!(%error, "retries could not be compared with the clock"),
        }
    }

    /// Tells the dispatcher that something may be due. Call it after the commit.
    pub fn wake(&self) {
        self.due.notify_one();
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhooks")
    }
}
