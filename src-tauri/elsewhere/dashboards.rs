//! Dashboards of platforms elsewhere: what a partner does on the platform's own website, done from
//! here with the identity token of that website. A token lives about an hour; the connection stays
//! and takes a new one.

mod acts;
mod call;
mod connection;
mod token;
mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use latchkey_contract::{Amount, Environment, SecretText, platforms::CreditUnit};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::CheckOutcome;

/// A platform that documents such calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DashboardPlatform {
    /// Slug of the platform.
    pub platform: String,
    pub name: String,
    pub monogram: String,
    /// What it calls the token.
    pub token_name: String,
    /// Where the platform itself serves its API.
    pub base_url: Option<String>,
}

/// A connected dashboard, without its token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DashboardConnection {
    pub id: String,
    /// Slug of the platform.
    pub platform: String,
    pub platform_name: String,
    pub monogram: String,
    /// What the platform calls the token.
    pub token_name: String,
    /// What the person calls it.
    pub name: String,
    pub base_url: String,
    pub unit: CreditUnit,
    /// The environments that keys are created in.
    pub environments: Vec<Environment>,
    pub added_at: DateTime<Utc>,
    /// Whether the keychain has the token; else it is there until the app ends.
    pub kept: bool,
    /// When the token ends, as it says itself.
    pub token_ends_at: Option<DateTime<Utc>>,
    pub last_check: Option<DashboardChecked>,
    /// Keys whose webhooks' signing secrets this computer keeps.
    pub signing_secrets: Vec<String>,
}

/// How the last call went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DashboardChecked {
    pub at: DateTime<Utc>,
    pub outcome: CheckOutcome,
    /// What it means and what to do, one sentence or two.
    pub message: String,
}

/// A dashboard to be connected.
#[derive(Debug, Clone, Deserialize, Type)]
pub struct NewDashboardConnection {
    /// Slug of a platform that documents such calls.
    pub platform: String,
    /// 1 to 100 characters.
    pub name: String,
    /// The platform's own where absent.
    pub base_url: Option<String>,
    pub token: SecretText,
}

/// A key as the dashboard lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DashboardKey {
    pub id: String,
    pub name: String,
    pub environment: Environment,
    pub prefix: String,
    pub last4: String,
    pub created_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// The key connection that holds it, where it was created from here.
    pub held_by: Option<String>,
}

#[derive(Debug, Clone, Deserialize, Type)]
pub struct NewDashboardKey {
    pub name: String,
    pub environment: Environment,
}

/// Where the events of a key go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DashboardWebhook {
    /// Nothing where none was set yet.
    pub url: Option<String>,
    pub enabled: bool,
    /// The signing secret's end.
    pub secret_last4: Option<String>,
    /// Whether this computer keeps the signing secret, which the platform told once.
    pub secret_held: bool,
}

#[derive(Debug, Clone, Deserialize, Type)]
pub struct UpdateDashboardWebhook {
    pub url: String,
    pub enabled: bool,
}

/// What was called and spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DashboardUsage {
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    pub live: DashboardUsed,
    pub test: DashboardUsed,
    /// The oldest first.
    pub daily: Vec<DashboardDay>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DashboardUsed {
    pub requests: u32,
    pub credits: Amount,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DashboardDay {
    pub date: NaiveDate,
    pub live: DashboardUsed,
    pub test: DashboardUsed,
}

/// Buys `amount` when the balance falls below `threshold`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DashboardTopUp {
    pub enabled: bool,
    pub amount: Amount,
    pub threshold: Amount,
}
