//! The ledger: append-only movements of credits. Holds, captures and releases are written by the
//! grouped writer, the others in `booking`. Every movement has an operation key that is unique.

use latchkey_contract::{Amount, PartnerId};
use sea_orm::{FromQueryResult, Statement};

use crate::{Store, StoreError, columns::id};

pub(crate) mod booking;
mod entries;
pub(crate) mod summary;

pub use booking::{Moved, Movement};

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
    /// What the account's other columns say the balance is.
    pub explained: Amount,
    /// Set aside, by the account's column.
    pub held: Amount,
    /// Holds of the ledger that no entry settles.
    pub open_holds: Amount,
}

impl LedgerCheck {
    /// Whether columns and ledger agree.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.balance == self.sum
            && self.balance == self.explained
            && self.held == self.open_holds
            && self.balance >= Amount::ZERO
    }
}

impl Store {
    /// The operator's check of every account: reads the whole ledger.
    pub async fn check_ledger(&self) -> Result<Vec<LedgerCheck>, StoreError> {
        let sql = "SELECT a.partner_id, a.platform, a.balance, a.held, \
            a.granted + a.purchased + a.adjusted - a.captured - a.held AS explained, \
            CAST(COALESCE(SUM(l.amount), 0) AS BIGINT) AS total, \
            CAST(COALESCE(SUM(CASE WHEN l.kind = 'hold' THEN -l.amount ELSE -l.settled END), 0) AS BIGINT) AS open_holds \
            FROM accounts a LEFT JOIN ledger l ON l.partner_id = a.partner_id AND l.platform = a.platform \
            GROUP BY a.partner_id, a.platform ORDER BY a.partner_id, a.platform";
        let backend = self.db().get_database_backend();
        let found =
            Checked::find_by_statement(Statement::from_string(backend, sql)).all(self.db()).await?;
        found.into_iter().map(LedgerCheck::try_from).collect()
    }
}

#[derive(FromQueryResult)]
struct Checked {
    partner_id: String,
    platform: String,
    balance: i64,
    held: i64,
    explained: i64,
    total: i64,
    open_holds: i64,
}

impl TryFrom<Checked> for LedgerCheck {
    type Error = StoreError;

    fn try_from(row: Checked) -> Result<Self, StoreError> {
        Ok(Self {
            partner_id: id(row.partner_id)?,
            platform: row.platform,
            balance: Amount(row.balance),
            sum: Amount(row.total),
            explained: Amount(row.explained),
            held: Amount(row.held),
            open_holds: Amount(row.open_holds),
        })
    }
}
