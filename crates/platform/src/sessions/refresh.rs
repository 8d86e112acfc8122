//! Refreshing: each refresh token works once, and one that comes again ends the session, because
//! then somebody has a copy of it.
//!
//! Requests with the same token that overlap are one refresh and get one answer: a console that
//! asks twice at once is no thief, and the family never forks.

use std::{collections::HashMap, sync::Arc};

use latchkey_contract::{SecretText, events::Topic, sessions::SessionTokens};
use latchkey_store::{Caller, Digest, Refreshed};
use parking_lot::Mutex;
use tokio::sync::OnceCell;

use super::{SessionError, sign_in::DrawnTokens, token};
use crate::Context;

type Answer = Arc<OnceCell<SessionTokens>>;

/// The refreshes under way, in memory only.
#[derive(Default)]
pub(super) struct Refreshes(Mutex<HashMap<Digest, Answer>>);

impl Refreshes {
    /// The place for the answer to this token; the same one for whoever brings it meanwhile.
    fn join(&self, digest: Digest) -> Answer {
        let mut answers = self.0.lock();
        // Callers who hang up leave theirs behind.
        answers.retain(|_, answer| Arc::strong_count(answer) > 1);
        Arc::clone(answers.entry(digest).or_default())
    }

    /// From now on the token is a used one.
    fn forget(&self, digest: &Digest) {
        self.0.lock().remove(digest);
    }
}

/// Exchanges a refresh token for a new pair.
///
/// # Errors
/// [`SessionError::Ended`] where the token is unknown, expired, or was used before; in the last
/// case its session is ended with it.
pub async fn refresh_session(
    context: &Context,
    refresh_token: &SecretText,
    caller: &Caller,
) -> Result<SessionTokens, SessionError> {
    let digest = token::digest(refresh_token);
    let refreshes = &context.sessions.0.refreshes;
    let answer = refreshes.join(digest);
    let tokens = answer.get_or_try_init(|| exchange(context, &digest, caller)).await.cloned();
    refreshes.forget(&digest);
    tokens
}

async fn exchange(
    context: &Context,
    digest: &Digest,
    caller: &Caller,
) -> Result<SessionTokens, SessionError> {
    let drawn = DrawnTokens::draw(context);
    let now = context.clock.now();
    match context.store.refresh_session(digest, drawn.digests(), caller, now).await? {
        Refreshed::Renewed(signed_in) => Ok(drawn.answer(&signed_in)),
        Refreshed::Reused { session_id, partner_id } => {
            tracing::warn!(%session_id, "a used refresh token came again; its session was ended");
            // Its event stream, where one is open, looks and ends.
            context.live.announce(&partner_id, Topic::Me, None);
            Err(SessionError::Ended)
        }
        Refreshed::Refused => Err(SessionError::Ended),
    }
}
