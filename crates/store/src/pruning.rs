//! What is not kept for ever: minute buckets, expired repeat keys, dead sessions' tokens.

use chrono::{DateTime, Utc};

use crate::{Store, StoreError};

/// How many rows went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Minute buckets older than three hours.
    pub minute_buckets: u64,
    /// Repeat keys of the keyed APIs that have expired.
    pub idempotency: u64,
    /// Repeat keys of the admin API that have expired.
    pub admin_idempotency: u64,
    /// Exchanged refresh tokens of sessions that cannot be refreshed any more.
    pub refresh_tokens: u64,
}

impl Store {
    /// Removes what has had its time, over all partners: at most `limit` rows a table, so that it
    /// holds the database for a moment only. Call it every minute or so.
    pub async fn prune(&self, now: DateTime<Utc>, limit: u32) -> Result<Pruned, StoreError> {
        todo!()
    }
}
