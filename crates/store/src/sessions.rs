//! Sessions: digests of access and refresh tokens, rotation, and the detection of reuse.

use chrono::{DateTime, Utc};
use latchkey_contract::{MemberId, PartnerId, PrefixedId, SessionId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter,
    QueryOrder, UpdateMany, sea_query::Expr,
};

use crate::{
    Caller, Digest, MemberRow, NewAuditEvent, PartnerRow, Store, StoreError, audit,
    columns::{id, micros, time},
    connection::WriteTransaction,
    entities::{sessions, used_refresh_tokens},
};

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
    Reused {
        /// Which.
        session_id: SessionId,
        /// Whose.
        partner_id: PartnerId,
    },
    /// Unknown, expired, or of a session that has ended.
    Refused,
}

impl Store {
    /// Keeps a new session.
    pub async fn create_session(&self, new: NewSession) -> Result<SessionRow, StoreError> {
        let now = micros(new.now);
        let session = sessions::ActiveModel {
            id: Set(new.id.to_string()),
            partner_id: Set(new.partner_id.to_string()),
            member_id: Set(new.member_id.to_string()),
            access_digest: Set(new.tokens.access.digest.to_vec()),
            access_expires_at: Set(micros(new.tokens.access.expires_at)),
            refresh_digest: Set(new.tokens.refresh.digest.to_vec()),
            refresh_expires_at: Set(micros(new.tokens.refresh.expires_at)),
            created_at: Set(now),
            last_used_at: Set(now),
            address: Set(new.caller.address.as_deref().map(str::to_owned)),
            user_agent: Set(new.caller.agent.as_deref().map(str::to_owned)),
            ended_at: Set(None),
        };
        let tx = self.begin_write().await?;
        let session = SessionRow::try_from(session.insert(&*tx).await?)?;
        audit::append(&tx, self.session_event(&session, "session.created", new.now)).await?;
        tx.commit().await?;
        Ok(session)
    }

    /// The look-up of every admin call, before a partner is known: a session whose access token
    /// holds at `now`, with its member and partner.
    pub async fn get_session_by_access(
        &self,
        digest: &Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<SignedIn>, StoreError> {
        let found = sessions::Entity::find()
            .filter(sessions::Column::AccessDigest.eq(digest.to_vec()))
            .filter(sessions::Column::AccessExpiresAt.gt(micros(now)))
            .filter(sessions::Column::EndedAt.is_null())
            .one(self.db())
            .await?;
        match found {
            Some(session) => self.signed_in(session).await,
            None => Ok(None),
        }
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
        let tx = self.begin_write().await?;
        let Some(session) = renew(&tx, digest, tokens, caller, now).await? else {
            let Some(ended) = end_if_reused(&tx, digest, now).await? else {
                return Ok(Refreshed::Refused);
            };
            let mut event = self.session_event(&ended, "session.ended", now);
            event.author.address = caller.address.as_deref().map(str::to_owned);
            let why = "a refresh token was used twice";
            audit::append(&tx, event.with("reason", Some(why))).await?;
            tx.commit().await?;
            return Ok(Refreshed::Reused { session_id: ended.id, partner_id: ended.partner_id });
        };
        tx.commit().await?;
        let signed_in = self.signed_in(session).await?;
        Ok(signed_in
            .map_or(Refreshed::Refused, |signed_in| Refreshed::Renewed(Box::new(signed_in))))
    }

    /// The member's sessions that still hold, the last used first.
    pub async fn list_sessions(
        &self,
        partner_id: &PartnerId,
        member_id: &MemberId,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let found = sessions::Entity::find()
            .filter(of_member(partner_id, member_id, now))
            .order_by_desc(sessions::Column::LastUsedAt)
            .order_by_desc(sessions::Column::Id)
            .all(self.db())
            .await?;
        found.into_iter().map(SessionRow::try_from).collect()
    }

    /// Ends one session; `false` where the member has no such session that still holds.
    pub async fn end_session(
        &self,
        partner_id: &PartnerId,
        member_id: &MemberId,
        session_id: &SessionId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let which =
            of_member(partner_id, member_id, now).add(sessions::Column::Id.eq(session_id.as_str()));
        Ok(self.end_sessions(which, now).await? > 0)
    }

    /// Ends all of the member's sessions but `keep`; answers how many.
    pub async fn end_other_sessions(
        &self,
        partner_id: &PartnerId,
        member_id: &MemberId,
        keep: Option<&SessionId>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let others = keep.map(|keep| sessions::Column::Id.ne(keep.as_str()));
        self.end_sessions(of_member(partner_id, member_id, now).add_option(others), now).await
    }

    /// Notes the last use of a session. Call it at most once a minute and session.
    pub async fn touch_session(
        &self,
        partner_id: &PartnerId,
        session_id: &SessionId,
        caller: &Caller,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let tx = self.begin_write().await?;
        used_now(sessions::Entity::update_many(), caller, now)
            .filter(sessions::Column::Id.eq(session_id.as_str()))
            .filter(sessions::Column::PartnerId.eq(partner_id.as_str()))
            .filter(sessions::Column::LastUsedAt.lte(micros(now)))
            .exec(&*tx)
            .await?;
        tx.commit().await
    }

    async fn end_sessions(&self, which: Condition, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let tx = self.begin_write().await?;
        let ended = sessions::Entity::update_many()
            .col_expr(sessions::Column::EndedAt, Expr::value(micros(now)))
            .filter(which)
            .exec_with_returning(&*tx)
            .await?;
        let mut count = 0;
        for session in ended {
            let session = session.try_into()?;
            audit::append(&tx, self.session_event(&session, "session.ended", now)).await?;
            count += 1;
        }
        tx.commit().await?;
        Ok(count)
    }

    /// A session is called by what it was opened with.
    fn session_event(
        &self,
        session: &SessionRow,
        action: &'static str,
        now: DateTime<Utc>,
    ) -> NewAuditEvent {
        let name = session.user_agent.as_deref().unwrap_or_default();
        self.record(&session.partner_id, action, ("session", session.id.as_str(), name), now)
    }

    /// Adds who stands behind a session.
    async fn signed_in(&self, session: sessions::Model) -> Result<Option<SignedIn>, StoreError> {
        let session = SessionRow::try_from(session)?;
        let member = self.get_member(&session.partner_id, &session.member_id).await?;
        let partner = self.get_partner(&session.partner_id).await?;
        Ok(member.zip(partner).map(|(member, partner)| SignedIn { session, member, partner }))
    }
}

/// The member's sessions that can still be refreshed.
fn of_member(partner_id: &PartnerId, member_id: &MemberId, now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(sessions::Column::PartnerId.eq(partner_id.as_str()))
        .add(sessions::Column::MemberId.eq(member_id.as_str()))
        .add(sessions::Column::EndedAt.is_null())
        .add(sessions::Column::RefreshExpiresAt.gt(micros(now)))
}

fn used_now(
    update: UpdateMany<sessions::Entity>,
    caller: &Caller,
    now: DateTime<Utc>,
) -> UpdateMany<sessions::Entity> {
    update
        .col_expr(sessions::Column::LastUsedAt, Expr::value(micros(now)))
        .col_expr(
            sessions::Column::Address,
            Expr::value(caller.address.as_deref().map(str::to_owned)),
        )
        .col_expr(
            sessions::Column::UserAgent,
            Expr::value(caller.agent.as_deref().map(str::to_owned)),
        )
}

/// Sets the new tokens where the old one is the session's current one, and remembers the old one.
async fn renew(
    tx: &WriteTransaction,
    digest: &Digest,
    tokens: NewTokens,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<Option<sessions::Model>, StoreError> {
    let renewed = used_now(sessions::Entity::update_many(), caller, now)
        .col_expr(sessions::Column::AccessDigest, Expr::value(tokens.access.digest.to_vec()))
        .col_expr(sessions::Column::AccessExpiresAt, Expr::value(micros(tokens.access.expires_at)))
        .col_expr(sessions::Column::RefreshDigest, Expr::value(tokens.refresh.digest.to_vec()))
        .col_expr(
            sessions::Column::RefreshExpiresAt,
            Expr::value(micros(tokens.refresh.expires_at)),
        )
        .filter(sessions::Column::RefreshDigest.eq(digest.to_vec()))
        .filter(sessions::Column::RefreshExpiresAt.gt(micros(now)))
        .filter(sessions::Column::EndedAt.is_null())
        .exec_with_returning(&**tx)
        .await?;
    let Some(session) = renewed.into_iter().next() else {
        return Ok(None);
    };
    let used = used_refresh_tokens::ActiveModel {
        digest: Set(digest.to_vec()),
        session_id: Set(session.id.clone()),
        used_at: Set(micros(now)),
    };
    used_refresh_tokens::Entity::insert(used).exec_without_returning(&**tx).await?;
    Ok(Some(session))
}

/// Ends the session a refresh token was exchanged for before.
async fn end_if_reused(
    tx: &WriteTransaction,
    digest: &Digest,
    now: DateTime<Utc>,
) -> Result<Option<SessionRow>, StoreError> {
    let Some(used) = used_refresh_tokens::Entity::find_by_id(digest.to_vec()).one(&**tx).await?
    else {
        return Ok(None);
    };
    let ended = sessions::Entity::update_many()
        .col_expr(sessions::Column::EndedAt, Expr::value(micros(now)))
        .filter(sessions::Column::Id.eq(used.session_id.as_str()))
        .filter(sessions::Column::EndedAt.is_null())
        .exec_with_returning(&**tx)
        .await?;
    ended.into_iter().next().map(SessionRow::try_from).transpose()
}

impl TryFrom<sessions::Model> for SessionRow {
    type Error = StoreError;

    fn try_from(model: sessions::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(model.id)?,
            partner_id: id(model.partner_id)?,
            member_id: id(model.member_id)?,
            created_at: time(model.created_at)?,
            last_used_at: time(model.last_used_at)?,
            address: model.address,
            user_agent: model.user_agent,
            access_expires_at: time(model.access_expires_at)?,
            refresh_expires_at: time(model.refresh_expires_at)?,
        })
    }
}
