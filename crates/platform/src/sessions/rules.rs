//! Which passwords are good enough: long ones that are not the first to be guessed
//! (NIST SP 800-63B, 3.1.1.2). No rules about kinds of characters.

use latchkey_contract::SecretText;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Characters after NFC.
const SHORTEST: usize = 15;
const LONGEST: usize = 128;
/// Letters and digits that must be left when everything guessable is taken out.
const SUBSTANCE: usize = 8;
/// Fewer different characters than this are no secret, however long.
const DIFFERENT: usize = 5;

/// Long passwords that are used by many, in lower case, letters and digits only.
const COMMON: &str = include_str!("common-passwords.txt");
/// Words that make up many passwords; the product's own name is the first guess here.
const GUESSED_FIRST: [&str; 12] = [
    "latchkey",
    "password",
    "passwort",
    "passphrase",
    "qwerty",
    "qwertz",
    "letmein",
    "welcome",
    "administrator",
    "admin",
    "login",
    "secret",
];
const KEYBOARD_ROWS: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// What an attacker knows about whose password it is.
#[derive(Debug, Clone, Copy)]
pub struct PasswordContext<'a> {
    pub email: &'a str,
    pub partner_name: &'a str,
}

/// What is wrong with a password, as the end of a sentence that begins with it.
#[must_use]
pub fn password_fault(
    password: &SecretText,
    context: &PasswordContext<'_>,
) -> Option<&'static str> {
    match password.expose().nfc().count() {
        0..SHORTEST => {
            return Some("must have at least 15 characters; a few words make a good one");
        }
        SHORTEST..=LONGEST => {}
        _ => return Some("must have at most 128 characters"),
    }
    let bare = bare(password.expose());
    if COMMON.lines().any(|common| common == *bare) {
        return Some("is one of the passwords that are tried first; choose another");
    }
    if is_pattern(password.expose()) || is_pattern(&bare) {
        return Some("repeats itself or follows the keyboard; choose another");
    }
    if substance(bare, context) < SUBSTANCE {
        return Some(
            "is made of your name, your address or words that are tried first; choose another",
        );
    }
    None
}

/// Lower-case letters and digits alone; other alphabets stay as they are.
fn bare(text: &str) -> Zeroizing<String> {
    let mut bare = Zeroizing::new(String::with_capacity(text.len() * 2));
    bare.extend(text.nfc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase));
    bare
}

/// How many characters are left without the words everybody would try.
fn substance(mut bare: Zeroizing<String>, context: &PasswordContext<'_>) -> usize {
    let own = context.email.split(|c: char| !c.is_alphanumeric());
    let own = own.chain(context.partner_name.split_whitespace()).map(self::bare);
    let whole_name = self::bare(context.partner_name);
    let mut words: Vec<_> = own.chain([whole_name]).filter(|word| word.len() >= 3).collect();
    words.extend(GUESSED_FIRST.iter().map(|word| Zeroizing::new((*word).to_owned())));
    // The longest first, or a part of a name would hide the whole of it.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        bare = Zeroizing::new(bare.replace(word.as_str(), ""));
    }
    bare.chars().count()
}

/// One part over and over, hardly any different characters, or a walk along alphabet or keyboard.
fn is_pattern(text: &str) -> bool {
    let chars: Zeroizing<Vec<char>> = Zeroizing::new(text.to_lowercase().chars().collect());
    if chars.len() < SUBSTANCE {
        return false;
    }
    let mut different = Zeroizing::new(chars.to_vec());
    different.sort_unstable();
    different.dedup();
    different.len() < DIFFERENT || repeats(&chars) || walks(&chars)
}

fn repeats(chars: &[char]) -> bool {
    (1..SUBSTANCE.min(chars.len() / 2 + 1))
        .any(|part| chars.iter().zip(&chars[part..]).all(|(one, next)| one == next))
}

fn walks(chars: &[char]) -> bool {
    let steps = chars.windows(2).filter(|pair| adjacent(pair[0], pair[1])).count();
    // Nine in ten: a walk that turns at the end of a row is still one.
    steps * 10 >= (chars.len() - 1) * 9
}

fn adjacent(one: char, next: char) -> bool {
    let in_row = |row: &str| match (row.find(one), row.find(next)) {
        (Some(a), Some(b)) => a.abs_diff(b) <= 1,
        _ => false,
    };
    u32::from(one).abs_diff(u32::from(next)) <= 1 || KEYBOARD_ROWS.iter().any(|row| in_row(row))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONTEXT: PasswordContext<'_> =
        PasswordContext { email: "jane.doe@northwind.example", partner_name: "Northwind Traders" };

    fn fault(password: &str) -> Option<&'static str> {
        password_fault(&SecretText::new(password.to_owned()), &CONTEXT)
    }

    #[test]
    fn long_passwords_of_any_kind_are_good() {
        for good in [
            "maple-orbit-canyon-thirty",
            "a sentence I can remember",
            "xK9#mQ2$vL7!pR4",
            "пароль который длинный",
            "猫は窓のそばで静かに眠っている夜だ",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
        assert_eq!(fault(&"maple orbit canyon ".repeat(6)), None);
    }

    #[test]
    fn short_long_common_and_guessable_ones_are_refused() {
        for bad in [
            "fourteen chars",
            &"maple orbit canyon ".repeat(7),
            "passwordpassword",
            "Correct Horse Battery Staple",
            "aaaaaaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabc",
            "123456789012345",
            "qwertyuiopasdfghjkl",
            "abcdefghijklmnopqrstuvwxyz",
            "Latchkey-Latchkey-1",
            "northwind traders 1",
            "jane.doe@northwind.example",
            "Password-Welcome-1!",
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn characters_are_counted_after_composition() {
        let fifteen_composed = "e\u{301}xample words q";
        assert_eq!(fifteen_composed.nfc().count(), 15);
        assert_eq!(fault(fifteen_composed), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_rules_panic(text in ".*") {
            let _ = fault(&text);
        }
    }
}
