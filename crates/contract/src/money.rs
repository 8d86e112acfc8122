//! Amounts of credits.

use std::{
    fmt,
    ops::{Add, Mul, Neg, Sub},
};

use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::ToSchema;

/// An amount in millionths of a platform's credit. May be negative in differences.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    ToSchema,
    Type,
)]
#[serde(transparent)]
#[schema(value_type = i64, example = 4_000_000)]
pub struct Amount(pub i64);

impl Amount {
    pub const ZERO: Self = Self(0);
    /// Millionths in one credit.
    pub const PER_CREDIT: i64 = 1_000_000;

    /// Whole credits as an amount.
    #[must_use]
    pub const fn from_credits(credits: i64) -> Self {
        Self(credits * Self::PER_CREDIT)
    }

    /// The whole credits in this amount, rounded towards zero.
    #[must_use]
    pub const fn whole_credits(self) -> i64 {
        self.0 / Self::PER_CREDIT
    }
}

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul<i64> for Amount {
    type Output = Self;
    fn mul(self, times: i64) -> Self {
        Self(self.0 * times)
    }
}

impl Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

/// Credits in decimal, without trailing zeros: `4`, `0.12`, `-1.5`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let whole = self.0.unsigned_abs() / Self::PER_CREDIT.unsigned_abs();
        let part = self.0.unsigned_abs() % Self::PER_CREDIT.unsigned_abs();
        if part == 0 {
            write!(f, "{sign}{whole}")
        } else {
            let digits = format!("{part:06}");
            write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_as_decimal_credits() {
        assert_eq!(Amount::from_credits(4).to_string(), "4");
        assert_eq!(Amount(120_000).to_string(), "0.12");
        assert_eq!(Amount(-1_500_000).to_string(), "-1.5");
    }
}
