//! Members: who signs in for a partner.

use std::fmt;

use chrono::{DateTime, Utc};
use latchkey_contract::{MemberId, PartnerId};

use crate::{Store, StoreError};

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
        f.debug_struct("MemberRow").field("id", &self.id).field("partner_id", &self.partner_id).finish_non_exhaustive()
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
        todo!()
    }

    /// One member of the partner.
    pub async fn get_member(
        &self,
        partner_id: &PartnerId,
        member_id: &MemberId,
    ) -> Result<Option<MemberRow>, StoreError> {
        todo!()
    }

    /// Sets a new password hash; `false` where the partner has no such member.
    pub async fn set_member_password(
        &self,
        partner_id: &PartnerId,
        member_id: &MemberId,
        password_hash: &str,
    ) -> Result<bool, StoreError> {
        todo!()
    }
}
