//! What is true of the server as a whole.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Server;

impl MigrationName for Server {
    fn name(&self) -> &str {
        "m0002_server"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Server {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    /// One table, of one row.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(server()).await?;
        let row = "INSERT INTO server (id, welcome_grant) VALUES (1, 0)";
        manager.get_connection().execute_unprepared(row).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("server").to_owned()).await
    }
}

fn server() -> TableCreateStatement {
    Table::create()
        .table("server")
        .col(big_integer("id").primary_key())
        .col(blob_null("key_ciphertext"))
        .col(blob_null("key_nonce"))
        .col(big_integer("welcome_grant"))
        .take()
}
