//! Platforms elsewhere, whose admin API is not public: keys that were pasted (`keys`), and
//! dashboards, which are called with a pasted identity token (`dashboards`).
//!
//! Which calls a platform documents is its manifest's; the settings file remembers everything of a
//! connection but its secrets.

mod address;
mod answer;
mod dashboards;
mod keys;
mod safe;

use std::{sync::Arc, time::Duration};

use latchkey_contract::RequestId;
use latchkey_platform::{Clock, Entropy, manifest::Manifests};
use reqwest::redirect;

use self::safe::Safe;
use crate::{AppError, settings::SettingsFile, vault::Vault};

pub use dashboards::{
    DashboardChecked, DashboardConnection, DashboardDay, DashboardKey, DashboardPlatform,
    DashboardTopUp, DashboardUsage, DashboardUsed, DashboardWebhook, NewDashboardConnection,
    NewDashboardKey, UpdateDashboardWebhook,
};
pub use keys::{
    CheckOutcome, IssuedBy, KeyChecked, KeyConnection, KeyFact, NewKeyConnection, Recognised,
};

/// What one call may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Characters of a name.
const LONGEST_NAME: usize = 100;

/// The connections.
pub struct Elsewhere {
    manifests: Manifests,
    settings: Arc<SettingsFile>,
    safe: Safe,
    http: reqwest::Client,
    clock: Clock,
    entropy: Entropy,
}

impl Elsewhere {
    /// # Errors
    /// Where the system gives no HTTP client.
    pub fn new(
        manifests: Manifests,
        settings: Arc<SettingsFile>,
        vault: Vault,
        clock: Clock,
        entropy: Entropy,
    ) -> anyhow::Result<Self> {
        // A redirect would carry the secret to another address.
        let http = reqwest::Client::builder()
            .user_agent(concat!("Latchkey/", env!("CARGO_PKG_VERSION")))
            .timeout(PATIENCE)
            .redirect(redirect::Policy::none())
            .build()?;
        Ok(Self { manifests, settings, safe: Safe::new(vault), http, clock, entropy })
    }

    /// The keychain is there again: keeps what waited for it.
    pub async fn catch_up(&self) {
        if !self.safe.catch_up().await {
            return;
        }
        let keys = self.settings.change_connections(|all| {
            all.iter_mut().for_each(|connection| connection.kept = true);
        });
        let dashboards = self.settings.change_dashboards(|all| {
            all.iter_mut().for_each(|connection| connection.kept = true);
        });
        if let Err(error) = keys.and(dashboards) {
            tracing::warn!(code = error.code, "that connections are kept is not remembered");
        }
    }

    /// A fresh id that begins with `prefix`.
    fn draw_id(&self, prefix: &str) -> String {
        let id: RequestId = self.entropy.id(self.clock.now());
        id.to_string().replacen("req_", prefix, 1)
    }
}

/// What the person calls a connection.
fn checked_name(name: &str) -> Result<String, AppError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(AppError::field("/name", "Give it a name of 1 to 100 characters."));
    }
    Ok(name.to_owned())
}

/// Keys and tokens are one word of visible ASCII.
fn is_one_word(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn last4(secret: &str) -> String {
    secret.get(secret.len().saturating_sub(4)..).unwrap_or_default().to_owned()
}
