//! Claim codes of what jobs made, and the whole numbers that some platforms know keys by.

use sea_orm_migration::{prelude::*, schema::*};

use crate::migrations::tables::{clustered, foreign_key, index, primary_key};

pub(super) struct Claims;

impl MigrationName for Claims {
    fn name(&self) -> &str {
        "m0007_claims"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Claims {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(clustered(manager, &mut claims())).await?;
        manager.create_index(index("claims", &["job_id"])).await?;
        manager.create_table(clustered(manager, &mut key_numbers())).await?;
        manager.create_index(index("key_numbers", &["key_id"]).unique().take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("key_numbers").to_owned()).await?;
        manager.drop_table(Table::drop().table("claims").to_owned()).await
    }
}

fn claims() -> TableCreateStatement {
    Table::create()
        .table("claims")
        .col(text("platform"))
        .col(text("code"))
        .col(text("partner_id"))
        .col(text("job_id"))
        .col(big_integer("created_at"))
        .col(big_integer_null("claimed_at"))
        .col(text_null("claimed_by_partner_id"))
        .col(text_null("claimed_by_email"))
        .primary_key(&mut primary_key(&["platform", "code"]))
        .foreign_key(&mut foreign_key(
            ("claims", &["partner_id", "platform"]),
            ("accounts", &["partner_id", "platform"]),
        ))
        .take()
}

fn key_numbers() -> TableCreateStatement {
    Table::create()
        .table("key_numbers")
        .col(text("partner_id"))
        .col(text("platform"))
        .col(big_integer("number"))
        .col(text("key_id"))
        .primary_key(&mut primary_key(&["partner_id", "platform", "number"]))
        .foreign_key(&mut foreign_key(("key_numbers", &["key_id"]), ("api_keys", &["id"])))
        .take()
}
