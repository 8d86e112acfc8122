//! The mark of sample partners.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Sample;

impl MigrationName for Sample {
    fn name(&self) -> &str {
        "m0010_sample"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sample {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    /// Empty for everybody who is none.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut mark = Table::alter();
        mark.table("partners").add_column(text_null("sample"));
        manager.alter_table(mark).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("partners").drop_column("sample").take()).await
    }
}
