use latchkey_contract::{
    SecretText,
    events::Topic,
    keys::{CreateKey, IssuedKey, Key, KeyKind, PairedKey},
};
use latchkey_store::{KeyRow, NewKey, SignedIn};

use super::{KeyError, PlainKey, checked_scopes, describe_key, ip::Rules, limits};
use crate::{
    Context,
    input::Faults,
    manifest::{Credits, Manifest},
};

/// Makes a key, and the other of its pair where the platform issues them so. The answer is the
/// only one that ever holds them.
///
/// # Errors
/// All fields at fault at once.
pub async fn issue_key(
    context: &Context,
    by: &SignedIn,
    request: CreateKey,
) -> Result<IssuedKey, KeyError> {
    let (plain, mut new) = checked(context, by, request)?;
    let Some((other_plain, other)) = other_of_pair(context, &mut new) else {
        let manifest = context.manifests.get(&new.platform);
        let grant = manifest.and_then(|manifest| manifest.first_key_grant).map(Credits::amount);
        let row = context.store.create_granting_key(new, grant).await?;
        if grant.is_some() {
            context.live.announce(&row.partner_id, Topic::Accounts, Some(&row.platform));
        }
        let (key, secret) = issued(context, row, &plain).await?;
        return Ok(IssuedKey { key, secret, paired: None });
    };
    let (row, other) = context.store.create_key_pair(new, other).await?;
    let (key, secret) = issued(context, row, &plain).await?;
    let (other, other_secret) = issued(context, other, &other_plain).await?;
    let paired = PairedKey { key: other, secret: other_secret };
    Ok(IssuedKey { key, secret, paired: Some(paired) })
}

/// What is told of a key that was just kept.
async fn issued(
    context: &Context,
    row: KeyRow,
    plain: &PlainKey,
) -> Result<(Key, Option<SecretText>), KeyError> {
    // Somebody may have tried the digest before it existed.
    context.keys.forget_key(&plain.digest());
    context.live.announce(&row.partner_id, Topic::Keys, Some(&row.platform));
    let key = describe_key(context, row).await?;
    Ok((key, Some(SecretText::new(plain.expose().to_owned()))))
}

/// The key of the other kind that is issued with `first`, with the same settings; `None` where the
/// platform issues each alone.
pub(crate) fn other_of_pair(context: &Context, first: &mut NewKey) -> Option<(PlainKey, NewKey)> {
    let manifest = context.manifests.get(&first.platform).filter(|manifest| manifest.pairs)?;
    let kind = match first.kind {
        KeyKind::Secret => KeyKind::Public,
        KeyKind::Public => KeyKind::Secret,
    };
    let prefix = manifest.prefix(first.environment, kind)?;
    let plain = PlainKey::issue(prefix, &context.entropy);
    let other = NewKey {
        id: context.entropy.id(first.now),
        kind,
        prefix: prefix.to_owned(),
        last4: plain.last4().to_owned(),
        digest: plain.digest().0,
        pair_id: Some(first.id.clone()),
        ..first.clone()
    };
    first.pair_id = Some(other.id.clone());
    Some((plain, other))
}

fn checked(
    context: &Context,
    by: &SignedIn,
    request: CreateKey,
) -> Result<(PlainKey, NewKey), KeyError> {
    let now = context.clock.now();
    let mut faults = Faults::default();
    let name = faults.name("/name", &request.name);
    limits::check_new(&mut faults, &request);
    if let Some(expires_at) = request.expires_at {
        limits::check_expiry(&mut faults, expires_at, now);
    }
    let ip_rules =
        Rules::checked(&mut faults, "/ip_rules", request.ip_rules.as_deref().unwrap_or_default());
    let manifest = context.manifests.get(&request.platform);
    let prefix = manifest.and_then(|manifest| manifest.prefix(request.environment, request.kind));
    let mut scopes = Vec::new();
    match manifest {
        None => faults.add("/platform", known_platforms(context)),
        Some(manifest) => {
            if prefix.is_none() {
                let (pointer, detail) = not_offered(manifest, &request);
                faults.add(pointer, detail);
            }
            scopes = match &request.scopes {
                Some(asked) => checked_scopes(&mut faults, manifest, asked),
                None => manifest.default_scopes(),
            };
        }
    }
    faults.finish().map_err(KeyError::Invalid)?;
    // Without a prefix there was a fault.
    let prefix = prefix.ok_or(KeyError::Absent)?;
    let plain = PlainKey::issue(prefix, &context.entropy);
    let spend_limits = limits::spend_limits(&request);
    let new = NewKey {
        id: context.entropy.id(now),
        partner_id: by.partner.id.clone(),
        platform: request.platform,
        name,
        kind: request.kind,
        environment: request.environment,
        prefix: prefix.to_owned(),
        last4: plain.last4().to_owned(),
        digest: plain.digest().0,
        scopes,
        requests_per_minute: request.requests_per_minute,
        concurrent_limit: request.concurrent_limit,
        spend_limits,
        ip_rules,
        expires_at: request.expires_at,
        pair_id: None,
        created_by: by.member.email.clone(),
        now,
    };
    Ok((plain, new))
}

/// Which of environment and kind the platform has no keys for.
fn not_offered(manifest: &Manifest, request: &CreateKey) -> (&'static str, String) {
    let mut kept = manifest.key_prefixes.iter();
    if kept.any(|key| key.environment == request.environment) {
        ("/kind", format!("is not offered by {} in this environment", manifest.name))
    } else {
        let environment = request.environment.as_str();
        ("/environment", format!("is not offered: {} has no {environment} keys", manifest.name))
    }
}

fn known_platforms(context: &Context) -> String {
    let slugs: Vec<_> = context.manifests.iter().map(|m| m.slug.as_str()).collect();
    format!("must be one of: {}", slugs.join(", "))
}
