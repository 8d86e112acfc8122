//! Webhook endpoints with their sealed signing secrets.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_endpoints")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub partner_id: String,
    pub platform: String,
    pub url: Option<String>,
    pub events: String,
    pub secret_ciphertext: Vec<u8>,
    pub secret_nonce: Vec<u8>,
    pub secret_last4: String,
    pub created_at: i64,
    pub disabled_at: Option<i64>,
    pub deleted_at: Option<i64>,
    pub version: i64,
    pub key_id: Option<String>,
    pub disabled_reason: Option<String>,
    pub previous_ciphertext: Option<Vec<u8>>,
    pub previous_nonce: Option<Vec<u8>>,
    pub previous_until: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
