//! The ledger: append-only movements of credits. Holds, captures and releases are written by the
//! grouped writer, grants here. Every movement has an operation key that is unique.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Amount, EntryId, Page, PartnerId, PrefixedId,
    credits::{CreditEntry, CreditSummary, EntryKind, EntryQuery},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, Statement, TryInsertResult, sea_query::Expr,
};

use crate::{
    Store, StoreError,
    columns::{Word, id, micros, time},
    connection::WriteTransaction,
    entities::{accounts, ledger},
    pages::{page, page_limit},
};

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
    /// above zero or the books would not fit.
    pub async fn grant_credits(&self, grant: Grant) -> Result<Granted, StoreError> {
        let tx = self.begin_write().await?;
        let granted = insert_grant(&tx, &grant).await?;
        tx.commit().await?;
        Ok(granted)
    }

    /// One line a platform.
    pub async fn credit_summaries(
        &self,
        partner_id: &PartnerId,
    ) -> Result<Vec<CreditSummary>, StoreError> {
        let accounts = self.list_accounts(partner_id).await?;
        Ok(accounts
            .into_iter()
            .map(|account| CreditSummary {
                platform: account.platform,
                granted: account.granted,
                captured: account.captured,
                held: account.held,
                balance: account.balance,
            })
            .collect())
    }

    /// The partner's movements, the newest first.
    pub async fn list_credit_entries(
        &self,
        partner_id: &PartnerId,
        query: &EntryQuery,
    ) -> Result<Page<CreditEntry>, StoreError> {
        let limit = page_limit(query.limit);
        let after = query.cursor.as_deref().map(entries_after).transpose()?;
        let found = ledger::Entity::find()
            .filter(ledger::Column::PartnerId.eq(partner_id.as_str()))
            .filter(Condition::all().add_option(
                query.platform.as_deref().map(|slug| ledger::Column::Platform.eq(slug)),
            ))
            .filter(Condition::all().add_option(after))
            .order_by_desc(ledger::Column::At)
            .order_by_desc(ledger::Column::OperationKey)
            .limit(limit + 1)
            .all(self.db())
            .await?;
        page(
            found,
            limit,
            |entry| format!("{}.{}", entry.at, entry.operation_key),
            CreditEntry::try_from,
        )
    }

    /// The operator's check of every account: reads the whole ledger.
    pub async fn check_ledger(&self) -> Result<Vec<LedgerCheck>, StoreError> {
        let sql = "SELECT a.partner_id, a.platform, a.balance, a.held, \
            CAST(COALESCE(SUM(l.amount), 0) AS BIGINT) AS total, \
            CAST(COALESCE(SUM(CASE WHEN l.kind = 'hold' THEN -l.amount ELSE -l.settled END), 0) AS BIGINT) AS open_holds \
            FROM accounts a LEFT JOIN ledger l ON l.partner_id = a.partner_id AND l.platform = a.platform \
            GROUP BY a.partner_id, a.platform, a.balance, a.held ORDER BY a.partner_id, a.platform";
        let backend = self.db().get_database_backend();
        let found =
            Checked::find_by_statement(Statement::from_string(backend, sql)).all(self.db()).await?;
        found.into_iter().map(LedgerCheck::try_from).collect()
    }
}

/// Writes a grant and adds it to the account's books, once an operation.
pub(crate) async fn insert_grant(
    tx: &WriteTransaction,
    grant: &Grant,
) -> Result<Granted, StoreError> {
    let key = (grant.partner_id.to_string(), grant.platform.clone());
    let Some(account) = accounts::Entity::find_by_id(key).one(&**tx).await? else {
        return Ok(Granted::NoAccount);
    };
    let fits = grant.amount > Amount::ZERO && account.granted.checked_add(grant.amount.0).is_some();
    if !fits {
        return Err(StoreError::AmountOutOfRange);
    }
    if insert_grant_entry(tx, grant).await? == 0 {
        return Ok(Granted::Repeated(Amount(account.balance)));
    }
    let add = |column: accounts::Column| Expr::col(column).add(grant.amount.0);
    let changed = accounts::Entity::update_many()
        .col_expr(accounts::Column::Balance, add(accounts::Column::Balance))
        .col_expr(accounts::Column::Granted, add(accounts::Column::Granted))
        .filter(accounts::Column::PartnerId.eq(grant.partner_id.as_str()))
        .filter(accounts::Column::Platform.eq(grant.platform.as_str()))
        .exec_with_returning(&**tx)
        .await?;
    Ok(changed.first().map_or(Granted::NoAccount, |account| Granted::Done(Amount(account.balance))))
}

/// How many rows were written: none where this grant was made before.
async fn insert_grant_entry(tx: &WriteTransaction, grant: &Grant) -> Result<u64, StoreError> {
    let entry = ledger::ActiveModel {
        operation_key: Set(format!("grant:{}", grant.operation)),
        partner_id: Set(grant.partner_id.to_string()),
        platform: Set(grant.platform.clone()),
        kind: Set(EntryKind::Grant.word().to_owned()),
        amount: Set(grant.amount.0),
        settled: Set(0),
        job_id: Set(None),
        key_id: Set(None),
        at: Set(micros(grant.now)),
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

/// What follows a cursor: `{at}.{operation key}` of the last entry seen.
fn entries_after(cursor: &str) -> Result<Condition, StoreError> {
    let (at, key) = cursor.split_once('.').ok_or(StoreError::BadCursor)?;
    let at: i64 = at.parse().map_err(|_| StoreError::BadCursor)?;
    let same_time = ledger::Column::At.eq(at).and(ledger::Column::OperationKey.lt(key));
    Ok(Condition::any().add(ledger::Column::At.lt(at)).add(same_time))
}

/// The id of an entry, made of its time and its operation key, both of which never change.
fn entry_id(at: DateTime<Utc>, operation_key: &str) -> EntryId {
    let unix_ms = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    EntryId::from_parts(unix_ms, fnv1a(operation_key))
}

/// FNV-1a with 128 bits: spreads distinct keys, keeps no secret.
fn fnv1a(text: &str) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    text.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

#[derive(FromQueryResult)]
struct Checked {
    partner_id: String,
    platform: String,
    balance: i64,
    held: i64,
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
            held: Amount(row.held),
            open_holds: Amount(row.open_holds),
        })
    }
}

impl TryFrom<ledger::Model> for CreditEntry {
    type Error = StoreError;

    fn try_from(model: ledger::Model) -> Result<Self, StoreError> {
        let at = time(model.at)?;
        Ok(Self {
            id: entry_id(at, &model.operation_key),
            platform: model.platform,
            kind: EntryKind::from_word(&model.kind)?,
            amount: Amount(model.amount),
            settled: Amount(model.settled),
            job_id: model.job_id,
            at,
        })
    }
}
