//! Signing secrets: `whsec_` and 32 random bytes in base64.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use latchkey_contract::SecretText;
use zeroize::Zeroizing;

use crate::Entropy;

const PREFIX: &str = "whsec_";

/// A webhook's signing secret. Prints as `[redacted]`; wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret {
    text: Zeroizing<String>,
    bytes: Zeroizing<Vec<u8>>,
}

impl SigningSecret {
    /// Draws a new secret of 256 bits.
    #[must_use]
    pub fn draw(entropy: &Entropy) -> Self {
        let bytes = Zeroizing::new(entropy.bytes::<32>());
        let text = Zeroizing::new(format!("{PREFIX}{}", STANDARD.encode(*bytes)));
        Self { text, bytes: Zeroizing::new(bytes.to_vec()) }
    }

    /// Reads a secret back; `None` where it is not `whsec_` and base64.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        Some(Self { text: Zeroizing::new(text.to_owned()), bytes: Zeroizing::new(bytes) })
    }

    /// The last four characters, for display.
    #[must_use]
    pub fn last4(&self) -> &str {
        &self.text[self.text.len().saturating_sub(4)..]
    }

    /// The secret itself, for the answers that carry it.
    #[must_use]
    pub fn to_text(&self) -> SecretText {
        SecretText::new(self.text.to_string())
    }

    /// The key of the Standard Webhooks signature: the bytes behind the base64.
    pub(super) fn standard_key(&self) -> &[u8] {
        &self.bytes
    }

    /// The key of a platform's own signature: the secret's text, as partners paste it.
    pub(super) fn text_key(&self) -> &[u8] {
        self.text.as_bytes()
    }

    pub(super) fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_secret_reads_back_and_is_never_printed() {
        let secret = SigningSecret::draw(&Entropy::system());
        assert_eq!(secret.expose().len(), "whsec_".len() + 44);
        assert_eq!(SigningSecret::parse(secret.expose()).as_ref(), Some(&secret));
        assert!(secret.expose().ends_with(secret.last4()));
        assert_eq!(format!("{secret:?}"), "[redacted]");
        assert!(SigningSecret::parse("MfKQ9r8GKYqrTwjU").is_none());
        assert!(SigningSecret::parse("whsec_not base64").is_none());
    }
}
