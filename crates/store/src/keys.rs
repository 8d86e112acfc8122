//! API keys: digests and what they may do. A revoked key's row stays.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Environment, KeyId, Page, PartnerId, PrefixedId,
    keys::{KeyKind, KeyQuery},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    UpdateMany,
    sea_query::{Expr, Func, LikeExpr},
};

use crate::{
    Digest, Store, StoreError, Updated,
    columns::{
        Word, count, digest, first_time_kept, id, micros, strings, strings_text, time, time_opt,
    },
    entities::api_keys::{self, Column},
    pages::{page, page_limit},
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
        let tx = self.begin_write().await?;
        let key = active(new).insert(&*tx).await?;
        tx.commit().await?;
        key.try_into()
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

    /// Changes a key that has still this version.
    pub async fn update_key(
        &self,
        partner_id: &PartnerId,
        key_id: &KeyId,
        version: i64,
        change: KeyChange,
    ) -> Result<Updated<KeyRow>, StoreError> {
        let tx = self.begin_write().await?;
        let changed = apply(change)
            .filter(is(partner_id, key_id))
            .filter(Column::Version.eq(version))
            .exec_with_returning(&*tx)
            .await?;
        tx.commit().await?;
        match changed.into_iter().next() {
            Some(key) => Ok(Updated::Changed(key.try_into()?)),
            None => {
                Ok(self.get_key(partner_id, key_id).await?.map_or(Updated::Absent, Updated::Stale))
            }
        }
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
        let revoked = next_version()
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

fn active(new: NewKey) -> api_keys::ActiveModel {
    api_keys::ActiveModel {
        id: Set(new.id.to_string()),
        partner_id: Set(new.partner_id.to_string()),
        platform: Set(new.platform),
        name_folded: Set(new.name.to_lowercase()),
        name: Set(new.name),
        kind: Set(new.kind.word().to_owned()),
        environment: Set(new.environment.word().to_owned()),
        prefix: Set(new.prefix),
        last4: Set(new.last4),
        digest: Set(new.digest.to_vec()),
        scopes: Set(strings_text(&new.scopes)),
        requests_per_minute: Set(new.requests_per_minute.map(i64::from)),
        expires_at: Set(new.expires_at.map(micros)),
        created_at: Set(micros(new.now)),
        created_by: Set(new.created_by),
        version: Set(1),
        ..Default::default()
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

fn next_version() -> UpdateMany<api_keys::Entity> {
    api_keys::Entity::update_many().col_expr(Column::Version, Expr::col(Column::Version).add(1))
}

fn apply(change: KeyChange) -> UpdateMany<api_keys::Entity> {
    let mut update = next_version();
    if let Some(name) = change.name {
        update = update
            .col_expr(Column::NameFolded, Expr::value(name.to_lowercase()))
            .col_expr(Column::Name, Expr::value(name));
    }
    if let Some(scopes) = change.scopes {
        update = update.col_expr(Column::Scopes, Expr::value(strings_text(&scopes)));
    }
    if let Some(limit) = change.requests_per_minute {
        update = update.col_expr(Column::RequestsPerMinute, Expr::value(limit.map(i64::from)));
    }
    if let Some(paused_at) = change.paused_at {
        update = update.col_expr(Column::PausedAt, first_time_kept(Column::PausedAt, paused_at));
    }
    update
}

impl TryFrom<api_keys::Model> for KeyRow {
    type Error = StoreError;

    fn try_from(model: api_keys::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(model.id)?,
            partner_id: id(model.partner_id)?,
            platform: model.platform,
            name: model.name,
            kind: KeyKind::from_word(&model.kind)?,
            environment: Environment::from_word(&model.environment)?,
            prefix: model.prefix,
            last4: model.last4,
            digest: digest(&model.digest)?,
            scopes: strings(&model.scopes)?,
            requests_per_minute: model.requests_per_minute.map(count).transpose()?,
            expires_at: time_opt(model.expires_at)?,
            created_at: time(model.created_at)?,
            created_by: model.created_by,
            last_used_at: time_opt(model.last_used_at)?,
            last_used_address: model.last_used_address,
            last_used_agent: model.last_used_agent,
            paused_at: time_opt(model.paused_at)?,
            revoked_at: time_opt(model.revoked_at)?,
            revoked_by: model.revoked_by,
            version: model.version,
        })
    }
}
