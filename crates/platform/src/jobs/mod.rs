//! Jobs: what accepted live calls run as.
//!
//! The queue is the store's; this module keeps what polls ask for in memory, so that reading a
//! status is no query. A [`Runner`] draws what was asked, keeps it in [`Media`] and settles.

mod cancel;
mod events;
pub mod media;
mod runner;
mod uploads;
mod wait;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
};

use latchkey_contract::{Environment, PartnerId};
use latchkey_store::{JobRow, JobState, Store, StoreError};
use parking_lot::Mutex;
use quick_cache::{Weighter, sync::Cache};
use tokio::sync::Notify;

pub use cancel::cancel;
pub use events::events_of;
pub use media::{Media, MediaError, Stored};
pub use runner::Runner;
pub use uploads::{NewUpload, Uploads};

/// What jobs may take in memory, in bytes; the least asked for give way.
const CAPACITY: u64 = 8 * 1024 * 1024;
/// What a job takes beside what was asked, about.
const BASE_WEIGHT: u64 = 1024;

/// The jobs in memory, and the way to the runner. Cheap to clone.
#[derive(Clone)]
pub struct Jobs(Arc<Inner>);

struct Inner {
    store: Store,
    known: Cache<String, Arc<Job>, Weight>,
    /// Held while a job is replaced, so that none goes back to an earlier state.
    changing: Mutex<()>,
    /// Jobs that were queued, and those of them that were started, since the server's start.
    queued: AtomicU64,
    started: AtomicU64,
    wake: Notify,
    /// Somebody waits for a job's end.
    ended: Notify,
    uploads: Uploads,
}

/// Weighs jobs in bytes.
#[derive(Clone)]
struct Weight;

impl Weighter<String, Arc<Job>> for Weight {
    fn weight(&self, _id: &String, job: &Arc<Job>) -> u64 {
        BASE_WEIGHT + job.row.request.len() as u64
    }
}

/// A job as it stands.
#[derive(Debug)]
pub struct Job {
    pub row: JobRow,
    /// Its number in the queue.
    ticket: Option<u64>,
    /// Percent.
    progress: AtomicU8,
}

impl Job {
    fn new(row: JobRow, ticket: Option<u64>) -> Self {
        Self { row, ticket, progress: AtomicU8::new(0) }
    }

    /// How far a running job is, in percent.
    #[must_use]
    pub fn progress(&self) -> u8 {
        self.progress.load(Ordering::Relaxed)
    }

    fn set_progress(&self, percent: u8) {
        self.progress.store(percent, Ordering::Relaxed);
    }
}

impl Jobs {
    #[must_use]
    pub fn new(store: Store, uploads: Uploads) -> Self {
        Self(Arc::new(Inner {
            store,
            uploads,
            ended: Notify::new(),
            known: Cache::with_weighter(
                usize::try_from(CAPACITY / BASE_WEIGHT).unwrap_or(usize::MAX),
                CAPACITY,
                Weight,
            ),
            changing: Mutex::default(),
            queued: AtomicU64::default(),
            started: AtomicU64::default(),
            wake: Notify::new(),
        }))
    }

    /// A partner's own job on a platform, of one environment; reads it where it is not in memory.
    ///
    /// # Errors
    /// What the store says.
    pub async fn find(
        &self,
        partner: &PartnerId,
        platform: &str,
        environment: Environment,
        id: &str,
    ) -> Result<Option<Arc<Job>>, StoreError> {
        let job = match self.0.known.get(id) {
            Some(job) => Some(job),
            None => self.0.store.get_job(partner, platform, id).await?.map(|row| self.keep(row)),
        };
        Ok(job.filter(|job| {
            job.row.partner_id == *partner
                && job.row.platform == platform
                && job.row.environment == environment
        }))
    }

    /// Takes in a job that was just accepted.
    pub fn accept(&self, row: JobRow) -> Arc<Job> {
        if row.state != JobState::Queued {
            return self.keep(row);
        }
        let ticket = self.0.queued.fetch_add(1, Ordering::Relaxed);
        let job = self.replace(Job::new(row, Some(ticket)));
        self.0.wake.notify_one();
        job
    }

    /// Takes in a job as the store has it.
    pub fn keep(&self, row: JobRow) -> Arc<Job> {
        let ended = row.state.is_final();
        let job = self.replace(Job::new(row, None));
        if ended {
            self.0.ended.notify_waiters();
        }
        job
    }

    /// Where files that came with jobs lie until those have ended.
    #[must_use]
    pub fn uploads(&self) -> &Uploads {
        &self.0.uploads
    }

    /// How many jobs are ahead of a queued one; `None` once it was started.
    #[must_use]
    pub fn queue_position(&self, job: &Job) -> Option<u64> {
        if job.row.state != JobState::Queued {
            return None;
        }
        let started = self.0.started.load(Ordering::Relaxed);
        Some(job.ticket.map_or(0, |ticket| ticket.saturating_sub(started)))
    }

    /// A worker took the job.
    fn start(&self, row: JobRow) -> Arc<Job> {
        self.0.started.fetch_add(1, Ordering::Relaxed);
        self.keep(row)
    }

    /// A queued job was given up: those behind it move on.
    fn skip(&self, row: &JobRow) {
        if row.started_at.is_none() {
            self.0.started.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Keeps a job unless what is known of it is newer: the answer to a submit may come after
    /// the worker that took it.
    fn replace(&self, job: Job) -> Arc<Job> {
        let _changing = self.0.changing.lock();
        match self.0.known.get(job.row.id.as_str()) {
            Some(known) if stage(known.row.state) >= stage(job.row.state) => known,
            _ => {
                let job = Arc::new(job);
                self.0.known.insert(job.row.id.clone(), Arc::clone(&job));
                job
            }
        }
    }
}

/// A job only ever moves to a later stage.
const fn stage(state: JobState) -> u8 {
    match state {
        JobState::Queued => 0,
        JobState::Running => 1,
        JobState::Succeeded | JobState::Failed | JobState::Canceled => 2,
    }
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jobs").field("known", &self.0.known.len()).finish_non_exhaustive()
    }
}
