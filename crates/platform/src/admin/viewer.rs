//! Who asks, and from where.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use latchkey_contract::{PartnerId, SecretText};
use latchkey_store::{Caller, SignedIn};

use super::fault::{Code, Fault};
use crate::{
    Context,
    sessions::{SessionError, authenticate},
};

/// Longer user agents are cut.
const LONGEST_AGENT: usize = 255;

/// Where a request comes from.
pub struct Peer {
    pub address: IpAddr,
    pub caller: Caller,
}

impl FromRequestParts<Context> for Peer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        context: &Context,
    ) -> Result<Self, Self::Rejection> {
        let address = context.address_of(parts);
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let agent = agent.map(|agent| agent.chars().take(LONGEST_AGENT).collect::<String>());
        let caller =
            Caller { address: Some(address.to_string().into()), agent: agent.map(Arc::from) };
        Ok(Self { address, caller })
    }
}

/// A signed-in member. Every call but sign-up, sign-in and refresh takes one.
pub struct Viewer(pub SignedIn);

impl Viewer {
    /// Whose rows this request may see.
    #[must_use]
    pub fn partner(&self) -> &PartnerId {
        &self.0.partner.id
    }

    /// The context in the member's hands: what is changed through it is recorded as theirs.
    #[must_use]
    pub fn acting(&self, context: &Context) -> Context {
        context.by(self.0.author())
    }
}

impl FromRequestParts<Context> for Viewer {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Fault> {
        let Some(token) = bearer(parts) else {
            return Err(Fault::new(
                Code::Unauthenticated,
                "Sign in, and send the access token as `Authorization: Bearer <token>`.",
            ));
        };
        let Ok(Peer { caller, .. }) = Peer::from_request_parts(parts, context).await;
        let mut signed_in = authenticate(context, &token, &caller).await?;
        // From where this very request comes: what it changes is recorded with that.
        signed_in.session.address = caller.address.as_deref().map(str::to_owned);
        Ok(Self(signed_in))
    }
}

fn bearer(parts: &Parts) -> Option<SecretText> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
        .then(|| SecretText::new(token.to_owned()))
}

impl From<SessionError> for Fault {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::WrongCredentials => Self::new(
                Code::WrongCredentials,
                "The address or the password is wrong. Check both and try again.",
            ),
            SessionError::TooManyAttempts { retry_after } => Self::new(
                Code::TooManyAttempts,
                "Too many attempts. Wait as long as `Retry-After` says and try again.",
            )
            .retry_after(retry_after),
            SessionError::Ended => {
                Self::new(Code::Unauthenticated, "The session has ended or expired. Sign in again.")
            }
            SessionError::Invalid(errors) => Self::invalid(errors),
            SessionError::Store(error) => error.into(),
            SessionError::BrokenOff => Self::internal(error),
        }
    }
}
