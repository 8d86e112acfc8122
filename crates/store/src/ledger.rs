//! The ledger: append-only movements of credits. Holds, captures and releases are written by the
//! grouped writer, grants here. Every movement has an operation key that is unique.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Amount, Page, PartnerId,
    credits::{CreditEntry, CreditSummary, EntryQuery},
};

use crate::{Store, StoreError};

/// Credits to be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// To whom.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: String,
    /// How much, above zero.
    pub amount: Amount,
    /// Names this grant (a UUID): the same one again gives nothing.
    pub operation: String,
    /// When.
    pub now: DateTime<Utc>,
}

/// How a grant ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granted {
    /// Given; the balance after it.
    Done(Amount),
    /// This grant was made before; the balance as it is.
    Repeated(Amount),
    /// The partner has no account there.
    NoAccount,
}

/// What the books of one account say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerCheck {
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: String,
    /// The balance column.
    pub balance: Amount,
    /// The sum of the ledger's amounts.
    pub sum: Amount,
    /// Set aside, by the account's column.
    pub held: Amount,
    /// Holds of the ledger that no entry settles.
    pub open_holds: Amount,
}

impl LedgerCheck {
    /// Whether column and ledger agree.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.balance == self.sum && self.held == self.open_holds && self.balance >= Amount::ZERO
    }
}

impl Store {
    /// Gives credits, once an operation. [`StoreError::AmountOutOfRange`] where the amount is not
    /// above zero or the balance would not fit.
    pub async fn grant_credits(&self, grant: Grant) -> Result<Granted, StoreError> {
        todo!()
    }

    /// One line a platform.
    pub async fn credit_summaries(&self, partner_id: &PartnerId) -> Result<Vec<CreditSummary>, StoreError> {
        todo!()
    }

    /// The partner's movements, the newest first.
    pub async fn list_credit_entries(
        &self,
        partner_id: &PartnerId,
        query: &EntryQuery,
    ) -> Result<Page<CreditEntry>, StoreError> {
        todo!()
    }

    /// The operator's check of every account: reads the whole ledger.
    pub async fn check_ledger(&self) -> Result<Vec<LedgerCheck>, StoreError> {
        todo!()
    }
}
