//! What the audit log says of keys. Never the key, and no digest either.

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, PrefixedId};

use super::KeyRow;
use crate::{
    NewAuditEvent, Store,
    columns::{Word, time_text},
};

impl Store {
    /// Something was done to a key.
    pub(crate) fn key_event(
        &self,
        key: &KeyRow,
        action: &'static str,
        now: DateTime<Utc>,
    ) -> NewAuditEvent {
        let subject = ("key", key.id.as_str(), key.name.as_str());
        self.record(&key.partner_id, action, subject, now).on_platform(&key.platform)
    }

    /// A key was made.
    pub(super) fn key_created(&self, key: &KeyRow, now: DateTime<Utc>) -> NewAuditEvent {
        let event = self
            .key_event(key, "key.created", now)
            .with("kind", Some(key.kind.word()))
            .with("environment", Some(key.environment.word()))
            .with("key", Some(format!("{}…{}", key.prefix, key.last4)));
        fields(key).into_iter().fold(event, |event, (field, value)| event.with(field, value))
    }

    /// A key was changed: paused or resumed where it is only that.
    pub(super) fn key_changed(
        &self,
        before: &KeyRow,
        after: &KeyRow,
        now: DateTime<Utc>,
    ) -> NewAuditEvent {
        let event = self.key_event(after, "key.updated", now);
        let pairs = fields(before).into_iter().zip(fields(after));
        let mut event = pairs.fold(event, |event, ((field, before), (_, after))| {
            event.changing(field, before, after)
        });
        match (event.changes.is_empty(), before.paused_at, after.paused_at) {
            (true, None, Some(_)) => event.action = "key.paused",
            (true, Some(_), None) => event.action = "key.resumed",
            (_, before, after) => {
                let paused = |at: Option<DateTime<Utc>>| Some(at.is_some());
                event = event.changing("paused", paused(before), paused(after));
            }
        }
        event
    }
}

/// What a member sets of a key, in words.
fn fields(key: &KeyRow) -> Vec<(&'static str, Option<String>)> {
    let amount = |limit: Option<Amount>| limit.map(|limit| limit.to_string());
    vec![
        ("name", Some(key.name.clone())),
        ("scopes", Some(key.scopes.join(", "))),
        ("requests_per_minute", key.requests_per_minute.map(|limit| limit.to_string())),
        ("concurrent_limit", key.concurrent_limit.map(|limit| limit.to_string())),
        ("daily_limit", amount(key.spend_limits.daily_limit)),
        ("credit_allowance", amount(key.spend_limits.credit_allowance)),
        ("ip_rules", (!key.ip_rules.is_empty()).then(|| key.ip_rules.join(", "))),
        ("expires_at", key.expires_at.map(time_text)),
    ]
}
