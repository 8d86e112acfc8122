//! Secrets of connections: in the keychain, or where it cannot take them, in memory until the app
//! ends.

use std::collections::HashMap;

use latchkey_contract::SecretText;
use parking_lot::Mutex;

use crate::{
    AppError,
    vault::{Account, Vault},
};

pub struct Safe {
    vault: Vault,
    session_only: Mutex<HashMap<Account, SecretText>>,
}

impl Safe {
    pub fn new(vault: Vault) -> Self {
        Self { vault, session_only: Mutex::default() }
    }

    /// Keeps a secret, over an older one; whether the keychain has it.
    pub async fn keep(&self, account: Account, secret: &SecretText) -> bool {
        let kept = self.vault.keep(&account, secret).await.is_ok();
        let mut session_only = self.session_only.lock();
        if kept {
            session_only.remove(&account);
        } else {
            session_only.insert(account, secret.clone());
        }
        kept
    }

    /// # Errors
    /// What the keychain says.
    pub async fn get(&self, account: &Account) -> Result<Option<SecretText>, AppError> {
        let held = self.session_only.lock().get(account).cloned();
        match held {
            Some(secret) => Ok(Some(secret)),
            None => Ok(self.vault.get(account).await?),
        }
    }

    /// Removes a secret; succeeds where there is none.
    ///
    /// # Errors
    /// What the keychain says: nothing is forgotten then.
    pub async fn remove(&self, account: &Account) -> Result<(), AppError> {
        self.vault.delete(account).await?;
        self.session_only.lock().remove(account);
        Ok(())
    }

    /// Hands the keychain what waited for it; answers whether it waits for nothing any more.
    pub async fn catch_up(&self) -> bool {
        let waiting = self.session_only.lock().clone();
        for (account, secret) in waiting {
            self.keep(account, &secret).await;
        }
        self.session_only.lock().is_empty()
    }
}
