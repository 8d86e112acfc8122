//! API keys: digests and what they may do. A revoked key's row stays.

mod rows;

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Amount, Environment, KeyId, Page, PartnerId, PrefixedId,
    keys::{KeyKind, KeyQuery},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, Func, LikeExpr},
};

use crate::{
    Digest, SpendLimits, Store, StoreError, Updated,
    columns::{Word, count, micros},
    entities::api_keys::{self, Column},
    pages::{page, page_limit},
    spend,
};

/// An API key without its secret part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its id.
    pub id: KeyId,
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: String,
    /// What the partner calls it.
    pub name: String,
    /// Secret or public.
    pub kind: KeyKind,
    /// Live or test.
    pub environment: Environment,
    /// What it begins with.
    pub prefix: String,
    /// Its last four characters.
    pub last4: String,
    /// SHA-256 of the key.
    pub digest: Digest,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Requests a minute; the platform's default where absent.
    pub requests_per_minute: Option<u32>,
    /// Operations under way at once; the platform's default where absent.
    pub concurrent_limit: Option<u32>,
    /// What it may spend.
    pub spend_limits: SpendLimits,
    /// Until when it works.
    pub expires_at: Option<DateTime<Utc>>,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Address of the member who created it.
    pub created_by: String,
    /// Its last call.
    pub last_used_at: Option<DateTime<Utc>>,
    /// From where.
    pub last_used_address: Option<String>,
    /// With what.
    pub last_used_agent: Option<String>,
    /// Since when it is paused.
    pub paused_at: Option<DateTime<Utc>>,
    /// Since when it is revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Address of the member who revoked it.
    pub revoked_by: Option<String>,
    /// Counts changes; uses are none.
    pub version: i64,
}

/// A key to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Its id.
    pub id: KeyId,
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform; the partner has an account there.
    pub platform: String,
    /// What the partner calls it.
    pub name: String,
    /// Secret or public.
    pub kind: KeyKind,
    /// Live or test.
    pub environment: Environment,
    /// What it begins with.
    pub prefix: String,
    /// Its last four characters.
    pub last4: String,
    /// SHA-256 of the key.
    pub digest: Digest,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Requests a minute; the platform's default where absent.
    pub requests_per_minute: Option<u32>,
    /// Operations under way at once; the platform's default where absent.
    pub concurrent_limit: Option<u32>,
    /// What it may spend.
    pub spend_limits: SpendLimits,
    /// Until when it works.
    pub expires_at: Option<DateTime<Utc>>,
    /// Address of the member who creates it.
    pub created_by: String,
    /// When.
    pub now: DateTime<Utc>,
}

/// A key with everything else that decides whether it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStanding {
    /// The key.
    pub key: KeyRow,
    /// Whether the account's live keys work.
    pub live_enabled: bool,
    /// Since when the account is suspended.
    pub account_suspended_at: Option<DateTime<Utc>>,
    /// Since when the partner is suspended.
    pub partner_suspended_at: Option<DateTime<Utc>>,
}

/// What changes about a key; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyChange {
    /// The new name.
    pub name: Option<String>,
    /// The new scopes.
    pub scopes: Option<Vec<String>>,
    /// The new limit; `Some(None)` goes back to the platform's default.
    pub requests_per_minute: Option<Option<u32>>,
    /// The new limit; `Some(None)` goes back to the platform's default.
    pub concurrent_limit: Option<Option<u32>>,
    /// The new limit a day; `Some(None)` takes it away.
    pub daily_limit: Option<Option<Amount>>,
    /// The new limit in all; `Some(None)` takes it away.
    pub credit_allowance: Option<Option<Amount>>,
    /// Since when it is paused; `Some(None)` lets it work again.
    pub paused_at: Option<Option<DateTime<Utc>>>,
}

/// How many keys of one platform and environment are not revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCount {
    /// Slug of the platform.
    pub platform: String,
    /// Live or test.
    pub environment: Environment,
    /// How many.
    pub keys: u32,
}

impl Store {
    /// Keeps a new key.
    pub async fn create_key(&self, new: NewKey) -> Result<KeyRow, StoreError> {
        let now = new.now;
        let tx = self.begin_write().await?;
        let key: KeyRow = rows::active(new).insert(&*tx).await?.try_into()?;
        if key.spend_limits.any() {
            spend::recount(&tx, &key, now).await?;
        }
        tx.commit().await?;
        Ok(key)
    }

    /// The gateway's look-up, before a partner is known: by digest, whatever the key's state, with
    /// the account and the partner's suspension.
    pub async fn get_key_by_digest(
        &self,
        digest: &Digest,
    ) -> Result<Option<KeyStanding>, StoreError> {
        let found = api_keys::Entity::find()
            .filter(Column::Digest.eq(digest.to_vec()))
            .one(self.db())
            .await?;
        let Some(key) = found.map(KeyRow::try_from).transpose()? else {
            return Ok(None);
        };
        let account = self.get_account(&key.partner_id, &key.platform).await?;
        let partner = self.get_partner(&key.partner_id).await?;
        let (Some(account), Some(partner)) = (account, partner) else {
            return Err(StoreError::Corrupt("a key without its account".to_owned()));
        };
        Ok(Some(KeyStanding {
            key,
            live_enabled: account.live_enabled,
            account_suspended_at: account.suspended_at,
            partner_suspended_at: partner.suspended_at,
        }))
    }

    /// The partner's keys: by platform, then the newest first.
    pub async fn list_keys(
        &self,
        partner_id: &PartnerId,
        query: &KeyQuery,
    ) -> Result<Page<KeyRow>, StoreError> {
        let limit = page_limit(query.limit);
        let after = query.cursor.as_deref().map(keys_after).transpose()?;
        let found = api_keys::Entity::find()
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(chosen(query).add_option(after))
            .order_by_asc(Column::Platform)
            .order_by_desc(Column::Id)
            .limit(limit + 1)
            .all(self.db())
            .await?;
        page(found, limit, |key| format!("{}.{}", key.platform, key.id), KeyRow::try_from)
    }

    /// One of the partner's keys.
    pub async fn get_key(
        &self,
        partner_id: &PartnerId,
        key_id: &KeyId,
    ) -> Result<Option<KeyRow>, StoreError> {
        let found = api_keys::Entity::find().filter(is(partner_id, key_id)).one(self.db()).await?;
        found.map(KeyRow::try_from).transpose()
    }

    /// Changes a key that has still this version. A spend limit counts what was spent before it.
    pub async fn update_key(
        &self,
        partner_id: &PartnerId,
        key_id: &KeyId,
        version: i64,
        change: KeyChange,
        now: DateTime<Utc>,
    ) -> Result<Updated<KeyRow>, StoreError> {
        let sets_spend_limit = change.daily_limit.or(change.credit_allowance).is_some();
        let tx = self.begin_write().await?;
        let changed = rows::apply(change)
            .filter(is(partner_id, key_id))
            .filter(Column::Version.eq(version))
            .exec_with_returning(&*tx)
            .await?;
        let Some(key) = changed.into_iter().next() else {
            drop(tx);
            let found = self.get_key(partner_id, key_id).await?;
            return Ok(found.map_or(Updated::Absent, Updated::Stale));
        };
        let key: KeyRow = key.try_into()?;
        if sets_spend_limit && key.spend_limits.any() {
            spend::recount(&tx, &key, now).await?;
        }
        tx.commit().await?;
        Ok(Updated::Changed(key))
    }

    /// Revokes a key for good. Again changes nothing: the first time and member stay.
    pub async fn revoke_key(
        &self,
        partner_id: &PartnerId,
        key_id: &KeyId,
        revoked_by: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<KeyRow>, StoreError> {
        let tx = self.begin_write().await?;
        let revoked = rows::next_version()
            .col_expr(Column::RevokedAt, Expr::value(micros(now)))
            .col_expr(Column::RevokedBy, Expr::value(revoked_by))
            .filter(is(partner_id, key_id))
            .filter(Column::RevokedAt.is_null())
            .exec_with_returning(&*tx)
            .await?;
        tx.commit().await?;
        match revoked.into_iter().next() {
            Some(key) => Ok(Some(key.try_into()?)),
            None => self.get_key(partner_id, key_id).await,
        }
    }

    /// How many keys the partner has that are not revoked.
    pub async fn count_keys(&self, partner_id: &PartnerId) -> Result<Vec<KeyCount>, StoreError> {
        let found: Vec<(String, String, i64)> = api_keys::Entity::find()
            .select_only()
            .column(Column::Platform)
            .column(Column::Environment)
            .column_as(Column::Id.count(), "keys")
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(Column::RevokedAt.is_null())
            .group_by(Column::Platform)
            .group_by(Column::Environment)
            .order_by_asc(Column::Platform)
            .order_by_asc(Column::Environment)
            .into_tuple()
            .all(self.db())
            .await?;
        let counted = |(platform, environment, keys): (String, String, i64)| {
            Ok(KeyCount {
                platform,
                environment: Environment::from_word(&environment)?,
                keys: count(keys)?,
            })
        };
        found.into_iter().map(counted).collect()
    }
}

fn is(partner_id: &PartnerId, key_id: &KeyId) -> Condition {
    Condition::all()
        .add(Column::Id.eq(key_id.as_str()))
        .add(Column::PartnerId.eq(partner_id.as_str()))
}

fn chosen(query: &KeyQuery) -> Condition {
    let unrevoked = (query.include_revoked == Some(false)).then(|| Column::RevokedAt.is_null());
    Condition::all()
        .add_option(query.platform.as_deref().map(|slug| Column::Platform.eq(slug)))
        .add_option(query.environment.map(|environment| Column::Environment.eq(environment.word())))
        .add_option(
            query.search.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(matching),
        )
        .add_option(unrevoked)
}

/// Part of the name, or the last four characters; without case.
fn matching(text: &str) -> Condition {
    let folded = text.to_lowercase();
    let pattern = LikeExpr::new(format!("%{}%", escape_like(&folded))).escape('\\');
    let last4 = Expr::expr(Func::lower(Expr::col(Column::Last4))).eq(folded);
    Condition::any().add(Column::NameFolded.like(pattern)).add(last4)
}

fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// What follows a cursor: `{platform}.{id}` of the last key seen.
fn keys_after(cursor: &str) -> Result<Condition, StoreError> {
    let (platform, key_id) = cursor.rsplit_once('.').ok_or(StoreError::BadCursor)?;
    let key_id: KeyId = key_id.parse().map_err(|_| StoreError::BadCursor)?;
    let same_platform = Column::Platform.eq(platform).and(Column::Id.lt(key_id.as_str()));
    Ok(Condition::any().add(Column::Platform.gt(platform)).add(same_platform))
}
