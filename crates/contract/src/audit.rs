//! The audit log: who changed what, when and from where. Nothing in it is a secret.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::{IntoParams, ToSchema};

use crate::AuditEventId;

/// What kind of author a change has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum AuditActorKind {
    /// A member of the partner, in a console.
    Member,
    /// Who runs the platform.
    Operator,
    /// The server by itself: a rule, a schedule.
    System,
    /// An API key.
    Key,
}

/// Who made a change.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, Type)]
pub struct AuditActor {
    pub kind: AuditActorKind,
    /// A member's address, a key's id; `operator` and `system` else.
    pub name: String,
}

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, Type)]
pub struct AuditSubject {
    /// `partner`, `member`, `session`, `key`, `endpoint`, `delivery`, `account`…
    pub kind: String,
    pub id: String,
    /// What people call it, at the time of the change.
    pub name: String,
}

/// One field of a change.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, Type)]
pub struct AuditChange {
    pub field: String,
    /// Absent where there was nothing.
    pub before: Option<String>,
    /// Absent where there is nothing any more.
    pub after: Option<String>,
}

/// One record of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct AuditEvent {
    pub id: AuditEventId,
    /// Its place in the partner's chain, counted from one without a gap.
    pub sequence: i64,
    pub at: DateTime<Utc>,
    pub actor: AuditActor,
    /// `key.created`, `key.updated`, `session.ended`…
    pub action: String,
    pub subject: AuditSubject,
    /// Slug, where the change belongs to one platform.
    pub platform: Option<String>,
    pub changes: Vec<AuditChange>,
    /// Where the change came from, where that is known.
    pub address: Option<String>,
    /// SHA-256 over the record before and all of this one, in hexadecimal.
    pub hash: String,
}

/// `GET /audit-events`, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, Type)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct AuditQuery {
    pub platform: Option<String>,
    /// One action, `key.revoked`; or all of one kind, `key.`.
    pub action: Option<String>,
    /// The id of what was changed.
    pub subject_id: Option<String>,
    /// Inclusive.
    pub from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub to: Option<DateTime<Utc>>,
    pub cursor: Option<String>,
    /// 1 to 200, 50 unless told.
    pub limit: Option<u16>,
}
