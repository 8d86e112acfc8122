//! The cut-over from an old key to the one in its place: who still calls with which.

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{KeyId, PartnerId, keys::CutOver};
use latchkey_store::{MinuteCalls, UsageSpan};

use super::{KeyError, describe_keys, rotate::rotation_of};
use crate::Context;

const MINUTES: usize = 60;
/// How long the old key must be silent to be called unused: programs that poll, and those that
/// try again, call more often than this.
const SILENCE: u32 = 5 * 60;

/// How far a cut-over has come, asked for by either of its keys.
///
/// # Errors
/// [`KeyError::Absent`], and [`KeyError::NotRotated`] for a key without a rotation.
pub async fn get_cut_over(
    context: &Context,
    partner: &PartnerId,
    id: &KeyId,
) -> Result<CutOver, KeyError> {
    let (old, new) = rotation_of(context, partner, id).await?;
    let now = context.clock.now();
    let minutes = last_minutes(now);
    let since = minutes.first().copied().unwrap_or(now);
    let counted = context.store.count_calls(partner, &[&old.id, &new.id], since).await?;
    let accepted = context.store.get_last_accepted(partner, &new.id, new.created_at).await?;
    // A bucket may begin before the key was made.
    let new_last_success_at = accepted.map(|start| start.max(new.created_at));
    let old_last_call_at = old.last_used_at;
    let silence = TimeDelta::seconds(SILENCE.into());
    let silent = old_last_call_at.is_none_or(|at| now.signed_duration_since(at) >= silence);
    let (old_calls, new_calls) =
        (calls_in(&minutes, &counted, &old.id), calls_in(&minutes, &counted, &new.id));
    let mut both = describe_keys(context, partner, vec![old, new]).await?.into_iter();
    let (Some(old), Some(new)) = (both.next(), both.next()) else { return Err(KeyError::Absent) };
    Ok(CutOver {
        old,
        new,
        minutes,
        old_calls,
        new_calls,
        old_last_call_at,
        new_last_success_at,
        silent_for_seconds: SILENCE,
        safe_to_end: silent && new_last_success_at.is_some(),
    })
}

/// Starts of the last minutes, the one under way last.
fn last_minutes(now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let this = UsageSpan::Minute.bucket(now);
    let starts = (0..MINUTES as i64).rev().map(|ago| this - ago * UsageSpan::Minute.seconds());
    starts.filter_map(|start| DateTime::from_timestamp(start, 0)).collect()
}

fn calls_in(minutes: &[DateTime<Utc>], counted: &[MinuteCalls], key: &KeyId) -> Vec<u32> {
    let mut calls = vec![0; minutes.len()];
    for count in counted.iter().filter(|count| count.key_id == *key) {
        if let Ok(at) = minutes.binary_search(&count.minute) {
            calls[at] = count.calls;
        }
    }
    calls
}
