//! Accounts: a partner on a platform, with its books.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub platform: String,
    pub balance: i64,
    pub granted: i64,
    pub captured: i64,
    pub held: i64,
    pub live_since: Option<i64>,
    pub suspended_at: Option<i64>,
    pub created_at: i64,
    pub ip_entries: String,
    pub purchased: i64,
    pub adjusted: i64,
    pub credit_line: i64,
    pub owed: i64,
    pub low_balance: Option<i64>,
    pub low_since: Option<i64>,
    pub top_up_since: Option<i64>,
    pub top_up_threshold: i64,
    pub top_up_amount: i64,
    pub top_up_ceiling: i64,
    pub top_up_cooldown_s: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
