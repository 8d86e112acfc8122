//! Repeat keys: of the keyed APIs (written by the grouped writer) and of the admin API.

use chrono::{DateTime, Utc};

use crate::{Digest, Store, StoreError};

/// A repeat key of a keyed API that still holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRow {
    /// Tells another payload apart.
    pub payload_digest: Digest,
    /// The job of the first request.
    pub job_id: String,
    /// Until when it holds.
    pub expires_at: DateTime<Utc>,
}

/// A POST of the admin API that carries an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminRequest {
    /// The partner's id, or a word for calls before a partner is known.
    pub scope: String,
    /// What the request sent.
    pub key: String,
    /// SHA-256 over operation and body.
    pub payload_digest: Digest,
    /// When.
    pub now: DateTime<Utc>,
    /// From when on the key may be used anew.
    pub expires_at: DateTime<Utc>,
}

/// What is known of an admin request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminReply {
    /// New: do it, then call [`Store::finish_admin_request`] or [`Store::abandon_admin_request`].
    Fresh,
    /// Done before: answer this again.
    Replay {
        /// HTTP status.
        status: u16,
        /// The answer without its secret.
        body: String,
    },
    /// The first one is still being worked on.
    InProgress,
    /// The key came before with another payload.
    Reused,
}

impl Store {
    /// A repeat key of a keyed API; its scope holds the partner or API key.
    pub async fn get_idempotency(
        &self,
        scope: &str,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<IdempotencyRow>, StoreError> {
        todo!()
    }

    /// Takes an admin request's key, or tells what came of it before. One that was taken more than
    /// a minute ago and never finished counts as new.
    pub async fn begin_admin_request(&self, request: &AdminRequest) -> Result<AdminReply, StoreError> {
        todo!()
    }

    /// Keeps the answer for repetitions. The body must hold no secret.
    pub async fn finish_admin_request(
        &self,
        scope: &str,
        key: &str,
        status: u16,
        body: &str,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Lets the key go again: the request was refused.
    pub async fn abandon_admin_request(&self, scope: &str, key: &str) -> Result<(), StoreError> {
        todo!()
    }
}
