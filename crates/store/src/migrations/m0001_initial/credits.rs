//! Ledger, jobs, repeat keys: the tables of a charge. They carry no foreign keys and as few
//! indexes as can be, for the grouped writer writes them thousands of times a second and has
//! matched the account in the same transaction.

use sea_orm_migration::{prelude::*, schema::*};

use crate::migrations::tables::{clustered, index, primary_key};

pub(super) async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.create_table(clustered(manager, &mut ledger())).await?;
    manager.create_index(index("ledger", &["partner_id", "at", "operation_key"])).await?;
    manager.create_table(jobs()).await?;
    // Finished jobs leave this index, so the runner's look stays short.
    let open = "CREATE INDEX jobs_open ON jobs (state, created_at) WHERE finished_at IS NULL";
    manager.get_connection().execute_unprepared(open).await?;
    manager.create_table(clustered(manager, &mut idempotency())).await?;
    manager.create_table(clustered(manager, &mut admin_idempotency())).await
}

fn ledger() -> TableCreateStatement {
    Table::create()
        .table("ledger")
        .col(text("operation_key").primary_key())
        .col(text("partner_id"))
        .col(text("platform"))
        .col(text("kind"))
        .col(big_integer("amount"))
        .col(big_integer("settled"))
        .col(text_null("job_id"))
        .col(text_null("key_id"))
        .col(big_integer("at"))
        .take()
}

fn jobs() -> TableCreateStatement {
    Table::create()
        .table("jobs")
        .col(text("id").primary_key())
        .col(text("partner_id"))
        .col(text("platform"))
        .col(text("environment"))
        .col(text("key_id"))
        .col(text("operation"))
        .col(text("state"))
        .col(big_integer("price"))
        .col(big_integer("captured"))
        .col(text("request"))
        .col(text_null("webhook_url"))
        .col(big_integer_null("progress"))
        .col(text_null("output"))
        .col(text_null("failure_code"))
        .col(text_null("failure_message"))
        .col(big_integer("created_at"))
        .col(big_integer_null("started_at"))
        .col(big_integer_null("finished_at"))
        .take()
}

fn idempotency() -> TableCreateStatement {
    Table::create()
        .table("idempotency")
        .col(text("scope"))
        .col(text("idempotency_key"))
        .col(blob("payload_digest"))
        .col(text("job_id"))
        .col(big_integer("expires_at"))
        .primary_key(&mut primary_key(&["scope", "idempotency_key"]))
        .take()
}

fn admin_idempotency() -> TableCreateStatement {
    Table::create()
        .table("admin_idempotency")
        .col(text("scope"))
        .col(text("idempotency_key"))
        .col(blob("payload_digest"))
        .col(big_integer_null("status"))
        .col(text_null("body"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .primary_key(&mut primary_key(&["scope", "idempotency_key"]))
        .take()
}
