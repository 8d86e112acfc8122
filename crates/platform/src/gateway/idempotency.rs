//! Repeated submits: which request is which.

use std::{collections::HashSet, sync::Arc};

use axum::http::{HeaderMap, HeaderName};
use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::PrefixedId;
use latchkey_store::{Digest, NewIdempotency};
use parking_lot::Mutex;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::Refusal;
use crate::{
    keys::KeyState,
    manifest::{Idempotency, IdempotencyScope, Repetition},
};

/// Scope and key of the submits that are being accepted.
type InProgress = Arc<Mutex<HashSet<(String, String)>>>;

/// A platform's rules at work.
#[derive(Debug)]
pub struct Gate {
    rules: Idempotency,
    header: HeaderName,
    /// Kept where a repetition is refused meanwhile.
    in_progress: InProgress,
}

/// A submit's repeat key. While it lives, the submit counts as being accepted.
#[derive(Debug)]
pub struct Claim {
    scope: String,
    key: String,
    hours: u32,
    in_progress: Option<InProgress>,
}

impl Gate {
    /// `None` for a header's name that is none; manifests are checked for that.
    pub fn of(rules: &Idempotency) -> Option<Self> {
        let header = rules.header.parse().ok()?;
        Some(Self { rules: rules.clone(), header, in_progress: Arc::default() })
    }

    /// Reads the request's repeat key and takes it while the submit is being accepted.
    pub fn claim(&self, headers: &HeaderMap, key: &KeyState) -> Result<Option<Claim>, Refusal> {
        let Some(repeat_key) = self.repeat_key(headers)? else { return Ok(None) };
        let mut claim = Claim {
            scope: self.scope(key),
            key: repeat_key.to_owned(),
            hours: self.rules.hours,
            in_progress: None,
        };
        if self.rules.repetition == Repetition::Refused {
            let name = (claim.scope.clone(), claim.key.clone());
            if !self.in_progress.lock().insert(name) {
                return Err(Refusal::IdempotencyInProgress);
            }
            claim.in_progress = Some(Arc::clone(&self.in_progress));
        }
        Ok(Some(claim))
    }

    fn repeat_key<'h>(&self, headers: &'h HeaderMap) -> Result<Option<&'h str>, Refusal> {
        let header = || self.rules.header.clone();
        let mut values = headers.get_all(&self.header).iter();
        let Some(value) = values.next() else {
            let missing = Refusal::IdempotencyKeyMissing { header: header() };
            return if self.rules.required { Err(missing) } else { Ok(None) };
        };
        let max = self.rules.max_length;
        let text = value.to_str().ok().map(str::trim);
        let text = text.filter(|text| (1..=max).contains(&text.len()) && values.next().is_none());
        text.map(Some).ok_or_else(|| Refusal::IdempotencyKeyInvalid { header: header(), max })
    }

    /// Platform, environment and owner: nothing is ever compared across them.
    fn scope(&self, key: &KeyState) -> String {
        let owner = match self.rules.scope {
            IdempotencyScope::Partner => key.row.partner_id.as_str(),
            IdempotencyScope::Key => key.row.id.as_str(),
        };
        format!("{}/{}/{owner}", key.platform, key.row.environment.as_str())
    }
}

impl Claim {
    /// The repeat key as it was sent.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// From when on it may be used anew.
    #[must_use]
    pub fn expires_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + TimeDelta::hours(self.hours.into())
    }

    /// What the store compares.
    pub(super) fn record(&self, payload_digest: Digest, now: DateTime<Utc>) -> NewIdempotency {
        NewIdempotency {
            scope: self.scope.clone(),
            key: self.key.clone(),
            payload_digest,
            expires_at: self.expires_at(now),
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(in_progress) = &self.in_progress {
            let name = (std::mem::take(&mut self.scope), std::mem::take(&mut self.key));
            in_progress.lock().remove(&name);
        }
    }
}

/// SHA-256 over what was asked: the path, and the body with the keys of its objects sorted, so
/// that neither their order nor white space makes another payload.
pub fn digest(path: &str, body: &Map<String, Value>) -> Digest {
    let mut hash = Sha256::new();
    feed_text(&mut hash, path);
    feed_object(&mut hash, body);
    hash.finalize().into()
}

/// Every part is told apart from its neighbours: by its kind, and its length where it has one.
fn feed(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Object(object) => feed_object(hash, object),
        Value::Array(items) => {
            feed_length(hash, b'[', items.len());
            items.iter().for_each(|item| feed(hash, item));
        }
        Value::String(text) => feed_text(hash, text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let text = value.to_string();
            feed_length(hash, b'=', text.len());
            hash.update(text);
        }
    }
}

fn feed_object(hash: &mut Sha256, object: &Map<String, Value>) {
    feed_length(hash, b'{', object.len());
    let mut fields: Vec<_> = object.iter().collect();
    fields.sort_unstable_by_key(|(name, _)| *name);
    for (name, value) in fields {
        feed_text(hash, name);
        feed(hash, value);
    }
}

fn feed_text(hash: &mut Sha256, text: &str) {
    feed_length(hash, b'"', text.len());
    hash.update(text);
}

fn feed_length(hash: &mut Sha256, kind: u8, length: usize) {
    hash.update([kind]);
    hash.update(length.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_space_make_no_other_payload_and_values_do() {
        let read = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap();
        let one = digest("/a", &read(r#"{"a": {"x": 1, "y": [1, 2]}, "b": "ö"}"#));
        assert_eq!(one, digest("/a", &read(r#"{"b":"\u00f6","a":{"y":[1,2],"x":1}}"#)));
        for other in [
            r#"{"a": {"x": 1, "y": [2, 1]}, "b": "ö"}"#,
            r#"{"a": {"x": "1", "y": [1, 2]}, "b": "ö"}"#,
            r#"{"a": {"x": 1, "y": [1, 2], "b": "ö"}}"#,
            r#"{"a": {"x": 1}, "y": [1, 2], "b": "ö"}"#,
            r#"{"a": {"x": 1, "y": [1, 2]}, "b": null}"#,
        ] {
            assert_ne!(one, digest("/a", &read(other)), "{other}");
        }
        assert_ne!(one, digest("/b", &read(r#"{"a": {"x": 1, "y": [1, 2]}, "b": "ö"}"#)));
    }
}
