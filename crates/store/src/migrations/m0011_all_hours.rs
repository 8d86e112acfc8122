//! The hours of all platforms together lie apart from those of each.

use sea_orm_migration::prelude::*;

pub(super) struct AllHours;

impl MigrationName for AllHours {
    fn name(&self) -> &str {
        "m0011_all_hours"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AllHours {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let apart = "UPDATE usage SET span_s = -3600 WHERE span_s = 3600 AND platform = ''";
        manager.get_connection().execute_unprepared(apart).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let together = "UPDATE usage SET span_s = 3600 WHERE span_s = -3600";
        manager.get_connection().execute_unprepared(together).await?;
        Ok(())
    }
}
