//! Replays of a range: counted first, then sent again at a pace. The `Pacer` makes due what is
//! next of each; the dispatcher sends it as it sends everything.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use latchkey_contract::{
    FieldError, Page, PartnerId, ReplayId,
    events::Topic,
    page::PageQuery,
    webhooks::{CreateReplay, Replay, ReplayState},
};
use latchkey_store::{Author, NewReplay, ReplayRange, ReplayRow, StoreError};
use tokio::time::{Instant, sleep};

use crate::{Context, input::Faults};

/// Deliveries a second unless told, and at most.
const PER_SECOND: u32 = 10;
const MOST_PER_SECOND: u32 = 1_000;
/// How often a replay that runs is moved on.
const TICK: Duration = Duration::from_millis(100);
/// The pause after the database failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Why a replay was not started or found.
#[derive(Debug, thiserror::Error)]
pub enum RangeError {
    #[error("some fields are not as they must be")]
    Invalid(Vec<FieldError>),
    #[error("there is no such replay")]
    Absent,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Counts the deliveries of a range, and sends them again unless only the count was asked for.
///
/// # Errors
/// All fields at fault at once, or what the database says.
pub async fn create(
    context: &Context,
    partner: &PartnerId,
    author: Author,
    request: CreateReplay,
) -> Result<Replay, RangeError> {
    let now = context.clock.now();
    let (dry_run, per_second) = (request.dry_run, request.per_second.unwrap_or(PER_SECOND));
    check(context, partner, &request).await?;
    let range = ReplayRange {
        endpoint_id: request.endpoint_id,
        platform: request.platform,
        environment: request.environment,
        state: request.state,
        from: request.from,
        // What is made from now on is sent anyway.
        to: request.to.min(now),
    };
    let total = context.store.count_replay(partner, &range).await?;
    if dry_run {
        let (state, created_at) = (ReplayState::Counted, now);
        let counts = (total, 0, per_second);
        return Ok(replay(None, range, counts, state, (created_at, None)));
    }
    let id = context.entropy.id(now);
    let new = NewReplay { id, partner_id: partner.clone(), range, per_second, total, author, now };
    let row = context.store.create_replay(new).await?;
    announce(context, &row);
    context.webhooks.replays_due.notify_one();
    Ok(describe(row))
}

async fn check(
    context: &Context,
    partner: &PartnerId,
    request: &CreateReplay,
) -> Result<(), RangeError> {
    let mut faults = Faults::default();
    faults.require(request.from < request.to, "/to", "must be later than `from`");
    let pace = request.per_second.is_none_or(|pace| (1..=MOST_PER_SECOND).contains(&pace));
    faults.require(pace, "/per_second", "must be 1 to 1000");
    if let Some(slug) = &request.platform {
        let known = context.manifests.get(slug).is_some();
        faults.require(known, "/platform", "must be the slug of a platform");
    }
    if let Some(id) = &request.endpoint_id {
        let known = context.store.get_endpoint(partner, id).await?;
        let detail = "must be one of your endpoints, and switched on";
        faults.require(known.is_some_and(|row| row.enabled()), "/endpoint_id", detail);
    }
    faults.finish().map_err(RangeError::Invalid)
}

/// The partner's replays, the newest first.
///
/// # Errors
/// What the database says; [`StoreError::BadCursor`] for a cursor of another list.
pub async fn list(
    context: &Context,
    partner: &PartnerId,
    query: &PageQuery,
) -> Result<Page<Replay>, RangeError> {
    let Page { data, next_cursor } = context.store.list_replays(partner, query).await?;
    Ok(Page { data: data.into_iter().map(describe).collect(), next_cursor })
}

/// One of the partner's replays.
///
/// # Errors
/// [`RangeError::Absent`], or what the database says.
pub async fn get(
    context: &Context,
    partner: &PartnerId,
    id: &ReplayId,
) -> Result<Replay, RangeError> {
    let found = context.store.get_replay(partner, id).await?;
    found.map(describe).ok_or(RangeError::Absent)
}

/// Stops a replay; what was made due already still goes out. One that is over stays as it ended.
///
/// # Errors
/// [`RangeError::Absent`], or what the database says.
pub async fn cancel(
    context: &Context,
    partner: &PartnerId,
    author: &Author,
    id: &ReplayId,
) -> Result<Replay, RangeError> {
    let now = context.clock.now();
    let cancelled = context.store.cancel_replay(partner, id, author, now).await?;
    let row = cancelled.ok_or(RangeError::Absent)?;
    announce(context, &row);
    Ok(describe(row))
}

fn announce(context: &Context, row: &ReplayRow) {
    let platform = row.range.platform.as_deref();
    context.live.announce(&row.partner_id, Topic::Replays, platform);
}

fn describe(row: ReplayRow) -> Replay {
    let counts = (row.total, row.done, row.per_second);
    replay(Some(row.id), row.range, counts, row.state, (row.created_at, row.finished_at))
}

fn replay(
    id: Option<ReplayId>,
    range: ReplayRange,
    (total, done, per_second): (u32, u32, u32),
    state: ReplayState,
    (created_at, finished_at): (DateTime<Utc>, Option<DateTime<Utc>>),
) -> Replay {
    let ReplayRange { endpoint_id, platform, environment, state: delivery_state, from, to } = range;
    Replay {
        id,
        endpoint_id,
        platform,
        environment,
        delivery_state,
        from,
        to,
        total,
        done,
        per_second,
        state,
        created_at,
        finished_at,
    }
}

/// Moves the replays that run on, each at its pace, until the server stops.
pub(super) struct Pacer {
    context: Context,
    /// What each may send by now, in deliveries, and since when that is so.
    allowed: HashMap<ReplayId, (f64, Instant)>,
}

impl Pacer {
    pub(super) fn new(context: &Context) -> Self {
        Self { context: context.clone(), allowed: HashMap::new() }
    }

    pub(super) async fn run(mut self) {
        let due = self.context.webhooks.replays_due.clone();
        let stopping = self.context.stopping.clone();
        loop {
            // Idle, it sleeps until a replay is asked for.
            let pause = match self.advance().await {
                Ok(0) => None,
                Ok(_) => Some(TICK),
                Err(error) => {
                    tracing::error!(%error, "replays wait: the database failed");
                    Some(AFTER_FAILURE)
                }
            };
            tokio::select! {
                () = stopping.cancelled() => return,
                () = due.notified() => {}
                () = sleep(pause.unwrap_or_default()), if pause.is_some() => {}
            }
        }
    }

    /// Makes due what the paces allow; says how many replays run.
    async fn advance(&mut self) -> Result<usize, StoreError> {
        let running = self.context.store.running_replays().await?;
        self.allowed.retain(|id, _| running.iter().any(|replay| replay.id == *id));
        for replay in &running {
            let may = self.allowance(replay);
            if may == 0 {
                continue;
            }
            let now = self.context.clock.now();
            if let Some(moved) = self.context.store.advance_replay(replay, may, now).await? {
                announce(&self.context, &moved);
            }
            self.context.webhooks.wake();
        }
        Ok(running.len())
    }

    /// Whole deliveries that are due by the pace; at most a second's worth after a delay.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000"
    )]
    fn allowance(&mut self, replay: &ReplayRow) -> u32 {
        let (now, pace) = (Instant::now(), f64::from(replay.per_second));
        // The first one goes out at once.
        let (left, since) = self.allowed.remove(&replay.id).unwrap_or((1.0, now));
        let grown = left + pace * now.duration_since(since).as_secs_f64();
        let capped = grown.min(pace.max(1.0));
        let whole = capped.floor();
        self.allowed.insert(replay.id.clone(), (capped - whole, now));
        whole as u32
    }
}
