//! The list of movements.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    EntryId, Page, PartnerId, PrefixedId,
    credits::{CreditEntry, EntryKind, EntryQuery},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use crate::{
    Store, StoreError,
    columns::{Word, id, micros, time},
    entities::ledger::{self, Column},
    pages::{page, page_limit},
};

impl Store {
    /// The partner's movements, the newest first.
    ///
    /// Each account is read by its index and the pages are merged, so that a page costs its rows,
    /// however long the ledger is. One key is looked for among the account's movements, from its
    /// creation on and within the times asked for.
    pub async fn list_credit_entries(
        &self,
        partner_id: &PartnerId,
        query: &EntryQuery,
    ) -> Result<Page<CreditEntry>, StoreError> {
        let limit = page_limit(query.limit);
        let mut wanted = wanted(query)?;
        let mut platforms = match &query.platform {
            Some(platform) => vec![platform.clone()],
            None => {
                let accounts = self.list_accounts(partner_id).await?;
                accounts.into_iter().map(|account| account.platform).collect()
            }
        };
        if let Some(key_id) = &query.key_id {
            let key = self.get_key(partner_id, key_id).await?;
            platforms.retain(|platform| key.as_ref().is_some_and(|key| key.platform == *platform));
            wanted = wanted
                .add(Column::KeyId.eq(key_id.as_str()))
                .add_option(key.map(|key| Column::At.gte(micros(key.created_at))));
        }
        let mut found = Vec::new();
        for platform in platforms {
            let of_account = ledger::Entity::find()
                .filter(Column::PartnerId.eq(partner_id.as_str()))
                .filter(Column::Platform.eq(platform))
                .filter(wanted.clone())
                .order_by_desc(Column::At)
                .order_by_desc(Column::OperationKey)
                .limit(limit + 1);
            found.extend(of_account.all(self.db()).await?);
        }
        found.sort_unstable_by(|a, b| (b.at, &b.operation_key).cmp(&(a.at, &a.operation_key)));
        found.truncate(usize::try_from(limit + 1).unwrap_or(usize::MAX));
        page(
            found,
            limit,
            |entry| format!("{}.{}", entry.at, entry.operation_key),
            CreditEntry::try_from,
        )
    }
}

fn wanted(query: &EntryQuery) -> Result<Condition, StoreError> {
    let after = query.cursor.as_deref().map(entries_after).transpose()?;
    Ok(Condition::all()
        .add_option(query.kind.map(|kind| Column::Kind.eq(kind.word())))
        .add_option(query.kind.and_then(index_of))
        .add_option(query.from.map(|from| Column::At.gte(micros(from))))
        .add_option(query.to.map(|to| Column::At.lt(micros(to))))
        .add_option(after))
}

/// Rare kinds have an index of their own, which its condition opens, word for word.
fn index_of(kind: EntryKind) -> Option<Expr> {
    match kind {
        EntryKind::Grant | EntryKind::Purchase | EntryKind::Adjustment => {
            Some(Expr::cust("job_id IS NULL"))
        }
        EntryKind::Release => Some(Expr::cust("kind = 'release'")),
        EntryKind::Hold | EntryKind::Capture => None,
    }
}

/// What follows a cursor: `{at}.{operation key}` of the last entry seen.
fn entries_after(cursor: &str) -> Result<Condition, StoreError> {
    let (at, key) = cursor.split_once('.').ok_or(StoreError::BadCursor)?;
    let at: i64 = at.parse().map_err(|_| StoreError::BadCursor)?;
    let earlier = Column::At.lt(at).or(Column::OperationKey.lt(key));
    // The first half alone says where the index is entered.
    Ok(Condition::all().add(Column::At.lte(at)).add(earlier))
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

impl TryFrom<ledger::Model> for CreditEntry {
    type Error = StoreError;

    fn try_from(model: ledger::Model) -> Result<Self, StoreError> {
        let at = time(model.at)?;
        Ok(Self {
            id: entry_id(at, &model.operation_key),
            platform: model.platform,
            kind: EntryKind::from_word(&model.kind)?,
            amount: latchkey_contract::Amount(model.amount),
            settled: latchkey_contract::Amount(model.settled),
            job_id: model.job_id,
            key_id: model.key_id.map(id).transpose()?,
            note: model.note,
            at,
        })
    }
}
