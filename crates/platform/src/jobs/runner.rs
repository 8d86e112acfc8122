//! The runner: takes queued jobs, draws what they ask for, and settles them.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, events::Topic};
use latchkey_store::{JobFailure, JobRow, JobState, Settled, SettledAs, Settlement, StoreError};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use super::{
    Job, events_of,
    media::{self, MediaError},
};
use crate::{
    Context,
    dialects::{self, Dialect},
    pictures::PictureError,
    webhooks,
};

/// How long a worker that found nothing waits at most before it looks again.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// How long after the store failed.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Runs live jobs.
#[derive(Debug)]
pub struct Runner;

impl Runner {
    /// Takes up what an earlier process left: its running jobs are queued again, and each key's
    /// jobs count as under way. Call it before requests are served.
    ///
    /// # Errors
    /// What the store says.
    pub async fn resume(context: &Context) -> Result<(), StoreError> {
        let requeued = context.store.requeue_running_jobs().await?;
        if requeued > 0 {
            tracing::info!(requeued, "jobs of the last run are queued again");
        }
        for (key, open) in context.store.count_open_jobs().await? {
            context.keys.meter(&key).resume(open);
        }
        context.jobs.uploads().keep_only(&context.store.list_open_job_ids().await?).await;
        Ok(())
    }

    /// Starts as many workers as the configuration says. They end after the job in their hands
    /// when the server stops.
    #[must_use]
    pub fn start(context: Context) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut workers = JoinSet::new();
            for _ in 0..context.config.job_workers {
                workers.spawn(work(context.clone()));
            }
            while workers.join_next().await.is_some() {}
        })
    }
}

async fn work(context: Context) {
    while !context.stopping.is_cancelled() {
        let wait = match context.store.claim_job(context.clock.now()).await {
            Ok(Some(job)) => {
                run(&context, job).await;
                continue;
            }
            Ok(None) => LOOK_AGAIN,
            Err(error) => {
                tracing::error!(%error, "no job could be taken");
                TRY_AGAIN
            }
        };
        tokio::select! {
            () = context.jobs.0.wake.notified() => {}
            () = sleep(wait) => {}
            () = context.stopping.cancelled() => {}
        }
    }
}

async fn run(context: &Context, row: JobRow) {
    let job = context.jobs.start(row);
    let manifest = context.manifests.get(&job.row.platform);
    let dialect = manifest.and_then(dialects::find);
    let Some(dialect) = dialect else {
        // A platform that was taken away: its jobs wait until it is back.
        tracing::error!(job = job.row.id, platform = job.row.platform, "no such platform");
        return;
    };
    let dialect = &*dialect;
    let ended = match draw(context, dialect, &job).await {
        Ok(ended) => ended,
        Err(error) => {
            tracing::warn!(job = job.row.id, %error, "a job failed");
            fail(dialect, &job.row, &error, context.clock.now())
        }
    };
    settle(context, dialect, ended).await;
}

/// Draws and keeps everything the job asks for.
async fn draw(
    context: &Context,
    dialect: &dyn Dialect,
    job: &Arc<Job>,
) -> Result<JobRow, MediaError> {
    let drawings = dialect.drawings(&job.row, context.jobs.uploads());
    if drawings.is_empty() {
        return Err(MediaError::NothingAsked);
    }
    let steps = u8::try_from(drawings.len()).unwrap_or(u8::MAX);
    let mut kept = Vec::new();
    for (done, drawing) in (0..).zip(drawings) {
        job.set_progress(5 + 90 / steps * done);
        let picture = media::draw(&context.fonts, drawing).await?;
        job.set_progress(5 + 90 / steps * done + 60 / steps);
        kept.push(context.media.keep(picture, &context.entropy).await?);
    }
    let now = context.clock.now();
    let mut row = finish(&job.row, JobState::Succeeded, now);
    row.captured = row.price;
    row.output = Some(dialect.output(&row, &kept, now));
    Ok(row)
}

fn fail(dialect: &dyn Dialect, row: &JobRow, error: &MediaError, now: DateTime<Utc>) -> JobRow {
    let (code, message) = match error {
        MediaError::Picture(PictureError::Photo(_)) => dialect.failure_of_upload(),
        _ => dialect.failure(),
    };
    let failure = JobFailure { code: code.to_owned(), message: message.to_owned() };
    JobRow { failure: Some(failure), ..finish(row, JobState::Failed, now) }
}

/// A job that ended at `now`.
pub(super) fn finish(row: &JobRow, state: JobState, now: DateTime<Utc>) -> JobRow {
    JobRow { state, finished_at: Some(now), ..row.clone() }
}

/// Writes the end of a job. The store may be out of order for a while (a full disk): the job
/// waits, and when the server stops meanwhile it is run again at the next start.
async fn settle(context: &Context, dialect: &dyn Dialect, ended: JobRow) {
    loop {
        match settle_once(context, dialect, &ended).await {
            Ok(_) => return,
            Err(error) => tracing::error!(job = ended.id, %error, "a job could not be settled"),
        }
        tokio::select! {
            () = sleep(TRY_AGAIN) => {}
            () = context.stopping.cancelled() => return,
        }
    }
}

/// Writes the end of a job unless it has ended, and tells of it.
pub(super) async fn settle_once(
    context: &Context,
    dialect: &dyn Dialect,
    ended: &JobRow,
) -> Result<Settled, StoreError> {
    let events = events_of(context, dialect, ended).await?;
    let tells = events.iter().any(|event| !event.deliveries.is_empty());
    let settlement = Settlement {
        now: ended.finished_at.unwrap_or_else(|| context.clock.now()),
        partner_id: ended.partner_id.clone(),
        job_id: ended.id.clone(),
        result: result(ended),
        events,
    };
    let settled = context.store.settle(settlement).await?;
    match &settled {
        Settled::Done { job, .. } => {
            context.jobs.uploads().remove(&job.id, dialect.upload_fields()).await;
            context.jobs.keep(job.clone());
            context.keys.meter(&ended.key_id).leave();
            announce(context, ended, tells);
        }
        Settled::AlreadySettled { job } => {
            context.jobs.keep(job.clone());
        }
        Settled::Absent => {}
    }
    Ok(settled)
}

fn result(ended: &JobRow) -> SettledAs {
    match (&ended.output, &ended.failure) {
        (Some(output), _) => {
            SettledAs::Succeeded { output: output.clone(), captured: ended.captured }
        }
        (None, Some(failure)) => {
            SettledAs::Failed { code: failure.code.clone(), message: failure.message.clone() }
        }
        (None, None) => SettledAs::Canceled,
    }
}

fn announce(context: &Context, ended: &JobRow, tells: bool) {
    let (partner, platform) = (&ended.partner_id, ended.platform.as_str());
    context.tallies.counted_elsewhere(partner, platform);
    if ended.price > Amount::ZERO {
        context.live.announce_use(partner, Topic::Accounts, Some(platform));
    }
    if tells {
        webhooks::deliveries::announce(context, partner, platform);
    }
}
