//! Refreshing: each refresh token works once, and one that comes again ends the session, because
//! then somebody has a copy of it.
//!
//! An answer can get lost, though, and the same console asks again; nobody should be signed out
//! for that. So for [`OVERLAP`] the same token gets the very same answer again: the family does
//! not fork, and of whoever holds a copy only the one who is faster than ten seconds gains
//! something, and loses it at the next refresh, which ends the session.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use latchkey_contract::{SecretText, sessions::SessionTokens};
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
    answer: Arc<OnceCell<SessionTokens>>,
}

impl Refreshes {
    /// The place for the answer to this token; the same one for whoever brings it meanwhile.
    fn slot(&self, digest: Digest) -> Arc<OnceCell<SessionTokens>> {
        let mut slots = self.0.lock();
        slots.retain(|_, slot| slot.since.elapsed() < OVERLAP);
        let fresh = || Slot { since: Instant::now(), answer: Arc::default() };
        Arc::clone(&slots.entry(digest).or_insert_with(fresh).answer)
    }

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
    let slot = refreshes.slot(digest);
    let answer = slot.get_or_try_init(|| exchange(context, &digest, caller)).await;
    if answer.is_err() {
        refreshes.forget(&digest);
    }
    answer.cloned()
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
        Refreshed::Reused(session) => {
            tracing::warn!(%session, "a used refresh token came again; its session was ended");
            Err(SessionError::Ended)
        }
        Refreshed::Refused => Err(SessionError::Ended),
    }
}
