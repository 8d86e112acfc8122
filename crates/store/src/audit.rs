//! The audit log: every change with its author, in one chain a partner. A record is written in
//! the transaction of its change, so there is no change without one and no record of what was
//! not done.
//!
//! A store is in somebody's hands: [`Store::by`] gives the same one to an [`Author`]; until then it
//! is the system's. To record a change, call `append` before its commit, for a change that did
//! happen, with `self.record(…)` for the record. Within the grouped writer it is
//! `Batch::append_audit`. No secret ever, not even its digest.
//!
//! The hash of a record covers the one before it, so nothing can be altered, left out or moved
//! without breaking the chain from there on (`verify` says where); the head, kept beside, shows
//! that nothing was cut off the end. Whoever can write the database can also forge all of it from
//! some record on: what shows that is a hash noted elsewhere, which the API gives out with every
//! record and the check with every chain.
//!
//! Two changes at once chain one after the other: on SQLite because a transaction that may write
//! has begun as `IMMEDIATE`, on PostgreSQL because the head's row is read with a lock.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    KeyId, Page, PartnerId, PrefixedId,
    audit::{AuditActor, AuditActorKind, AuditChange, AuditEvent, AuditQuery, AuditSubject},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};

use crate::{
    SignedIn, Store, StoreError,
    columns::{Word, micros, time},
    connection::WriteTransaction,
    entities::{
        audit_events::{self, Column},
        audit_heads,
    },
    pages::{page, page_limit},
};

mod chain;
mod verify;

pub(crate) use chain::Head;
pub use verify::{AuditCheck, AuditEnd, AuditFault, AuditFaultKind, verify};

/// Who makes a change, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Who.
    pub actor: AuditActor,
    /// The address it came from, where it came over the network.
    pub address: Option<String>,
}

impl Author {
    /// A member of the partner, by its email address.
    #[must_use]
    pub fn member(email: &str, address: Option<&str>) -> Self {
        Self::new(AuditActorKind::Member, email, address)
    }

    /// An API key.
    #[must_use]
    pub fn key(id: &KeyId, address: Option<&str>) -> Self {
        Self::new(AuditActorKind::Key, id.as_str(), address)
    }

    /// Who runs the platform.
    #[must_use]
    pub fn operator() -> Self {
        Self::new(AuditActorKind::Operator, "operator", None)
    }

    /// The server by itself: a rule, a schedule.
    #[must_use]
    pub fn system() -> Self {
        Self::new(AuditActorKind::System, "system", None)
    }

    fn new(kind: AuditActorKind, name: &str, address: Option<&str>) -> Self {
        let actor = AuditActor { kind, name: name.to_owned() };
        Self { actor, address: address.map(str::to_owned) }
    }
}

impl SignedIn {
    /// The member as the author of what is done in this session.
    #[must_use]
    pub fn author(&self) -> Author {
        Author::member(&self.member.email, self.session.address.as_deref())
    }
}

/// A record to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuditEvent {
    /// In whose log.
    pub partner_id: PartnerId,
    /// Who changed something.
    pub author: Author,
    /// What was done: `key.revoked`.
    pub action: &'static str,
    /// To what.
    pub subject: AuditSubject,
    /// Slug, where it belongs to one platform.
    pub platform: Option<String>,
    /// Field by field; empty where the action says all.
    pub changes: Vec<AuditChange>,
    /// When.
    pub now: DateTime<Utc>,
}

impl NewAuditEvent {
    /// Something was done to `subject`: its kind, its id, and what people call it.
    #[must_use]
    pub fn new(
        partner_id: &PartnerId,
        author: &Author,
        action: &'static str,
        (kind, id, name): (&str, &str, &str),
        now: DateTime<Utc>,
    ) -> Self {
        let subject =
            AuditSubject { kind: kind.to_owned(), id: id.to_owned(), name: name.to_owned() };
        Self {
            partner_id: partner_id.clone(),
            author: author.clone(),
            action,
            subject,
            platform: None,
            changes: Vec::new(),
            now,
        }
    }

    /// It belongs to one platform.
    #[must_use]
    pub fn on_platform(mut self, slug: &str) -> Self {
        self.platform = Some(slug.to_owned());
        self
    }

    /// What a field was and is. A field that stayed the same is left out.
    #[must_use]
    pub fn changing(
        mut self,
        field: &str,
        before: Option<impl ToString>,
        after: Option<impl ToString>,
    ) -> Self {
        let (before, after) = (before.map(|v| v.to_string()), after.map(|v| v.to_string()));
        if before != after {
            self.changes.push(AuditChange { field: field.to_owned(), before, after });
        }
        self
    }

    /// A field of something new.
    #[must_use]
    pub fn with(self, field: &str, value: Option<impl ToString>) -> Self {
        self.changing(field, None::<String>, value)
    }
}

/// Appends a record to its partner's chain, in the transaction of the change.
///
/// # Errors
/// What the database says; [`StoreError::Corrupt`] where the chain's head was tampered with.
pub(crate) async fn append(tx: &WriteTransaction, event: NewAuditEvent) -> Result<(), StoreError> {
    if let Some(claim) = &tx.claim {
        claim.note(tx, &event.subject.id).await?;
    }
    let head = audit_heads::Entity::find_by_id(event.partner_id.as_str())
        .lock_exclusive()
        .one(&**tx)
        .await?;
    let record = Head::after(head)?.follow(event);
    let head = audit_heads::ActiveModel {
        partner_id: Set(record.partner_id.clone()),
        sequence: Set(record.sequence),
        hash: Set(record.hash.clone()),
    };
    let inserted = audit_events::Entity::insert(record.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
    match inserted {
        Err(error) if StoreError::is_unique_violation(&error) => {
            return Err(StoreError::Corrupt("an audit log that goes on after its end".to_owned()));
        }
        other => other?,
    };
    let moved = OnConflict::column(audit_heads::Column::PartnerId)
        .update_columns([audit_heads::Column::Sequence, audit_heads::Column::Hash])
        .to_owned();
    audit_heads::Entity::insert(head).on_conflict(moved).exec_without_returning(&**tx).await?;
    Ok(())
}

impl Store {
    /// A record to be, of a change made through this store: to `subject`, which is its kind, its id
    /// and what people call it.
    pub(crate) fn record(
        &self,
        partner_id: &PartnerId,
        action: &'static str,
        subject: (&str, &str, &str),
        now: DateTime<Utc>,
    ) -> NewAuditEvent {
        NewAuditEvent::new(partner_id, self.author(), action, subject, now)
    }

    /// The partner's log, the newest first.
    pub async fn list_audit_events(
        &self,
        partner_id: &PartnerId,
        query: &AuditQuery,
    ) -> Result<Page<AuditEvent>, StoreError> {
        let limit = page_limit(query.limit);
        let before = query.cursor.as_deref().map(str::parse::<i64>).transpose();
        let before = before.map_err(|_| StoreError::BadCursor)?;
        let found = audit_events::Entity::find()
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(chosen(query).add_option(before.map(|before| Column::Sequence.lt(before))))
            .order_by_desc(Column::Sequence)
            .limit(limit + 1)
            .all(self.db())
            .await?;
        page(found, limit, |event| event.sequence.to_string(), AuditEvent::try_from)
    }
}

fn chosen(query: &AuditQuery) -> Condition {
    let action = query.action.as_deref().map(|action| match action.strip_suffix('.') {
        Some(_) => Column::Action.starts_with(action),
        None => Column::Action.eq(action),
    });
    Condition::all()
        .add_option(query.platform.as_deref().map(|slug| Column::Platform.eq(slug)))
        .add_option(action)
        .add_option(query.subject_id.as_deref().map(|id| Column::SubjectId.eq(id)))
        .add_option(query.from.map(|from| Column::At.gte(micros(from))))
        .add_option(query.to.map(|to| Column::At.lt(micros(to))))
}

impl TryFrom<audit_events::Model> for AuditEvent {
    type Error = StoreError;

    fn try_from(model: audit_events::Model) -> Result<Self, StoreError> {
        let changes = serde_json::from_str(&model.changes)
            .map_err(|_| StoreError::Corrupt("the changes of an audit event".to_owned()))?;
        Ok(Self {
            id: chain::event_id(&model),
            sequence: model.sequence,
            at: time(model.at)?,
            actor: AuditActor {
                kind: AuditActorKind::from_word(&model.actor_kind)?,
                name: model.actor_name,
            },
            action: model.action,
            subject: AuditSubject {
                kind: model.subject_kind,
                id: model.subject_id,
                name: model.subject_name,
            },
            platform: model.platform,
            changes,
            address: model.address,
            hash: hex::encode(model.hash),
        })
    }
}
