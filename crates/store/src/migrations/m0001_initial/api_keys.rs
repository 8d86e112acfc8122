//! API keys.

use sea_orm_migration::{prelude::*, schema::*};

use crate::migrations::tables::{foreign_key, index};

pub(super) async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.create_table(api_keys()).await?;
    manager.create_index(index("api_keys", &["partner_id", "platform", "id"])).await
}

fn api_keys() -> TableCreateStatement {
    Table::create()
        .table("api_keys")
        .col(text("id").primary_key())
        .col(text("partner_id"))
        .col(text("platform"))
        .col(text("name"))
        .col(text("name_folded"))
        .col(text("kind"))
        .col(text("environment"))
        .col(text("prefix"))
        .col(text("last4"))
        .col(blob("digest").unique_key())
        .col(text("scopes"))
        .col(big_integer_null("requests_per_minute"))
        .col(big_integer_null("expires_at"))
        .col(big_integer("created_at"))
        .col(text("created_by"))
        .col(big_integer_null("last_used_at"))
        .col(text_null("last_used_address"))
        .col(text_null("last_used_agent"))
        .col(big_integer_null("paused_at"))
        .col(big_integer_null("revoked_at"))
        .col(text_null("revoked_by"))
        .col(big_integer("version"))
        .foreign_key(&mut foreign_key(
            ("api_keys", &["partner_id", "platform"]),
            ("accounts", &["partner_id", "platform"]),
        ))
        .take()
}
