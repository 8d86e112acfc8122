//! Passwords, sessions and their tokens.
//!
//! A session is a pair of random tokens: the access token goes with every call and lasts a
//! quarter of an hour, the refresh token fetches the next pair and works once. The server keeps
//! their SHA-256 alone.

mod guesses;
mod hashing;
mod identity;
mod openid;
mod refresh;
mod rules;
mod sign_in;
mod token;

use std::{sync::Arc, time::Duration};

use latchkey_contract::FieldError;
use latchkey_store::StoreError;

use crate::Config;
pub use identity::{IdentityError, identify};
pub use refresh::refresh_session;
pub use rules::{PasswordContext, password_fault};
pub use sign_in::{authenticate, change_password, create_session, describe_me, open_session};

/// What signing in needs beside the database. Cheap to clone.
#[derive(Clone, Default)]
pub struct Sessions(Arc<Inner>);

#[derive(Default)]
struct Inner {
    hashing: hashing::Hashing,
    guesses: guesses::Guesses,
    refreshes: refresh::Refreshes,
    issuer: Option<openid::Issuer>,
}

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Unknown address or wrong password: nobody is told which.
    #[error("the address or the password is wrong")]
    WrongCredentials,
    #[error("too many attempts")]
    TooManyAttempts { retry_after: Duration },
    /// A token that is unknown, has expired, or whose session has ended.
    #[error("the session has ended")]
    Ended,
    #[error("fields are at fault")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The work was broken off: the server is stopping.
    #[error("the work was broken off")]
    BrokenOff,
}

impl Sessions {
    /// As the server is set up.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn from_config(config: &Config) -> Result<Self, reqwest::Error> {
        let issuer = config.openid.clone().map(openid::Issuer::new).transpose()?;
        Ok(Self(Arc::new(Inner { issuer, ..Inner::default() })))
    }

    /// The OpenID issuer whose tokens are trusted.
    fn issuer(&self) -> Option<&openid::Issuer> {
        self.0.issuer.as_ref()
    }

    /// Counts one look at what a member was told, such as a claim code: against guessing.
    ///
    /// # Errors
    /// [`SessionError::TooManyAttempts`] with the time to wait.
    pub fn admit_code(&self, member: &latchkey_contract::MemberId) -> Result<(), SessionError> {
        self.0.guesses.admit_code(member)
    }

    /// Turns a password into what is stored of it.
    ///
    /// # Errors
    /// [`SessionError::BrokenOff`] where the server stops meanwhile.
    pub async fn hash_password(
        &self,
        password: &latchkey_contract::SecretText,
        entropy: &crate::Entropy,
    ) -> Result<String, SessionError> {
        self.0.hashing.hash(password, entropy.bytes()).await
    }

    /// Counts one sign-up from an address.
    ///
    /// # Errors
    /// [`SessionError::TooManyAttempts`] with the time to wait.
    pub fn admit_sign_up(&self, address: std::net::IpAddr) -> Result<(), SessionError> {
        self.0.guesses.admit_address(address)
    }

    /// Forgets counts that no longer limit anybody.
    pub fn prune(&self) {
        self.0.guesses.prune();
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}
