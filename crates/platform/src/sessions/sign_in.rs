//! Who asks: by password, then by token.

use std::net::IpAddr;

use chrono::TimeDelta;
use latchkey_contract::{
    FieldError, SecretText,
    partners::{Me, Member, Partner},
    sessions::{CreateSession, SessionTokens},
};
use latchkey_store::{
    Author, Caller, MemberRow, NewSession, NewTokens, PartnerRow, SignedIn, TokenDigest,
};

use super::{PasswordContext, SessionError, password_fault, token};
use crate::{Context, clock::later};

const ACCESS_LASTS: TimeDelta = TimeDelta::minutes(15);
const REFRESH_LASTS: TimeDelta = TimeDelta::days(30);

/// Signs in by password. The answer and the work are the same for an unknown address and a wrong
/// password.
///
/// # Errors
/// [`SessionError::WrongCredentials`], [`SessionError::TooManyAttempts`].
pub async fn create_session(
    context: &Context,
    request: &CreateSession,
    address: IpAddr,
    caller: Caller,
) -> Result<SessionTokens, SessionError> {
    let sessions = &context.sessions.0;
    sessions.guesses.admit(address, &request.email)?;
    let member = context.store.get_member_by_email(request.email.trim()).await?;
    let hash = member.as_ref().map(|member| member.password_hash.as_str());
    let right = sessions.hashing.verify(&request.password, hash).await?;
    let member = member.filter(|_| right).ok_or(SessionError::WrongCredentials)?;
    let partner = context.store.get_partner(&member.partner_id).await?;
    let partner = partner.ok_or(SessionError::WrongCredentials)?;
    open_session(context, partner, member, caller).await
}

/// Opens a session for a member who has proved to be one.
///
/// # Errors
/// What the store says.
pub async fn open_session(
    context: &Context,
    partner: PartnerRow,
    member: MemberRow,
    caller: Caller,
) -> Result<SessionTokens, SessionError> {
    let now = context.clock.now();
    let drawn = DrawnTokens::draw(context);
    let new = NewSession {
        id: context.entropy.id(now),
        partner_id: partner.id.clone(),
        member_id: member.id.clone(),
        tokens: drawn.digests(),
        caller,
        now,
    };
    let author = Author::member(&member.email, new.caller.address.as_deref());
    let session = context.store.by(author).create_session(new).await?;
    Ok(drawn.answer(&SignedIn { session, member, partner }))
}

/// Finds the session of an access token.
///
/// # Errors
/// [`SessionError::Ended`] where there is none that holds.
pub async fn authenticate(
    context: &Context,
    access_token: &SecretText,
    caller: &Caller,
) -> Result<SignedIn, SessionError> {
    let now = context.clock.now();
    let digest = token::digest(access_token);
    let found = context.store.get_session_by_access(&digest, now).await?;
    let signed_in = found.ok_or(SessionError::Ended)?;
    // Either way: a clock that was set back must not stop the notes for hours.
    let since = now.signed_duration_since(signed_in.session.last_used_at);
    if since.abs() >= TimeDelta::minutes(1) {
        let SignedIn { session, .. } = &signed_in;
        let touched =
            context.store.touch_session(&session.partner_id, &session.id, caller, now).await;
        if let Err(error) = touched {
            // A full disk, say: reading goes on.
            tracing::warn!(%error, "the last use of a session could not be noted");
        }
    }
    Ok(signed_in)
}

/// Sets a new password and ends the member's other sessions.
///
/// # Errors
/// [`SessionError::Invalid`] where the current password is missing or wrong, or the new one is
/// not good enough; [`SessionError::TooManyAttempts`].
pub async fn change_password(
    context: &Context,
    signed_in: &SignedIn,
    current: Option<&SecretText>,
    new: &SecretText,
    address: IpAddr,
) -> Result<(), SessionError> {
    let SignedIn { session, member, partner } = signed_in;
    let Some(current) = current else {
        return Err(invalid("/current_password", "is needed to set a new password"));
    };
    let words = PasswordContext { email: &member.email, partner_name: &partner.name };
    if let Some(fault) = password_fault(new, &words) {
        return Err(invalid("/password", fault));
    }
    let sessions = &context.sessions.0;
    sessions.guesses.admit(address, &member.email)?;
    if !sessions.hashing.verify(current, Some(&member.password_hash)).await? {
        return Err(invalid("/current_password", "is not the current password"));
    }
    let hash = context.sessions.hash_password(new, &context.entropy).await?;
    let (store, now) = (&context.store, context.clock.now());
    store.set_member_password(&partner.id, &member.id, &hash, now).await?;
    store.end_other_sessions(&partner.id, &member.id, Some(&session.id), now).await?;
    Ok(())
}

fn invalid(pointer: &str, detail: &str) -> SessionError {
    SessionError::Invalid(vec![FieldError {
        pointer: pointer.to_owned(),
        detail: detail.to_owned(),
    }])
}

/// A pair of tokens that exists in plain only until it is sent.
pub(super) struct DrawnTokens {
    access: SecretText,
    refresh: SecretText,
    digests: NewTokens,
}

impl DrawnTokens {
    pub(super) fn draw(context: &Context) -> Self {
        let now = context.clock.now();
        let (access, refresh) = (token::draw(&context.entropy), token::draw(&context.entropy));
        let digest = |text, lasts| TokenDigest {
            digest: token::digest(text),
            expires_at: later(now, lasts),
        };
        let digests = NewTokens {
            access: digest(&access, ACCESS_LASTS),
            refresh: digest(&refresh, REFRESH_LASTS),
        };
        Self { access, refresh, digests }
    }

    pub(super) fn digests(&self) -> NewTokens {
        self.digests
    }

    pub(super) fn answer(self, signed_in: &SignedIn) -> SessionTokens {
        SessionTokens {
            session_id: signed_in.session.id.clone(),
            access_token: self.access,
            access_expires_at: self.digests.access.expires_at,
            refresh_token: self.refresh,
            refresh_expires_at: self.digests.refresh.expires_at,
            me: describe_me(&signed_in.partner, &signed_in.member),
        }
    }
}

/// Partner and member as the console shows them.
#[must_use]
pub fn describe_me(partner: &PartnerRow, member: &MemberRow) -> Me {
    Me {
        partner: Partner {
            id: partner.id.clone(),
            name: partner.name.clone(),
            created_at: partner.created_at,
            suspended_at: partner.suspended_at,
            sample: partner.sample.is_some(),
        },
        member: Member {
            id: member.id.clone(),
            email: member.email.clone(),
            created_at: member.created_at,
        },
    }
}
