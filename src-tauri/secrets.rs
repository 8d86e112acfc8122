//! The one place in memory where a plain key lives, between its issue and its keeping, and for the
//! rest of the session where no keychain keeps it.

use std::collections::HashMap;

use latchkey_contract::{KeyId, SecretText};
use parking_lot::Mutex;

/// Plain keys by the id of their row. Wiped when forgotten.
#[derive(Debug, Default)]
pub struct Secrets {
    held: Mutex<HashMap<KeyId, Held>>,
}

#[derive(Debug)]
struct Held {
    secret: SecretText,
    /// The keychain has it too: this copy goes when the dialog closes.
    kept: bool,
    /// The dialog that handed the key over is open, and it was not shown yet.
    may_reveal: bool,
}

impl Secrets {
    /// Takes in a key that was just issued; its dialog is open.
    pub fn take_in(&self, id: KeyId, secret: SecretText) {
        self.held.lock().insert(id, Held { secret, kept: false, may_reveal: true });
    }

    /// Notes that the keychain keeps this key.
    pub fn mark_kept(&self, id: &KeyId) {
        if let Some(held) = self.held.lock().get_mut(id) {
            held.kept = true;
        }
    }

    /// The key, for copying or keeping.
    #[must_use]
    pub fn get(&self, id: &KeyId) -> Option<SecretText> {
        self.held.lock().get(id).map(|held| held.secret.clone())
    }

    /// The key, for showing: once an issue, while its dialog is open.
    #[must_use]
    pub fn reveal(&self, id: &KeyId) -> Option<SecretText> {
        let mut all = self.held.lock();
        let held = all.get_mut(id).filter(|held| held.may_reveal)?;
        held.may_reveal = false;
        Some(held.secret.clone())
    }

    /// The dialog is closed: wipes the key if the keychain keeps it; otherwise it stays usable for
    /// this session but is never shown again.
    pub fn close_dialog(&self, id: &KeyId) {
        let mut all = self.held.lock();
        match all.get_mut(id) {
            Some(held) if !held.kept => held.may_reveal = false,
            _ => drop(all.remove(id)),
        }
    }

    /// Keys that no keychain keeps yet.
    #[must_use]
    pub fn session_only(&self) -> Vec<(KeyId, SecretText)> {
        let all = self.held.lock();
        all.iter()
            .filter(|(_, held)| !held.kept)
            .map(|(id, held)| (id.clone(), held.secret.clone()))
            .collect()
    }

    /// Wipes one key.
    pub fn forget(&self, id: &KeyId) {
        self.held.lock().remove(id);
    }

    /// Wipes all keys.
    pub fn forget_all(&self) {
        self.held.lock().clear();
    }
}

#[cfg(test)]
mod tests {
    use latchkey_contract::PrefixedId;

    use super::*;

    fn issued() -> (Secrets, KeyId) {
        let (secrets, id) = (Secrets::default(), KeyId::from_parts(1, 1));
        secrets.take_in(id.clone(), SecretText::new("sk_live_x".to_owned()));
        (secrets, id)
    }

    #[test]
    fn a_key_is_shown_once_while_its_dialog_is_open() {
        let (secrets, id) = issued();
        assert!(secrets.reveal(&id).is_some());
        assert!(secrets.reveal(&id).is_none());
        assert!(secrets.get(&id).is_some(), "it can still be copied");
        let (secrets, id) = issued();
        secrets.close_dialog(&id);
        assert!(secrets.reveal(&id).is_none());
    }

    #[test]
    fn a_kept_key_leaves_memory_with_its_dialog_and_another_stays_for_the_session() {
        let (secrets, id) = issued();
        secrets.close_dialog(&id);
        assert_eq!(secrets.session_only().len(), 1);
        secrets.mark_kept(&id);
        assert!(secrets.session_only().is_empty());
        secrets.close_dialog(&id);
        assert!(secrets.get(&id).is_none());
    }

    #[test]
    fn nothing_of_a_key_is_printed() {
        let (secrets, _) = issued();
        assert!(!format!("{secrets:?}").contains("sk_live_x"));
    }
}
