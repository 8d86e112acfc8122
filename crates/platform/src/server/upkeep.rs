//! Once a minute: what is not kept for ever goes, a little at a time, and a clock that was set back
//! is noticed.

use std::time::Duration;

use tokio::time::sleep;

use crate::Context;

const EVERY: Duration = Duration::from_secs(60);
/// Rows a table and round: the database is held for a moment only.
const AT_ONCE: u32 = 1_000;

/// Looks after the database until the server stops.
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
        context.webhooks.notice_clock(&context.store, context.clock.now()).await;
    }
}
