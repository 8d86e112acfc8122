//! Partners, members, sessions, accounts.

use sea_orm_migration::{prelude::*, schema::*};

use crate::migrations::tables::{clustered, foreign_key, index, primary_key};

pub(super) async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.create_table(partners()).await?;
    manager.create_table(members()).await?;
    manager.create_index(index("members", &["partner_id"])).await?;
    manager.create_table(sessions()).await?;
    manager.create_index(index("sessions", &["member_id", "last_used_at"])).await?;
    manager.create_table(used_refresh_tokens()).await?;
    manager.create_index(index("used_refresh_tokens", &["session_id"])).await?;
    manager.create_table(clustered(manager, &mut accounts())).await
}

fn partners() -> TableCreateStatement {
    Table::create()
        .table("partners")
        .col(text("id").primary_key())
        .col(text("name"))
        .col(big_integer("created_at"))
        .col(big_integer_null("suspended_at"))
        .take()
}

fn members() -> TableCreateStatement {
    Table::create()
        .table("members")
        .col(text("id").primary_key())
        .col(text("partner_id"))
        .col(text("email"))
        .col(text("email_folded").unique_key())
        .col(text("password_hash"))
        .col(big_integer("created_at"))
        .foreign_key(&mut foreign_key(("members", &["partner_id"]), ("partners", &["id"])))
        .take()
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table("sessions")
        .col(text("id").primary_key())
        .col(text("partner_id"))
        .col(text("member_id"))
        .col(blob("access_digest").unique_key())
        .col(big_integer("access_expires_at"))
        .col(blob("refresh_digest").unique_key())
        .col(big_integer("refresh_expires_at"))
        .col(big_integer("created_at"))
        .col(big_integer("last_used_at"))
        .col(text_null("address"))
        .col(text_null("user_agent"))
        .col(big_integer_null("ended_at"))
        .foreign_key(&mut foreign_key(("sessions", &["partner_id"]), ("partners", &["id"])))
        .foreign_key(&mut foreign_key(("sessions", &["member_id"]), ("members", &["id"])))
        .take()
}

fn used_refresh_tokens() -> TableCreateStatement {
    Table::create()
        .table("used_refresh_tokens")
        .col(blob("digest").primary_key())
        .col(text("session_id"))
        .col(big_integer("used_at"))
        .foreign_key(&mut foreign_key(
            ("used_refresh_tokens", &["session_id"]),
            ("sessions", &["id"]),
        ))
        .take()
}

/// `granted - captured - held = balance`, in millionths.
fn accounts() -> TableCreateStatement {
    Table::create()
        .table("accounts")
        .col(text("partner_id"))
        .col(text("platform"))
        .col(big_integer("balance"))
        .col(big_integer("granted"))
        .col(big_integer("captured"))
        .col(big_integer("held"))
        .col(big_integer_null("live_since"))
        .col(big_integer_null("suspended_at"))
        .col(big_integer("created_at"))
        .primary_key(&mut primary_key(&["partner_id", "platform"]))
        .foreign_key(&mut foreign_key(("accounts", &["partner_id"]), ("partners", &["id"])))
        .take()
}
