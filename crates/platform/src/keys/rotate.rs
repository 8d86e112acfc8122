//! Rotation: a new key in the place of an old one, and a while in which both work.

use chrono::TimeDelta;
use latchkey_contract::{
    KeyId, PartnerId, SecretText,
    events::Topic,
    keys::{Key, RotateKey, RotatedKey},
};
use latchkey_store::{KeyRow, Rotated, Rotation, SignedIn};

use super::{KeyDigest, KeyError, PlainKey, change::changed, describe_key};
use crate::{Context, clock::later, input::Faults};

const USUAL_GRACE: u32 = 24 * 60 * 60;
const LONGEST_GRACE: u32 = 7 * USUAL_GRACE;

/// Makes a key with the settings of another, which retires. The answer is the only one that ever
/// holds the new key.
///
/// # Errors
/// [`KeyError::Invalid`], [`KeyError::Absent`], [`KeyError::Revoked`], [`KeyError::Expired`],
/// [`KeyError::RotationInProgress`].
pub async fn rotate_key(
    context: &Context,
    by: &SignedIn,
    id: &KeyId,
    request: RotateKey,
) -> Result<RotatedKey, KeyError> {
    let grace = checked_grace(&request)?;
    let row = context.store.get_key(&by.partner.id, id).await?.ok_or(KeyError::Absent)?;
    let now = context.clock.now();
    let plain = PlainKey::issue(&row.prefix, &context.entropy);
    let rotation = Rotation {
        id: context.entropy.id(now),
        last4: plain.last4().to_owned(),
        digest: plain.digest().0,
        grace_ends_at: later(now, grace),
        force: request.force == Some(true),
        by: by.member.email.clone(),
        author: by.author(),
        now,
    };
    match context.store.rotate_key(&by.partner.id, id, rotation).await? {
        Rotated::Done { new, old, ended } => {
            for key in [&new, &old].into_iter().chain(&ended) {
                context.keys.forget_key(&KeyDigest(key.digest));
            }
            context.live.announce(&new.partner_id, Topic::Keys, Some(&new.platform));
            Ok(RotatedKey {
                key: describe_key(context, *new).await?,
                secret: Some(SecretText::new(plain.expose().to_owned())),
                old: describe_key(context, *old).await?,
            })
        }
        Rotated::InProgress => Err(KeyError::RotationInProgress),
        Rotated::Revoked => Err(KeyError::Revoked),
        Rotated::Expired => Err(KeyError::Expired),
        Rotated::Absent => Err(KeyError::Absent),
    }
}

fn checked_grace(request: &RotateKey) -> Result<TimeDelta, KeyError> {
    let seconds = request.grace_seconds.unwrap_or(USUAL_GRACE);
    let mut faults = Faults::default();
    let good = seconds <= LONGEST_GRACE;
    faults.require(good, "/grace_seconds", format!("must be 0 to {LONGEST_GRACE}, seven days"));
    faults.finish().map_err(KeyError::Invalid)?;
    Ok(TimeDelta::seconds(seconds.into()))
}

/// Ends the grace of a rotated key now, named by itself or by the key in its place. One that is
/// over already stays as it is.
///
/// # Errors
/// [`KeyError::Absent`], and [`KeyError::NotRotated`] where there is no rotation to end.
pub async fn end_grace(context: &Context, by: &SignedIn, id: &KeyId) -> Result<Key, KeyError> {
    let (partner, now) = (&by.partner.id, context.clock.now());
    let (old, _) = rotation_of(context, partner, id).await?;
    let ended = context.store.end_grace(partner, &old.id, &by.author(), now).await?;
    changed(context, ended.ok_or(KeyError::NotRotated)?).await
}

/// The old key and the new one of the rotation that a key takes part in: as the old one, if it is
/// that in one rotation and the new one in another.
pub(super) async fn rotation_of(
    context: &Context,
    partner: &PartnerId,
    id: &KeyId,
) -> Result<(KeyRow, KeyRow), KeyError> {
    let read = async |id: &KeyId| context.store.get_key(partner, id).await?.ok_or(KeyError::Absent);
    let named = read(id).await?;
    match (&named.replaced, &named.replaces) {
        (Some(replaced), _) => {
            let new = read(&replaced.by).await?;
            Ok((named, new))
        }
        (None, Some(older)) => {
            let old = read(older).await?;
            Ok((old, named))
        }
        (None, None) => Err(KeyError::NotRotated),
    }
}
