//! Keys in memory: the look-up of a key is no query.
//!
//! What a key may do is decided by rows that the admin API and the operator change; each of them
//! calls [`KeyCache::forget_key`] or [`KeyCache::forget_partner`] after its commit and before its
//! answer, so that the next request reads the row anew.

use std::{collections::HashMap, sync::Arc};

use latchkey_contract::{Amount, KeyId, PartnerId};
use latchkey_store::{KeyRow, KeyStanding, Store, StoreError};
use parking_lot::Mutex;
use quick_cache::sync::Cache;

use super::{KeyDigest, ip::Rules};
use crate::gateway::limit::KeyMeter;

/// Keys that are kept; the least used give way.
const CAPACITY: usize = 100_000;

/// A key with everything that decides whether a call passes.
#[derive(Debug)]
pub struct KeyState {
    pub row: KeyRow,
    pub live_enabled: bool,
    pub account_suspended: bool,
    pub partner_suspended: bool,
    /// The row's IP rules, ready for matching.
    pub ip_rules: Rules,
    /// The account's, for keys of this environment.
    pub account_ip_rules: Rules,
    /// Below it the partner is told.
    pub low_balance: Option<Amount>,
    /// Below it the account's rule buys credits, where it has one.
    pub top_up_below: Option<Amount>,
    /// The platform's slug, shared by every count of this key.
    pub platform: Arc<str>,
    /// Counts the key's calls; survives every change of the row.
    pub meter: Arc<KeyMeter>,
}

/// Digest → key. An unknown digest is not remembered, so that guesses fill no memory.
pub struct KeyCache {
    store: Store,
    known: Cache<KeyDigest, Arc<KeyState>>,
    /// Counts forgettings: what was read before one is not kept after it.
    epoch: Mutex<u64>,
    meters: Mutex<HashMap<KeyId, Arc<KeyMeter>>>,
}

impl KeyCache {
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            known: Cache::new(CAPACITY),
            epoch: Mutex::default(),
            meters: Mutex::default(),
        }
    }

    /// The key with this digest, whatever its state; reads it where it is not in memory.
    ///
    /// # Errors
    /// What the store says.
    pub async fn find(&self, digest: &KeyDigest) -> Result<Option<Arc<KeyState>>, StoreError> {
        match self.known.get(digest) {
            Some(state) => Ok(Some(state)),
            None => self.read(digest).await,
        }
    }

    /// Reads a key until no change came between reading and keeping it.
    async fn read(&self, digest: &KeyDigest) -> Result<Option<Arc<KeyState>>, StoreError> {
        loop {
            let before = *self.epoch.lock();
            let Some(standing) = self.store.get_key_by_digest(&digest.0).await? else {
                return Ok(None);
            };
            let state = Arc::new(self.state(standing));
            let epoch = self.epoch.lock();
            if *epoch == before {
                self.known.insert(*digest, Arc::clone(&state));
                return Ok(Some(state));
            }
        }
    }

    /// The next request with this key reads it anew: call it after every change of the key.
    pub fn forget_key(&self, digest: &KeyDigest) {
        let mut epoch = self.epoch.lock();
        *epoch += 1;
        self.known.remove(digest);
    }

    /// The same for all of a partner's keys: call it after every change of the partner or of one
    /// of its accounts.
    pub fn forget_partner(&self, partner: &PartnerId) {
        let mut epoch = self.epoch.lock();
        *epoch += 1;
        self.known.retain(|_, state| state.row.partner_id != *partner);
    }

    /// The meter of a key, made on first use.
    pub fn meter(&self, key: &KeyId) -> Arc<KeyMeter> {
        Arc::clone(self.meters.lock().entry(key.clone()).or_default())
    }

    fn state(&self, standing: KeyStanding) -> KeyState {
        KeyState {
            platform: standing.key.platform.as_str().into(),
            meter: self.meter(&standing.key.id),
            live_enabled: standing.live_enabled,
            account_suspended: standing.account_suspended_at.is_some(),
            partner_suspended: standing.partner_suspended_at.is_some(),
            ip_rules: Rules::of(&standing.key.ip_rules),
            account_ip_rules: Rules::of(&standing.account_ip_rules),
            low_balance: standing.low_balance,
            top_up_below: standing.top_up_below,
            row: standing.key,
        }
    }
}

impl std::fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyCache").field("known", &self.known.len()).finish_non_exhaustive()
    }
}
