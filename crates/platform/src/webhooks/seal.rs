//! Signing secrets at rest: AES-256-GCM under the server's key.
//!
//! A sealed secret is a random 96-bit nonce and the ciphertext with its tag. The endpoint's id is
//! authenticated with it, so that a secret copied to another endpoint's row does not open.

use std::{fmt, sync::Arc};

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use latchkey_contract::{EndpointId, PrefixedId};
use zeroize::Zeroizing;

use super::secret::SigningSecret;
use crate::{Entropy, ServerKey};

const NONCE: usize = 12;

/// Seals and opens signing secrets. Cheap to clone.
#[derive(Clone)]
pub struct SecretSeal(Arc<Aes256Gcm>);

/// Why a secret could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error(
        "a webhook secret does not open with this server key; start the server with the key it was sealed with"
    )]
    WrongKey,
    #[error("a webhook secret could not be sealed")]
    NotSealed,
}

impl SecretSeal {
    #[must_use]
    pub fn new(key: &ServerKey) -> Self {
        Self(Arc::new(Aes256Gcm::new(key.expose().into())))
    }

    /// Seals the secret of `endpoint`.
    ///
    /// # Errors
    /// [`SealError::NotSealed`] if the cipher refuses, which it does for no secret of ours.
    pub fn seal(
        &self,
        endpoint: &EndpointId,
        secret: &SigningSecret,
        entropy: &Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let nonce = entropy.bytes::<NONCE>();
        let payload =
            Payload { msg: secret.expose().as_bytes(), aad: endpoint.as_str().as_bytes() };
        let ciphertext =
            self.0.encrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::NotSealed)?;
        Ok([nonce.as_slice(), &ciphertext].concat())
    }

    /// Opens what [`SecretSeal::seal`] made for the same endpoint.
    ///
    /// # Errors
    /// [`SealError::WrongKey`] for anything else.
    pub fn open(&self, endpoint: &EndpointId, sealed: &[u8]) -> Result<SigningSecret, SealError> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE>().ok_or(SealError::WrongKey)?;
        let payload = Payload { msg: ciphertext, aad: endpoint.as_str().as_bytes() };
        let plain = Zeroizing::new(
            self.0.decrypt(&Nonce::from(*nonce), payload).map_err(|_| SealError::WrongKey)?,
        );
        std::str::from_utf8(&plain).ok().and_then(SigningSecret::parse).ok_or(SealError::WrongKey)
    }
}

impl fmt::Debug for SecretSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretSeal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_for_its_endpoint_and_key_alone() {
        let entropy = Entropy::system();
        let seal = SecretSeal::new(&ServerKey::new([7; 32]));
        let (mine, other) = (EndpointId::from_parts(1, 1), EndpointId::from_parts(1, 2));
        let secret = SigningSecret::draw(&entropy);
        let sealed = seal.seal(&mine, &secret, &entropy).unwrap();

        assert_eq!(seal.open(&mine, &sealed), Ok(secret.clone()));
        assert_eq!(seal.open(&other, &sealed), Err(SealError::WrongKey));
        assert_eq!(seal.open(&mine, &sealed[..20]), Err(SealError::WrongKey));
        assert_eq!(seal.open(&mine, b"short"), Err(SealError::WrongKey));
        let stranger = SecretSeal::new(&ServerKey::new([8; 32]));
        assert_eq!(stranger.open(&mine, &sealed), Err(SealError::WrongKey));
        assert_ne!(seal.seal(&mine, &secret, &entropy).unwrap(), sealed);
        assert!(!sealed.windows(6).any(|bytes| bytes == b"whsec_"));
    }
}
