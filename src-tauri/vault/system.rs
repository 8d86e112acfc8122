//! The system's keychain, through `keyring-core` and the store of the system at hand.

use std::{collections::HashMap, sync::Arc};

use keyring_core::{CredentialStore, Entry, Error as StoreError};
use zeroize::{Zeroize, Zeroizing};

use super::{Keychain, KeychainState, SERVICE, VaultError};

/// Connected on first use, and again after it was lost.
#[derive(Default)]
pub struct SystemKeychain {
    store: Option<Arc<CredentialStore>>,
}

impl SystemKeychain {
    /// Makes a call; nothing where there is no such entry. Never lets a call be what opens a
    /// prompt.
    fn call<T>(
        &mut self,
        account: &str,
        call: impl Fn(&Entry) -> Result<T, StoreError>,
    ) -> Result<Option<T>, VaultError> {
        match platform::state() {
            KeychainState::Present => {}
            KeychainState::Locked => return Err(VaultError::Locked),
            KeychainState::Absent => return Err(VaultError::Absent),
            KeychainState::Slow => return Err(VaultError::Slow),
        }
        let connected = self.store.is_some();
        match self.call_once(account, &call) {
            // The connection may be older than the keychain that answers now.
            Err(_) if connected => self.call_once(account, &call),
            done => done,
        }
    }

    fn call_once<T>(
        &mut self,
        account: &str,
        call: impl Fn(&Entry) -> Result<T, StoreError>,
    ) -> Result<Option<T>, VaultError> {
        match call(&self.entry(account)?) {
            Ok(value) => Ok(Some(value)),
            Err(StoreError::NoEntry) => Ok(None),
            Err(error) => {
                self.store = None;
                Err(platform::meaning(&error))
            }
        }
    }

    fn entry(&mut self, account: &str) -> Result<Entry, VaultError> {
        let store = match &self.store {
            Some(store) => Arc::clone(store),
            None => Arc::clone(self.store.insert(platform::open()?)),
        };
        let label = format!("Latchkey {account}");
        let modifiers = HashMap::from([("label", label.as_str())]);
        let modifiers = cfg!(target_os = "linux").then_some(&modifiers);
        store.build(SERVICE, account, modifiers).map_err(|error| platform::meaning(&error))
    }
}

impl Keychain for SystemKeychain {
    fn state(&mut self) -> KeychainState {
        platform::state()
    }

    fn unlock(&mut self) -> Result<(), VaultError> {
        platform::unlock()
    }

    fn set(&mut self, account: &str, secret: &str) -> Result<(), VaultError> {
        let kept = self.call(account, |entry| entry.set_secret(secret.as_bytes()))?;
        kept.ok_or_else(|| VaultError::Failed("the entry vanished while it was written".to_owned()))
    }

    fn get(&mut self, account: &str) -> Result<Option<Zeroizing<String>>, VaultError> {
        self.call(account, Entry::get_secret)?.map(text).transpose()
    }

    fn delete(&mut self, account: &str) -> Result<(), VaultError> {
        self.call(account, Entry::delete_credential).map(drop)
    }
}

fn text(secret: Vec<u8>) -> Result<Zeroizing<String>, VaultError> {
    String::from_utf8(secret).map(Zeroizing::new).map_err(|error| {
        error.into_bytes().zeroize();
        VaultError::Failed("the entry is not text".to_owned())
    })
}

/// The Secret Service: GNOME Keyring, KWallet, KeePassXC.
#[cfg(target_os = "linux")]
mod platform {
    use std::sync::Arc;

    use keyring_core::{CredentialStore, Error as StoreError};
    use secret_service::{EncryptionType, Error as ServiceError, blocking::SecretService};

    use super::super::{KeychainState, VaultError};

    /// What the first keyring is called where there is none yet.
    const FIRST_KEYRING: &str = "Login";

    pub(super) fn open() -> Result<Arc<CredentialStore>, VaultError> {
        match zbus_secret_service_keyring_store::Store::new() {
            Ok(store) => Ok(store),
            Err(error) => Err(meaning(&error)),
        }
    }

    /// A person who has no keyring yet is asked to create one when they unlock: that is "locked".
    pub(super) fn state() -> KeychainState {
        match connect().and_then(|service| service.get_default_collection()?.is_locked()) {
            Ok(false) => KeychainState::Present,
            Ok(true) | Err(ServiceError::NoResult) => KeychainState::Locked,
            Err(error) => meaning_of(&error).state_or_absent(),
        }
    }

    pub(super) fn unlock() -> Result<(), VaultError> {
        let service = connect().map_err(|error| meaning_of(&error))?;
        let unlocked = match service.get_default_collection() {
            Ok(collection) => collection.unlock(),
            Err(ServiceError::NoResult) => {
                service.create_collection(FIRST_KEYRING, "default").map(drop)
            }
            Err(error) => Err(error),
        };
        unlocked.map_err(|error| meaning_of(&error))
    }

    /// Says no secret in the clear: nothing secret travels on this connection.
    fn connect() -> Result<SecretService<'static>, ServiceError> {
        SecretService::connect(EncryptionType::Plain)
    }

    pub(super) fn meaning(error: &StoreError) -> VaultError {
        match error {
            StoreError::NoStorageAccess(_) => VaultError::Locked,
            StoreError::PlatformFailure(cause) => match cause.downcast_ref::<ServiceError>() {
                Some(cause) => meaning_of(cause),
                None => VaultError::Failed(cause.to_string()),
            },
            other => VaultError::Failed(other.to_string()),
        }
    }

    fn meaning_of(error: &ServiceError) -> VaultError {
        match error {
            ServiceError::Locked | ServiceError::NoResult | ServiceError::Prompt => {
                VaultError::Locked
            }
            ServiceError::PromptDisconnected | ServiceError::Unavailable => VaultError::Absent,
            ServiceError::Zbus(cause) if is_absence(&cause.to_string()) => VaultError::Absent,
            ServiceError::ZbusFdo(cause) if is_absence(&cause.to_string()) => VaultError::Absent,
            other => VaultError::Failed(other.to_string()),
        }
    }

    /// No bus, nobody on it by that name, or gone while answering.
    fn is_absence(words: &str) -> bool {
        let words = words.to_lowercase();
        [
            "serviceunknown",
            "namehasnoowner",
            "noreply",
            "i/o error",
            "no such file",
            "connection refused",
            "address",
            "spawn",
        ]
        .iter()
        .any(|sign| words.contains(sign))
    }

    impl VaultError {
        fn state_or_absent(&self) -> KeychainState {
            match self {
                Self::Failed(_) => KeychainState::Absent,
                other => other.state(),
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use std::sync::Arc;

    use keyring_core::{CredentialStore, Error as StoreError};

    use super::super::{KeychainState, VaultError};

    #[cfg(target_os = "macos")]
    pub(super) fn open() -> Result<Arc<CredentialStore>, VaultError> {
        match apple_native_keyring_store::keychain::Store::new() {
            Ok(store) => Ok(store),
            Err(error) => Err(meaning(&error)),
        }
    }

    #[cfg(windows)]
    pub(super) fn open() -> Result<Arc<CredentialStore>, VaultError> {
        match windows_native_keyring_store::Store::new() {
            Ok(store) => Ok(store),
            Err(error) => Err(meaning(&error)),
        }
    }

    pub(super) fn state() -> KeychainState {
        open().map_or_else(|error| error.state(), |_| KeychainState::Present)
    }

    /// The system itself asks when an entry is read.
    pub(super) fn unlock() -> Result<(), VaultError> {
        open().map(drop)
    }

    pub(super) fn meaning(error: &StoreError) -> VaultError {
        match error {
            StoreError::NoStorageAccess(_) => VaultError::Locked,
            other => VaultError::Failed(other.to_string()),
        }
    }
}
