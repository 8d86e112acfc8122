//! Giving up a job before it has ended.

use latchkey_store::{JobRow, JobState, Settled, StoreError};

use super::runner::{finish, settle_once};
use crate::{Context, dialects::Dialect};

/// Gives up a job unless it has ended; answers it as it is then. What it held is given back. A
/// queued job is never drawn; what is being drawn is drawn in vain, for it can no longer be captured.
///
/// # Errors
/// What the store says.
pub async fn cancel(
    context: &Context,
    dialect: &dyn Dialect,
    job: &JobRow,
) -> Result<JobRow, StoreError> {
    if job.state.is_final() {
        return Ok(job.clone());
    }
    let ended = finish(job, JobState::Canceled, context.clock.now());
    match settle_once(context, dialect, &ended).await? {
        Settled::Done { job, .. } => {
            context.jobs.skip(&job);
            Ok(job)
        }
        Settled::AlreadySettled { job } => Ok(job),
        Settled::Absent => Err(StoreError::Corrupt("a job in memory that is not kept".to_owned())),
    }
}
