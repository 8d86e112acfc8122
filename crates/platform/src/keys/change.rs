//! Changes hold from the very next request: each one is out of the cache before it is answered.

use latchkey_contract::{
    KeyId, PartnerId,
    events::Topic,
    keys::{Key, UpdateKey},
};
use latchkey_store::{KeyChange, KeyRow, SignedIn, Updated};

use super::{KeyDigest, KeyError, checked_scopes, describe_key, ip::Rules, limits};
use crate::{Context, input::Faults};

/// Changes a key that still has this version.
///
/// # Errors
/// All fields at fault at once; [`KeyError::Absent`], [`KeyError::Stale`], [`KeyError::Revoked`].
pub async fn update_key(
    context: &Context,
    partner: &PartnerId,
    id: &KeyId,
    version: i64,
    request: UpdateKey,
) -> Result<Key, KeyError> {
    let row = context.store.get_key(partner, id).await?.ok_or(KeyError::Absent)?;
    if row.revoked_at.is_some() {
        return Err(KeyError::Revoked);
    }
    let change = checked(context, &row, request)?;
    match context.store.update_key(partner, id, version, change, context.clock.now()).await? {
        Updated::Changed(row) => changed(context, row).await,
        Updated::Stale(_) => Err(KeyError::Stale),
        Updated::Absent => Err(KeyError::Absent),
    }
}

/// Revokes a key for good; again changes nothing.
///
/// # Errors
/// [`KeyError::Absent`].
pub async fn revoke_key(context: &Context, by: &SignedIn, id: &KeyId) -> Result<Key, KeyError> {
    let (store, now) = (&context.store, context.clock.now());
    let row = store.revoke_key(&by.partner.id, id, &by.member.email, now).await?;
    changed(context, row.ok_or(KeyError::Absent)?).await
}

/// Makes a change hold, and tells of it.
pub(super) async fn changed(context: &Context, row: KeyRow) -> Result<Key, KeyError> {
    context.keys.forget_key(&KeyDigest(row.digest));
    context.live.announce(&row.partner_id, Topic::Keys, Some(&row.platform));
    Ok(describe_key(context, row).await?)
}

fn checked(context: &Context, row: &KeyRow, request: UpdateKey) -> Result<KeyChange, KeyError> {
    let mut faults = Faults::default();
    let limits = limits::changed(&mut faults, &request);
    let expires_at = limits::changed_expiry(&mut faults, &request, context.clock.now());
    let ip_rules = request.ip_rules.as_deref();
    let ip_rules = ip_rules.map(|rules| Rules::checked(&mut faults, "/ip_rules", rules));
    let name = request.name.map(|name| faults.name("/name", &name));
    let scopes = match (request.scopes, context.manifests.get(&row.platform)) {
        (Some(asked), Some(manifest)) => Some(checked_scopes(&mut faults, manifest, &asked)),
        (Some(_), None) => {
            faults.add("/scopes", "cannot be changed: this server no longer has the platform");
            None
        }
        (None, _) => None,
    };
    faults.finish().map_err(KeyError::Invalid)?;
    let paused_at = request.paused.map(|paused| {
        // A key that is paused already keeps the time.
        paused.then(|| row.paused_at.unwrap_or_else(|| context.clock.now()))
    });
    Ok(KeyChange { name, scopes, paused_at, expires_at, ip_rules, ..limits })
}
