//! Why a balance is what it is, and the balance counted anew.
//!
//! A recount reads one index and nothing else, about a quarter of a second a million movements.
//! So that a long ledger is not read whole at every look, the sums of a large account are kept for
//! ten minutes and only what came since is added. Where that does not agree with the books (a
//! movement that was written late, a clock that was set back), the whole ledger is read before
//! anybody is told so.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{Amount, PartnerId, PrefixedId, credits::CreditSummary};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select, TransactionTrait, sea_query::Expr,
};

use crate::{
    AccountRow, Store, StoreError,
    columns::micros,
    entities::{
        accounts,
        ledger::{self, Column},
    },
};

/// Ledgers of fewer movements are read whole at every look.
const SMALL: i64 = 20_000;
/// How long sums are trusted.
const TRUSTED_FOR: TimeDelta = TimeDelta::minutes(10);
/// Movements are written within this time of the call that caused them, or soon after: what is
/// older is summed up for good.
const WRITTEN_WITHIN: TimeDelta = TimeDelta::minutes(1);
/// Accounts whose sums are kept.
const MOST: usize = 1_000;

/// The sums of large accounts.
pub(crate) type Sums = HashMap<(PartnerId, String), Mark>;

/// What a ledger summed up to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    counted_at: DateTime<Utc>,
    /// Movements up to this time are in it, in microseconds.
    up_to: i64,
    sum: Sum,
}

/// What movements add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
struct Sum {
    entries: i64,
    /// Of what they changed the balance by.
    amount: i64,
    /// Held and not settled.
    open: i64,
}

/// What came since a time, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
struct Since {
    granted: i64,
    purchased: i64,
    adjusted: i64,
    captured: i64,
}

impl Store {
    /// One line a platform, all of one moment: the books from `from` on, and the balance as the
    /// ledger alone tells it. `now` is the caller's time.
    pub async fn credit_summaries(
        &self,
        partner_id: &PartnerId,
        from: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Vec<CreditSummary>, StoreError> {
        // Reads within a transaction see what the first one saw.
        let tx = self.db().begin().await?;
        let found = accounts::Entity::find()
            .filter(accounts::Column::PartnerId.eq(partner_id.as_str()))
            .order_by_asc(accounts::Column::Platform)
            .all(&tx)
            .await?;
        let mut summaries = Vec::with_capacity(found.len());
        for account in found {
            let account = AccountRow::try_from(account)?;
            let counted = self.recount(&tx, &account, now).await?;
            let since = match from {
                Some(from) => since(&tx, &account, from).await?,
                None => Since::all(&account),
            };
            summaries.push(explain(account, from, since, counted));
        }
        tx.commit().await?;
        Ok(summaries)
    }

    async fn recount(
        &self,
        tx: &DatabaseTransaction,
        account: &AccountRow,
        now: DateTime<Utc>,
    ) -> Result<Sum, StoreError> {
        let key = (account.partner_id.clone(), account.platform.clone());
        let mark = self.ledger_sums.lock().get(&key).copied();
        if let Some(mark) = mark.filter(|mark| now - mark.counted_at < TRUSTED_FOR) {
            let counted = mark.sum.plus(sum(tx, after(account, mark.up_to)).await?)?;
            if counted.agrees_with(account) {
                return Ok(counted);
            }
        }
        let up_to = micros(now - WRITTEN_WITHIN);
        let old = of(account).filter(Column::At.lte(up_to));
        let old = sum(tx, old).await?;
        let counted = old.plus(sum(tx, after(account, up_to)).await?)?;
        let mut sums = self.ledger_sums.lock();
        if old.entries < SMALL {
            sums.remove(&key);
        } else {
            if sums.len() >= MOST {
                sums.clear();
            }
            sums.insert(key, Mark { counted_at: now, up_to, sum: old });
        }
        Ok(counted)
    }
}

fn explain(
    account: AccountRow,
    from: Option<DateTime<Utc>>,
    since: Since,
    counted: Sum,
) -> CreditSummary {
    let agrees = counted.agrees_with(&account);
    let (granted, purchased) = (Amount(since.granted), Amount(since.purchased));
    let (adjusted, captured) = (Amount(since.adjusted), Amount(since.captured));
    CreditSummary {
        from,
        opening: account.balance + account.held - granted - purchased - adjusted + captured,
        granted,
        purchased,
        adjusted,
        captured,
        held: account.held,
        balance: account.balance,
        recomputed: Amount(counted.amount),
        agrees,
        platform: account.platform,
    }
}

fn of(account: &AccountRow) -> Select<ledger::Entity> {
    ledger::Entity::find()
        .select_only()
        .filter(Column::PartnerId.eq(account.partner_id.as_str()))
        .filter(Column::Platform.eq(account.platform.as_str()))
}

fn after(account: &AccountRow, at: i64) -> Select<ledger::Entity> {
    of(account).filter(Column::At.gt(at))
}

async fn sum(tx: &DatabaseTransaction, rows: Select<ledger::Entity>) -> Result<Sum, StoreError> {
    let found = rows
        .expr_as(Expr::cust("CAST(COUNT(*) AS BIGINT)"), "entries")
        .expr_as(total("amount"), "amount")
        .expr_as(total("CASE WHEN kind = 'hold' THEN -amount ELSE -settled END"), "open")
        .into_model::<Sum>()
        .one(tx)
        .await?;
    Ok(found.unwrap_or(Sum { entries: 0, amount: 0, open: 0 }))
}

async fn since(
    tx: &DatabaseTransaction,
    account: &AccountRow,
    from: DateTime<Utc>,
) -> Result<Since, StoreError> {
    if from <= account.created_at {
        return Ok(Since::all(account));
    }
    let of_kind = |kind: &str, what: &str| {
        total(&format!("CASE WHEN kind = '{kind}' THEN {what} ELSE 0 END"))
    };
    let found = of(account)
        .filter(Column::At.gte(micros(from)))
        .expr_as(of_kind("grant", "amount"), "granted")
        .expr_as(of_kind("purchase", "amount"), "purchased")
        .expr_as(of_kind("adjustment", "amount"), "adjusted")
        .expr_as(of_kind("capture", "settled - amount"), "captured")
        .into_model::<Since>()
        .one(tx)
        .await?;
    Ok(found.unwrap_or(Since { granted: 0, purchased: 0, adjusted: 0, captured: 0 }))
}

fn total(what: &str) -> Expr {
    Expr::cust(format!("CAST(COALESCE(SUM({what}), 0) AS BIGINT)"))
}

impl Sum {
    fn plus(self, other: Self) -> Result<Self, StoreError> {
        let add = |a: i64, b: i64| a.checked_add(b).ok_or(StoreError::AmountOutOfRange);
        Ok(Self {
            entries: add(self.entries, other.entries)?,
            amount: add(self.amount, other.amount)?,
            open: add(self.open, other.open)?,
        })
    }

    fn agrees_with(&self, account: &AccountRow) -> bool {
        self.amount == account.balance.0 && self.open == account.held.0
    }
}

impl Since {
    const fn all(account: &AccountRow) -> Self {
        Self {
            granted: account.granted.0,
            purchased: account.purchased.0,
            adjusted: account.adjusted.0,
            captured: account.captured.0,
        }
    }
}
