//! The key that seals webhook secrets: from the keychain, or of this session.

use base64::{Engine, prelude::BASE64_STANDARD};
use latchkey_contract::SecretText;
use latchkey_platform::{Entropy, ServerKey};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::vault::{Account, Vault, VaultError};

/// The key in use.
pub(super) struct Held {
    key: ServerKey,
    kept: Kept,
}

/// Where it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    InKeychain,
    /// The keychain was unavailable when the server started; it holds an older key.
    AnotherInKeychain,
    Nowhere,
}

impl Held {
    /// The keychain's key; a fresh one where there is none yet. A key that the keychain cannot
    /// give now is never replaced there.
    pub(super) async fn find(vault: &Vault, server: &str, entropy: &Entropy) -> Self {
        let account = account(server);
        let found = vault.get(&account).await;
        if let Ok(Some(key)) = found.as_ref().map(|text| text.as_ref().and_then(decode)) {
            return Self { key, kept: Kept::InKeychain };
        }
        let key = ServerKey::of_keychain(entropy.bytes());
        let kept = match found {
            Ok(None) => vault.keep(&account, &encode(&key)).await,
            Ok(Some(_)) => Err(VaultError::Failed("its entry is not a key".to_owned())),
            Err(error) => Err(error),
        };
        if let Err(error) = &kept {
            tracing::warn!(%error, "webhook secrets are sealed for this session only");
        }
        Self { key, kept: if kept.is_ok() { Kept::InKeychain } else { Kept::Nowhere } }
    }

    pub(super) fn key(&self) -> ServerKey {
        self.key.clone()
    }

    /// Tries again to keep a key of this session, where the keychain holds no other.
    pub(super) async fn reconcile(&mut self, vault: &Vault, server: &str) -> Kept {
        if self.kept != Kept::InKeychain {
            self.kept = match vault.get(&account(server)).await {
                Ok(Some(text)) => match decode(&text) {
                    Some(other) if bool::from(other.expose().ct_eq(self.key.expose())) => {
                        Kept::InKeychain
                    }
                    _ => Kept::AnotherInKeychain,
                },
                Ok(None) if vault.keep(&account(server), &encode(&self.key)).await.is_ok() => {
                    Kept::InKeychain
                }
                _ => Kept::Nowhere,
            };
        }
        self.kept
    }
}

fn account(server: &str) -> Account {
    Account::ServerKey { server: server.to_owned() }
}

fn encode(key: &ServerKey) -> SecretText {
    SecretText::new(BASE64_STANDARD.encode(key.expose()))
}

fn decode(text: &SecretText) -> Option<ServerKey> {
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(text.expose()).ok()?);
    Some(ServerKey::of_keychain(bytes.as_slice().try_into().ok()?))
}
