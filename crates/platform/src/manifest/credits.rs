//! Prices as a person writes them.

use latchkey_contract::Amount;
use serde::{Deserialize, Deserializer, de};

/// Credits in a manifest: `4`, or `"0.12"` in quotes so that nothing is rounded. Never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credits(Amount);

impl Credits {
    #[must_use]
    pub const fn amount(self) -> Amount {
        self.0
    }
}

impl<'de> Deserialize<'de> for Credits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "credits: a whole number, or a decimal in quotes")]
        enum Written {
            Whole(u32),
            Decimal(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Whole(credits) => Ok(Self(Amount::from_credits(credits.into()))),
            Written::Decimal(text) => parse(&text).map(Self).ok_or_else(|| {
                de::Error::custom(format!(
                    "`{text}` is no amount of credits; write digits with at most six after the point, \"0.12\""
                ))
            }),
        }
    }
}

fn parse(text: &str) -> Option<Amount> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 6 {
        return None;
    }
    let millionths: i64 = format!("{part:0<6}").parse().ok()?;
    let whole = i64::from(whole.parse::<u32>().ok()?) * Amount::PER_CREDIT;
    Some(Amount(whole + millionths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        assert_eq!(parse("0.12"), Some(Amount(120_000)));
        assert_eq!(parse("36"), Some(Amount::from_credits(36)));
        for wrong in ["", ".5", "1.", "-1", "1.0000001", "1e3", "99999999999"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
