//! Endpoints of single keys, why an endpoint is off, the former secret of a rotation, replays of a
//! range, and a quicker look for what is due.

use sea_orm_migration::{prelude::*, schema::*};

use crate::migrations::tables::{foreign_key, index};

pub(super) struct Webhooks;

impl MigrationName for Webhooks {
    fn name(&self) -> &str {
        "m0006_webhooks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Webhooks {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            let mut add = Table::alter();
            add.table(ENDPOINTS).add_column(column);
            manager.alter_table(add).await?;
        }
        let off = "UPDATE webhook_endpoints SET disabled_reason = 'by_member' \
                   WHERE disabled_at IS NOT NULL";
        manager.get_connection().execute_unprepared(off).await?;
        manager.create_index(index(ENDPOINTS, &["partner_id", "platform", "key_id"])).await?;
        // With the endpoint in it, a look past the backlog of busy ones reads the index alone.
        replace_due_index(manager, "due_at, endpoint_id").await?;
        manager.create_table(replays()).await?;
        manager.create_index(index("replays", &["partner_id", "id"])).await?;
        let running = "CREATE INDEX replays_running ON replays (id) WHERE state = 'running'";
        manager.get_connection().execute_unprepared(running).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("replays").to_owned()).await?;
        replace_due_index(manager, "due_at").await?;
        let by_key = "webhook_endpoints_partner_id_platform_key_id";
        manager.drop_index(Index::drop().name(by_key).table(ENDPOINTS).to_owned()).await?;
        for column in NAMES {
            let drop = Table::alter().table(ENDPOINTS).drop_column(column).to_owned();
            manager.alter_table(drop).await?;
        }
        Ok(())
    }
}

const ENDPOINTS: &str = "webhook_endpoints";

const NAMES: [&str; 5] =
    ["key_id", "disabled_reason", "previous_ciphertext", "previous_nonce", "previous_until"];

/// What is added, one statement a column, as SQLite wants it.
fn columns() -> [ColumnDef; 5] {
    let [key, reason, ciphertext, nonce, until] = NAMES;
    [
        text_null(key),
        text_null(reason),
        blob_null(ciphertext),
        blob_null(nonce),
        big_integer_null(until),
    ]
}

async fn replace_due_index(manager: &SchemaManager<'_>, columns: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    connection.execute_unprepared("DROP INDEX deliveries_due").await?;
    let create =
        format!("CREATE INDEX deliveries_due ON deliveries ({columns}) WHERE due_at IS NOT NULL");
    connection.execute_unprepared(&create).await?;
    Ok(())
}

fn replays() -> TableCreateStatement {
    Table::create()
        .table("replays")
        .col(text("id").primary_key())
        .col(text("partner_id"))
        .col(text_null("endpoint_id"))
        .col(text_null("platform"))
        .col(text_null("environment"))
        .col(text_null("delivery_state"))
        .col(big_integer("from_at"))
        .col(big_integer("to_at"))
        .col(big_integer("per_second"))
        .col(big_integer("total"))
        .col(big_integer("done"))
        .col(text("state"))
        .col(text_null("last_delivery_id"))
        .col(big_integer("created_at"))
        .col(big_integer_null("finished_at"))
        .foreign_key(&mut foreign_key(("replays", &["partner_id"]), ("partners", &["id"])))
        .take()
}
