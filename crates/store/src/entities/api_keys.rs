//! API keys without their secret part.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub partner_id: String,
    pub platform: String,
    pub name: String,
    pub name_folded: String,
    pub kind: String,
    pub environment: String,
    pub prefix: String,
    pub last4: String,
    pub digest: Vec<u8>,
    pub scopes: String,
    pub requests_per_minute: Option<i64>,
    pub expires_at: Option<i64>,
    pub created_at: i64,
    pub created_by: String,
    pub last_used_at: Option<i64>,
    pub last_used_address: Option<String>,
    pub last_used_agent: Option<String>,
    pub paused_at: Option<i64>,
    pub revoked_at: Option<i64>,
    pub revoked_by: Option<String>,
    pub version: i64,
    pub concurrent_limit: Option<i64>,
    pub daily_limit: Option<i64>,
    pub credit_allowance: Option<i64>,
    pub ip_rules: Option<String>,
    pub first_used_at: Option<i64>,
    pub replaces: Option<String>,
    pub replaced_by: Option<String>,
    pub rotated_at: Option<i64>,
    pub grace_ends_at: Option<i64>,
    pub spends_with: Option<String>,
    pub pair_id: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
