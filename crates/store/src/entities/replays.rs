//! Ranges of deliveries that are sent again.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "replays")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub partner_id: String,
    pub endpoint_id: Option<String>,
    pub platform: Option<String>,
    pub environment: Option<String>,
    pub delivery_state: Option<String>,
    pub from_at: i64,
    pub to_at: i64,
    pub per_second: i64,
    pub total: i64,
    pub done: i64,
    pub state: String,
    pub last_delivery_id: Option<String>,
    pub created_at: i64,
    pub finished_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
