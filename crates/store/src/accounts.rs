//! Accounts: a partner on a platform.

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, PartnerId};

use crate::{NewEndpoint, Store, StoreError};

/// A partner on a platform; `granted − captured − held = balance`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: String,
    /// What can be spent now: holds are already taken off.
    pub balance: Amount,
    /// All that was ever granted.
    pub granted: Amount,
    /// All that was ever spent.
    pub captured: Amount,
    /// Set aside for jobs under way.
    pub held: Amount,
    /// Whether live keys work.
    pub live_enabled: bool,
    /// Since when the account is suspended.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
}

/// An account to be.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Slug of the platform.
    pub platform: String,
    /// Whether live keys work from the start.
    pub live_enabled: bool,
    /// Credits given at the start, above zero.
    pub welcome: Option<Amount>,
    /// The endpoint that comes with the account where each request names its own webhook URL.
    pub endpoint: Option<NewEndpoint>,
}

impl Store {
    /// Adds an account to an existing partner, on a platform that came later. One that exists is
    /// left as it is, and so are its credits; `false` then.
    pub async fn add_account(
        &self,
        partner_id: &PartnerId,
        new: NewAccount,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        todo!()
    }

    /// The partner's accounts by platform.
    pub async fn list_accounts(&self, partner_id: &PartnerId) -> Result<Vec<AccountRow>, StoreError> {
        todo!()
    }

    /// The partner's account on one platform.
    pub async fn get_account(&self, partner_id: &PartnerId, platform: &str) -> Result<Option<AccountRow>, StoreError> {
        todo!()
    }

    /// Switches live keys on (a time) or off (`None`).
    pub async fn set_account_live(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        live_since: Option<DateTime<Utc>>,
    ) -> Result<Option<AccountRow>, StoreError> {
        todo!()
    }

    /// Suspends the account (a time) or resumes it (`None`).
    pub async fn set_account_suspension(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        suspended_at: Option<DateTime<Utc>>,
    ) -> Result<Option<AccountRow>, StoreError> {
        todo!()
    }
}
