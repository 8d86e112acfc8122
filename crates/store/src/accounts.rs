//! Accounts: a partner on a platform.

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, PartnerId, PrefixedId, credits::TopUpRule, platforms::IpEntry};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select,
};

use crate::{
    Movement, NewEndpoint, Store, StoreError,
    columns::{count, id, micros, time, time_opt},
    connection::WriteTransaction,
    endpoints::insert_endpoint,
    entities::accounts::{self, Column},
    ledger::booking::insert_grant,
};

pub(crate) mod records;
mod settings;

/// A partner on a platform; `granted + purchased + adjusted − captured − held = balance`.
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
    /// All that was ever bought.
    pub purchased: Amount,
    /// All corrections together.
    pub adjusted: Amount,
    /// All that was ever spent.
    pub captured: Amount,
    /// Set aside for jobs under way.
    pub held: Amount,
    /// Whether live keys work.
    pub live_enabled: bool,
    /// Since when the account is suspended.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Below it the partner is told, once a crossing.
    pub low_balance: Option<Amount>,
    /// When credits are bought without asking.
    pub top_up: TopUpRule,
    /// How much may be owed.
    pub credit_line: Amount,
    /// What is owed for purchases.
    pub owed: Amount,
    /// Counts changes of what its member sets.
    pub version: i64,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Where its keys may be used from.
    pub ip_entries: Vec<IpEntry>,
}

/// What changes about an account; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// The threshold below which the partner is told, or none.
    pub low_balance: Option<Option<Amount>>,
    /// The whole rule.
    pub top_up: Option<TopUpRule>,
    /// Where its keys may be used from, all of it.
    pub ip_entries: Option<Vec<IpEntry>>,
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
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .order_by_asc(Column::Platform)
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

    /// The operator's list of everybody's accounts, by partner and platform.
    pub async fn list_all_accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        let found = accounts::Entity::find()
            .order_by_asc(Column::PartnerId)
            .order_by_asc(Column::Platform)
            .all(self.db())
            .await?;
        found.into_iter().map(AccountRow::try_from).collect()
    }
}

pub(crate) fn find(partner_id: &PartnerId, platform: &str) -> Select<accounts::Entity> {
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
        let grant = Movement {
            partner_id: partner_id.clone(),
            platform: new.platform,
            amount,
            operation,
            note: None,
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
            purchased: Amount(model.purchased),
            adjusted: Amount(model.adjusted),
            low_balance: model.low_balance.map(Amount),
            top_up: TopUpRule {
                enabled: model.top_up_since.is_some(),
                threshold: Amount(model.top_up_threshold),
                amount: Amount(model.top_up_amount),
                monthly_ceiling: Amount(model.top_up_ceiling),
                cooldown_seconds: count(model.top_up_cooldown_s)?,
            },
            credit_line: Amount(model.credit_line),
            owed: Amount(model.owed),
            version: model.version,
            created_at: time(model.created_at)?,
            ip_entries: serde_json::from_str(&model.ip_entries)
                .map_err(|_| StoreError::Corrupt("a list of IP entries".to_owned()))?,
        })
    }
}
