//! Limits a key may have of its own, and what the keys with a spend limit have spent.

use sea_orm_migration::{prelude::*, schema::*};

use crate::migrations::tables::clustered;

pub(super) struct KeyLimits;

impl MigrationName for KeyLimits {
    fn name(&self) -> &str {
        "m0003_key_limits"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for KeyLimits {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in COLUMNS {
            let mut add = Table::alter();
            add.table(table).add_column(big_integer_null(column));
            manager.alter_table(add).await?;
        }
        manager.create_table(clustered(manager, &mut key_spend())).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("key_spend").to_owned()).await?;
        for (table, column) in COLUMNS {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

/// What is added, one statement a column, as SQLite wants it.
const COLUMNS: [(&str, &str); 4] = [
    ("api_keys", "concurrent_limit"),
    ("api_keys", "daily_limit"),
    ("api_keys", "credit_allowance"),
    // The day a hold counts on, for keys with a spend limit.
    ("jobs", "spend_day"),
];

fn key_spend() -> TableCreateStatement {
    Table::create()
        .table("key_spend")
        .col(text("key_id").primary_key())
        .col(text("partner_id"))
        .col(big_integer("spent"))
        .col(big_integer("day"))
        .col(big_integer("spent_on_day"))
        .take()
}
