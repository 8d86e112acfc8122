//! API keys: digests and what they may do. A revoked key's row stays.

mod count;
mod cut_over;
mod list;
mod records;
mod rotate;
mod rows;

pub use cut_over::MinuteCalls;
pub use rotate::{Rotated, Rotation};

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Amount, Environment, KeyId, PartnerId, PrefixedId, keys::KeyKind, platforms::IpEntry,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr,
};

use crate::{
    Digest, Movement, SpendLimits, Store, StoreError, Updated, audit,
    columns::micros,
    connection::WriteTransaction,
    entities::api_keys::{self, Column},
    ledger::booking::insert_grant,
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
    /// Addresses and networks it may be used from; any address where empty.
    pub ip_rules: Vec<String>,
    /// Until when it works.
    pub expires_at: Option<DateTime<Utc>>,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Address of the member who created it.
    pub created_by: String,
    /// Its first call.
    pub first_used_at: Option<DateTime<Utc>>,
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
    /// The key it was made to replace.
    pub replaces: Option<KeyId>,
    /// The key that replaces it, and since when, and until when both work.
    pub replaced: Option<Replaced>,
    /// The first of the keys it came from by rotation: all of them spend from that one's count.
    pub spends_with: Option<KeyId>,
    /// The other key of a pair that was issued together.
    pub pair_id: Option<KeyId>,
    /// Counts changes; uses are none.
    pub version: i64,
}

/// How a key was rotated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The key in its place.
    pub by: KeyId,
    /// When.
    pub at: DateTime<Utc>,
    /// Until when the old key works beside it.
    pub grace_ends_at: DateTime<Utc>,
}

impl KeyRow {
    /// The key whose count its spending goes to.
    #[must_use]
    pub fn spend_key(&self) -> &KeyId {
        self.spends_with.as_ref().unwrap_or(&self.id)
    }

    /// When it stops to work by itself: its expiry or the end of its grace, whichever comes first.
    #[must_use]
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        let grace_ends_at = self.replaced.as_ref().map(|replaced| replaced.grace_ends_at);
        self.expires_at.into_iter().chain(grace_ends_at).min()
    }
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
    /// Addresses and networks it may be used from; any address where empty.
    pub ip_rules: Vec<String>,
    /// Until when it works.
    pub expires_at: Option<DateTime<Utc>>,
    /// The other key of a pair that is issued together.
    pub pair_id: Option<KeyId>,
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
    /// The account's active rules for keys of this environment; any address where empty.
    pub account_ip_rules: Vec<String>,
    /// Below it the partner is told.
    pub low_balance: Option<Amount>,
    /// Below it the account's rule buys credits, where it has one.
    pub top_up_below: Option<Amount>,
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
    /// Until when it works; `Some(None)` for ever.
    pub expires_at: Option<Option<DateTime<Utc>>>,
    /// Where it may be used from; any address where empty.
    pub ip_rules: Option<Vec<String>>,
}

impl Store {
    /// Keeps a new key.
    pub async fn create_key(&self, new: NewKey) -> Result<KeyRow, StoreError> {
        self.create_granting_key(new, None).await
    }

    /// Keeps a new key; the first one ever of its account brings these credits with it.
    pub async fn create_granting_key(
        &self,
        new: NewKey,
        first_key_grant: Option<Amount>,
    ) -> Result<KeyRow, StoreError> {
        let now = new.now;
        let tx = self.begin_write().await?;
        let key = insert(&tx, new).await?;
        audit::append(&tx, self.key_created(&key, now)).await?;
        if let Some(amount) = first_key_grant {
            // Named after the account: it is given once, whatever keys follow.
            let operation = format!("first-key/{}/{}", key.partner_id, key.platform);
            let (partner_id, platform) = (key.partner_id.clone(), key.platform.clone());
            let grant = Movement { partner_id, platform, amount, operation, note: None, now };
            insert_grant(&tx, &grant).await?;
        }
        tx.commit().await?;
        Ok(key)
    }

    /// Keeps the two keys of a pair, or neither.
    pub async fn create_key_pair(
        &self,
        first: NewKey,
        second: NewKey,
    ) -> Result<(KeyRow, KeyRow), StoreError> {
        let tx = self.begin_write().await?;
        let pair = (insert(&tx, first).await?, insert(&tx, second).await?);
        for key in [&pair.0, &pair.1] {
            audit::append(&tx, self.key_created(key, key.created_at)).await?;
        }
        tx.commit().await?;
        Ok(pair)
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
        let in_force = |entry: &IpEntry| entry.active && entry.environment == key.environment;
        let entries = account.ip_entries.into_iter().filter(in_force);
        Ok(Some(KeyStanding {
            account_ip_rules: entries.map(|entry| entry.rule).collect(),
            key,
            live_enabled: account.live_enabled,
            account_suspended_at: account.suspended_at,
            partner_suspended_at: partner.suspended_at,
            low_balance: account.low_balance,
            top_up_below: Some(account.top_up)
                .filter(|rule| rule.enabled)
                .map(|rule| rule.threshold),
        }))
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
        let before = api_keys::Entity::find().filter(is(partner_id, key_id)).one(&*tx).await?;
        let changed = rows::apply(change)
            .filter(is(partner_id, key_id))
            .filter(Column::Version.eq(version))
            .exec_with_returning(&*tx)
            .await?;
        let Some((key, before)) = changed.into_iter().next().zip(before) else {
            drop(tx);
            let found = self.get_key(partner_id, key_id).await?;
            return Ok(found.map_or(Updated::Absent, Updated::Stale));
        };
        let key: KeyRow = key.try_into()?;
        if sets_spend_limit && key.spend_limits.any() {
            spend::recount(&tx, &key, now).await?;
        }
        audit::append(&tx, self.key_changed(&before.try_into()?, &key, now)).await?;
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
        let Some(key) = revoked.into_iter().next().map(KeyRow::try_from).transpose()? else {
            drop(tx);
            return self.get_key(partner_id, key_id).await;
        };
        audit::append(&tx, self.key_event(&key, "key.revoked", now)).await?;
        tx.commit().await?;
        Ok(Some(key))
    }
}

async fn insert(tx: &WriteTransaction, new: NewKey) -> Result<KeyRow, StoreError> {
    let now = new.now;
    let key: KeyRow = rows::active(new).insert(&**tx).await?.try_into()?;
    if key.spend_limits.any() {
        spend::recount(tx, &key, now).await?;
    }
    Ok(key)
}

fn is(partner_id: &PartnerId, key_id: &KeyId) -> Condition {
    Condition::all()
        .add(Column::Id.eq(key_id.as_str()))
        .add(Column::PartnerId.eq(partner_id.as_str()))
}
