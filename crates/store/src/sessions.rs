//! Sessions: digests of access and refresh tokens, rotation, and the detection of reuse.

use chrono::{DateTime, Utc};
use latchkey_contract::{MemberId, PartnerId, SessionId};

use crate::{Caller, Digest, MemberRow, PartnerRow, Store, StoreError};

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its id; the same over all refreshes.
    pub id: SessionId,
    /// For whom.
    pub partner_id: PartnerId,
    /// Who.
    pub member_id: MemberId,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Its last use, as far as told by [`Store::touch_session`].
    pub last_used_at: DateTime<Utc>,
    /// From where it was last used.
    pub address: Option<String>,
    /// With what it was last used.
    pub user_agent: Option<String>,
    /// Until when the access token holds.
    pub access_expires_at: DateTime<Utc>,
    /// Until when the refresh token holds.
    pub refresh_expires_at: DateTime<Utc>,
}

/// The digest of a token and how long the token holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenDigest {
    /// SHA-256 of the token.
    pub digest: Digest,
    /// Until when it holds.
    pub expires_at: DateTime<Utc>,
}

/// A fresh pair of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewTokens {
    /// For every call.
    pub access: TokenDigest,
    /// For the next pair; works once.
    pub refresh: TokenDigest,
}

/// A session to be.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// For whom.
    pub partner_id: PartnerId,
    /// Who.
    pub member_id: MemberId,
    /// Its first pair of tokens.
    pub tokens: NewTokens,
    /// From where.
    pub caller: Caller,
    /// When.
    pub now: DateTime<Utc>,
}

/// A session with who stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The session.
    pub session: SessionRow,
    /// Who signed in.
    pub member: MemberRow,
    /// For whom.
    pub partner: PartnerRow,
}

/// How a refresh ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refreshed {
    /// The new tokens hold, the old ones no longer do.
    Renewed(Box<SignedIn>),
    /// An old token came again: the session was ended.
    Reused(SessionId),
    /// Unknown, expired, or of a session that has ended.
    Refused,
}

impl Store {
    /// Keeps a new session.
    pub async fn create_session(&self, new: NewSession) -> Result<SessionRow, StoreError> {
        todo!()
    }

    /// The look-up of every admin call, before a partner is known: a session whose access token
    /// holds at `now`, with its member and partner.
    pub async fn get_session_by_access(
        &self,
        digest: &Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<SignedIn>, StoreError> {
        todo!()
    }

    /// Exchanges a refresh token, before a partner is known. One that was exchanged before ends
    /// its session.
    pub async fn refresh_session(
        &self,
        digest: &Digest,
        tokens: NewTokens,
        caller: &Caller,
        now: DateTime<Utc>,
    ) -> Result<Refreshed, StoreError> {
        todo!()
    }

    /// The member's sessions that still hold, the last used first.
    pub async fn list_sessions(
        &self,
        partner_id: &PartnerId,
        member_id: &MemberId,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionRow>, StoreError> {
        todo!()
    }

    /// Ends one session; `false` where the member has no such session that still holds.
    pub async fn end_session(
        &self,
        partner_id: &PartnerId,
        member_id: &MemberId,
        session_id: &SessionId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        todo!()
    }

    /// Ends all of the member's sessions but `keep`; answers how many.
    pub async fn end_other_sessions(
        &self,
        partner_id: &PartnerId,
        member_id: &MemberId,
        keep: Option<&SessionId>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        todo!()
    }

    /// Notes the last use of a session. Call it at most once a minute and session.
    pub async fn touch_session(
        &self,
        partner_id: &PartnerId,
        session_id: &SessionId,
        caller: &Caller,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        todo!()
    }
}
