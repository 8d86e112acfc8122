//! Deliveries: one event to one endpoint. `due_at` is NULL when nothing is to be done.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub partner_id: String,
    pub endpoint_id: String,
    pub event_id: String,
    pub platform: String,
    pub environment: String,
    pub event_type: String,
    pub url: String,
    pub state: String,
    pub created_at: i64,
    pub attempts: i64,
    pub scheduled_attempts: i64,
    pub last_attempt_at: Option<i64>,
    pub next_attempt_at: Option<i64>,
    pub replay_at: Option<i64>,
    pub due_at: Option<i64>,
    pub last_status: Option<i64>,
    pub last_error: Option<String>,
    pub last_duration_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
