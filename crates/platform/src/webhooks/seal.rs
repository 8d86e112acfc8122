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
/// What a marker of the server's key holds. That it can be read is all that counts; no endpoint's
/// id is like it.
const MARKER: &[u8] = b"latchkey server key";

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
        let payload =
            Payload { msg: secret.expose().as_bytes(), aad: endpoint.as_str().as_bytes() };
        self.encrypt(payload, entropy)
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
        let plain = self.decrypt(sealed, endpoint.as_str().as_bytes())?;
        std::str::from_utf8(&plain).ok().and_then(SigningSecret::parse).ok_or(SealError::WrongKey)
    }

    /// Seals something by which this key is known again.
    ///
    /// # Errors
    /// As [`SecretSeal::seal`].
    pub fn seal_marker(&self, entropy: &Entropy) -> Result<SealedSecret, SealError> {
        self.encrypt(Payload { msg: MARKER, aad: MARKER }, entropy)
    }

    /// Whether a marker was sealed with this key.
    #[must_use]
    pub fn opens_marker(&self, marker: &SealedSecret) -> bool {
        self.decrypt(marker, MARKER).is_ok()
    }

    fn encrypt(
        &self,
        payload: Payload<'_, '_>,
        entropy: &Entropy,
    ) -> Result<SealedSecret, SealError> {
        let nonce = entropy.bytes::<NONCE>();
        let ciphertext =
            self.0.encrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::NotSealed)?;
        Ok(SealedSecret { ciphertext, nonce: nonce.to_vec() })
    }

    fn decrypt(&self, sealed: &SealedSecret, aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let nonce =
            <[u8; NONCE]>::try_from(sealed.nonce.as_slice()).map_err(|_| SealError::WrongKey)?;
        let payload = Payload { msg: &sealed.ciphertext, aad };
        let plain = self.0.decrypt(&Nonce::from(nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| SealError::WrongKey)
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

    #[test]
    fn a_marker_tells_its_key_from_another() {
        let entropy = Entropy::system();
        let of = |byte| SecretSeal::new(&ServerKey::new([byte; 32]));
        let (one, other) = (of(7), of(8));
        let marker = one.seal_marker(&entropy).unwrap();
        assert!(one.opens_marker(&marker));
        assert!(!other.opens_marker(&marker));
        assert!(one.open(&EndpointId::from_parts(1, 1), &marker).is_err());
    }
}
