//! Repeat keys: of the keyed APIs (written by the grouped writer) and of the admin API.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, Select,
    sea_query::{Expr, Func, OnConflict},
};

use crate::{
    Digest, Store, StoreError,
    columns::{digest, micros, time},
    connection::WriteTransaction,
    entities::{
        admin_idempotency::{self, Column},
        idempotency,
    },
};

/// After this time, in microseconds, a request that was never finished counts as dead.
const GIVEN_UP_AFTER: i64 = 60_000_000;

/// A repeat key of a keyed API that still holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRow {
    /// Tells another payload apart.
    pub payload_digest: Digest,
    /// The job of the first request.
    pub job_id: String,
    /// Until when it holds.
    pub expires_at: DateTime<Utc>,
}

/// A POST of the admin API that carries an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminRequest {
    /// The partner's id, or a word for calls before a partner is known.
    pub scope: String,
    /// What the request sent.
    pub key: String,
    /// SHA-256 over operation and body.
    pub payload_digest: Digest,
    /// When.
    pub now: DateTime<Utc>,
    /// From when on the key may be used anew.
    pub expires_at: DateTime<Utc>,
}

/// What is known of an admin request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminReply {
    /// New: do it, then call [`Store::finish_admin_request`] or [`Store::abandon_admin_request`].
    Fresh,
    /// Done before: answer this again.
    Replay {
        /// HTTP status.
        status: u16,
        /// The answer without its secret.
        body: String,
    },
    /// The first one is still being worked on.
    InProgress,
    /// Done before, and its answer was lost: the server stopped in between.
    AnswerLost {
        /// The id of what it made.
        subject_id: String,
    },
    /// The key came before with another payload.
    Reused,
}

/// A repeat key of the admin API as somebody has taken it. What is done under it notes so in its own
/// transaction, with its audit event: then nobody does it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    scope: String,
    key: String,
    taken_at: i64,
}

impl Claim {
    /// Notes what was made under the key. [`StoreError::Superseded`] where somebody else has taken
    /// it meanwhile: then nothing may be written.
    pub(crate) async fn note(
        &self,
        tx: &WriteTransaction,
        subject_id: &str,
    ) -> Result<(), StoreError> {
        let first_kept = Func::coalesce([Expr::col(Column::SubjectId), Expr::value(subject_id)]);
        let noted = admin_idempotency::Entity::update_many()
            .col_expr(Column::SubjectId, first_kept.into())
            .filter(Column::Scope.eq(self.scope.as_str()))
            .filter(Column::IdempotencyKey.eq(self.key.as_str()))
            .filter(Column::CreatedAt.eq(self.taken_at))
            .filter(Column::Status.is_null())
            .exec(&**tx)
            .await?;
        if noted.rows_affected > 0 { Ok(()) } else { Err(StoreError::Superseded) }
    }
}

impl Store {
    /// The same store for the work of an admin request that has taken its key: the first change
    /// with an audit event notes in its transaction that the work is done.
    #[must_use]
    pub fn claiming(&self, request: &AdminRequest) -> Self {
        let claim = Claim {
            scope: request.scope.clone(),
            key: request.key.clone(),
            taken_at: micros(request.now),
        };
        let mut store = self.clone();
        store.claim = Some(Arc::new(claim));
        store
    }

    /// A repeat key of a keyed API; its scope holds the partner or API key.
    pub async fn get_idempotency(
        &self,
        scope: &str,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<IdempotencyRow>, StoreError> {
        let found = idempotency::Entity::find_by_id((scope.to_owned(), key.to_owned()))
            .filter(idempotency::Column::ExpiresAt.gt(micros(now)))
            .one(self.db())
            .await?;
        found.map(IdempotencyRow::try_from).transpose()
    }

    /// Takes an admin request's key, or tells what came of it before. One that was taken more than
    /// a minute ago and has made nothing counts as new.
    pub async fn begin_admin_request(
        &self,
        request: &AdminRequest,
    ) -> Result<AdminReply, StoreError> {
        let tx = self.begin_write().await?;
        let taken = admin_idempotency::Entity::insert(taken(request))
            .on_conflict(replace_dead(request))
            .exec_without_returning(&*tx)
            .await?;
        let reply = if taken > 0 {
            AdminReply::Fresh
        } else {
            let known = find(&request.scope, &request.key).one(&*tx).await?;
            known.map_or(Ok(AdminReply::InProgress), |known| earlier_reply(known, request))?
        };
        tx.commit().await?;
        Ok(reply)
    }

    /// Keeps the answer for repetitions. The body must hold no secret.
    pub async fn finish_admin_request(
        &self,
        scope: &str,
        key: &str,
        status: u16,
        body: &str,
    ) -> Result<(), StoreError> {
        let tx = self.begin_write().await?;
        admin_idempotency::Entity::update_many()
            .col_expr(Column::Status, Expr::value(i64::from(status)))
            .col_expr(Column::Body, Expr::value(body))
            .filter(Column::Scope.eq(scope))
            .filter(Column::IdempotencyKey.eq(key))
            .exec(&*tx)
            .await?;
        tx.commit().await
    }

    /// Lets the key go again: the request was refused. One that has made something keeps it.
    pub async fn abandon_admin_request(&self, scope: &str, key: &str) -> Result<(), StoreError> {
        let tx = self.begin_write().await?;
        admin_idempotency::Entity::delete_many()
            .filter(Column::Scope.eq(scope))
            .filter(Column::IdempotencyKey.eq(key))
            .filter(Column::Status.is_null())
            .filter(Column::SubjectId.is_null())
            .exec(&*tx)
            .await?;
        tx.commit().await
    }
}

fn find(scope: &str, key: &str) -> Select<admin_idempotency::Entity> {
    admin_idempotency::Entity::find_by_id((scope.to_owned(), key.to_owned()))
}

fn taken(request: &AdminRequest) -> admin_idempotency::ActiveModel {
    admin_idempotency::ActiveModel {
        scope: Set(request.scope.clone()),
        idempotency_key: Set(request.key.clone()),
        payload_digest: Set(request.payload_digest.to_vec()),
        subject_id: Set(None),
        status: Set(None),
        body: Set(None),
        created_at: Set(micros(request.now)),
        expires_at: Set(micros(request.expires_at)),
    }
}

/// Takes over a key that has expired, or whose request was never finished.
fn replace_dead(request: &AdminRequest) -> OnConflict {
    let now = micros(request.now);
    let expired = Expr::col((admin_idempotency::Entity, Column::ExpiresAt)).lte(now);
    let column = |column: Column| Expr::col((admin_idempotency::Entity, column));
    let unfinished = column(Column::Status)
        .is_null()
        .and(column(Column::SubjectId).is_null())
        .and(column(Column::CreatedAt).lte(given_up_before(request)));
    OnConflict::columns([Column::Scope, Column::IdempotencyKey])
        .update_columns([
            Column::PayloadDigest,
            Column::SubjectId,
            Column::Status,
            Column::Body,
            Column::CreatedAt,
            Column::ExpiresAt,
        ])
        .action_and_where(expired.or(unfinished))
        .to_owned()
}

/// Taken before this time, in microseconds, and not finished: whoever took it is dead.
const fn given_up_before(request: &AdminRequest) -> i64 {
    micros(request.now).saturating_sub(GIVEN_UP_AFTER)
}

fn earlier_reply(
    known: admin_idempotency::Model,
    request: &AdminRequest,
) -> Result<AdminReply, StoreError> {
    if known.payload_digest != request.payload_digest {
        return Ok(AdminReply::Reused);
    }
    let dead = known.created_at <= given_up_before(request);
    let Some((status, body)) = known.status.zip(known.body) else {
        let lost = known.subject_id.filter(|_| dead);
        return Ok(
            lost.map_or(AdminReply::InProgress, |subject_id| AdminReply::AnswerLost { subject_id })
        );
    };
    let status =
        u16::try_from(status).map_err(|_| StoreError::Corrupt(format!("the status {status}")))?;
    Ok(AdminReply::Replay { status, body })
}

impl TryFrom<idempotency::Model> for IdempotencyRow {
    type Error = StoreError;

    fn try_from(model: idempotency::Model) -> Result<Self, StoreError> {
        Ok(Self {
            payload_digest: digest(&model.payload_digest)?,
            job_id: model.job_id,
            expires_at: time(model.expires_at)?,
        })
    }
}
