use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use latchkey_contract::SecretText;
use latchkey_store::Digest;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::Entropy;

/// Draws a token of 256 random bits.
pub(super) fn draw(entropy: &Entropy) -> SecretText {
    let bits = Zeroizing::new(entropy.bytes::<32>());
    SecretText::new(URL_SAFE_NO_PAD.encode(*bits))
}

/// What the server keeps of a token. A token is random, so a plain hash is enough.
pub(super) fn digest(token: &SecretText) -> Digest {
    Sha256::digest(token.expose()).into()
}
