//! What is not kept for ever goes, a little every minute.

use std::time::Duration;

use tokio::time::sleep;

use crate::Context;

const EVERY: Duration = Duration::from_secs(60);
/// Rows a table and round: the database is held for a moment only.
const AT_ONCE: u32 = 1_000;

/// Prunes until the server stops.
pub(super) async fn run(context: Context) {
    loop {
        tokio::select! {
            () = sleep(EVERY) => {}
            () = context.stopping.cancelled() => return,
        }
        context.sessions.prune();
        if let Err(error) = context.store.prune(context.clock.now(), AT_ONCE).await {
            tracing::warn!(%error, "old rows could not be removed; they are next time");
        }
    }
}
