//! Sessions: one row a signed-in device, over all its refreshes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub partner_id: String,
    pub member_id: String,
    pub access_digest: Vec<u8>,
    pub access_expires_at: i64,
    pub refresh_digest: Vec<u8>,
    pub refresh_expires_at: i64,
    pub created_at: i64,
    pub last_used_at: i64,
    pub address: Option<String>,
    pub user_agent: Option<String>,
    pub ended_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
