//! Models, on platforms that offer several: what they take and what they cost.

use std::collections::BTreeMap;

use latchkey_contract::Amount;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Credits;

/// Multipliers are whole thousandths inside.
const ONE: i64 = 1000;

/// Something a platform generates with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    pub slug: String,
    #[serde(rename = "type")]
    pub media: MediaType,
    pub name: String,
    pub capabilities: Vec<String>,
    pub pricing: Pricing,
    /// In the order a person would fill them in.
    pub input: Vec<InputField>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaType {
    Image,
    Video,
}

/// A price, and what multiplies it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pricing {
    pub credits: Credits,
    /// Input field → its value → factor.
    #[serde(default)]
    pub multipliers: BTreeMap<String, Factors>,
    #[serde(default)]
    pub note: Option<String>,
}

/// Value of an input field, as text → factor.
pub type Factors = BTreeMap<String, Multiplier>;

/// A factor of a price with at most three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Multiplier {
    thousandths: i64,
}

/// One field of a model's input.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputField {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: InputType,
    #[serde(default)]
    pub required: bool,
    /// What it may be; anything of its type where absent.
    #[serde(default, rename = "enum")]
    pub choices: Option<Vec<Value>>,
    #[serde(default)]
    pub default: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputType {
    String,
    Integer,
    Number,
    Boolean,
    /// An `http` or `https` address.
    Url,
    /// A list of them.
    UrlList,
}

impl Pricing {
    /// What a call with this input costs, rounded up to the last of the unit's `decimals`. Fields
    /// that are absent cost what their default does: fill those in first.
    #[must_use]
    pub fn price(&self, input: &serde_json::Map<String, Value>, decimals: u8) -> Amount {
        let amount =
            self.multipliers.iter().fold(self.credits.amount().0, |amount, (field, by)| {
                let factor = input.get(field).and_then(|value| by.get(&as_text(value)));
                amount * factor.map_or(ONE, |factor| factor.thousandths) / ONE
            });
        let step = Amount::PER_CREDIT / 10_i64.pow(u32::from(decimals));
        Amount(amount.div_euclid(step) * step + i64::from(amount.rem_euclid(step) > 0) * step)
    }
}

impl Multiplier {
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a factor has few digits")]
    pub fn as_f64(self) -> f64 {
        self.thousandths as f64 / ONE as f64
    }
}

impl<'de> Deserialize<'de> for Multiplier {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let factor = f64::deserialize(deserializer)?;
        let thousandths = (factor * 1000.0).round();
        if !(0.0..=1_000_000.0).contains(&factor) || (thousandths / 1000.0 - factor).abs() > 1e-9 {
            return Err(serde::de::Error::custom(
                "a multiplier is between 0 and 1000000 with at most three decimals",
            ));
        }
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        Ok(Self { thousandths: thousandths as i64 })
    }
}

/// A value as the key of a table of factors.
fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
