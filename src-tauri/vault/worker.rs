//! The threads on which the keychain is called.
//!
//! One works at a time. A call that takes longer than its limit is given up by its caller, and
//! once a thread hangs in such a call, the next call gets a fresh thread: a keychain that never
//! answers holds up nobody for longer than the limit. At most [`MOST_THREADS`] hang at once;
//! beyond that calls are refused at once instead of piling up.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{sync::oneshot, time::timeout};

use super::{Keychain, OpenKeychain, VaultError};

const MOST_THREADS: usize = 3;

type Job = Box<dyn FnOnce(&mut dyn Keychain) + Send>;

/// A thread with its queue.
struct Worker {
    jobs: mpsc::Sender<Job>,
    /// Set while a call is under way.
    busy: Arc<AtomicBool>,
}

/// See the module.
pub(super) struct Workers {
    open: OpenKeychain,
    limit: Duration,
    current: Mutex<Option<Worker>>,
    /// Threads that have not ended, hanging ones among them.
    threads: Arc<AtomicUsize>,
    asking: Arc<AtomicBool>,
}

impl Workers {
    pub(super) fn new(open: OpenKeychain, limit: Duration) -> Self {
        Self {
            open,
            limit,
            current: Mutex::new(None),
            threads: Arc::default(),
            asking: Arc::default(),
        }
    }

    /// Runs a call and waits for it, up to the limit.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut dyn Keychain) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |keychain| {
            // Whoever gave up must not find the call done later.
            if !answer.is_closed() {
                let _ = answer.send(call(keychain));
            }
        });
        let busy = self.submit(job)?;
        match timeout(self.limit, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(VaultError::Failed("its thread ended".to_owned())),
            Err(_) => {
                self.retire(&busy);
                Err(VaultError::Slow)
            }
        }
    }

    /// Runs a call that may wait for the person, on a thread beside the others; one at a time.
    pub(super) async fn call_alone<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut dyn Keychain) -> Result<T, VaultError> + Send + 'static,
        limit: Duration,
    ) -> Result<T, VaultError> {
        if self.asking.swap(true, Ordering::AcqRel) {
            return Err(VaultError::Locked);
        }
        let (answer, answered) = oneshot::channel();
        let (open, asking) = (Arc::clone(&self.open), Arc::clone(&self.asking));
        let thread = thread::Builder::new().name("keychain-prompt".to_owned()).spawn(move || {
            let result = call(open().as_mut());
            asking.store(false, Ordering::Release);
            let _ = answer.send(result);
        });
        if thread.is_err() {
            self.asking.store(false, Ordering::Release);
        }
        match timeout(limit, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(VaultError::Failed("its thread ended".to_owned())),
            Err(_) => Err(VaultError::Slow),
        }
    }

    /// Queues a job with the current thread, or with a new one.
    fn submit(&self, mut job: Job) -> Result<Arc<AtomicBool>, VaultError> {
        let mut current = self.current.lock();
        if let Some(worker) = current.as_ref() {
            match worker.jobs.send(job) {
                Ok(()) => return Ok(Arc::clone(&worker.busy)),
                Err(mpsc::SendError(back)) => job = back,
            }
        }
        let worker = self.hire()?;
        let busy = Arc::clone(&worker.busy);
        worker.jobs.send(job).map_err(|_| VaultError::Failed("its thread ended".to_owned()))?;
        *current = Some(worker);
        Ok(busy)
    }

    fn hire(&self) -> Result<Worker, VaultError> {
        if self.threads.load(Ordering::Acquire) >= MOST_THREADS {
            return Err(VaultError::Slow);
        }
        let (jobs, queue) = mpsc::channel();
        let busy = Arc::new(AtomicBool::new(false));
        let (open, working) = (Arc::clone(&self.open), Arc::clone(&busy));
        let leave = Leave::enter(&self.threads);
        thread::Builder::new()
            .name("keychain".to_owned())
            .spawn(move || {
                let _leave = leave;
                work(&queue, &open, &working);
            })
            .map_err(|error| VaultError::Failed(error.to_string()))?;
        Ok(Worker { jobs, busy })
    }

    /// Lets go of the thread that hangs in a call, so that the next call gets another.
    fn retire(&self, hanging: &Arc<AtomicBool>) {
        let mut current = self.current.lock();
        let is_current = current.as_ref().is_some_and(|worker| Arc::ptr_eq(&worker.busy, hanging));
        if is_current && hanging.load(Ordering::Acquire) {
            *current = None;
        }
    }
}

/// Counts a thread for as long as it lives.
struct Leave(Arc<AtomicUsize>);

impl Leave {
    fn enter(threads: &Arc<AtomicUsize>) -> Self {
        threads.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(threads))
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn work(queue: &mpsc::Receiver<Job>, open: &OpenKeychain, busy: &AtomicBool) {
    let mut keychain = None;
    while let Ok(job) = queue.recv() {
        busy.store(true, Ordering::Release);
        job(keychain.get_or_insert_with(|| open()).as_mut());
        busy.store(false, Ordering::Release);
    }
}
