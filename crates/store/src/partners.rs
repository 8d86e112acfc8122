//! Partners: created whole, suspended and resumed by the operator.

use chrono::{DateTime, Utc};
use latchkey_contract::{PartnerId, PrefixedId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use crate::{
    AccountRow, Author, MemberRow, NewAccount, NewAuditEvent, NewMember, SampleState, Store,
    StoreError,
    accounts::insert_account,
    audit,
    columns::{Word, first_time_kept, id, micros, time, time_opt},
    entities::partners,
    members::insert_member,
};

/// A customer of API platforms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerRow {
    /// Its id.
    pub id: PartnerId,
    /// Its name.
    pub name: String,
    /// When it signed up.
    pub created_at: DateTime<Utc>,
    /// Since when all its keys are refused.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Set where it is made up, to look around in.
    pub sample: Option<SampleState>,
}

/// A partner to be: with its first member and an account on every platform.
#[derive(Debug, Clone)]
pub struct NewPartner {
    /// Its id.
    pub id: PartnerId,
    /// Its name.
    pub name: String,
    /// Who signs in for it.
    pub member: NewMember,
    /// One a platform.
    pub accounts: Vec<NewAccount>,
    /// Who makes it.
    pub author: Author,
    /// When it signs up.
    pub now: DateTime<Utc>,
}

/// A partner just created.
#[derive(Debug, Clone)]
pub struct PartnerCreated {
    /// The partner.
    pub partner: PartnerRow,
    /// Its first member.
    pub member: MemberRow,
    /// Its accounts.
    pub accounts: Vec<AccountRow>,
}

impl Store {
    /// Creates partner, member, accounts, welcome grants and the endpoints that come with an
    /// account, all or nothing. [`StoreError::EmailTaken`] where the address is known.
    pub async fn create_partner(&self, new: NewPartner) -> Result<PartnerCreated, StoreError> {
        self.insert_partner(new, None).await
    }

    pub(crate) async fn insert_partner(
        &self,
        new: NewPartner,
        sample: Option<SampleState>,
    ) -> Result<PartnerCreated, StoreError> {
        let tx = self.begin_write().await?;
        let partner = partners::ActiveModel {
            id: Set(new.id.to_string()),
            name: Set(new.name),
            created_at: Set(micros(new.now)),
            suspended_at: Set(None),
            sample: Set(sample.map(|state| state.word().to_owned())),
        };
        let partner: PartnerRow = partner.insert(&*tx).await?.try_into()?;
        let member = insert_member(&tx, &new.id, new.member, new.now).await?;
        let mut accounts = Vec::with_capacity(new.accounts.len());
        for account in new.accounts {
            accounts.push(insert_account(&tx, &new.id, account, new.now).await?);
        }
        let event = self.by(new.author).partner_event(&partner, "partner.created", new.now);
        audit::append(&tx, event.with("member", Some(&member.email))).await?;
        tx.commit().await?;
        Ok(PartnerCreated { partner, member, accounts })
    }

    /// The partner itself.
    pub async fn get_partner(
        &self,
        partner_id: &PartnerId,
    ) -> Result<Option<PartnerRow>, StoreError> {
        let found = partners::Entity::find_by_id(partner_id.as_str()).one(self.db()).await?;
        found.map(PartnerRow::try_from).transpose()
    }

    /// The operator's look-up: by the address of a member, compared without case.
    pub async fn get_partner_by_email(
        &self,
        email: &str,
    ) -> Result<Option<PartnerRow>, StoreError> {
        match self.get_member_by_email(email).await? {
            Some(member) => self.get_partner(&member.partner_id).await,
            None => Ok(None),
        }
    }

    /// The operator's list of everybody, the newest first.
    pub async fn list_partners(&self) -> Result<Vec<PartnerRow>, StoreError> {
        let found =
            partners::Entity::find().order_by_desc(partners::Column::Id).all(self.db()).await?;
        found.into_iter().map(PartnerRow::try_from).collect()
    }

    /// Suspends the partner (a time) or resumes it (`None`). Suspending twice keeps the first time.
    pub async fn set_partner_suspension(
        &self,
        partner_id: &PartnerId,
        suspended_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Option<PartnerRow>, StoreError> {
        let column = partners::Column::SuspendedAt;
        let value = first_time_kept(column, suspended_at);
        let action = if suspended_at.is_some() { "partner.suspended" } else { "partner.resumed" };
        self.update_partner(partner_id, (column, value), |before, after| {
            let differs = before.suspended_at != after.suspended_at;
            differs.then(|| self.partner_event(after, action, now))
        })
        .await
    }

    /// Renames the partner.
    pub async fn rename_partner(
        &self,
        partner_id: &PartnerId,
        name: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<PartnerRow>, StoreError> {
        let name = (partners::Column::Name, Expr::value(name));
        self.update_partner(partner_id, name, |before, after| {
            let event = self.partner_event(after, "partner.renamed", now);
            let differs = before.name != after.name;
            differs.then(|| event.changing("name", Some(&before.name), Some(&after.name)))
        })
        .await
    }

    /// Sets a column, and records what `event_of` makes of the row before and after.
    async fn update_partner(
        &self,
        partner_id: &PartnerId,
        (column, value): (partners::Column, Expr),
        event_of: impl FnOnce(&PartnerRow, &PartnerRow) -> Option<NewAuditEvent>,
    ) -> Result<Option<PartnerRow>, StoreError> {
        let tx = self.begin_write().await?;
        let Some(before) = partners::Entity::find_by_id(partner_id.as_str()).one(&*tx).await?
        else {
            return Ok(None);
        };
        let changed = partners::Entity::update_many()
            .col_expr(column, value)
            .filter(partners::Column::Id.eq(partner_id.as_str()))
            .exec_with_returning(&*tx)
            .await?;
        let changed = changed.into_iter().next().map(PartnerRow::try_from).transpose()?;
        let before = PartnerRow::try_from(before)?;
        if let Some(event) = changed.as_ref().and_then(|after| event_of(&before, after)) {
            audit::append(&tx, event).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }

    fn partner_event(
        &self,
        partner: &PartnerRow,
        action: &'static str,
        now: DateTime<Utc>,
    ) -> NewAuditEvent {
        let subject = ("partner", partner.id.as_str(), partner.name.as_str());
        self.record(&partner.id, action, subject, now)
    }
}

impl TryFrom<partners::Model> for PartnerRow {
    type Error = StoreError;

    fn try_from(model: partners::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(model.id)?,
            name: model.name,
            created_at: time(model.created_at)?,
            suspended_at: time_opt(model.suspended_at)?,
            sample: model.sample.as_deref().map(SampleState::from_word).transpose()?,
        })
    }
}
