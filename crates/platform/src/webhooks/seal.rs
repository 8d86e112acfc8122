//! Signing secrets at rest: AES-256-GCM under the server's key.
//!
//! The nonce is random, 96 bits. The endpoint's id is authenticated with the secret, so that one
//! copied to another endpoint's row does not open.

use std::{fmt, sync::Arc};

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use latchkey_contract::{EndpointId, PrefixedId};
use latchkey_store::SealedSecret;
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
    ) -> Result<SealedSecret, SealError> {
        let nonce = entropy.bytes::<NONCE>();
        let payload =
            Payload { msg: secret.expose().as_bytes(), aad: endpoint.as_str().as_bytes() };
        let ciphertext =
            self.0.encrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::NotSealed)?;
        Ok(SealedSecret { ciphertext, nonce: nonce.to_vec() })
    }

    /// Opens what [`SecretSeal::seal`] made for the same endpoint.
    ///
    /// # Errors
    /// [`SealError::WrongKey`] for anything else.
    pub fn open(
        &self,
        endpoint: &EndpointId,
        sealed: &SealedSecret,
    ) -> Result<SigningSecret, SealError> {
        let nonce =
            <[u8; NONCE]>::try_from(sealed.nonce.as_slice()).map_err(|_| SealError::WrongKey)?;
        let payload = Payload { msg: &sealed.ciphertext, aad: endpoint.as_str().as_bytes() };
        let plain = Zeroizing::new(
            self.0.decrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::WrongKey)?,
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
        let cut = SealedSecret { ciphertext: sealed.ciphertext[..20].to_vec(), ..sealed.clone() };
        assert_eq!(seal.open(&mine, &cut), Err(SealError::WrongKey));
        let short = SealedSecret { nonce: vec![0; 3], ..sealed.clone() };
        assert_eq!(seal.open(&mine, &short), Err(SealError::WrongKey));
        let stranger = SecretSeal::new(&ServerKey::new([8; 32]));
        assert_eq!(stranger.open(&mine, &sealed), Err(SealError::WrongKey));
        assert_ne!(seal.seal(&mine, &secret, &entropy).unwrap(), sealed);
        assert!(!sealed.ciphertext.windows(6).any(|bytes| bytes == b"whsec_"));
    }
}
