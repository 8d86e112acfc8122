//! The first tables.

use sea_orm_migration::prelude::*;

mod api_keys;
mod credits;
mod partners;
mod usage;
mod webhooks;

pub(super) struct Initial;

impl MigrationName for Initial {
    fn name(&self) -> &str {
        "m0001_initial"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Initial {
    /// All or nothing on every engine: a first start may be cut short.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        partners::up(manager).await?;
        api_keys::up(manager).await?;
        credits::up(manager).await?;
        usage::up(manager).await?;
        webhooks::up(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.iter().rev() {
            manager.drop_table(Table::drop().table(*table).to_owned()).await?;
        }
        Ok(())
    }
}

/// In the order they are created.
const TABLES: [&str; 15] = [
    "partners",
    "members",
    "sessions",
    "used_refresh_tokens",
    "accounts",
    "api_keys",
    "ledger",
    "jobs",
    "idempotency",
    "admin_idempotency",
    "usage",
    "webhook_endpoints",
    "events",
    "deliveries",
    "attempts",
];
