//! Changes that are made once: the repeat key, the change and its answer in one transaction.

use chrono::{DateTime, Utc};
use latchkey_contract::PrefixedId;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::{Book, in_book};
use crate::{
    NewEvent, Store, StoreError,
    columns::{Word, micros},
    connection::WriteTransaction,
    deliveries::insert_event,
    entities::billing_answers::{self, Column},
};

/// An answer as it was given. It must hold no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
}

/// A repeat key and how long it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// What the request sent.
    pub key: String,
    /// From when on the key may be used anew.
    pub expires_at: DateTime<Utc>,
}

/// What is told of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// To the caller.
    pub answer: Answer,
    /// By webhook; an event that nobody listens to is not written.
    pub events: Vec<NewEvent>,
}

/// How a change ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// Done.
    Done {
        /// What the caller is told.
        answer: Answer,
        /// Whether deliveries are due.
        tells: bool,
    },
    /// Done before under this repeat key; this call changed nothing.
    Replayed(Answer),
    /// There is no such customer in this book.
    Absent,
    /// The customer is archived.
    Archived,
    /// Another customer of this book has this external id.
    ExternalIdTaken,
}

/// A change under way; undone when it is dropped.
pub(super) struct Change {
    pub(super) tx: WriteTransaction,
    book: Book,
    repeat: Option<Repeat>,
    now: DateTime<Utc>,
}

/// A change, or the answer to the one it repeats.
pub(super) enum Begun {
    Fresh(Change),
    Replayed(Answer),
}

impl Store {
    /// What was answered under this repeat key.
    pub async fn get_answer(
        &self,
        book: &Book,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Answer>, StoreError> {
        let found = billing_answers::Entity::find()
            .filter(is(book, key).add(Column::ExpiresAt.gt(micros(now))))
            .one(self.db())
            .await?;
        found.map(Answer::try_from).transpose()
    }

    /// Keeps an answer that changes nothing else.
    pub async fn keep_answer(
        &self,
        book: &Book,
        answer: Answer,
        repeat: Repeat,
        now: DateTime<Utc>,
    ) -> Result<Written, StoreError> {
        match self.begin_change(book, Some(repeat), now).await? {
            Begun::Fresh(change) => change.finish(Telling { answer, events: Vec::new() }).await,
            Begun::Replayed(answer) => Ok(Written::Replayed(answer)),
        }
    }

    /// Begins a change and takes its repeat key. Of two at once the second waits for the first.
    pub(super) async fn begin_change(
        &self,
        book: &Book,
        repeat: Option<Repeat>,
        now: DateTime<Utc>,
    ) -> Result<Begun, StoreError> {
        let tx = self.begin_write().await?;
        if let Some(repeat) = &repeat
            && !take(&tx, book, repeat, now).await?
        {
            let known = billing_answers::Entity::find().filter(is(book, &repeat.key));
            let known = known.one(&*tx).await?;
            let known = known.ok_or_else(|| StoreError::Corrupt("a repeat key".to_owned()))?;
            return Ok(Begun::Replayed(known.try_into()?));
        }
        Ok(Begun::Fresh(Change { tx, book: book.clone(), repeat, now }))
    }
}

impl Change {
    /// Keeps the answer for repetitions, writes the events, and commits all of it.
    pub(super) async fn finish(self, telling: Telling) -> Result<Written, StoreError> {
        let Self { tx, book, repeat, now } = self;
        let Telling { answer, events } = telling;
        if let Some(repeat) = repeat {
            billing_answers::Entity::update_many()
                .col_expr(Column::Status, Expr::value(i64::from(answer.status)))
                .col_expr(Column::Body, Expr::value(answer.body.as_str()))
                .filter(is(&book, &repeat.key))
                .exec(&*tx)
                .await?;
        }
        let mut due = 0;
        for event in events.iter().filter(|event| !event.deliveries.is_empty()) {
            due += insert_event(&tx, &book.partner_id, &book.platform, event, now).await?;
        }
        tx.commit().await?;
        Ok(Written::Done { answer, tells: due > 0 })
    }
}

/// Takes a repeat key unless it is taken and still holds.
async fn take(
    tx: &WriteTransaction,
    book: &Book,
    repeat: &Repeat,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = billing_answers::ActiveModel {
        partner_id: Set(book.partner_id.to_string()),
        platform: Set(book.platform.clone()),
        environment: Set(book.environment.word().to_owned()),
        idempotency_key: Set(repeat.key.clone()),
        status: Set(0),
        body: Set(String::new()),
        expires_at: Set(micros(repeat.expires_at)),
    };
    let expired = Expr::col((billing_answers::Entity, Column::ExpiresAt)).lte(micros(now));
    let key = [Column::PartnerId, Column::Platform, Column::Environment, Column::IdempotencyKey];
    let take_over = OnConflict::columns(key)
        .update_columns([Column::Status, Column::Body, Column::ExpiresAt])
        .action_and_where(expired)
        .to_owned();
    let taken = billing_answers::Entity::insert(row).on_conflict(take_over);
    Ok(taken.exec_without_returning(&**tx).await? > 0)
}

fn is(book: &Book, key: &str) -> Condition {
    in_book!(billing_answers, book).add(Column::IdempotencyKey.eq(key))
}

impl TryFrom<billing_answers::Model> for Answer {
    type Error = StoreError;

    fn try_from(model: billing_answers::Model) -> Result<Self, StoreError> {
        let status = u16::try_from(model.status)
            .map_err(|_| StoreError::Corrupt(format!("the status {}", model.status)))?;
        Ok(Self { status, body: model.body })
    }
}
