//! The writer on SQLite: one thread, one connection, statements prepared once, one transaction a
//! batch. What arrives while a batch is being synced to disk becomes the next batch.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use latchkey_contract::PartnerId;
use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::{runtime::Handle, sync::oneshot};

use super::{
    Charge, Charged, GroupedWriter, MadeAttempt, RecordedAttempt, Settled, Settlement, Tally,
    WriteError,
    batch::{self, Written},
    items::{Answer, Item},
    statements::{Statements, write_error},
    tallies::Counts,
};
use crate::{
    NewRequest, StoreError,
    connection::{BUSY_TIMEOUT, Turn, WAL_PAGES, opening_error_of},
};

/// Requests in one transaction at most, so that the first never waits for long.
const BATCH: usize = 256;

/// Pages the writer keeps at hand: repeat keys come in no order and land all over their table.
const CACHE_KIB: i64 = 4 * 1024;

/// How long counts may wait in memory.
const TALLY_DELAY: Duration = Duration::from_millis(200);

/// The sending side; the thread ends when it is stopped or dropped.
pub(crate) struct SqliteWriter {
    commands: Sender<Command>,
    tallies: Arc<Mutex<Counts>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Command {
    Write(Item),
    /// Counts wait where none did.
    Wake,
    Stop,
}

impl SqliteWriter {
    /// Opens its own connection to a migrated database and starts the thread.
    pub(crate) fn start(path: &Path, turn: Turn) -> Result<Self, StoreError> {
        let failed = |error: rusqlite::Error| opening_error(path, &error);
        let connection = open(path).map_err(failed)?;
        let (writer, ready) = Self::start_on(connection, turn).map_err(|error| {
            StoreError::Unreadable { path: path.to_path_buf(), reason: error.to_string() }
        })?;
        ready.recv().map_err(|_| StoreError::Closed)?.map_err(failed)?;
        Ok(writer)
    }

    /// Starts the thread; it says when its statements are prepared. Called within a runtime.
    fn start_on(
        connection: Connection,
        turn: Turn,
    ) -> io::Result<(Self, Receiver<rusqlite::Result<()>>)> {
        let (commands, queue) = mpsc::channel();
        let (ready, started) = mpsc::channel();
        let tallies = Arc::new(Mutex::new(Counts::default()));
        let (shared, runtime) = (Arc::clone(&tallies), Handle::current());
        let thread = thread::Builder::new()
            .name("latchkey-writer".to_owned())
            .spawn(move || run(&connection, &ready, queue, turn, shared, runtime))?;
        Ok((Self { commands, tallies, thread: Mutex::new(Some(thread)) }, started))
    }

    /// Commits what waits and ends the thread. Blocks until then.
    pub(crate) fn stop(&self) {
        let _ = self.commands.send(Command::Stop);
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the writer's thread panicked");
        }
    }

    /// Adds to what waits, and wakes the thread where nothing did.
    fn put_in(&self, add: impl FnOnce(&mut Counts)) {
        let mut counts = self.tallies.lock();
        let was_empty = counts.is_empty();
        add(&mut counts);
        let wake = was_empty && !counts.is_empty();
        drop(counts);
        if wake {
            let _ = self.commands.send(Command::Wake);
        }
    }

    /// Drops the counts of a partner that wait.
    pub(crate) fn forget(&self, partner_id: &PartnerId) {
        self.tallies.lock().forget(partner_id);
    }

    fn send(&self, item: Item) {
        // A stopped writer drops the item, and with it the answer's sender: `WriteError::Closed`.
        let _ = self.commands.send(Command::Write(item));
    }
}

impl GroupedWriter for SqliteWriter {
    fn submit(&self, charge: Charge) -> oneshot::Receiver<Result<Charged, WriteError>> {
        let (reply, answer) = oneshot::channel();
        self.send(Item::charge(charge, reply));
        answer
    }

    fn settle(&self, settlement: Settlement) -> oneshot::Receiver<Result<Settled, WriteError>> {
        let (reply, answer) = oneshot::channel();
        self.send(Item::settlement(settlement, reply));
        answer
    }

    fn record(
        &self,
        attempt: MadeAttempt,
    ) -> oneshot::Receiver<Result<RecordedAttempt, WriteError>> {
        let (reply, answer) = oneshot::channel();
        self.send(Item::Attempt { made: Box::new(attempt), reply });
        answer
    }

    fn tally(&self, tallies: Vec<Tally>) {
        self.put_in(|counts| tallies.into_iter().for_each(|tally| counts.add(tally)));
    }

    fn log(&self, requests: Vec<NewRequest>) {
        self.put_in(|counts| counts.log(requests));
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    Ok(connection)
}

fn opening_error(path: &Path, error: &rusqlite::Error) -> StoreError {
    let code = error.sqlite_error().map(|error| error.extended_code);
    opening_error_of(path, code, error.to_string()).unwrap_or_else(|| write_error(error).into())
}

/// The thread: prepares its statements, says so, and writes until it is stopped.
fn run(
    connection: &Connection,
    ready: &Sender<rusqlite::Result<()>>,
    queue: Receiver<Command>,
    turn: Turn,
    tallies: Arc<Mutex<Counts>>,
    runtime: Handle,
) {
    match Statements::prepare(connection) {
        Ok(statements) => {
            let _ = ready.send(Ok(()));
            let (tallies_due, tallies_failing) = (None, false);
            Writer { statements, runtime, queue, turn, tallies, tallies_due, tallies_failing }
                .run();
        }
        Err(error) => {
            let _ = ready.send(Err(error));
        }
    }
}

struct Writer<'c> {
    statements: Statements<'c>,
    runtime: Handle,
    queue: Receiver<Command>,
    turn: Turn,
    tallies: Arc<Mutex<Counts>>,
    tallies_due: Option<Instant>,
    tallies_failing: bool,
}

impl Writer<'_> {
    fn run(mut self) {
        let mut open = true;
        while open {
            let mut items = Vec::new();
            open = self.collect(&mut items);
            if !items.is_empty() || self.counts_are_due() {
                self.write(items);
            }
        }
        self.tallies_due = Some(Instant::now());
        self.write(Vec::new());
    }

    fn counts_are_due(&self) -> bool {
        self.tallies_due.is_some_and(|due| due <= Instant::now())
    }

    /// Waits for the first command or the tallies' time, then takes what is there already.
    /// `false` once nothing more will come.
    fn collect(&mut self, items: &mut Vec<Item>) -> bool {
        let mut next = match self.wait() {
            Ok(command) => Some(command),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return false,
        };
        while let Some(command) = next {
            match command {
                Command::Write(item) => items.push(item),
                Command::Wake => {
                    self.tallies_due.get_or_insert_with(|| Instant::now() + TALLY_DELAY);
                }
                Command::Stop => return false,
            }
            next = if items.len() < BATCH { self.queue.try_recv().ok() } else { None };
        }
        true
    }

    fn wait(&self) -> Result<Command, RecvTimeoutError> {
        match self.tallies_due {
            Some(due) => self.queue.recv_timeout(due.saturating_duration_since(Instant::now())),
            None => self.queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    /// Writes a batch, with the counts that wait if it is time for them, and answers everybody.
    fn write(&mut self, items: Vec<Item>) {
        let turn = Arc::clone(&self.turn);
        let _turn = turn.blocking_lock();
        let counts = self.take_due_counts();
        match batch::write(&mut self.statements, &items, &counts) {
            Ok(Written { answers, later }) => {
                self.tallies_failing = false;
                self.answer(items, answers);
                self.put_off(later);
            }
            Err(error) => self.write_apart(items, counts, &error),
        }
    }

    fn take_due_counts(&mut self) -> Counts {
        if !self.counts_are_due() {
            return Counts::default();
        }
        self.tallies_due = None;
        std::mem::take(&mut *self.tallies.lock())
    }

    /// Answers from a task of the runtime: waking those who wait is cheap there, and this thread
    /// can go on with the next batch.
    fn answer(&self, items: Vec<Item>, answers: Vec<Answer>) {
        if items.is_empty() {
            return;
        }
        self.runtime.spawn(async move {
            for (item, answer) in items.into_iter().zip(answers) {
                item.answer(answer);
            }
        });
    }

    /// Leaves counts to a later batch.
    fn put_off(&mut self, later: Counts) {
        if !later.is_empty() {
            self.tallies.lock().merge(later);
            self.tallies_due.get_or_insert_with(|| Instant::now() + TALLY_DELAY);
        }
    }

    /// After a batch has failed as a whole: each request in a transaction of its own, so that none
    /// suffers for another. Where the disk or another process is at fault, that is everybody's
    /// answer at once.
    fn write_apart(&mut self, items: Vec<Item>, counts: Counts, error: &rusqlite::Error) {
        let shared = match write_error(error) {
            error @ (WriteError::DiskFull | WriteError::Busy) => Some(error),
            _ => None,
        };
        for item in items {
            let answer = match &shared {
                Some(error) => Err(error.clone()),
                None => self.write_one(&item),
            };
            item.answer(answer);
        }
        if shared.is_some() || batch::write(&mut self.statements, &[], &counts).is_err() {
            self.keep_counts(counts, error);
        }
    }

    fn write_one(&mut self, item: &Item) -> Answer {
        let alone = std::slice::from_ref(item);
        match batch::write(&mut self.statements, alone, &Counts::default()) {
            Ok(Written { mut answers, later }) => {
                self.put_off(later);
                answers.pop().unwrap_or(Err(WriteError::Closed))
            }
            Err(error) => Err(write_error(&error)),
        }
    }

    /// Counts that could not be written wait for the next try.
    fn keep_counts(&mut self, counts: Counts, error: &rusqlite::Error) {
        if counts.is_empty() {
            return;
        }
        if !self.tallies_failing {
            tracing::warn!(%error, "usage could not be written; it waits in memory");
        }
        self.tallies_failing = true;
        self.tallies.lock().merge(counts);
        self.tallies_due = Some(Instant::now() + TALLY_DELAY);
    }
}

#[cfg(test)]
mod tests;
