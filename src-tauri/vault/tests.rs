use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use parking_lot::{Condvar, Mutex};

use super::*;

/// A keychain whose entries, failures and hangs the test decides.
#[derive(Default)]
struct Staged {
    entries: Mutex<HashMap<String, String>>,
    /// What reading answers instead.
    on_get: Mutex<Option<VaultError>>,
    forgets: Mutex<bool>,
    hangs: Mutex<bool>,
    goes_on: Condvar,
    opened: AtomicUsize,
}

struct Handle(Arc<Staged>);

impl Handle {
    fn hang(&self) {
        let mut hangs = self.0.hangs.lock();
        self.0.goes_on.wait_while(&mut hangs, |hangs| *hangs);
    }
}

impl Keychain for Handle {
    fn state(&mut self) -> KeychainState {
        self.hang();
        KeychainState::Present
    }

    fn unlock(&mut self) -> Result<(), VaultError> {
        Ok(())
    }

    fn set(&mut self, account: &str, secret: &str) -> Result<(), VaultError> {
        self.hang();
        let kept = if *self.0.forgets.lock() { "something else" } else { secret };
        self.0.entries.lock().insert(account.to_owned(), kept.to_owned());
        Ok(())
    }

    fn get(&mut self, account: &str) -> Result<Option<Zeroizing<String>>, VaultError> {
        self.hang();
        match self.0.on_get.lock().clone() {
            Some(error) => Err(error),
            None => Ok(self.0.entries.lock().get(account).cloned().map(Zeroizing::new)),
        }
    }

    fn delete(&mut self, account: &str) -> Result<(), VaultError> {
        self.0.entries.lock().remove(account);
        Ok(())
    }
}

fn vault(limit: Duration) -> (Vault, Arc<Staged>) {
    let staged = Arc::new(Staged::default());
    let opened = Arc::clone(&staged);
    let open: OpenKeychain = Arc::new(move || {
        opened.opened.fetch_add(1, Ordering::SeqCst);
        Box::new(Handle(Arc::clone(&opened)))
    });
    (Vault::over(open, limit), staged)
}

fn account() -> Account {
    Account::Session { server: "local".to_owned() }
}

fn secret() -> SecretText {
    SecretText::new("correct horse".to_owned())
}

const PATIENT: Duration = Duration::from_secs(30);
const HASTY: Duration = Duration::from_millis(30);

#[tokio::test]
async fn what_is_kept_is_read_back_and_removed() {
    let (vault, staged) = vault(PATIENT);
    assert_eq!(vault.keep(&account(), &secret()).await, Ok(()));
    assert_eq!(vault.get(&account()).await, Ok(Some(secret())));
    assert_eq!(vault.holds(&account(), &SecretText::new("other".to_owned())).await, Ok(false));
    assert_eq!(vault.delete(&account()).await, Ok(()));
    assert_eq!(vault.delete(&account()).await, Ok(()));
    assert_eq!(vault.get(&account()).await, Ok(None));
    assert_eq!(staged.opened.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_keychain_that_fails_half_way_has_not_kept() {
    let (vault, staged) = vault(PATIENT);
    *staged.on_get.lock() = Some(VaultError::Locked);
    assert_eq!(vault.keep(&account(), &secret()).await, Err(VaultError::Locked));
    *staged.on_get.lock() = None;
    *staged.forgets.lock() = true;
    assert!(matches!(vault.keep(&account(), &secret()).await, Err(VaultError::Failed(_))));
}

#[tokio::test]
async fn hanging_calls_hold_up_nobody_and_threads_do_not_pile_up() {
    let (vault, staged) = vault(HASTY);
    *staged.hangs.lock() = true;
    for _ in 0..20 {
        assert_eq!(vault.set(&account(), &secret()).await, Err(VaultError::Slow));
    }
    assert!(staged.opened.load(Ordering::SeqCst) <= 3);
    assert_eq!(vault.state().await, KeychainState::Slow);

    *staged.hangs.lock() = false;
    staged.goes_on.notify_all();
    while vault.state().await != KeychainState::Present {}
    assert_eq!(vault.keep(&account(), &secret()).await, Ok(()));
}

#[tokio::test]
async fn a_call_given_up_before_it_began_is_never_made() {
    let (vault, staged) = vault(HASTY);
    *staged.hangs.lock() = true;
    let (account, secret) = (account(), secret());
    let (first, second) = tokio::join!(vault.state(), vault.set(&account, &secret));
    assert_eq!((first, second), (KeychainState::Slow, Err(VaultError::Slow)));
    *staged.hangs.lock() = false;
    staged.goes_on.notify_all();
    while vault.state().await != KeychainState::Present {}
    assert_eq!(vault.get(&account).await, Ok(None));
}

#[test]
fn entries_are_named_by_what_they_hold() {
    let password =
        Account::Password { server: "local".to_owned(), email: "Ann@Example.com".to_owned() };
    assert_eq!(password.name(), "password/local/ann@example.com");
    assert_eq!(account().name(), "session/local");
}
