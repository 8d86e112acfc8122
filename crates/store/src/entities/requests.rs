//! The newest calls of each partner, written by the grouped writer.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub at: i64,
    pub platform: String,
    pub environment: String,
    pub key_id: String,
    pub operation: String,
    pub method: String,
    pub path: String,
    pub status: i64,
    pub outcome: String,
    pub reason: Option<String>,
    pub detail: Option<String>,
    pub credits: i64,
    pub duration_ms: i64,
    pub address: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
