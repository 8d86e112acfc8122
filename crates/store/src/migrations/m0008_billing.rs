//! Plans, customers and usage of those partners that bill through a platform, by environment; and
//! the addresses that an account's keys may be used from.

use sea_orm_migration::{prelude::*, schema::*};

use crate::migrations::tables::{clustered, foreign_key, index, primary_key};

pub(super) struct Billing;

impl MigrationName for Billing {
    fn name(&self) -> &str {
        "m0008_billing"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Billing {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut accounts = Table::alter();
        accounts.table("accounts").add_column(text("ip_entries").default("[]"));
        manager.alter_table(accounts).await?;
        manager.create_table(plans()).await?;
        manager.create_index(within_book("billing_plans", &["code"]).unique().take()).await?;
        manager.create_table(customers()).await?;
        let external_id = within_book("billing_customers", &["external_id"]).unique().take();
        manager.create_index(external_id).await?;
        manager.create_index(within_book("billing_customers", &["created_at", "id"])).await?;
        manager.create_table(events()).await?;
        let once = within_book("billing_events", &["idempotency_key"]).unique().take();
        manager.create_index(once).await?;
        manager.create_table(clustered(manager, &mut usage())).await?;
        manager.create_table(clustered(manager, &mut answers())).await?;
        manager.create_index(index("billing_answers", &["expires_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "billing_answers",
            "billing_usage",
            "billing_events",
            "billing_customers",
            "billing_plans",
        ] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        let mut accounts = Table::alter();
        manager.alter_table(accounts.table("accounts").drop_column("ip_entries").take()).await
    }
}

/// What every row begins with: whose book it stands in.
const BOOK: [&str; 3] = ["partner_id", "platform", "environment"];

/// An index within each book.
fn within_book(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("{table}_{}", columns.join("_"))).table(table);
    for column in BOOK.iter().chain(columns) {
        index.col(*column);
    }
    index
}

fn book(table: &'static str) -> TableCreateStatement {
    let mut create = Table::create();
    create.table(table);
    for column in BOOK {
        create.col(text(column));
    }
    create.foreign_key(&mut foreign_key(
        (table, &["partner_id", "platform"]),
        ("accounts", &["partner_id", "platform"]),
    ));
    create
}

fn plans() -> TableCreateStatement {
    book("billing_plans")
        .col(text("id").primary_key())
        .col(text("code"))
        .col(big_integer("rank"))
        .col(text("name"))
        .col(text("description"))
        .col(text("status"))
        .col(text("billing_cycles"))
        .col(text("features"))
        .col(big_integer("created_at"))
        .take()
}

fn customers() -> TableCreateStatement {
    book("billing_customers")
        .col(text("id").primary_key())
        .col(text_null("external_id"))
        .col(text("email"))
        .col(text_null("name"))
        .col(text_null("first_name"))
        .col(text_null("last_name"))
        .col(text_null("company_name"))
        .col(text("plan_id"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("archived_at"))
        .foreign_key(&mut foreign_key(
            ("billing_customers", &["plan_id"]),
            ("billing_plans", &["id"]),
        ))
        .take()
}

fn events() -> TableCreateStatement {
    book("billing_events")
        .col(text("id").primary_key())
        .col(text("customer_id"))
        .col(text("event_name"))
        .col(text_null("subscription_id"))
        .col(big_integer("quantity"))
        .col(text("properties"))
        .col(text_null("idempotency_key"))
        .col(big_integer("at"))
        .col(big_integer("created_at"))
        .foreign_key(&mut foreign_key(
            ("billing_events", &["customer_id"]),
            ("billing_customers", &["id"]),
        ))
        .take()
}

/// What was used, by day: a month or any range of days is the sum of a few rows.
fn usage() -> TableCreateStatement {
    book("billing_usage")
        .col(text("customer_id"))
        .col(text("event_name"))
        .col(big_integer("day"))
        .col(big_integer("quantity"))
        .col(big_integer("last_at"))
        .primary_key(&mut primary_key(&[
            "partner_id",
            "platform",
            "environment",
            "customer_id",
            "event_name",
            "day",
        ]))
        .take()
}

fn answers() -> TableCreateStatement {
    book("billing_answers")
        .col(text("idempotency_key"))
        .col(big_integer("status"))
        .col(text("body"))
        .col(big_integer("expires_at"))
        .primary_key(&mut primary_key(&[
            "partner_id",
            "platform",
            "environment",
            "idempotency_key",
        ]))
        .take()
}
