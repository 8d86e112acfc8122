//! What member and operator set for an account.

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, PartnerId, PrefixedId};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, UpdateMany, sea_query::Expr};

use super::{AccountChange, AccountRow, find, records};
use crate::{
    Author, Store, StoreError, Updated, audit,
    columns::first_time_kept,
    entities::accounts::{self, Column},
};

impl Store {
    /// Switches live keys on (a time; the first one is kept) or off (`None`).
    pub async fn set_account_live(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        live_since: Option<DateTime<Utc>>,
        by: (&Author, DateTime<Utc>),
    ) -> Result<Option<AccountRow>, StoreError> {
        let update = set(Column::LiveSince, first_time_kept(Column::LiveSince, live_since));
        let action = live_since.map_or("account.live_disabled", |_| "account.live_enabled");
        self.set_account(partner_id, platform, update, (action, by)).await
    }

    /// Suspends the account (a time; the first one is kept) or resumes it (`None`).
    pub async fn set_account_suspension(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        suspended_at: Option<DateTime<Utc>>,
        by: (&Author, DateTime<Utc>),
    ) -> Result<Option<AccountRow>, StoreError> {
        let update = set(Column::SuspendedAt, first_time_kept(Column::SuspendedAt, suspended_at));
        let action = suspended_at.map_or("account.resumed", |_| "account.suspended");
        self.set_account(partner_id, platform, update, (action, by)).await
    }

    /// Sets how much an account may owe, at least zero; what it owes already stays.
    pub async fn set_credit_line(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        credit_line: Amount,
        by: (&Author, DateTime<Utc>),
    ) -> Result<Option<AccountRow>, StoreError> {
        if credit_line < Amount::ZERO {
            return Err(StoreError::AmountOutOfRange);
        }
        let update = set(Column::CreditLine, Expr::value(credit_line.0));
        self.set_account(partner_id, platform, update, ("account.credit_line_changed", by)).await
    }

    /// Takes a payment off what an account owes. [`StoreError::AmountOutOfRange`] where it is not
    /// above zero, `None` where the account is not there or owes less.
    pub async fn record_payment(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        amount: Amount,
        by: (&Author, DateTime<Utc>),
    ) -> Result<Option<AccountRow>, StoreError> {
        if amount <= Amount::ZERO {
            return Err(StoreError::AmountOutOfRange);
        }
        let update = set(Column::Owed, Expr::col(Column::Owed).sub(amount.0));
        let update = update.filter(Column::Owed.gte(amount.0));
        self.set_account(partner_id, platform, update, ("account.payment_recorded", by)).await
    }

    /// Changes threshold, rule or IP entries of an account that still has this version.
    pub async fn update_account(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        version: i64,
        change: AccountChange,
        (author, now): (&Author, DateTime<Utc>),
    ) -> Result<Updated<AccountRow>, StoreError> {
        let tx = self.begin_write().await?;
        let Some(before) = find(partner_id, platform).one(&*tx).await? else {
            return Ok(Updated::Absent);
        };
        let before = AccountRow::try_from(before)?;
        let update = chosen(apply(change, now)?, partner_id, platform);
        let update = update.filter(Column::Version.eq(version));
        let changed = update.exec_with_returning(&*tx).await?;
        let Some(after) = changed.into_iter().next() else { return Ok(Updated::Stale(before)) };
        let after = AccountRow::try_from(after)?;
        for event in records::of_settings(&before, &after, author, now) {
            audit::append(&tx, event).await?;
        }
        tx.commit().await?;
        Ok(Updated::Changed(after))
    }

    /// Changes one column, and records it if that made a difference.
    async fn set_account(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        update: UpdateMany<accounts::Entity>,
        (action, (author, now)): (&'static str, (&Author, DateTime<Utc>)),
    ) -> Result<Option<AccountRow>, StoreError> {
        let tx = self.begin_write().await?;
        let Some(before) = find(partner_id, platform).one(&*tx).await? else { return Ok(None) };
        let changed = chosen(update, partner_id, platform).exec_with_returning(&*tx).await?;
        let Some(after) = changed.into_iter().next() else { return Ok(None) };
        let (before, after) = (AccountRow::try_from(before)?, AccountRow::try_from(after)?);
        if before != after {
            let event = records::of_account(&after, author, action, now)
                .changing("credit_line", Some(before.credit_line), Some(after.credit_line))
                .changing("owed", Some(before.owed), Some(after.owed));
            audit::append(&tx, event).await?;
        }
        tx.commit().await?;
        Ok(Some(after))
    }
}

fn set(column: Column, value: Expr) -> UpdateMany<accounts::Entity> {
    accounts::Entity::update_many().col_expr(column, value)
}

fn chosen(
    update: UpdateMany<accounts::Entity>,
    partner_id: &PartnerId,
    platform: &str,
) -> UpdateMany<accounts::Entity> {
    let partner = Column::PartnerId.eq(partner_id.as_str());
    update.filter(partner).filter(Column::Platform.eq(platform))
}

fn apply(
    change: AccountChange,
    now: DateTime<Utc>,
) -> Result<UpdateMany<accounts::Entity>, StoreError> {
    let mut update = accounts::Entity::update_many()
        .col_expr(Column::Version, Expr::col(Column::Version).add(1));
    if let Some(low_balance) = change.low_balance {
        update = update.col_expr(Column::LowBalance, Expr::value(low_balance.map(|low| low.0)));
    }
    if let Some(rule) = change.top_up {
        let since = rule.enabled.then_some(now);
        update = update
            .col_expr(Column::TopUpSince, first_time_kept(Column::TopUpSince, since))
            .col_expr(Column::TopUpThreshold, Expr::value(rule.threshold.0))
            .col_expr(Column::TopUpAmount, Expr::value(rule.amount.0))
            .col_expr(Column::TopUpCeiling, Expr::value(rule.monthly_ceiling.0))
            .col_expr(Column::TopUpCooldownS, Expr::value(i64::from(rule.cooldown_seconds)));
    }
    if let Some(entries) = change.ip_entries {
        let text = serde_json::to_string(&entries)
            .map_err(|_| StoreError::Corrupt("a list of IP entries".to_owned()))?;
        update = update.col_expr(Column::IpEntries, Expr::value(text));
    }
    Ok(update)
}
