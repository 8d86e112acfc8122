//! Accounts: a partner on a platform.

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, PartnerId, PrefixedId, platforms::IpEntry};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select,
};

use crate::{
    Grant, NewEndpoint, Store, StoreError,
    columns::{first_time_kept, id, micros, time, time_opt},
    connection::WriteTransaction,
    endpoints::insert_endpoint,
    entities::accounts,
    ledger::insert_grant,
};

/// A partner on a platform; `granted − captured − held = balance`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: String,
    /// What can be spent now: holds are already taken off.
    pub balance: Amount,
    /// All that was ever granted.
    pub granted: Amount,
    /// All that was ever spent.
    pub captured: Amount,
    /// Set aside for jobs under way.
    pub held: Amount,
    /// Whether live keys work.
    pub live_enabled: bool,
    /// Since when the account is suspended.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Where its keys may be used from.
    pub ip_entries: Vec<IpEntry>,
}

/// An account to be.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Slug of the platform.
    pub platform: String,
    /// Whether live keys work from the start.
    pub live_enabled: bool,
    /// Credits given at the start, above zero.
    pub welcome: Option<Amount>,
    /// The endpoint that comes with the account where each request names its own webhook URL.
    pub endpoint: Option<NewEndpoint>,
}

impl Store {
    /// Adds an account to an existing partner, on a platform that came later. One that exists is
    /// left as it is, and so are its credits; `false` then.
    pub async fn add_account(
        &self,
        partner_id: &PartnerId,
        new: NewAccount,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let tx = self.begin_write().await?;
        if find(partner_id, &new.platform).one(&*tx).await?.is_some() {
            return Ok(false);
        }
        insert_account(&tx, partner_id, new, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The partner's accounts by platform.
    pub async fn list_accounts(
        &self,
        partner_id: &PartnerId,
    ) -> Result<Vec<AccountRow>, StoreError> {
        let found = accounts::Entity::find()
            .filter(accounts::Column::PartnerId.eq(partner_id.as_str()))
            .order_by_asc(accounts::Column::Platform)
            .all(self.db())
            .await?;
        found.into_iter().map(AccountRow::try_from).collect()
    }

    /// The partner's account on one platform.
    pub async fn get_account(
        &self,
        partner_id: &PartnerId,
        platform: &str,
    ) -> Result<Option<AccountRow>, StoreError> {
        find(partner_id, platform).one(self.db()).await?.map(AccountRow::try_from).transpose()
    }

    /// Switches live keys on (a time; the first one is kept) or off (`None`).
    pub async fn set_account_live(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        live_since: Option<DateTime<Utc>>,
    ) -> Result<Option<AccountRow>, StoreError> {
        self.set_account_time(partner_id, platform, accounts::Column::LiveSince, live_since).await
    }

    /// Suspends the account (a time; the first one is kept) or resumes it (`None`).
    pub async fn set_account_suspension(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        suspended_at: Option<DateTime<Utc>>,
    ) -> Result<Option<AccountRow>, StoreError> {
        self.set_account_time(partner_id, platform, accounts::Column::SuspendedAt, suspended_at)
            .await
    }

    async fn set_account_time(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        column: accounts::Column,
        at: Option<DateTime<Utc>>,
    ) -> Result<Option<AccountRow>, StoreError> {
        let tx = self.begin_write().await?;
        let changed = accounts::Entity::update_many()
            .col_expr(column, first_time_kept(column, at))
            .filter(accounts::Column::PartnerId.eq(partner_id.as_str()))
            .filter(accounts::Column::Platform.eq(platform))
            .exec_with_returning(&*tx)
            .await?;
        tx.commit().await?;
        changed.into_iter().next().map(AccountRow::try_from).transpose()
    }
}

fn find(partner_id: &PartnerId, platform: &str) -> Select<accounts::Entity> {
    accounts::Entity::find_by_id((partner_id.to_string(), platform.to_owned()))
}

/// Adds an account with its welcome grant and its endpoint.
pub(crate) async fn insert_account(
    tx: &WriteTransaction,
    partner_id: &PartnerId,
    new: NewAccount,
    now: DateTime<Utc>,
) -> Result<AccountRow, StoreError> {
    let account = accounts::ActiveModel {
        partner_id: Set(partner_id.to_string()),
        platform: Set(new.platform.clone()),
        balance: Set(0),
        granted: Set(0),
        captured: Set(0),
        held: Set(0),
        live_since: Set(new.live_enabled.then(|| micros(now))),
        suspended_at: Set(None),
        created_at: Set(micros(now)),
        ..Default::default()
    };
    let mut account = AccountRow::try_from(account.insert(&**tx).await?)?;
    if let Some(amount) = new.welcome {
        let operation = format!("welcome:{partner_id}:{}", new.platform);
        let grant = Grant {
            partner_id: partner_id.clone(),
            platform: new.platform,
            amount,
            operation,
            now,
        };
        insert_grant(tx, &grant).await?;
        account.balance = amount;
        account.granted = amount;
    }
    if let Some(endpoint) = new.endpoint {
        insert_endpoint(tx, endpoint).await?;
    }
    Ok(account)
}

impl TryFrom<accounts::Model> for AccountRow {
    type Error = StoreError;

    fn try_from(model: accounts::Model) -> Result<Self, StoreError> {
        Ok(Self {
            partner_id: id(model.partner_id)?,
            platform: model.platform,
            balance: Amount(model.balance),
            granted: Amount(model.granted),
            captured: Amount(model.captured),
            held: Amount(model.held),
            live_enabled: model.live_since.is_some(),
            suspended_at: time_opt(model.suspended_at)?,
            created_at: time(model.created_at)?,
            ip_entries: serde_json::from_str(&model.ip_entries)
                .map_err(|_| StoreError::Corrupt("a list of IP entries".to_owned()))?,
        })
    }
}
