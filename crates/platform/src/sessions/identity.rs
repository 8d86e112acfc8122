//! Who stands behind a token: a session of ours, or an identity provider's word.

use latchkey_contract::SecretText;
use latchkey_store::{Caller, MemberRow, SessionRow, SignedIn, StoreError};

use super::{SessionError, authenticate, openid::Claims};
use crate::Context;

/// Why nobody is known to stand behind a token.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Reads on after "this call needs an identity token, and".
    #[error("{0}")]
    Refused(&'static str),
    /// The issuer's keys could not be had.
    #[error("{0}")]
    Unavailable(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Finds the member behind an access token of a session, or behind a token of the OpenID issuer
/// that the server trusts. A JWT has two dots (RFC 7515, section 7.1); our own tokens have none.
///
/// # Errors
/// Why there is none.
pub async fn identify(
    context: &Context,
    token: &SecretText,
    caller: &Caller,
) -> Result<SignedIn, IdentityError> {
    if token.expose().matches('.').count() == 2 {
        return identify_by_issuer(context, token, caller).await;
    }
    authenticate(context, token, caller).await.map_err(|error| match error {
        SessionError::Store(error) => IdentityError::Store(error),
        _ => IdentityError::Refused("the session of this one has ended or expired; sign in again"),
    })
}

async fn identify_by_issuer(
    context: &Context,
    token: &SecretText,
    caller: &Caller,
) -> Result<SignedIn, IdentityError> {
    let issuer = context.sessions.issuer().ok_or(IdentityError::Refused(
        "this server trusts no issuer of tokens like this one; sign in here",
    ))?;
    let claims = issuer.verify(token, context.clock.now()).await?;
    let email = claims
        .verified_email()
        .ok_or(IdentityError::Refused("this one names no address that its issuer has verified"))?;
    let unknown = IdentityError::Refused("nobody here has the address that this one names");
    let member = context.store.get_member_by_email(email).await?;
    let Some(member) = member else { return Err(unknown) };
    let Some(partner) = context.store.get_partner(&member.partner_id).await? else {
        return Err(unknown);
    };
    let session = session_of(context, &claims, &member, caller);
    Ok(SignedIn { session, member, partner })
}

/// The token taken for a session: it is kept nowhere and ends by itself.
fn session_of(
    context: &Context,
    claims: &Claims,
    member: &MemberRow,
    caller: &Caller,
) -> SessionRow {
    let now = context.clock.now();
    SessionRow {
        id: context.entropy.id(now),
        partner_id: member.partner_id.clone(),
        member_id: member.id.clone(),
        created_at: now,
        last_used_at: now,
        address: caller.address.as_deref().map(str::to_owned),
        user_agent: caller.agent.as_deref().map(str::to_owned),
        access_expires_at: claims.expires_at().unwrap_or(now),
        refresh_expires_at: claims.expires_at().unwrap_or(now),
    }
}
