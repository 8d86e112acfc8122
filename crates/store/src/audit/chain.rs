//! How records hang together: SHA-256 over the hash before and everything the record says, written
//! in one way only. Texts carry their length before them, so that no two contents read the same.

use latchkey_contract::{AuditEventId, PrefixedId};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::NewAuditEvent;
use crate::{
    Digest, StoreError,
    columns::{Word, digest, micros},
    entities::{audit_events, audit_heads},
};

/// Names the encoding: a later one gets another name.
const ENCODING: &str = "latchkey audit 1";

/// Where a chain ends; the first record follows the zeros.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) sequence: i64,
    pub(crate) hash: Digest,
}

impl Head {
    /// A chain without a head has not begun.
    pub(crate) fn after(head: Option<audit_heads::Model>) -> Result<Self, StoreError> {
        let Some(head) = head else { return Ok(Self::default()) };
        Ok(Self { sequence: head.sequence, hash: digest(&head.hash)? })
    }

    /// The record that follows.
    pub(crate) fn follow(&self, event: NewAuditEvent) -> audit_events::Model {
        let changes: Vec<Value> = event.changes.iter().map(|change| {
            serde_json::json!({"field": change.field, "before": change.before, "after": change.after})
        }).collect();
        let mut record = audit_events::Model {
            partner_id: event.partner_id.to_string(),
            sequence: self.sequence + 1,
            at: micros(event.now),
            actor_kind: event.author.actor.kind.word().to_owned(),
            actor_name: event.author.actor.name,
            action: event.action.to_owned(),
            subject_kind: event.subject.kind,
            subject_id: event.subject.id,
            subject_name: event.subject.name,
            platform: event.platform,
            changes: Value::from(changes).to_string(),
            address: event.author.address,
            previous: self.hash.to_vec(),
            hash: Vec::new(),
        };
        record.hash = hash(&record, record.sequence).to_vec();
        record
    }
}

/// The hash of a record as the one with this number.
pub(super) fn hash(record: &audit_events::Model, sequence: i64) -> Digest {
    let mut content = Content(Sha256::new());
    content.text(ENCODING);
    content.bytes(&record.previous);
    content.text(&record.partner_id);
    content.number(sequence);
    content.number(record.at);
    content.text(&record.actor_kind);
    content.text(&record.actor_name);
    content.text(&record.action);
    content.text(&record.subject_kind);
    content.text(&record.subject_id);
    content.text(&record.subject_name);
    content.optional(record.platform.as_deref());
    content.text(&record.changes);
    content.optional(record.address.as_deref());
    content.0.finalize().into()
}

/// A record's id: its time, and bits of its hash. So it needs no column, and cannot be another's.
pub(super) fn event_id(record: &audit_events::Model) -> AuditEventId {
    let unix_ms = u64::try_from(record.at / 1000).unwrap_or_default();
    let bits =
        record.hash.iter().take(16).fold(0, |bits: u128, byte| bits << 8 | u128::from(*byte));
    AuditEventId::from_parts(unix_ms, bits)
}

/// What is hashed, field by field.
struct Content(Sha256);

impl Content {
    fn number(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.0.update([u8::from(text.is_some())]);
        if let Some(text) = text {
            self.text(text);
        }
    }
}
