//! Plans: what a partner sells.

use chrono::{DateTime, Utc};
use latchkey_contract::PrefixedId;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};

use super::{Book, Part, Window, in_book};
use crate::{
    Store, StoreError,
    columns::{Word, micros, time},
    entities::billing_plans::{self, Column},
};

/// Whether a plan is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanStatus {
    /// It is.
    Active,
    /// Not now.
    Inactive,
    /// Never again.
    Archived,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// A UUID.
    pub id: String,
    /// What the partner calls it in its programs; unique within the book.
    pub code: String,
    /// For people.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Whether it is sold.
    pub status: PlanStatus,
    /// JSON: how often it is paid, and how much.
    pub billing_cycles: String,
    /// JSON: what it includes.
    pub features: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A plan to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlan {
    /// A UUID.
    pub id: String,
    /// Unique within the book.
    pub code: String,
    /// For people.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Whether it is sold.
    pub status: PlanStatus,
    /// JSON.
    pub billing_cycles: String,
    /// JSON.
    pub features: String,
}

impl Store {
    /// Adds plans behind those the book has, in this order. One whose code the book knows already
    /// is left as it is.
    pub async fn create_plans(
        &self,
        book: &Book,
        plans: Vec<NewPlan>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let tx = self.begin_write().await?;
        let there = billing_plans::Entity::find().filter(in_book!(billing_plans, book));
        let there = i64::try_from(there.count(&*tx).await?).unwrap_or(i64::MAX);
        let rows = (there..).zip(plans).map(|(rank, plan)| row(book, plan, rank, now));
        let code = [Column::PartnerId, Column::Platform, Column::Environment, Column::Code];
        billing_plans::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns(code).do_nothing().to_owned())
            .exec_without_returning(&*tx)
            .await?;
        tx.commit().await
    }

    /// All plans of a book, in their order.
    pub async fn list_plans(&self, book: &Book) -> Result<Vec<PlanRow>, StoreError> {
        let found = billing_plans::Entity::find()
            .filter(in_book!(billing_plans, book))
            .order_by_asc(Column::Rank)
            .order_by_asc(Column::Id)
            .all(self.db())
            .await?;
        found.into_iter().map(PlanRow::try_from).collect()
    }

    /// Some of a book's plans with this status, in their order.
    pub async fn page_plans(
        &self,
        book: &Book,
        status: PlanStatus,
        window: Window,
    ) -> Result<Part<PlanRow>, StoreError> {
        let chosen = billing_plans::Entity::find()
            .filter(in_book!(billing_plans, book))
            .filter(Column::Status.eq(status.word()));
        let total = chosen.clone().count(self.db()).await?;
        let found = chosen
            .order_by_asc(Column::Rank)
            .order_by_asc(Column::Id)
            .limit(window.limit)
            .offset(window.offset)
            .all(self.db())
            .await?;
        let rows = found.into_iter().map(PlanRow::try_from).collect::<Result<_, _>>()?;
        Ok(Part { rows, total })
    }

    /// One plan of a book.
    pub async fn get_plan(&self, book: &Book, id: &str) -> Result<Option<PlanRow>, StoreError> {
        let found = billing_plans::Entity::find_by_id(id)
            .filter(in_book!(billing_plans, book))
            .one(self.db())
            .await?;
        found.map(PlanRow::try_from).transpose()
    }
}

fn row(book: &Book, plan: NewPlan, rank: i64, now: DateTime<Utc>) -> billing_plans::ActiveModel {
    billing_plans::ActiveModel {
        id: Set(plan.id),
        partner_id: Set(book.partner_id.to_string()),
        platform: Set(book.platform.clone()),
        environment: Set(book.environment.word().to_owned()),
        code: Set(plan.code),
        rank: Set(rank),
        name: Set(plan.name),
        description: Set(plan.description),
        status: Set(plan.status.word().to_owned()),
        billing_cycles: Set(plan.billing_cycles),
        features: Set(plan.features),
        created_at: Set(micros(now)),
    }
}

impl TryFrom<billing_plans::Model> for PlanRow {
    type Error = StoreError;

    fn try_from(model: billing_plans::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: model.id,
            code: model.code,
            name: model.name,
            description: model.description,
            status: PlanStatus::from_word(&model.status)?,
            billing_cycles: model.billing_cycles,
            features: model.features,
            created_at: time(model.created_at)?,
        })
    }
}
