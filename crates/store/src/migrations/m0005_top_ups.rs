//! Purchases and adjustments beside grants, the rule that buys, thresholds, and an index over the
//! ledger by account that holds what a recount needs.

use sea_orm_migration::{prelude::*, schema::*};

use crate::migrations::tables::{clustered, index};

pub(super) struct TopUps;

impl MigrationName for TopUps {
    fn name(&self) -> &str {
        "m0005_top_ups"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for TopUps {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in columns() {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        manager.create_table(clustered(manager, &mut top_ups())).await?;
        manager.create_index(index("top_ups", &["partner_id", "platform", "at", "id"])).await?;
        index_ledger(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["ledger_account", "ledger_booked", "ledger_released"] {
            manager.drop_index(Index::drop().name(name).table("ledger").to_owned()).await?;
        }
        manager.create_index(index("ledger", &["partner_id", "at", "operation_key"])).await?;
        manager.drop_table(Table::drop().table("top_ups").to_owned()).await?;
        for (table, column) in columns() {
            let name = Alias::new(column.get_column_name());
            manager.alter_table(Table::alter().table(table).drop_column(name).to_owned()).await?;
        }
        Ok(())
    }
}

/// What is added, one statement a column, as SQLite wants it.
fn columns() -> Vec<(&'static str, ColumnDef)> {
    let zero = |name: &'static str| big_integer(name).default(0).take();
    let empty = |name: &'static str| big_integer_null(name).take();
    let accounts = [
        zero("purchased"),
        zero("adjusted"),
        zero("credit_line"),
        zero("owed"),
        empty("low_balance"),
        // When the balance fell below that and nobody was told yet.
        empty("low_since"),
        // Since when the rule is on.
        empty("top_up_since"),
        zero("top_up_threshold"),
        zero("top_up_amount"),
        zero("top_up_ceiling"),
        big_integer("top_up_cooldown_s").default(3600).take(),
        big_integer("version").default(1).take(),
    ];
    let mut columns: Vec<_> = accounts.into_iter().map(|column| ("accounts", column)).collect();
    columns.push(("ledger", text_null("note").take()));
    columns
}

fn top_ups() -> TableCreateStatement {
    Table::create()
        .table("top_ups")
        .col(text("id").primary_key())
        .col(text("partner_id"))
        .col(text("platform"))
        .col(big_integer("amount"))
        .col(text("trigger"))
        .col(text("outcome"))
        .col(text_null("reason"))
        .col(big_integer("owed_after"))
        .col(big_integer("at"))
        .take()
}

/// One index by account in place of the one by partner, so that a charge writes no more of them.
/// It holds the amounts: a recount reads nothing else.
const BY_ACCOUNT: &str = "CREATE INDEX ledger_account ON ledger \
    (partner_id, platform, at, operation_key, kind, amount, settled)";
/// What no job caused, and what was given back, are rare beside holds and captures, and are found
/// by indexes of their own that those never touch.
const RARE: [&str; 2] = [
    "CREATE INDEX ledger_booked ON ledger (partner_id, platform, at, operation_key) \
     WHERE job_id IS NULL",
    "CREATE INDEX ledger_released ON ledger (partner_id, platform, at, operation_key) \
     WHERE kind = 'release'",
];

async fn index_ledger(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let former =
        Index::drop().name("ledger_partner_id_at_operation_key").table("ledger").to_owned();
    manager.drop_index(former).await?;
    for index in [BY_ACCOUNT].iter().chain(&RARE) {
        manager.get_connection().execute_unprepared(index).await?;
    }
    Ok(())
}
