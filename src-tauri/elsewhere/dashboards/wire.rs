//! The bodies of dashboard calls. What a platform may leave out is absent here; numbers of credits
//! are amounts.

use chrono::{DateTime, NaiveDate, Utc};
use latchkey_contract::{Amount, Environment, SecretText};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Debug, Deserialize)]
pub struct KeyList {
    pub keys: Vec<Key>,
}

#[derive(Debug, Deserialize)]
pub struct Key {
    pub id: KeyNumber,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub environment: Option<Environment>,
    #[serde(default)]
    pub prefix: Option<String>,
    #[serde(default)]
    pub last4: Option<String>,
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub last_used_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A whole number or a text; it is part of paths, so it must be plain.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum KeyNumber {
    Number(u64),
    Text(String),
}

impl KeyNumber {
    pub fn into_text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

#[derive(Debug, Serialize)]
pub struct NewKey<'r> {
    pub name: &'r str,
    pub environment: Environment,
}

/// The only answer that ever holds the key.
#[derive(Debug, Deserialize)]
pub struct IssuedKey {
    pub id: KeyNumber,
    pub key: SecretText,
}

#[derive(Debug, Deserialize)]
pub struct Webhook {
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub enabled: bool,
    /// In full in the first answer alone; masked after that.
    #[serde(default)]
    pub secret: Option<SecretText>,
}

#[derive(Debug, Serialize)]
pub struct SetWebhook<'r> {
    pub url: &'r str,
    pub enabled: bool,
}

#[derive(Debug, Deserialize)]
pub struct Usage {
    #[serde(default)]
    pub from: Option<DateTime<Utc>>,
    #[serde(default)]
    pub to: Option<DateTime<Utc>>,
    #[serde(default)]
    pub live: Used,
    #[serde(default)]
    pub test: Used,
    #[serde(default)]
    pub daily: Vec<Day>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct Used {
    pub requests: u32,
    #[serde(deserialize_with = "read_amount")]
    pub credits: Amount,
}

#[derive(Debug, Deserialize)]
pub struct Day {
    pub date: NaiveDate,
    #[serde(default)]
    pub live: Used,
    #[serde(default)]
    pub test: Used,
}

/// When credits are bought. Settings answer what they are asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct TopUp {
    pub enabled: bool,
    #[serde(default, deserialize_with = "read_amount", serialize_with = "write_amount")]
    pub amount: Amount,
    #[serde(default, deserialize_with = "read_amount", serialize_with = "write_amount")]
    pub threshold: Amount,
}

/// More than any account has, and exact in millionths.
const MOST_CREDITS: f64 = 1e12;

fn read_amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
    let credits = Option::<f64>::deserialize(deserializer)?.unwrap_or_default();
    let credits = credits.clamp(-MOST_CREDITS, MOST_CREDITS);
    Ok(Amount((credits * Amount::PER_CREDIT as f64).round() as i64))
}

fn write_amount<S: Serializer>(amount: &Amount, serializer: S) -> Result<S::Ok, S::Error> {
    if amount.0 % Amount::PER_CREDIT == 0 {
        serializer.serialize_i64(amount.whole_credits())
    } else {
        serializer.serialize_f64(amount.0 as f64 / Amount::PER_CREDIT as f64)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_left_out_is_absent_and_amounts_are_exact() {
        let list = json!({ "keys": [{ "id": 3 }, { "id": "k_1", "more": [] }] });
        let list: KeyList = serde_json::from_value(list).unwrap();
        let ids: Vec<_> = list.keys.into_iter().map(|key| key.id.into_text()).collect();
        assert_eq!(ids, ["3", "k_1"]);
        let usage: Usage = serde_json::from_value(json!({ "live": { "credits": 0.12 } })).unwrap();
        assert_eq!((usage.live.credits, usage.test.requests), (Amount(120_000), 0));
        let rule = json!({ "enabled": true, "amount": 50, "threshold": 2.5 });
        let read: TopUp = serde_json::from_value(rule.clone()).unwrap();
        assert_eq!((read.amount, read.threshold), (Amount(50_000_000), Amount(2_500_000)));
        assert_eq!(serde_json::to_value(read).unwrap(), rule);
        assert!(serde_json::from_value::<TopUp>(json!({ "amount": 50 })).is_err());
    }

    #[test]
    fn nothing_of_an_issued_key_is_printed() {
        let issued = json!({ "id": 1, "key": "sk_live_x" });
        let issued: IssuedKey = serde_json::from_value(issued).unwrap();
        assert!(!format!("{issued:?}").contains("sk_live_x"));
    }
}
