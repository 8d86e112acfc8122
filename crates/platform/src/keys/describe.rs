use chrono::{DateTime, Utc};
use latchkey_contract::keys::{Key, KeyStatus};
use latchkey_store::KeyRow;

use super::KeyDigest;

/// A key as it goes over the wire.
#[must_use]
pub fn describe_key(row: KeyRow, now: DateTime<Utc>) -> Key {
    Key {
        status: status(&row, now),
        id: row.id,
        platform: row.platform,
        name: row.name,
        kind: row.kind,
        environment: row.environment,
        prefix: row.prefix,
        last4: row.last4,
        digest: KeyDigest(row.digest).to_hex(),
        scopes: row.scopes,
        requests_per_minute: row.requests_per_minute,
        expires_at: row.expires_at,
        created_at: row.created_at,
        created_by: row.created_by,
        last_used_at: row.last_used_at,
        last_used_address: row.last_used_address,
        last_used_agent: row.last_used_agent,
        paused_at: row.paused_at,
        revoked_at: row.revoked_at,
        revoked_by: row.revoked_by,
        version: row.version,
    }
}

/// What is for good comes first.
fn status(row: &KeyRow, now: DateTime<Utc>) -> KeyStatus {
    if row.revoked_at.is_some() {
        KeyStatus::Revoked
    } else if row.expires_at.is_some_and(|expires_at| expires_at <= now) {
        KeyStatus::Expired
    } else if row.paused_at.is_some() {
        KeyStatus::Paused
    } else {
        KeyStatus::Active
    }
}
