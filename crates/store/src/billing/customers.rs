//! Customers of a partner.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use latchkey_contract::PrefixedId;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, UpdateMany, sea_query::Expr,
};

use super::{
    Book, Part, Window,
    answers::{Begun, Repeat, Telling, Written},
    in_book,
};
use crate::{
    Store, StoreError,
    columns::{Word, micros, time, time_opt},
    entities::billing_customers::{self, Column},
};

/// References looked up by one statement.
const AT_ONCE: usize = 500;

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    /// A UUID.
    pub id: String,
    /// The partner's own name for it; unique within the book, archived customers included.
    pub external_id: Option<String>,
    /// Where it is written to.
    pub email: String,
    /// Its whole name, where it was given as one.
    pub name: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// The company, where the customer is one.
    pub company_name: Option<String>,
    /// The plan it is on.
    pub plan_id: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Since when it is archived.
    pub archived_at: Option<DateTime<Utc>>,
}

/// A customer to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomer {
    /// A UUID.
    pub id: String,
    /// Unique within the book.
    pub external_id: Option<String>,
    /// Where it is written to.
    pub email: String,
    /// Its whole name.
    pub name: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// The company.
    pub company_name: Option<String>,
    /// A plan of the same book.
    pub plan_id: String,
}

/// What changes about a customer; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerChange {
    /// Another one, or none.
    pub external_id: Option<Option<String>>,
    /// Where it is written to.
    pub email: Option<String>,
    /// Another one, or none.
    pub name: Option<Option<String>>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Another one, or none.
    pub company_name: Option<Option<String>>,
    /// A plan of the same book.
    pub plan_id: Option<String>,
}

impl Store {
    /// Some of a book's customers, the newest first: those that are archived, or those that are
    /// not.
    pub async fn page_customers(
        &self,
        book: &Book,
        archived: bool,
        window: Window,
    ) -> Result<Part<CustomerRow>, StoreError> {
        let standing = match archived {
            true => Column::ArchivedAt.is_not_null(),
            false => Column::ArchivedAt.is_null(),
        };
        let chosen = billing_customers::Entity::find()
            .filter(in_book!(billing_customers, book))
            .filter(standing);
        let total = chosen.clone().count(self.db()).await?;
        let found = chosen
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(window.limit)
            .offset(window.offset)
            .all(self.db())
            .await?;
        let rows = found.into_iter().map(CustomerRow::try_from).collect::<Result<_, _>>()?;
        Ok(Part { rows, total })
    }

    /// The customer of a book with this id, or else with this external id.
    pub async fn get_customer(
        &self,
        book: &Book,
        reference: &str,
    ) -> Result<Option<CustomerRow>, StoreError> {
        let reference = reference.to_owned();
        let mut found = self.get_customers(book, std::slice::from_ref(&reference)).await?;
        Ok(found.remove(&reference))
    }

    /// The customers behind references, each an id or else an external id.
    pub async fn get_customers(
        &self,
        book: &Book,
        references: &[String],
    ) -> Result<HashMap<String, CustomerRow>, StoreError> {
        let mut known = HashMap::new();
        for column in [Column::Id, Column::ExternalId] {
            let missing: Vec<&str> = references
                .iter()
                .filter(|reference| !known.contains_key(*reference))
                .map(String::as_str)
                .collect();
            for some in missing.chunks(AT_ONCE) {
                let found = billing_customers::Entity::find()
                    .filter(in_book!(billing_customers, book))
                    .filter(column.is_in(some.iter().copied()))
                    .all(self.db())
                    .await?;
                for model in found {
                    let row = CustomerRow::try_from(model)?;
                    let reference = match column {
                        Column::Id => Some(row.id.clone()),
                        _ => row.external_id.clone(),
                    };
                    known.extend(reference.map(|reference| (reference, row)));
                }
            }
        }
        Ok(known)
    }

    /// Makes a customer. [`Written::ExternalIdTaken`] where the book has its external id.
    pub async fn create_customer(
        &self,
        book: &Book,
        new: NewCustomer,
        repeat: Option<Repeat>,
        now: DateTime<Utc>,
        tell: impl FnOnce(&CustomerRow) -> Telling + Send,
    ) -> Result<Written, StoreError> {
        let change = match self.begin_change(book, repeat, now).await? {
            Begun::Fresh(change) => change,
            Begun::Replayed(answer) => return Ok(Written::Replayed(answer)),
        };
        let inserted = billing_customers::Entity::insert(row(book, new, now))
            .exec_with_returning(&*change.tx)
            .await;
        match inserted {
            Ok(model) => change.finish(tell(&model.try_into()?)).await,
            Err(error) => taken(error),
        }
    }

    /// Changes a customer that is not archived.
    pub async fn update_customer(
        &self,
        book: &Book,
        id: &str,
        change: CustomerChange,
        repeat: Option<Repeat>,
        now: DateTime<Utc>,
        tell: impl FnOnce(&CustomerRow) -> Telling + Send,
    ) -> Result<Written, StoreError> {
        let begun = match self.begin_change(book, repeat, now).await? {
            Begun::Fresh(begun) => begun,
            Begun::Replayed(answer) => return Ok(Written::Replayed(answer)),
        };
        let changed = apply(change, now)
            .filter(in_book!(billing_customers, book).add(Column::Id.eq(id)))
            .filter(Column::ArchivedAt.is_null())
            .exec_with_returning(&*begun.tx)
            .await;
        match changed.map(|models| models.into_iter().next()) {
            Ok(Some(model)) => begun.finish(tell(&model.try_into()?)).await,
            Ok(None) => {
                drop(begun);
                let there = self.get_customer(book, id).await?;
                Ok(there.map_or(Written::Absent, |_| Written::Archived))
            }
            Err(error) => taken(error),
        }
    }

    /// Archives a customer; again tells the same and changes nothing. `tell` learns whether it
    /// was archived now.
    pub async fn archive_customer(
        &self,
        book: &Book,
        id: &str,
        repeat: Option<Repeat>,
        now: DateTime<Utc>,
        tell: impl FnOnce(&CustomerRow, bool) -> Telling + Send,
    ) -> Result<Written, StoreError> {
        let begun = match self.begin_change(book, repeat, now).await? {
            Begun::Fresh(begun) => begun,
            Begun::Replayed(answer) => return Ok(Written::Replayed(answer)),
        };
        let which = in_book!(billing_customers, book).add(Column::Id.eq(id));
        let archived = billing_customers::Entity::update_many()
            .col_expr(Column::ArchivedAt, Expr::value(micros(now)))
            .col_expr(Column::UpdatedAt, Expr::value(micros(now)))
            .filter(which.clone().add(Column::ArchivedAt.is_null()))
            .exec_with_returning(&*begun.tx)
            .await?;
        let (model, first) = match archived.into_iter().next() {
            Some(model) => (Some(model), true),
            None => (billing_customers::Entity::find().filter(which).one(&*begun.tx).await?, false),
        };
        match model {
            Some(model) => begun.finish(tell(&model.try_into()?, first)).await,
            None => Ok(Written::Absent),
        }
    }
}

/// What a unique index refused.
fn taken(error: DbErr) -> Result<Written, StoreError> {
    if StoreError::is_unique_violation(&error) {
        return Ok(Written::ExternalIdTaken);
    }
    Err(error.into())
}

fn apply(change: CustomerChange, now: DateTime<Utc>) -> UpdateMany<billing_customers::Entity> {
    let update = billing_customers::Entity::update_many()
        .col_expr(Column::UpdatedAt, Expr::value(micros(now)));
    let fields = [
        (Column::ExternalId, change.external_id),
        (Column::Email, change.email.map(Some)),
        (Column::Name, change.name),
        (Column::FirstName, change.first_name.map(Some)),
        (Column::LastName, change.last_name.map(Some)),
        (Column::CompanyName, change.company_name),
        (Column::PlanId, change.plan_id.map(Some)),
    ];
    let set = fields.into_iter().filter_map(|(column, value)| Some((column, value?)));
    set.fold(update, |update, (column, value)| update.col_expr(column, Expr::value(value)))
}

fn row(book: &Book, new: NewCustomer, now: DateTime<Utc>) -> billing_customers::ActiveModel {
    billing_customers::ActiveModel {
        id: Set(new.id),
        partner_id: Set(book.partner_id.to_string()),
        platform: Set(book.platform.clone()),
        environment: Set(book.environment.word().to_owned()),
        external_id: Set(new.external_id),
        email: Set(new.email),
        name: Set(new.name),
        first_name: Set(new.first_name),
        last_name: Set(new.last_name),
        company_name: Set(new.company_name),
        plan_id: Set(new.plan_id),
        created_at: Set(micros(now)),
        updated_at: Set(micros(now)),
        archived_at: Set(None),
    }
}

impl TryFrom<billing_customers::Model> for CustomerRow {
    type Error = StoreError;

    fn try_from(model: billing_customers::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: model.id,
            external_id: model.external_id,
            email: model.email,
            name: model.name,
            first_name: model.first_name,
            last_name: model.last_name,
            company_name: model.company_name,
            plan_id: model.plan_id,
            created_at: time(model.created_at)?,
            updated_at: time(model.updated_at)?,
            archived_at: time_opt(model.archived_at)?,
        })
    }
}
