//! The form of a key: `<prefix><30 base62 characters><6 base62 characters of CRC-32>`.
//!
//! The checksum covers prefix and body, so that a key with a typing error, or one whose `test`
//! was edited to `live`, is refused without asking the database.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Entropy;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BODY: usize = 30;
const CHECKSUM: usize = 6;
/// The largest multiple of 62 that fits a byte; bytes from here on would favour some characters.
const UNBIASED: u8 = 248;

/// A key as the partner's program sends it. Prints as `[redacted]`; wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainKey(Zeroizing<String>);

/// SHA-256 of a key: all of it that the server keeps.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyDigest(pub [u8; 32]);

impl PlainKey {
    /// Draws a new key.
    #[must_use]
    pub fn issue(prefix: &str, entropy: &Entropy) -> Self {
        let mut key = Zeroizing::new(String::with_capacity(prefix.len() + BODY + CHECKSUM));
        key.push_str(prefix);
        while key.len() < prefix.len() + BODY {
            let [byte] = entropy.bytes::<1>();
            if byte < UNBIASED {
                key.push(ALPHABET[usize::from(byte % 62)] as char);
            }
        }
        let checksum = checksum(&key);
        key.push_str(&checksum);
        Self(key)
    }

    /// Recognises a key that begins with one of `prefixes` and has a true checksum.
    #[must_use]
    pub fn parse<'p>(text: &str, prefixes: impl IntoIterator<Item = &'p str>) -> Option<Self> {
        let rest = prefixes.into_iter().find_map(|prefix| text.strip_prefix(prefix))?;
        let well_formed =
            rest.len() == BODY + CHECKSUM && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !well_formed {
            return None;
        }
        let (covered, given) = text.split_at(text.len() - CHECKSUM);
        (checksum(covered) == given).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    #[must_use]
    pub fn digest(&self) -> KeyDigest {
        KeyDigest(Sha256::digest(self.0.as_bytes()).into())
    }

    /// The last four characters, for display.
    #[must_use]
    pub fn last4(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }

    /// The key itself, for the one answer that carries it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl KeyDigest {
    #[must_use]
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Debug for PlainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyDigest(…)")
    }
}

/// CRC-32 of `text` in six base62 digits, the most significant first, leading zeros kept.
fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|&digit| digit as char).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_checksum_matches_the_published_vectors() {
        assert_eq!(checksum("sk_live_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5"), "03wscZ");
        assert_eq!(checksum("clipia_test_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5"), "0iBz5W");
        assert_eq!(checksum(&format!("pc_live_sk_{}", "0".repeat(30))), "39b9dZ");
    }

    #[test]
    fn a_test_key_edited_to_live_is_refused() {
        let key = PlainKey::issue("sk_test_", &Entropy::system());
        let edited = key.expose().replace("test", "live");
        assert!(PlainKey::parse(key.expose(), ["sk_live_", "sk_test_"]).is_some());
        assert!(PlainKey::parse(&edited, ["sk_live_", "sk_test_"]).is_none());
    }

    #[test]
    fn nothing_prints_a_key() {
        let key = PlainKey::issue("sk_live_", &Entropy::system());
        assert_eq!(format!("{key:?} {:?}", key.digest()), "[redacted] KeyDigest(…)");
    }

    proptest! {
        #[test]
        fn any_issued_key_is_recognised_and_any_changed_character_refused(
            seed in any::<u8>(), at in 0usize..44, other in proptest::sample::select(ALPHABET.to_vec()),
        ) {
            let state = std::sync::atomic::AtomicU8::new(seed);
            let entropy = Entropy::from_fn(move |bytes| bytes.fill_with(|| {
                state.fetch_add(97, std::sync::atomic::Ordering::Relaxed)
            }));
            let key = PlainKey::issue("sk_live_", &entropy);
            prop_assert_eq!(PlainKey::parse(key.expose(), ["sk_live_"]), Some(key.clone()));
            let mut changed = key.expose().as_bytes().to_vec();
            prop_assume!(changed[at] != other);
            changed[at] = other;
            let changed = String::from_utf8(changed).unwrap();
            prop_assert!(PlainKey::parse(&changed, ["sk_live_"]).is_none());
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let _ = PlainKey::parse(&text, ["sk_live_", "clipia_test_"]);
        }
    }
}
