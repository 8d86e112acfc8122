//! Members: who signs in for a partner.

use std::fmt;

use chrono::{DateTime, Utc};
use latchkey_contract::{MemberId, PartnerId, PrefixedId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr,
};

use crate::{
    Store, StoreError, audit,
    columns::{id, micros, time},
    connection::WriteTransaction,
    entities::members,
};

/// A person who signs in for a partner. Its `Debug` does not show the password's hash.
#[derive(Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// Its id.
    pub id: MemberId,
    /// For whom.
    pub partner_id: PartnerId,
    /// The address as typed at sign-up.
    pub email: String,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// A member to be. Its `Debug` does not show the password's hash.
#[derive(Clone)]
pub struct NewMember {
    /// Its id.
    pub id: MemberId,
    /// The address; unique on the server, compared without case.
    pub email: String,
    /// Argon2id in PHC form.
    pub password_hash: String,
}

impl fmt::Debug for MemberRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemberRow")
            .field("id", &self.id)
            .field("partner_id", &self.partner_id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for NewMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewMember").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Store {
    /// Sign-in's look-up, before a partner is known: by address, compared without case.
    pub async fn get_member_by_email(&self, email: &str) -> Result<Option<MemberRow>, StoreError> {
        let found = members::Entity::find()
            .filter(members::Column::EmailFolded.eq(folded(email)))
            .one(self.db())
            .await?;
        found.map(MemberRow::try_from).transpose()
    }

    /// One member of the partner.
    pub async fn get_member(
        &self,
        partner_id: &PartnerId,
        member_id: &MemberId,
    ) -> Result<Option<MemberRow>, StoreError> {
        let found = members::Entity::find_by_id(member_id.as_str())
            .filter(members::Column::PartnerId.eq(partner_id.as_str()))
            .one(self.db())
            .await?;
        found.map(MemberRow::try_from).transpose()
    }

    /// Sets a new password hash; `false` where the partner has no such member.
    pub async fn set_member_password(
        &self,
        partner_id: &PartnerId,
        member_id: &MemberId,
        password_hash: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let tx = self.begin_write().await?;
        let changed = members::Entity::update_many()
            .col_expr(members::Column::PasswordHash, Expr::value(password_hash))
            .filter(members::Column::Id.eq(member_id.as_str()))
            .filter(members::Column::PartnerId.eq(partner_id.as_str()))
            .exec_with_returning(&*tx)
            .await?;
        let Some(member) = changed.into_iter().next() else {
            return Ok(false);
        };
        let subject = ("member", member.id.as_str(), member.email.as_str());
        let event = self.record(partner_id, "member.password_changed", subject, now);
        audit::append(&tx, event).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Adds the first member of a partner. [`StoreError::EmailTaken`] where the address is known.
pub(crate) async fn insert_member(
    tx: &WriteTransaction,
    partner_id: &PartnerId,
    new: NewMember,
    now: DateTime<Utc>,
) -> Result<MemberRow, StoreError> {
    let member = members::ActiveModel {
        id: Set(new.id.to_string()),
        partner_id: Set(partner_id.to_string()),
        email_folded: Set(folded(&new.email)),
        email: Set(new.email),
        password_hash: Set(new.password_hash),
        created_at: Set(micros(now)),
    };
    match member.insert(&**tx).await {
        Ok(model) => model.try_into(),
        Err(error) if StoreError::is_unique_violation(&error) => Err(StoreError::EmailTaken),
        Err(error) => Err(error.into()),
    }
}

/// What addresses are compared by.
fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}

impl TryFrom<members::Model> for MemberRow {
    type Error = StoreError;

    fn try_from(model: members::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(model.id)?,
            partner_id: id(model.partner_id)?,
            email: model.email,
            password_hash: model.password_hash,
            created_at: time(model.created_at)?,
        })
    }
}
