//! Hours of usage in a table of their own, one row for what came of the calls of an hour.

use sea_orm_migration::{prelude::*, schema::*};

use super::tables::{clustered, primary_key};

pub(super) struct UsageHours;

impl MigrationName for UsageHours {
    fn name(&self) -> &str {
        "m0012_usage_hours"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for UsageHours {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(clustered(manager, &mut usage_hours())).await?;
        let db = manager.get_connection();
        db.execute_unprepared(FROM_MARKED).await?;
        db.execute_unprepared("DELETE FROM usage WHERE span_s IN (3600, -3600)").await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for outcome in ["accepted", "refused", "failed"] {
            db.execute_unprepared(&to_marked(outcome)).await?;
        }
        manager.drop_table(Table::drop().table("usage_hours").take()).await
    }
}

fn usage_hours() -> TableCreateStatement {
    Table::create()
        .table("usage_hours")
        .col(text("partner_id"))
        .col(text("platform"))
        .col(big_integer("hour"))
        .col(text("environment"))
        .col(big_integer("accepted"))
        .col(big_integer("refused"))
        .col(big_integer("failed"))
        .col(big_integer("credits"))
        .primary_key(&mut primary_key(&["partner_id", "platform", "hour", "environment"]))
        .take()
}

/// Hours were rows among the quarters, one an outcome, of all platforms with a mark of their own.
const FROM_MARKED: &str = "INSERT INTO usage_hours \
        (partner_id, platform, hour, environment, accepted, refused, failed, credits) \
    SELECT partner_id, platform, bucket, environment, \
        CAST(SUM(CASE WHEN outcome = 'accepted' THEN requests ELSE 0 END) AS BIGINT), \
        CAST(SUM(CASE WHEN outcome = 'refused' THEN requests ELSE 0 END) AS BIGINT), \
        CAST(SUM(CASE WHEN outcome = 'failed' THEN requests ELSE 0 END) AS BIGINT), \
        CAST(SUM(credits) AS BIGINT) \
    FROM usage WHERE span_s IN (3600, -3600) \
    GROUP BY partner_id, platform, bucket, environment";

fn to_marked(outcome: &str) -> String {
    let credits = if outcome == "accepted" { "credits" } else { "0" };
    format!(
        "INSERT INTO usage (partner_id, span_s, bucket, platform, environment, key_id, operation, \
             outcome, requests, credits) \
         SELECT partner_id, CASE WHEN platform = '' THEN -3600 ELSE 3600 END, hour, platform, \
             environment, '', '', '{outcome}', {outcome}, {credits} \
         FROM usage_hours WHERE {outcome} <> 0 OR {credits} <> 0"
    )
}
