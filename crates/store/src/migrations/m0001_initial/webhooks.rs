//! Webhook endpoints, events, deliveries, attempts.

use sea_orm_migration::{prelude::*, schema::*};

use crate::migrations::tables::{clustered, foreign_key, index, primary_key};

pub(super) async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.create_table(endpoints()).await?;
    manager.create_index(index("webhook_endpoints", &["partner_id", "platform"])).await?;
    manager.create_table(events()).await?;
    manager.create_table(deliveries()).await?;
    manager.create_index(index("deliveries", &["partner_id", "id"])).await?;
    manager.create_index(index("deliveries", &["endpoint_id", "created_at", "state"])).await?;
    let due = "CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL";
    manager.get_connection().execute_unprepared(due).await?;
    manager.create_table(clustered(manager, &mut attempts())).await?;
    manager.create_index(index("attempts", &["endpoint_id", "at", "status", "duration_ms"])).await
}

fn endpoints() -> TableCreateStatement {
    Table::create()
        .table("webhook_endpoints")
        .col(text("id").primary_key())
        .col(text("partner_id"))
        .col(text("platform"))
        .col(text_null("url"))
        .col(text("events"))
        .col(blob("secret_ciphertext"))
        .col(blob("secret_nonce"))
        .col(text("secret_last4"))
        .col(big_integer("created_at"))
        .col(big_integer_null("disabled_at"))
        .col(big_integer_null("deleted_at"))
        .col(big_integer("version"))
        .foreign_key(&mut foreign_key(
            ("webhook_endpoints", &["partner_id", "platform"]),
            ("accounts", &["partner_id", "platform"]),
        ))
        .take()
}

fn events() -> TableCreateStatement {
    Table::create()
        .table("events")
        .col(text("id").primary_key())
        .col(text("partner_id"))
        .col(text("platform"))
        .col(text("environment"))
        .col(text("event_type"))
        .col(text("subject"))
        .col(text("body"))
        .col(big_integer("at"))
        .take()
}

fn deliveries() -> TableCreateStatement {
    Table::create()
        .table("deliveries")
        .col(text("id").primary_key())
        .col(text("partner_id"))
        .col(text("endpoint_id"))
        .col(text("event_id"))
        .col(text("platform"))
        .col(text("environment"))
        .col(text("event_type"))
        .col(text("url"))
        .col(text("state"))
        .col(big_integer("created_at"))
        .col(big_integer("attempts"))
        .col(big_integer("scheduled_attempts"))
        .col(big_integer_null("last_attempt_at"))
        .col(big_integer_null("next_attempt_at"))
        .col(big_integer_null("replay_at"))
        .col(big_integer_null("due_at"))
        .col(big_integer_null("last_status"))
        .col(text_null("last_error"))
        .col(big_integer_null("last_duration_ms"))
        .foreign_key(&mut foreign_key(
            ("deliveries", &["endpoint_id"]),
            ("webhook_endpoints", &["id"]),
        ))
        .foreign_key(&mut foreign_key(("deliveries", &["event_id"]), ("events", &["id"])))
        .take()
}

fn attempts() -> TableCreateStatement {
    Table::create()
        .table("attempts")
        .col(text("delivery_id"))
        .col(big_integer("number"))
        .col(text("partner_id"))
        .col(text("endpoint_id"))
        .col(big_integer("at"))
        .col(big_integer("duration_ms"))
        .col(big_integer_null("status"))
        .col(text_null("error"))
        .col(text("request_headers"))
        .col(text("response_headers"))
        .col(text_null("response_body"))
        .primary_key(&mut primary_key(&["delivery_id", "number"]))
        .foreign_key(&mut foreign_key(("attempts", &["delivery_id"]), ("deliveries", &["id"])))
        .take()
}
