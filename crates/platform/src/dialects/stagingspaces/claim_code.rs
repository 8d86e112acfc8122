//! Claim codes: `SS-` and six upper-case letters or digits.

use latchkey_contract::PartnerId;
use latchkey_store::NewClaim;

use crate::{Context, Entropy, gateway::Refusal};

const PREFIX: &str = "SS-";
const LENGTH: usize = 6;
const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// The largest multiple of 36 that fits a byte; bytes from here on would favour some characters.
const UNBIASED: u8 = 252;
/// Codes drawn until one is free; among two thousand million a second one is rare already.
const TRIES: usize = 20;

/// Sets a new code aside for a job to be.
pub async fn reserve(
    context: &Context,
    partner: &PartnerId,
    platform: &str,
    job_id: &str,
) -> Result<String, Refusal> {
    for _ in 0..TRIES {
        let code = draw(&context.entropy);
        let new = NewClaim {
            platform: platform.to_owned(),
            code: code.clone(),
            partner_id: partner.clone(),
            job_id: job_id.to_owned(),
            now: context.clock.now(),
        };
        if context.store.create_claim(new).await? {
            return Ok(code);
        }
    }
    Err(Refusal::Internal { cause: "no claim code was free".to_owned() })
}

/// The code somebody wrote: in any case, blanks around it aside.
pub fn parse(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    let rest = code.strip_prefix(PREFIX)?;
    let well_formed = rest.len() == LENGTH && rest.bytes().all(|byte| ALPHABET.contains(&byte));
    well_formed.then_some(code)
}

fn draw(entropy: &Entropy) -> String {
    let mut code = String::from(PREFIX);
    while code.len() < PREFIX.len() + LENGTH {
        let [byte] = entropy.bytes::<1>();
        if byte < UNBIASED {
            code.push(ALPHABET[usize::from(byte % 36)] as char);
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    #[test]
    fn every_character_is_as_likely_as_any_other() {
        let next = AtomicU8::new(0);
        let every_byte =
            Entropy::from_fn(move |bytes| bytes.fill_with(|| next.fetch_add(1, Ordering::Relaxed)));
        // Seven times through the alphabet is what a byte has room for.
        let drawn: String = (0..42).map(|_| draw(&every_byte)[3..].to_owned()).collect();
        for character in ALPHABET {
            let count = drawn.bytes().filter(|byte| byte == character).count();
            assert_eq!(count, 7, "{}", *character as char);
        }
    }

    #[test]
    fn a_code_is_read_in_any_case_and_nothing_else_is() {
        let code = draw(&Entropy::system());
        assert_eq!(parse(&format!(" {} ", code.to_lowercase())), Some(code));
        for wrong in ["", "SS-", "SS-12345", "SS-1234567", "SS-12345é", "SS_123456", "XX-123456"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
