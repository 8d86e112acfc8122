//! Refreshing: each refresh token works once, and one that comes again ends the session, because
//! then somebody has a copy of it.
//!
//! An answer can get lost, though, and the same console asks again; nobody should be signed out
//! for that. So for [`OVERLAP`] the same token gets the very same answer again, unless that answer
//! has been used: then it was not lost. The family never forks, and whoever steals a token and is
//! quick gains one answer that the next refresh turns into the end of the session.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use latchkey_contract::{SecretText, events::Topic, sessions::SessionTokens};
use latchkey_store::{Caller, Digest, Refreshed};
use parking_lot::Mutex;
use tokio::sync::OnceCell;

use super::{SessionError, sign_in::DrawnTokens, token};
use crate::Context;

/// For how long a repeated refresh gets the same answer.
const OVERLAP: Duration = Duration::from_secs(10);

/// The refreshes of the last seconds, in memory only. Time is the monotonic clock's.
#[derive(Default)]
pub(super) struct Refreshes(Mutex<HashMap<Digest, Slot>>);

struct Slot {
    since: Instant,
    answer: Arc<OnceCell<Answer>>,
}

struct Answer {
    tokens: SessionTokens,
    /// Digest of the refresh token in it.
    next: Digest,
}

impl Refreshes {
    /// The place for the answer to this token; the same one for whoever brings it meanwhile.
    fn slot(&self, digest: Digest) -> Arc<OnceCell<Answer>> {
        let mut slots = self.0.lock();
        slots.retain(|_, slot| slot.since.elapsed() < OVERLAP);
        let fresh = || Slot { since: Instant::now(), answer: Arc::default() };
        Arc::clone(&slots.entry(digest).or_insert_with(fresh).answer)
    }

    fn forget(&self, digest: &Digest) {
        self.0.lock().remove(digest);
    }

    /// Who brings the token of an answer has got the answer.
    fn forget_answer(&self, used: &Digest) {
        let fulfilled = |slot: &Slot| slot.answer.get().is_some_and(|answer| answer.next == *used);
        self.0.lock().retain(|_, slot| !fulfilled(slot));
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
    let slot = refreshes.slot(digest);
    let answer = slot.get_or_try_init(|| exchange(context, &digest, caller)).await;
    match answer {
        Ok(answer) => {
            refreshes.forget_answer(&digest);
            Ok(answer.tokens.clone())
        }
        Err(error) => {
            refreshes.forget(&digest);
            Err(error)
        }
    }
}

async fn exchange(
    context: &Context,
    digest: &Digest,
    caller: &Caller,
) -> Result<Answer, SessionError> {
    let drawn = DrawnTokens::draw(context);
    let next = drawn.digests().refresh.digest;
    let now = context.clock.now();
    match context.store.refresh_session(digest, drawn.digests(), caller, now).await? {
        Refreshed::Renewed(signed_in) => Ok(Answer { tokens: drawn.answer(&signed_in), next }),
        Refreshed::Reused { session_id, partner_id } => {
            tracing::warn!(%session_id, "a used refresh token came again; its session was ended");
            // Its event stream, where one is open, looks and ends.
            context.live.announce(&partner_id, Topic::Me, None);
            Err(SessionError::Ended)
        }
        Refreshed::Refused => Err(SessionError::Ended),
    }
}
