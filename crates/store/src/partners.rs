//! Partners: created whole, suspended and resumed by the operator.

use chrono::{DateTime, Utc};
use latchkey_contract::PartnerId;

use crate::{AccountRow, MemberRow, NewAccount, NewMember, Store, StoreError};

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
        todo!()
    }

    /// The partner itself.
    pub async fn get_partner(&self, partner_id: &PartnerId) -> Result<Option<PartnerRow>, StoreError> {
        todo!()
    }

    /// The operator's look-up: by the address of a member, compared without case.
    pub async fn get_partner_by_email(&self, email: &str) -> Result<Option<PartnerRow>, StoreError> {
        todo!()
    }

    /// The operator's list of everybody, the newest first.
    pub async fn list_partners(&self) -> Result<Vec<PartnerRow>, StoreError> {
        todo!()
    }

    /// Suspends the partner (a time) or resumes it (`None`). Suspending twice keeps the first time.
    pub async fn set_partner_suspension(
        &self,
        partner_id: &PartnerId,
        suspended_at: Option<DateTime<Utc>>,
    ) -> Result<Option<PartnerRow>, StoreError> {
        todo!()
    }

    /// Renames the partner.
    pub async fn rename_partner(&self, partner_id: &PartnerId, name: &str) -> Result<Option<PartnerRow>, StoreError> {
        todo!()
    }
}
