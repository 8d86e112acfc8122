//! Counts of calls on their way to the store.
//!
//! A status read is counted in memory and written a moment later together with others, so that
//! reading costs no write. Accepted submits are counted by their charge.

use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, PartnerId, events::Topic, usage::Outcome};
use latchkey_store::{Caller, Store, Tally};
use parking_lot::Mutex;
use tokio::{sync::Notify, time::sleep};

use super::requests::{Answered, Waiting};
use crate::{Context, keys::KeyState};

/// How long counts wait for company.
const COLLECT: Duration = Duration::from_millis(100);
/// How long the store may take to write what it was handed; consoles are told after it.
const WRITTEN_AFTER: Duration = Duration::from_millis(250);
/// Each thread counts in a part of its own, so that threads do not wait for each other.
const PARTS: usize = 16;

/// Where a call came from, as it is at hand.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'r> {
    pub address: IpAddr,
    pub agent: Option<&'r str>,
}

/// Calls counted and not yet handed to the store.
#[derive(Debug, Default)]
pub struct Tallies {
    parts: [Mutex<HashMap<Counted, Count>>; PARTS],
    /// Single calls, apart likewise.
    calls: [Mutex<Waiting>; PARTS],
    /// Whose calls were counted by a charge or a settlement, and on which platforms.
    elsewhere: Mutex<HashMap<PartnerId, HashSet<Arc<str>>>>,
    waiting: AtomicBool,
    wake: Notify,
}

/// What is counted together: addresses stand for key and operation, which outlive every count.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Counted {
    meter: usize,
    operation: usize,
    outcome: Outcome,
}

#[derive(Debug)]
struct Count {
    key: Arc<KeyState>,
    operation: Arc<str>,
    requests: u32,
    last_at: DateTime<Utc>,
    address: IpAddr,
    agent: Option<Arc<str>>,
}

thread_local! {
    static PART: Cell<usize> = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        Cell::new(NEXT.fetch_add(1, Ordering::Relaxed) % PARTS)
    };
}

impl Tallies {
    /// Counts one call.
    pub fn count(
        &self,
        key: &Arc<KeyState>,
        operation: &Arc<str>,
        outcome: Outcome,
        now: DateTime<Utc>,
        from: Origin<'_>,
    ) {
        let counted = Counted {
            meter: Arc::as_ptr(&key.meter).addr(),
            operation: operation.as_ptr().addr(),
            outcome,
        };
        let mut part = self.parts[PART.get()].lock();
        let count = part.entry(counted).or_insert_with(|| Count {
            key: Arc::clone(key),
            operation: Arc::clone(operation),
            requests: 0,
            last_at: now,
            address: from.address,
            agent: None,
        });
        count.requests += 1;
        count.last_at = now;
        count.address = from.address;
        if count.agent.as_deref() != from.agent {
            count.agent = from.agent.map(Arc::from);
        }
        drop(part);
        self.wake();
    }

    /// Notes a single call for the log.
    pub(super) fn note(&self, call: Answered) {
        self.calls[PART.get()].lock().push(call);
        self.wake();
    }

    /// A charge or a settlement has counted: consoles are told once the store has written that.
    pub fn counted_elsewhere(&self, partner: &PartnerId, platform: &str) {
        let mut elsewhere = self.elsewhere.lock();
        match elsewhere.get_mut(partner) {
            Some(platforms) if platforms.contains(platform) => {}
            Some(platforms) => drop(platforms.insert(platform.into())),
            None => drop(elsewhere.insert(partner.clone(), HashSet::from([platform.into()]))),
        }
        drop(elsewhere);
        self.wake();
    }

    fn wake(&self) {
        if !self.waiting.swap(true, Ordering::Relaxed) {
            self.wake.notify_one();
        }
    }

    /// Hands everything counted so far to the store; tells whose it was.
    pub fn flush(&self, store: &Store) -> HashSet<(PartnerId, Arc<str>)> {
        self.waiting.store(false, Ordering::Relaxed);
        let counts: Vec<_> =
            self.parts.iter().flat_map(|part| std::mem::take(&mut *part.lock())).collect();
        self.log(store);
        let elsewhere = std::mem::take(&mut *self.elsewhere.lock());
        let elsewhere = elsewhere.into_iter().flat_map(|(partner, platforms)| {
            platforms.into_iter().map(move |platform| (partner.clone(), platform))
        });
        let partners = counts
            .iter()
            .map(|(_, count)| (count.key.row.partner_id.clone(), Arc::clone(&count.key.platform)))
            .chain(elsewhere)
            .collect();
        if !counts.is_empty() {
            store.tally(
                counts.into_iter().map(|(counted, count)| count.tally(counted.outcome)).collect(),
            );
        }
        partners
    }

    /// Hands the single calls to the store.
    fn log(&self, store: &Store) {
        let taken = self.calls.iter().map(|part| part.lock().take());
        let (calls, left_out) = taken.fold((Vec::new(), 0), |(mut calls, left_out), taken| {
            calls.extend(taken.0);
            (calls, left_out + taken.1)
        });
        if left_out > 0 {
            tracing::debug!(
                left_out,
                "calls were counted, and left out of the log of single calls"
            );
        }
        if !calls.is_empty() {
            store.log_requests(calls);
        }
    }

    /// Writes counts as they come, until the server stops.
    pub async fn run(context: Context) {
        let tallies = &context.tallies;
        while !context.stopping.is_cancelled() {
            tokio::select! {
                () = tallies.wake.notified() => sleep(COLLECT).await,
                () = context.stopping.cancelled() => {}
            }
            let partners = tallies.flush(&context.store);
            if !partners.is_empty() && !context.stopping.is_cancelled() {
                sleep(WRITTEN_AFTER).await;
            }
            for (partner, platform) in partners {
                context.live.announce_use(&partner, Topic::Usage, Some(&platform));
                context.live.announce_use(&partner, Topic::Keys, Some(&platform));
                context.live.announce_use(&partner, Topic::Requests, Some(&platform));
            }
        }
    }
}

impl Count {
    fn tally(self, outcome: Outcome) -> Tally {
        Tally {
            now: self.last_at,
            partner_id: self.key.row.partner_id.clone(),
            platform: Arc::clone(&self.key.platform),
            environment: self.key.row.environment,
            key_id: self.key.row.id.clone(),
            operation: self.operation,
            outcome,
            requests: self.requests,
            credits: Amount::ZERO,
            last_used: Some(Caller {
                address: Some(self.address.to_string().into()),
                agent: self.agent,
            }),
        }
    }
}

impl Origin<'_> {
    /// As the store keeps it.
    pub fn caller(self) -> Caller {
        Caller { address: Some(self.address.to_string().into()), agent: self.agent.map(Into::into) }
    }
}
