//! What is booked beside the calls: grants, purchases, adjustments.

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, PartnerId, PrefixedId, credits::EntryKind};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, TryInsertResult,
    sea_query::Expr,
};

use crate::{
    AccountRow, Author, Store, StoreError,
    accounts::{find, records::of_movement},
    audit,
    columns::{Word, micros},
    connection::WriteTransaction,
    entities::{
        accounts::{self, Column},
        ledger,
    },
};

/// Credits that are given, or by which a balance is corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: String,
    /// By how much: upwards above zero, downwards below.
    pub amount: Amount,
    /// Names this movement (a UUID): the same one again changes nothing.
    pub operation: String,
    /// Why.
    pub note: Option<String>,
    /// When.
    pub now: DateTime<Utc>,
}

/// How a movement ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// Made; the balance after it.
    Done(Amount),
    /// It was made before; the balance as it is.
    Repeated(Amount),
    /// There is less than it would take: nothing was changed.
    TooLittle(Amount),
    /// The partner has no account there.
    NoAccount,
}

impl Store {
    /// Gives credits, once an operation. [`StoreError::AmountOutOfRange`] where the amount is not
    /// above zero or the books would not fit.
    pub async fn grant_credits(
        &self,
        grant: Movement,
        author: &Author,
    ) -> Result<Moved, StoreError> {
        self.move_credits(grant.giving()?, "account.credits_granted", author).await
    }

    /// Corrects a balance, once an operation and never below zero. [`StoreError::AmountOutOfRange`]
    /// where the amount is zero or the books would not fit.
    pub async fn adjust_credits(
        &self,
        adjustment: Movement,
        author: &Author,
    ) -> Result<Moved, StoreError> {
        let booking = adjustment.booking(BookedKind::Adjustment);
        self.move_credits(booking, "account.credits_adjusted", author).await
    }

    async fn move_credits(
        &self,
        booking: Booking<'_>,
        action: &'static str,
        author: &Author,
    ) -> Result<Moved, StoreError> {
        let tx = self.begin_write().await?;
        let moved = match book(&tx, &booking).await? {
            // Dropped, and with it the entry.
            Booked::TooLittle(balance) => return Ok(Moved::TooLittle(balance)),
            Booked::Done(account) => {
                let what = (booking.amount, booking.note);
                let event = of_movement(&account, author, action, what, booking.now);
                audit::append(&tx, event).await?;
                Moved::Done(account.balance)
            }
            Booked::Repeated(account) => Moved::Repeated(account.balance),
            Booked::NoAccount => Moved::NoAccount,
        };
        tx.commit().await?;
        Ok(moved)
    }
}

impl Movement {
    /// It as a grant, which only goes upwards.
    fn giving(&self) -> Result<Booking<'_>, StoreError> {
        if self.amount <= Amount::ZERO {
            return Err(StoreError::AmountOutOfRange);
        }
        Ok(self.booking(BookedKind::Grant))
    }

    /// It as it is booked, once an operation of its kind.
    fn booking(&self, kind: BookedKind) -> Booking<'_> {
        Booking {
            partner_id: &self.partner_id,
            platform: &self.platform,
            kind,
            amount: self.amount,
            operation_key: format!("{}:{}", kind.entry().word(), self.operation),
            note: self.note.as_deref(),
            now: self.now,
        }
    }
}

/// Writes a grant and adds it to the account's books, once an operation.
pub(crate) async fn insert_grant(
    tx: &WriteTransaction,
    grant: &Movement,
) -> Result<Booked, StoreError> {
    book(tx, &grant.giving()?).await
}

/// The kinds that no job causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BookedKind {
    Grant,
    Purchase,
    Adjustment,
}

impl BookedKind {
    const fn entry(self) -> EntryKind {
        match self {
            Self::Grant => EntryKind::Grant,
            Self::Purchase => EntryKind::Purchase,
            Self::Adjustment => EntryKind::Adjustment,
        }
    }

    /// The account's column that sums it up, and what stands there.
    const fn total(self, account: &AccountRow) -> (Column, Amount) {
        match self {
            Self::Grant => (Column::Granted, account.granted),
            Self::Purchase => (Column::Purchased, account.purchased),
            Self::Adjustment => (Column::Adjusted, account.adjusted),
        }
    }
}

/// A movement to be written.
pub(crate) struct Booking<'b> {
    pub(crate) partner_id: &'b PartnerId,
    pub(crate) platform: &'b str,
    pub(crate) kind: BookedKind,
    pub(crate) amount: Amount,
    pub(crate) operation_key: String,
    pub(crate) note: Option<&'b str>,
    pub(crate) now: DateTime<Utc>,
}

/// How a booking ended.
pub(crate) enum Booked {
    /// The account after it.
    Done(AccountRow),
    /// The operation was booked before: the account as it is.
    Repeated(AccountRow),
    /// The balance would fall below zero. The entry stands in the transaction: drop that.
    TooLittle(Amount),
    NoAccount,
}

/// Writes a movement and adds it to the account's books, once an operation key.
pub(crate) async fn book(
    tx: &WriteTransaction,
    booking: &Booking<'_>,
) -> Result<Booked, StoreError> {
    let found = find(booking.partner_id, booking.platform).one(&**tx).await?;
    let Some(account) = found.map(AccountRow::try_from).transpose()? else {
        return Ok(Booked::NoAccount);
    };
    let (column, total) = booking.kind.total(&account);
    let sums = [total, account.balance].map(|sum| sum.0.checked_add(booking.amount.0));
    if booking.amount == Amount::ZERO || sums.iter().any(Option::is_none) {
        return Err(StoreError::AmountOutOfRange);
    }
    if insert_entry(tx, booking).await? == 0 {
        return Ok(Booked::Repeated(account));
    }
    let after = account.balance + booking.amount;
    if after < Amount::ZERO {
        return Ok(Booked::TooLittle(account.balance));
    }
    let add = |column: Column| Expr::col(column).add(booking.amount.0);
    let mut update = accounts::Entity::update_many()
        .col_expr(Column::Balance, add(Column::Balance))
        .col_expr(column, add(column))
        .filter(Column::PartnerId.eq(booking.partner_id.as_str()))
        .filter(Column::Platform.eq(booking.platform));
    if account.low_balance.is_some_and(|low| after < low && low <= account.balance) {
        update = update.col_expr(Column::LowSince, Expr::value(micros(booking.now)));
    }
    let changed = update.exec_with_returning(&**tx).await?;
    let changed = changed.into_iter().next().map(AccountRow::try_from).transpose()?;
    Ok(changed.map_or(Booked::NoAccount, Booked::Done))
}

/// How many rows were written: none where this operation was booked before.
async fn insert_entry(tx: &WriteTransaction, booking: &Booking<'_>) -> Result<u64, StoreError> {
    let entry = ledger::ActiveModel {
        operation_key: Set(booking.operation_key.clone()),
        partner_id: Set(booking.partner_id.to_string()),
        platform: Set(booking.platform.to_owned()),
        kind: Set(booking.kind.entry().word().to_owned()),
        amount: Set(booking.amount.0),
        settled: Set(0),
        job_id: Set(None),
        key_id: Set(None),
        at: Set(micros(booking.now)),
        note: Set(booking.note.map(str::to_owned)),
    };
    let written = ledger::Entity::insert(entry)
        .on_conflict_do_nothing_on([ledger::Column::OperationKey])
        .exec_without_returning(&**tx)
        .await?;
    Ok(match written {
        TryInsertResult::Inserted(rows) => rows,
        TryInsertResult::Empty | TryInsertResult::Conflicted => 0,
    })
}
