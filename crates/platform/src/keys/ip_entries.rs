//! IP entries: where an account's keys may be used from, by environment, beside what each key says
//! for itself.

use std::collections::HashSet;

use latchkey_contract::platforms::IpEntry;

use super::ip::checked_rule;
use crate::{input::Faults, manifest::Manifest};

/// Entries of one account at most.
const MOST: usize = 100;
/// Characters of a note at most.
const LONGEST_NOTE: usize = 100;

/// The entries as they are kept, each rule in its one form.
pub(crate) fn checked(
    faults: &mut Faults,
    manifest: &Manifest,
    asked: Vec<IpEntry>,
) -> Vec<IpEntry> {
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
