use std::collections::HashMap;

use chrono::{DateTime, Utc};
use latchkey_contract::{
    KeyId, PartnerId,
    keys::{Key, KeyStatus},
};
use latchkey_store::{KeyRow, KeySpend, StoreError};

use super::KeyDigest;
use crate::Context;

/// A key as it goes over the wire, with what it has spent where that is limited.
///
/// # Errors
/// What the store says.
pub async fn describe_key(context: &Context, row: KeyRow) -> Result<Key, StoreError> {
    let spent = read_spend(context, &row.partner_id, std::slice::from_ref(&row)).await?;
    Ok(describe(row, &spent, context.clock.now()))
}

/// The partner's keys as they go over the wire.
///
/// # Errors
/// What the store says.
pub async fn describe_keys(
    context: &Context,
    partner: &PartnerId,
    rows: Vec<KeyRow>,
) -> Result<Vec<Key>, StoreError> {
    let spent = read_spend(context, partner, &rows).await?;
    let now = context.clock.now();
    Ok(rows.into_iter().map(|row| describe(row, &spent, now)).collect())
}

/// What keys have spent; those without a limit are left out.
async fn read_spend(
    context: &Context,
    partner: &PartnerId,
    rows: &[KeyRow],
) -> Result<HashMap<KeyId, KeySpend>, StoreError> {
    let limited = rows.iter().filter(|row| row.spend_limits.any());
    let limited: Vec<_> = limited.map(|row| row.id.clone()).collect();
    if limited.is_empty() {
        return Ok(HashMap::new());
    }
    context.store.list_key_spend(partner, &limited).await
}

fn describe(row: KeyRow, spent: &HashMap<KeyId, KeySpend>, now: DateTime<Utc>) -> Key {
    let spend = spent.get(&row.id);
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
        concurrent_limit: row.concurrent_limit,
        daily_limit: row.spend_limits.daily_limit,
        credit_allowance: row.spend_limits.credit_allowance,
        spent_today: spend.map(|spend| spend.today(now)),
        spent_in_all: spend.map(|spend| spend.in_all),
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
