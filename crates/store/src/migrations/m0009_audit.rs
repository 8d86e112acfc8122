//! The audit log with the head of each partner's chain, the log of single calls, what a repeat key
//! of the admin API has made, and usage by the hour.

use sea_orm_migration::{prelude::*, schema::*};

use crate::migrations::tables::{clustered, index, primary_key};

pub(super) struct Audit;

impl MigrationName for Audit {
    fn name(&self) -> &str {
        "m0009_audit"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Audit {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(clustered(manager, &mut audit_events())).await?;
        manager
            .create_index(index("audit_events", &["partner_id", "subject_id", "sequence"]))
            .await?;
        manager.create_table(audit_heads()).await?;
        // The chain of a partner that is there already begins with its next change.
        let mut begin = Query::insert();
        begin.into_table("audit_heads").columns(["partner_id", "sequence", "hash"]);
        let partners = Query::select()
            .column("id")
            .expr(Expr::value(0_i64))
            .expr(Expr::value(vec![0_u8; 32]))
            .from("partners")
            .take();
        begin.select_from(partners).map_err(|error| DbErr::Custom(error.to_string()))?;
        manager.execute(begin).await?;
        manager.create_table(clustered(manager, &mut requests())).await?;
        let mut made = Table::alter();
        made.table("admin_idempotency").add_column(text_null("subject_id"));
        manager.alter_table(made).await?;
        for hours in [HOURS_OF_PLATFORMS, HOURS_OF_ALL] {
            manager.get_connection().execute_unprepared(hours).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let hours = "DELETE FROM usage WHERE span_s = 3600";
        manager.get_connection().execute_unprepared(hours).await?;
        for table in ["requests", "audit_heads", "audit_events"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        let mut made = Table::alter();
        manager.alter_table(made.table("admin_idempotency").drop_column("subject_id").take()).await
    }
}

/// The hours of what was counted before, by platform…
const HOURS_OF_PLATFORMS: &str = "INSERT INTO usage \
    (partner_id, span_s, bucket, platform, environment, key_id, operation, outcome, requests, credits) \
    SELECT partner_id, 3600, bucket - bucket % 3600, platform, environment, '', '', outcome, \
        CAST(SUM(requests) AS BIGINT), CAST(SUM(credits) AS BIGINT) \
    FROM usage WHERE span_s = 900 \
    GROUP BY partner_id, bucket - bucket % 3600, platform, environment, outcome";

/// … and all together.
const HOURS_OF_ALL: &str = "INSERT INTO usage \
    (partner_id, span_s, bucket, platform, environment, key_id, operation, outcome, requests, credits) \
    SELECT partner_id, 3600, bucket, '', environment, '', '', outcome, \
        CAST(SUM(requests) AS BIGINT), CAST(SUM(credits) AS BIGINT) \
    FROM usage WHERE span_s = 3600 GROUP BY partner_id, bucket, environment, outcome";

fn audit_events() -> TableCreateStatement {
    Table::create()
        .table("audit_events")
        .col(text("partner_id"))
        .col(big_integer("sequence"))
        .col(big_integer("at"))
        .col(text("actor_kind"))
        .col(text("actor_name"))
        .col(text("action"))
        .col(text("subject_kind"))
        .col(text("subject_id"))
        .col(text("subject_name"))
        .col(text_null("platform"))
        .col(text("changes"))
        .col(text_null("address"))
        .col(blob("previous"))
        .col(blob("hash"))
        .primary_key(&mut primary_key(&["partner_id", "sequence"]))
        .take()
}

fn audit_heads() -> TableCreateStatement {
    Table::create()
        .table("audit_heads")
        .col(text("partner_id").primary_key())
        .col(big_integer("sequence"))
        .col(blob("hash"))
        .take()
}

/// Lies in the order of its key: the newest calls of a partner are read, and the oldest removed,
/// in one go.
fn requests() -> TableCreateStatement {
    Table::create()
        .table("requests")
        .col(text("partner_id"))
        .col(text("id"))
        .col(big_integer("at"))
        .col(text("platform"))
        .col(text("environment"))
        .col(text("key_id"))
        .col(text("operation"))
        .col(text("method"))
        .col(text("path"))
        .col(big_integer("status"))
        .col(text("outcome"))
        .col(text_null("reason"))
        .col(text_null("detail"))
        .col(big_integer("credits"))
        .col(big_integer("duration_ms"))
        .col(text_null("address"))
        .primary_key(&mut primary_key(&["partner_id", "id"]))
        .take()
}
