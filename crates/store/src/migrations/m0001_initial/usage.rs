//! The usage roll-up. Its rows lie in the primary key, so a chart's range is read in one go.

use sea_orm_migration::{prelude::*, schema::*};

use crate::migrations::tables::{clustered, primary_key};

pub(super) async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.create_table(clustered(manager, &mut usage())).await?;
    // For pruning: only what is pruned is in it.
    let minutes = "CREATE INDEX usage_minutes ON usage (bucket) WHERE span_s = 60";
    manager.get_connection().execute_unprepared(minutes).await?;
    Ok(())
}

fn usage() -> TableCreateStatement {
    let key = [
        "partner_id",
        "span_s",
        "bucket",
        "platform",
        "environment",
        "key_id",
        "operation",
        "outcome",
    ];
    Table::create()
        .table("usage")
        .col(text("partner_id"))
        .col(big_integer("span_s"))
        .col(big_integer("bucket"))
        .col(text("platform"))
        .col(text("environment"))
        .col(text("key_id"))
        .col(text("operation"))
        .col(text("outcome"))
        .col(big_integer("requests"))
        .col(big_integer("credits"))
        .primary_key(&mut primary_key(&key))
        .take()
}
