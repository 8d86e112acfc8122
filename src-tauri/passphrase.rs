//! Passphrases that are easy to read and type: syllables, no words of any language.

use latchkey_contract::SecretText;
use latchkey_platform::Entropy;

const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 4] = b"aeiu";
/// Words of two syllables, 12 bits each: 84 bits in all.
const WORDS: usize = 7;

/// A passphrase of seven words, `mofa-tiru-…`, with 84 random bits.
#[must_use]
pub fn generate_passphrase(entropy: &Entropy) -> SecretText {
    let mut text = String::with_capacity(WORDS * 5);
    for word in entropy.bytes::<{ WORDS * 2 }>().chunks(2) {
        if !text.is_empty() {
            text.push('-');
        }
        for syllable in word {
            // Both alphabets are powers of two: no letter is likelier than another.
            text.push(char::from(CONSONANTS[usize::from(syllable & 15)]));
            text.push(char::from(VOWELS[usize::from(syllable >> 4 & 3)]));
        }
    }
    SecretText::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_long_enough_and_never_the_same() {
        let entropy = Entropy::system();
        let (one, other) = (generate_passphrase(&entropy), generate_passphrase(&entropy));
        assert_eq!(one.expose().len(), 34);
        assert!(one.expose().split('-').all(|word| word.len() == 4));
        assert_ne!(one, other);
    }
}
