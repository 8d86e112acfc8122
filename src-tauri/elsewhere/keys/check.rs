//! Trying a key against the call that the platform's manifest names for that.

use latchkey_contract::SecretText;
use latchkey_platform::manifest::Manifest;
use reqwest::{
    StatusCode,
    header::{HeaderName, HeaderValue},
};
use serde_json::Value;

use super::{
    super::{Elsewhere, LONGEST_NAME, answer},
    CheckOutcome, KeyChecked, KeyConnection, KeyFact,
};

/// How much of an answer is read.
const MOST_ANSWER: usize = 64 * 1024;

impl Elsewhere {
    pub(super) async fn try_key(&self, connection: &KeyConnection, key: &SecretText) -> KeyChecked {
        let (outcome, message, answer) = match self.manifests.get(&connection.platform) {
            Some(manifest) => self.call(manifest, &connection.base_url, key).await,
            None => (CheckOutcome::Unclear, "This app no longer knows the platform.".into(), None),
        };
        let check = self.manifests.get(&connection.platform).and_then(|m| m.key_check.as_ref());
        let told =
            |pointer: &str| answer.as_ref().and_then(|answer| plain(answer.pointer(pointer)?));
        let facts = check.iter().flat_map(|check| &check.facts).filter_map(|fact| {
            Some(KeyFact { title: fact.title.clone(), value: told(&fact.pointer)? })
        });
        KeyChecked {
            at: self.clock.now(),
            outcome,
            message,
            balance: check.and_then(|check| told(check.balance.as_ref()?)),
            facts: facts.collect(),
        }
    }

    /// Makes the call that shows whether a key works.
    async fn call(
        &self,
        manifest: &Manifest,
        base_url: &str,
        key: &SecretText,
    ) -> (CheckOutcome, String, Option<Value>) {
        use CheckOutcome::{Refused, Unclear, Unreachable, Works};
        let scheme = manifest.header_schemes.first();
        let (Some(check), Some(scheme)) = (&manifest.key_check, scheme) else {
            let message = format!("{} has no call that only tries a key.", manifest.name);
            return (Unclear, message, None);
        };
        let header = HeaderName::try_from(&scheme.header).ok();
        let value = HeaderValue::from_str(&format!("{}{}", scheme.prefix, key.expose())).ok();
        let (Some(header), Some(mut value)) = (header, value) else {
            return (Refused, "The key has characters that no key has.".into(), None);
        };
        value.set_sensitive(true);
        let url = format!("{base_url}{}", check.path);
        let answer = match self.http.get(url).header(header, value).send().await {
            Ok(answer) => answer,
            Err(error) => {
                let why =
                    if error.is_timeout() { "did not answer in 20 s" } else { "is not reached" };
                return (
                    Unreachable,
                    format!("{base_url} {why}. Check the address and try again."),
                    None,
                );
            }
        };
        match answer.status() {
            status if status.as_u16() == check.works => {
                (Works, format!("{} takes the key.", manifest.name), read_json(answer).await)
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let message = format!(
                    "{} does not take the key (HTTP {}). It may be revoked, paused or mistyped.",
                    manifest.name,
                    answer.status().as_u16()
                );
                (Refused, message, None)
            }
            StatusCode::TOO_MANY_REQUESTS => {
                (Unclear, "The key has made too many requests. Try again in a minute.".into(), None)
            }
            status => {
                let status = status.as_u16();
                let message = format!(
                    "{base_url} gave an answer that says nothing about the key (HTTP {status}). Check the address."
                );
                (Unclear, message, None)
            }
        }
    }
}

/// The body, where it is JSON of a sensible size.
async fn read_json(answer: reqwest::Response) -> Option<Value> {
    serde_json::from_slice(&answer::read(answer, MOST_ANSWER).await?).ok()
}

/// A number or a text as it was told; nothing else is shown.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.chars().take(LONGEST_NAME).collect()),
        _ => None,
    }
}
