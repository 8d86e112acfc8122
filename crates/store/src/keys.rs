//! API keys: digests and what they may do. A revoked key's row stays.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Environment, KeyId, Page, PartnerId,
    keys::{KeyKind, KeyQuery},
};

use crate::{Digest, Store, StoreError, Updated};

/// An API key without its secret part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its id.
    pub id: KeyId,
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: String,
    /// What the partner calls it.
    pub name: String,
    /// Secret or public.
    pub kind: KeyKind,
    /// Live or test.
    pub environment: Environment,
    /// What it begins with.
    pub prefix: String,
    /// Its last four characters.
    pub last4: String,
    /// SHA-256 of the key.
    pub digest: Digest,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Requests a minute; the platform's default where absent.
    pub requests_per_minute: Option<u32>,
    /// Until when it works.
    pub expires_at: Option<DateTime<Utc>>,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Address of the member who created it.
    pub created_by: String,
    /// Its last call.
    pub last_used_at: Option<DateTime<Utc>>,
    /// From where.
    pub last_used_address: Option<String>,
    /// With what.
    pub last_used_agent: Option<String>,
    /// Since when it is paused.
    pub paused_at: Option<DateTime<Utc>>,
    /// Since when it is revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Address of the member who revoked it.
    pub revoked_by: Option<String>,
    /// Counts changes; uses are none.
    pub version: i64,
}

/// A key to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Its id.
    pub id: KeyId,
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform; the partner has an account there.
    pub platform: String,
    /// What the partner calls it.
    pub name: String,
    /// Secret or public.
    pub kind: KeyKind,
    /// Live or test.
    pub environment: Environment,
    /// What it begins with.
    pub prefix: String,
    /// Its last four characters.
    pub last4: String,
    /// SHA-256 of the key.
    pub digest: Digest,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Requests a minute; the platform's default where absent.
    pub requests_per_minute: Option<u32>,
    /// Until when it works.
    pub expires_at: Option<DateTime<Utc>>,
    /// Address of the member who creates it.
    pub created_by: String,
    /// When.
    pub now: DateTime<Utc>,
}

/// A key with everything else that decides whether it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStanding {
    /// The key.
    pub key: KeyRow,
    /// Whether the account's live keys work.
    pub live_enabled: bool,
    /// Since when the account is suspended.
    pub account_suspended_at: Option<DateTime<Utc>>,
    /// Since when the partner is suspended.
    pub partner_suspended_at: Option<DateTime<Utc>>,
}

/// What changes about a key; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyChange {
    /// The new name.
    pub name: Option<String>,
    /// The new scopes.
    pub scopes: Option<Vec<String>>,
    /// The new limit; `Some(None)` goes back to the platform's default.
    pub requests_per_minute: Option<Option<u32>>,
    /// Since when it is paused; `Some(None)` lets it work again.
    pub paused_at: Option<Option<DateTime<Utc>>>,
}

/// How many keys of one platform and environment are not revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCount {
    /// Slug of the platform.
    pub platform: String,
    /// Live or test.
    pub environment: Environment,
    /// How many.
    pub keys: u32,
}

impl Store {
    /// Keeps a new key.
    pub async fn create_key(&self, new: NewKey) -> Result<KeyRow, StoreError> {
        todo!()
    }

    /// The gateway's look-up, before a partner is known: by digest, whatever the key's state, with
    /// the account and the partner's suspension.
    pub async fn get_key_by_digest(&self, digest: &Digest) -> Result<Option<KeyStanding>, StoreError> {
        todo!()
    }

    /// The partner's keys: by platform, then the newest first.
    pub async fn list_keys(&self, partner_id: &PartnerId, query: &KeyQuery) -> Result<Page<KeyRow>, StoreError> {
        todo!()
    }

    /// One of the partner's keys.
    pub async fn get_key(&self, partner_id: &PartnerId, key_id: &KeyId) -> Result<Option<KeyRow>, StoreError> {
        todo!()
    }

    /// Changes a key that has still this version.
    pub async fn update_key(
        &self,
        partner_id: &PartnerId,
        key_id: &KeyId,
        version: i64,
        change: KeyChange,
    ) -> Result<Updated<KeyRow>, StoreError> {
        todo!()
    }

    /// Revokes a key for good. Again changes nothing: the first time and member stay.
    pub async fn revoke_key(
        &self,
        partner_id: &PartnerId,
        key_id: &KeyId,
        revoked_by: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<KeyRow>, StoreError> {
        todo!()
    }

    /// How many keys the partner has that are not revoked.
    pub async fn count_keys(&self, partner_id: &PartnerId) -> Result<Vec<KeyCount>, StoreError> {
        todo!()
    }
}
