//! The operating system's keychain: the only place where secrets outlive the app.
//!
//! Every call runs on a thread of its own and is given three seconds. What the keychain cannot do
//! is an error that says why (locked, absent, slow, failed); nothing is ever written elsewhere.
//!
//! To keep another kind of secret: add its place to [`Account`].

mod system;
mod worker;

use std::{sync::Arc, time::Duration};

use latchkey_contract::{KeyId, SecretText};
use serde::{Deserialize, Serialize};
use specta::Type;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub use system::SystemKeychain;
use worker::Workers;

/// Under which all entries stand.
pub const SERVICE: &str = "dev.latchkey.console";
/// What one call may take.
const LIMIT: Duration = Duration::from_secs(3);
/// What a person may take to answer the keychain's own question.
const PROMPT_LIMIT: Duration = Duration::from_secs(120);

/// What the keychain can do now; all but `Present` mean that it is unavailable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum KeychainState {
    Present,
    Locked,
    Absent,
    Slow,
}

/// Why the keychain did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    #[error("the keychain is locked")]
    Locked,
    #[error("there is no keychain")]
    Absent,
    #[error("the keychain did not answer within 3 seconds")]
    Slow,
    /// The store's own words; they never hold a secret.
    #[error("the keychain failed: {0}")]
    Failed(String),
}

impl VaultError {
    /// The state that this error shows.
    #[must_use]
    pub const fn state(&self) -> KeychainState {
        match self {
            Self::Locked => KeychainState::Locked,
            Self::Absent => KeychainState::Absent,
            Self::Slow => KeychainState::Slow,
            Self::Failed(_) => KeychainState::Present,
        }
    }
}

/// Where a secret stands in the keychain. `server` names the platform server it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Account {
    /// An API key.
    Key { server: String, id: KeyId },
    /// The refresh token of the signed-in member.
    Session { server: String },
    /// A member's password, if they asked to keep it.
    Password { server: String, email: String },
    /// The key with which the embedded server seals webhook secrets.
    ServerKey { server: String },
    /// A key of a platform elsewhere, by the connection's id.
    Connection { id: String },
    /// The identity token of a dashboard elsewhere, by the connection's id.
    Dashboard { id: String },
    /// The signing secret of a key's webhook, set through that dashboard.
    DashboardWebhook { id: String, key: String },
}

impl Account {
    /// The entry's user name.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Key { server, id } => format!("key/{server}/{id}"),
            Self::Session { server } => format!("session/{server}"),
            Self::Password { server, email } => {
                format!("password/{server}/{}", email.to_lowercase())
            }
            Self::ServerKey { server } => format!("server-key/{server}"),
            Self::Connection { id } => format!("connection/{id}"),
            Self::Dashboard { id } => format!("dashboard/{id}"),
            Self::DashboardWebhook { id, key } => format!("dashboard-webhook/{id}/{key}"),
        }
    }
}

/// A keychain's calls; they may block for as long as they like.
pub trait Keychain: Send {
    /// What it can do, without asking the person anything.
    fn state(&mut self) -> KeychainState;
    /// Asks the person to unlock or create it.
    ///
    /// # Errors
    /// Why it is still not present.
    fn unlock(&mut self) -> Result<(), VaultError>;
    /// # Errors
    /// Why the secret could not be kept.
    fn set(&mut self, account: &str, secret: &str) -> Result<(), VaultError>;
    /// Nothing where there is no such entry.
    ///
    /// # Errors
    /// Why it could not be read.
    fn get(&mut self, account: &str) -> Result<Option<Zeroizing<String>>, VaultError>;
    /// Succeeds where there is no such entry.
    ///
    /// # Errors
    /// Why it could not be removed.
    fn delete(&mut self, account: &str) -> Result<(), VaultError>;
}

/// Opens a keychain; called on the thread that will use it.
pub type OpenKeychain = Arc<dyn Fn() -> Box<dyn Keychain> + Send + Sync>;

/// The keychain, from the app's side. Clones share its threads.
#[derive(Clone)]
pub struct Vault {
    workers: Arc<Workers>,
}

impl Vault {
    /// The system's keychain.
    #[must_use]
    pub fn system() -> Self {
        Self::over(Arc::new(|| Box::new(SystemKeychain::default())), LIMIT)
    }

    /// Another keychain, or other patience.
    #[must_use]
    pub fn over(open: OpenKeychain, limit: Duration) -> Self {
        Self { workers: Arc::new(Workers::new(open, limit)) }
    }

    /// What the keychain can do now. Asks the person nothing.
    pub async fn state(&self) -> KeychainState {
        self.workers
            .call(|keychain| Ok(keychain.state()))
            .await
            .unwrap_or_else(|error| error.state())
    }

    /// Has the keychain ask the person to unlock it, and waits up to two minutes for them.
    pub async fn unlock(&self) -> KeychainState {
        let unlocked = self.workers.call_alone(|keychain| keychain.unlock(), PROMPT_LIMIT).await;
        match unlocked {
            Ok(()) => self.state().await,
            Err(error) => error.state(),
        }
    }

    /// Writes a secret, over an older one.
    ///
    /// # Errors
    /// Why it is not kept.
    pub async fn set(&self, account: &Account, secret: &SecretText) -> Result<(), VaultError> {
        let (name, secret) = (account.name(), secret.clone());
        self.workers.call(move |keychain| keychain.set(&name, secret.expose())).await
    }

    /// Reads a secret; nothing where there is none.
    ///
    /// # Errors
    /// Why it could not be read.
    pub async fn get(&self, account: &Account) -> Result<Option<SecretText>, VaultError> {
        let name = account.name();
        let found = self.workers.call(move |keychain| keychain.get(&name)).await?;
        Ok(found.map(|text| SecretText::new(text.as_str().to_owned())))
    }

    /// Whether the keychain holds exactly this secret, compared in constant time.
    ///
    /// # Errors
    /// Why it could not be read.
    pub async fn holds(&self, account: &Account, secret: &SecretText) -> Result<bool, VaultError> {
        let found = self.get(account).await?;
        Ok(found.is_some_and(|found| {
            found.expose().as_bytes().ct_eq(secret.expose().as_bytes()).into()
        }))
    }

    /// Writes a secret, reads it back and compares.
    ///
    /// # Errors
    /// Why it is not kept; [`VaultError::Failed`] if something else came back.
    pub async fn keep(&self, account: &Account, secret: &SecretText) -> Result<(), VaultError> {
        self.set(account, secret).await?;
        match self.holds(account, secret).await? {
            true => Ok(()),
            false => {
                Err(VaultError::Failed("it gave back something else than it was given".to_owned()))
            }
        }
    }

    /// Removes a secret; succeeds where there is none.
    ///
    /// # Errors
    /// Why it is still there.
    pub async fn delete(&self, account: &Account) -> Result<(), VaultError> {
        let name = account.name();
        self.workers.call(move |keychain| keychain.delete(&name)).await
    }
}

/// What the system calls its keychain.
#[must_use]
pub const fn local_name() -> &'static str {
    if cfg!(target_os = "macos") {
        "Keychain"
    } else if cfg!(windows) {
        "Credential Manager"
    } else {
        "keyring"
    }
}

#[cfg(test)]
mod tests;
