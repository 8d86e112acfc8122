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
    let limited: Vec<_> = limited.map(|row| row.spend_key().clone()).collect();
    if limited.is_empty() {
        return Ok(HashMap::new());
    }
    context.store.list_key_spend(partner, &limited).await
}

fn describe(row: KeyRow, spent: &HashMap<KeyId, KeySpend>, now: DateTime<Utc>) -> Key {
    let spend = row.spend_limits.any().then(|| spent.get(row.spend_key())).flatten();
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
        ip_rules: row.ip_rules,
        expires_at: row.expires_at,
        created_at: row.created_at,
        created_by: row.created_by,
        first_used_at: row.first_used_at,
        last_used_at: row.last_used_at,
        last_used_address: row.last_used_address,
        last_used_agent: row.last_used_agent,
        paused_at: row.paused_at,
        revoked_at: row.revoked_at,
        revoked_by: row.revoked_by,
        replaces: row.replaces,
        grace_ends_at: row.replaced.as_ref().map(|replaced| replaced.grace_ends_at),
        replaced_by: row.replaced.map(|replaced| replaced.by),
        pair_id: row.pair_id,
        version: row.version,
    }
}

/// What is for good comes first.
fn status(row: &KeyRow, now: DateTime<Utc>) -> KeyStatus {
    if row.revoked_at.is_some() {
        KeyStatus::Revoked
    } else if row.ends_at().is_some_and(|end| end <= now) {
        KeyStatus::Expired
    } else if row.paused_at.is_some() {
        KeyStatus::Paused
    } else if row.replaced.is_some() {
        KeyStatus::Retiring
    } else {
        KeyStatus::Active
    }
}
