//! The ledger: append-only movements of credits.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub operation_key: String,
    pub partner_id: String,
    pub platform: String,
    pub kind: String,
    pub amount: i64,
    pub settled: i64,
    pub job_id: Option<String>,
    pub key_id: Option<String>,
    pub at: i64,
    pub note: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
