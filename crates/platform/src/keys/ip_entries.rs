//! IP entries: where an account's keys may be used from, by environment, beside what each key says
//! for itself.

use std::collections::HashSet;

use latchkey_contract::{PartnerId, events::Topic, platforms::IpEntry};
use latchkey_store::{AccountRow, Author};

use super::{KeyError, ip::checked_rule};
use crate::{Context, input::Faults, manifest::Manifest};

/// Entries of one account at most.
const MOST: usize = 100;
/// Characters of a note at most.
const LONGEST_NOTE: usize = 100;

/// Replaces the entries of an account; they hold from the next request on.
///
/// # Errors
/// All fields at fault at once; [`KeyError::Absent`] where there is no such account.
pub async fn set_ip_entries(
    context: &Context,
    partner: &PartnerId,
    platform: &str,
    asked: Vec<IpEntry>,
    author: &Author,
) -> Result<AccountRow, KeyError> {
    let manifest = context.manifests.get(platform).ok_or(KeyError::Absent)?;
    let mut faults = Faults::default();
    let entries = checked(&mut faults, manifest, asked);
    faults.finish().map_err(KeyError::Invalid)?;
    let by = (author, context.clock.now());
    let row = context.store.set_ip_entries(partner, platform, &entries, by).await?;
    let row = row.ok_or(KeyError::Absent)?;
    context.keys.forget_partner(partner);
    context.live.announce(partner, Topic::Accounts, Some(platform));
    context.live.announce(partner, Topic::Audit, Some(platform));
    Ok(row)
}

/// The entries as they are kept, each rule in its one form.
fn checked(faults: &mut Faults, manifest: &Manifest, asked: Vec<IpEntry>) -> Vec<IpEntry> {
    let offered = manifest.ip_entries || asked.is_empty();
    faults.require(offered, "/ip_entries", format!("are not offered by {}", manifest.name));
    let few = asked.len() <= MOST;
    faults.require(few, "/ip_entries", format!("must be at most {MOST} entries"));
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for (at, entry) in asked.into_iter().enumerate().take(MOST) {
        let note = entry.note.trim().to_owned();
        let plain = note.chars().count() <= LONGEST_NOTE && !note.chars().any(char::is_control);
        let pointer = format!("/ip_entries/{at}/note");
        faults.require(plain, &pointer, "must be one line of at most 100 characters");
        let pointer = format!("/ip_entries/{at}/rule");
        match checked_rule(&entry.rule) {
            Ok(rule) => {
                let new = seen.insert((entry.environment, rule.clone()));
                faults.require(new, &pointer, "appears twice in this environment");
                kept.push(IpEntry { rule, note, ..entry });
            }
            Err(detail) => faults.add(pointer, detail),
        }
    }
    kept
}
