//! IP entries: where an account's keys may be used from, by environment. Their list is changed as
//! a whole; the gateway's look-up of a key brings those that are in force.

use chrono::{DateTime, Utc};
use latchkey_contract::{PartnerId, PrefixedId, platforms::IpEntry};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{
    AccountRow, Author, NewAuditEvent, Store, StoreError, audit,
    columns::Word,
    entities::accounts::{self, Column},
};

impl Store {
    /// Replaces the entries of an account. `None` where the partner has no such account.
    pub async fn set_ip_entries(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        entries: &[IpEntry],
        (author, now): (&Author, DateTime<Utc>),
    ) -> Result<Option<AccountRow>, StoreError> {
        let text = serde_json::to_string(entries)
            .map_err(|_| StoreError::Corrupt("a list of IP entries".to_owned()))?;
        let Some(before) = self.get_account(partner_id, platform).await? else { return Ok(None) };
        let tx = self.begin_write().await?;
        let changed = accounts::Entity::update_many()
            .col_expr(Column::IpEntries, Expr::value(text))
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(Column::Platform.eq(platform))
            .exec_with_returning(&*tx)
            .await?;
        let Some(after) = changed.into_iter().next() else { return Ok(None) };
        let after = AccountRow::try_from(after)?;
        let subject = ("account", platform, platform);
        let event =
            NewAuditEvent::new(partner_id, author, "account.ip_entries_changed", subject, now)
                .on_platform(platform)
                .changing(
                    "ip_entries",
                    Some(told(&before.ip_entries)),
                    Some(told(&after.ip_entries)),
                );
        if !event.changes.is_empty() {
            audit::append(&tx, event).await?;
        }
        tx.commit().await?;
        Ok(Some(after))
    }
}

/// As the audit log tells it: `live 203.0.113.0/24, test 10.0.0.1 (off)`.
fn told(entries: &[IpEntry]) -> String {
    let tell = |entry: &IpEntry| {
        let off = if entry.active { "" } else { " (off)" };
        format!("{} {}{off}", entry.environment.word(), entry.rule)
    };
    entries.iter().map(tell).collect::<Vec<_>>().join(", ")
}
