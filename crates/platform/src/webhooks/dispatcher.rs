//! The dispatcher: claims deliveries that are due, sends them, keeps what came of each.
//!
//! A claim is a lease. Whatever a process does not record before the lease ends, because it was
//! killed or the disk was full, is sent again with the same ids: every event arrives at least
//! once. Claims are made while attempts go on, in batches that grow with what receivers take;
//! attempts are recorded by the grouped writer, many in a transaction. Idle, it sleeps until it is
//! woken or the next delivery is due.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::EndpointId;
use latchkey_store::{ClaimedDelivery, StoreError};
use tokio::{
    sync::mpsc::{self, UnboundedSender},
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep_until},
};

use super::{
    lanes::{Lanes, Verdict},
    replays::Pacer,
    send::{Place, deliver},
};
use crate::Context;

/// Claimed in one go: few while receivers are slow, so that one endpoint's backlog cannot fill
/// every place at once.
const FEWEST: usize = 8;
const MOST: usize = 256;
/// The longest sleep while something waits: the wall clock may jump, and sleep does not notice.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// The pause after the database failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How long attempts under way may go on when the server stops; they are sent again otherwise.
const GRACE: Duration = Duration::from_secs(2);

/// Sends webhooks until the server stops.
pub struct Dispatcher {
    context: Context,
    lanes: Lanes,
    /// Deliveries under way, until they are recorded; each says whether it will be due again.
    deliveries: JoinSet<bool>,
    /// At most one look for what is due.
    looks: JoinSet<Result<Look, StoreError>>,
    batch: usize,
    /// When to look next; `None` until it is woken.
    look_at: Option<Instant>,
    /// Not before then: looking past the backlog of endpoints that are busy takes its time.
    not_before: Instant,
}

/// What a look found.
struct Look {
    claimed: Vec<ClaimedDelivery>,
    /// There may be more.
    full: bool,
    lease_until: Instant,
    /// When there will be more.
    next: Option<Duration>,
    /// How long the look took, where there was something to look past.
    took: Duration,
}

impl Dispatcher {
    /// Starts sending; ends soon after `context.stopping` is cancelled.
    #[must_use]
    pub fn start(context: &Context) -> JoinHandle<()> {
        let now = Instant::now();
        let dispatcher = Self {
            lanes: Lanes::new(Arc::clone(&context.webhooks.policy)),
            context: context.clone(),
            deliveries: JoinSet::new(),
            looks: JoinSet::new(),
            batch: FEWEST,
            look_at: Some(now),
            not_before: now,
        };
        let replays = Pacer::new(context);
        tokio::spawn(async move {
            tokio::join!(dispatcher.run(), replays.run());
        })
    }

    async fn run(mut self) {
        if let Err(error) = self.context.store.release_delivery_claims().await {
            tracing::warn!(%error, "claims of a former run stay until their lease ends");
        }
        let Context { webhooks, store, clock, .. } = &self.context;
        webhooks.notice_clock(store, clock.now()).await;
        let due = Arc::clone(&self.context.webhooks.due);
        let stopping = self.context.stopping.clone();
        let (answers, mut answered) = mpsc::unbounded_channel();
        loop {
            let wake_at = self.go_on(&answers);
            tokio::select! {
                () = stopping.cancelled() => break,
                () = due.notified() => self.look_by(Instant::now()),
                Some(answer) = answered.recv() => {
                    self.take_answer(answer);
                    while let Ok(answer) = answered.try_recv() {
                        self.take_answer(answer);
                    }
                }
                Some(ended) = self.deliveries.join_next() => {
                    self.end(ended.unwrap_or(true));
                    while let Some(ended) = self.deliveries.try_join_next() {
                        self.end(ended.unwrap_or(true));
                    }
                }
                Some(look) = self.looks.join_next() => {
                    let failed = |error| StoreError::Corrupt(format!("a look broke off: {error}"));
                    self.take_in(look.map_err(failed).and_then(|look| look));
                }
                () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => {}
            }
        }
        let rest = async { while self.deliveries.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(GRACE, rest).await;
    }

    /// Sends what may be sent and looks for more if it is time to; says when there is something to
    /// do again, if nothing happens before.
    fn go_on(&mut self, answers: &UnboundedSender<(EndpointId, Verdict)>) -> Option<Instant> {
        let now = Instant::now();
        for claimed in self.lanes.start(now) {
            self.send(claimed, answers);
        }
        if self.lanes.want_more(now) {
            self.look_by(now);
        }
        let can_look = self.looks.is_empty() && self.lanes.room() >= FEWEST;
        let mut look_at = self.look_at.filter(|_| can_look).map(|at| at.max(self.not_before));
        if look_at.is_some_and(|at| at <= now) {
            self.look(now);
            look_at = None;
        }
        look_at.into_iter().chain(self.lanes.rested_at(now)).min()
    }

    fn send(&mut self, claimed: ClaimedDelivery, answers: &UnboundedSender<(EndpointId, Verdict)>) {
        let place = Place {
            endpoint: claimed.delivery.endpoint_id.clone(),
            answers: answers.clone(),
            verdict: Verdict::Nothing,
        };
        let context = self.context.clone();
        self.deliveries.spawn(async move { deliver(&context, claimed, place).await });
    }

    fn take_answer(&mut self, (endpoint, verdict): (EndpointId, Verdict)) {
        self.lanes.answered(&endpoint, verdict, Instant::now());
    }

    fn end(&mut self, due_again: bool) {
        self.lanes.ended();
        if due_again {
            self.look_by(Instant::now());
        }
    }

    /// Looks for what is due at `at`, or before if that was planned.
    fn look_by(&mut self, at: Instant) {
        self.look_at = Some(self.look_at.map_or(at, |planned| planned.min(at)));
    }

    fn look(&mut self, now: Instant) {
        self.look_at = None;
        let busy = self.lanes.busy(now);
        let limit = self.lanes.room().min(self.batch);
        self.looks.spawn(look(self.context.clone(), limit, busy));
    }

    fn take_in(&mut self, look: Result<Look, StoreError>) {
        let now = Instant::now();
        let Look { claimed, full, lease_until, next, took } = match look {
            Ok(look) => look,
            Err(error) => {
                tracing::error!(%error, "webhooks wait: the database failed");
                return self.look_by(now + AFTER_FAILURE);
            }
        };
        self.not_before = now + 3 * took;
        if claimed.is_empty() {
            self.lanes.forget_idle(now);
        }
        let mut over = false;
        for delivery in claimed {
            over |= self.lanes.take_in(delivery, lease_until);
        }
        if over {
            self.batch = (self.batch / 4).max(FEWEST);
        } else if full {
            self.batch = (self.batch * 2).min(MOST);
        }
        if full {
            self.look_by(now);
        } else if let Some(pause) = next {
            self.look_by(now + pause);
        }
    }
}

/// Claims up to `limit` deliveries that are due to endpoints that are not busy.
async fn look(context: Context, limit: usize, busy: Vec<EndpointId>) -> Result<Look, StoreError> {
    let (started, now) = (Instant::now(), context.clock.now());
    let (store, lease) = (&context.store, context.webhooks.policy.lease);
    let lease_until = now + TimeDelta::from_std(lease).unwrap_or(TimeDelta::MAX);
    let most = u32::try_from(limit).unwrap_or(u32::MAX);
    let claimed = store.claim_deliveries(now, lease_until, most, &busy).await?;
    let full = claimed.len() >= limit;
    let next = if full { None } else { store.next_delivery_due(&busy).await? };
    let took = if busy.is_empty() { Duration::ZERO } else { started.elapsed() };
    let next = next.map(|at| until(at, now));
    Ok(Look { claimed, full, lease_until: started + lease, next, took })
}

/// How long to sleep until `at`.
fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (at - now).to_std().unwrap_or_default().min(LONGEST_SLEEP)
}
