//! Argon2id, off the async threads and only so many at once.

use std::sync::{Arc, OnceLock};

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use latchkey_contract::SecretText;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::SessionError;

/// Each takes 19 MiB and a core for some 20 ms; more wait their turn.
const AT_ONCE: usize = 4;

pub(super) struct Hashing {
    places: Arc<Semaphore>,
}

impl Default for Hashing {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Hashing {
    pub(super) async fn hash(
        &self,
        password: &SecretText,
        salt: [u8; 16],
    ) -> Result<String, SessionError> {
        let password = normalise(password);
        self.work(move || hash_now(&password, &salt)).await?.ok_or(SessionError::BrokenOff)
    }

    /// Whether the password is the one behind `hash`. Without a hash the same work is done for
    /// nothing, so that the time taken does not tell whether there was one.
    pub(super) async fn verify(
        &self,
        password: &SecretText,
        hash: Option<&str>,
    ) -> Result<bool, SessionError> {
        let password = normalise(password);
        let hash = hash.map(str::to_owned);
        let verify = move || {
            let nobodys = nobodys_hash();
            let against = hash.as_deref().unwrap_or(nobodys);
            let right = hasher().verify_password(password.as_bytes(), against).is_ok();
            right && hash.is_some()
        };
        self.work(verify).await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, SessionError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| SessionError::BrokenOff)?;
        // The place is held by the work itself: a caller that goes away does not free it early.
        let task = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        task.await.map_err(|_| SessionError::BrokenOff)
    }
}

/// 19 MiB, two passes, one lane: the OWASP Password Storage Cheat Sheet's recommendation and the
/// crate's default.
fn hasher() -> Argon2<'static> {
    Argon2::default()
}

fn hash_now(password: &str, salt: &[u8; 16]) -> Option<String> {
    let hash = hasher().hash_password_with_salt(password.as_bytes(), salt).ok()?;
    Some(hash.to_string())
}

/// What an unknown address is compared with. Made at the first comparison, known or not.
fn nobodys_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash_now("", &[0; 16]).unwrap_or_default())
}

/// The same text typed on another system is the same password (NFC; NIST SP 800-63B, 3.1.1.2).
fn normalise(password: &SecretText) -> Zeroizing<String> {
    let mut normal = Zeroizing::new(String::with_capacity(password.expose().len() * 3));
    normal.extend(password.expose().nfc());
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretText {
        SecretText::new(text.to_owned())
    }

    #[tokio::test]
    async fn only_the_right_password_matches_however_it_was_typed() {
        let hashing = Hashing::default();
        let hash = hashing.hash(&secret("caf\u{e9} at the corner"), [7; 16]).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        for (typed, right) in [
            ("caf\u{e9} at the corner", true),
            ("cafe\u{301} at the corner", true),
            ("cafe at the corner", false),
        ] {
            assert_eq!(hashing.verify(&secret(typed), Some(&hash)).await.unwrap(), right);
        }
        assert!(!hashing.verify(&secret(""), None).await.unwrap());
    }
}
