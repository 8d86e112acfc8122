//! The dispatcher: claims deliveries that are due, sends them, keeps what came of each.
//!
//! A claim is a lease. Whatever a process does not record before the lease ends, because it was
//! killed or the disk was full, is sent again with the same ids: every event arrives at least
//! once. Idle, it sleeps until it is woken or the next delivery is due.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{
    EndpointId, events::Topic, platforms::WebhookTarget, webhooks::DisabledReason,
};
use latchkey_store::{AttemptOutcome, ClaimedDelivery, StoreError};
use tokio::{
    sync::Semaphore,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use super::{
    SealError, TargetError,
    attempt::{self, Attempted, Outgoing},
    sign::{Message, Secrets, UnsendableHeader, headers},
};
use crate::{Context, clock::later, manifest::Manifest};

/// Claimed in one go. Small, so that one endpoint's backlog cannot fill every place at once.
const BATCH: usize = 8;
/// The longest sleep while something waits: the wall clock may jump, and sleep does not notice.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// The pause after the database failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How long a delivery waits whose secret this server cannot open; the next start tries at once.
const WITHOUT_SECRET: TimeDelta = TimeDelta::minutes(10);
/// How long attempts under way may go on when the server stops; they are sent again otherwise.
const GRACE: Duration = Duration::from_secs(2);

/// Sends webhooks until the server stops.
pub struct Dispatcher {
    context: Context,
    attempts: JoinSet<EndpointId>,
    lanes: HashMap<EndpointId, Lane>,
}

/// What is under way to one endpoint.
struct Lane {
    turns: Arc<Semaphore>,
    claimed: usize,
}

impl Dispatcher {
    /// Starts sending; ends soon after `context.stopping` is cancelled.
    #[must_use]
    pub fn start(context: &Context) -> JoinHandle<()> {
        let context = context.clone();
        let (attempts, lanes) = (JoinSet::new(), HashMap::new());
        tokio::spawn(Self { context, attempts, lanes }.run())
    }

    async fn run(mut self) {
        if let Err(error) = self.context.store.release_delivery_claims().await {
            tracing::warn!(%error, "claims of a former run stay until their lease ends");
        }
        let Context { webhooks, store, clock, .. } = &self.context;
        webhooks.notice_clock(store, clock.now()).await;
        let due = Arc::clone(&self.context.webhooks.due);
        let stopping = self.context.stopping.clone();
        loop {
            let pause = self.fill().await.unwrap_or_else(|error| {
                tracing::error!(%error, "webhooks wait: the database failed");
                Some(AFTER_FAILURE)
            });
            tokio::select! {
                () = stopping.cancelled() => break,
                () = due.notified() => {}
                Some(ended) = self.attempts.join_next() => self.leave_lane(ended.ok()),
                () = sleep(pause.unwrap_or_default()), if pause.is_some() => {}
            }
        }
        let rest = async { while self.attempts.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(GRACE, rest).await;
    }

    /// Claims and starts all that is due and has room; says how long nothing more will be.
    async fn fill(&mut self) -> Result<Option<Duration>, StoreError> {
        let policy = Arc::clone(&self.context.webhooks.policy);
        loop {
            let room = policy.at_once.saturating_sub(self.attempts.len()).min(BATCH);
            if room == 0 {
                return Ok(None);
            }
            let busy = self.busy_endpoints();
            let now = self.context.clock.now();
            match self.context.store.next_delivery_due(&busy).await? {
                None => return Ok(None),
                Some(at) if at > now => return Ok(Some(until(at, now))),
                Some(_) => {}
            }
            let lease_until = now + TimeDelta::from_std(policy.lease).unwrap_or(TimeDelta::MAX);
            let limit = u32::try_from(room).unwrap_or(u32::MAX);
            let claimed =
                self.context.store.claim_deliveries(now, lease_until, limit, &busy).await?;
            for delivery in claimed {
                self.begin(delivery);
            }
        }
    }

    /// Endpoints with as many deliveries under way as one may have.
    fn busy_endpoints(&self) -> Vec<EndpointId> {
        let most = self.context.webhooks.policy.at_once_per_endpoint;
        self.lanes
            .iter()
            .filter(|(_, lane)| lane.claimed >= most)
            .map(|(id, _)| id.clone())
            .collect()
    }

    fn begin(&mut self, claimed: ClaimedDelivery) {
        let endpoint = claimed.delivery.endpoint_id.clone();
        let most = self.context.webhooks.policy.at_once_per_endpoint;
        let lane = self
            .lanes
            .entry(endpoint.clone())
            .or_insert_with(|| Lane { turns: Arc::new(Semaphore::new(most)), claimed: 0 });
        lane.claimed += 1;
        let turns = Arc::clone(&lane.turns);
        let context = self.context.clone();
        self.attempts.spawn(async move {
            // Never closed, so there is always a turn.
            let _turn = turns.acquire().await;
            deliver(&context, claimed).await;
            endpoint
        });
    }

    fn leave_lane(&mut self, endpoint: Option<EndpointId>) {
        let Some(endpoint) = endpoint else {
            return;
        };
        if let Some(lane) = self.lanes.get_mut(&endpoint) {
            lane.claimed -= 1;
            if lane.claimed == 0 {
                self.lanes.remove(&endpoint);
            }
        }
    }
}

/// How long to sleep until `at`.
fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (at - now).to_std().unwrap_or_default().min(LONGEST_SLEEP)
}

/// Why an attempt ended before anything was sent.
#[derive(Debug, thiserror::Error)]
enum NotSent {
    #[error("the URL {0}")]
    Target(#[from] TargetError),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Header(#[from] UnsendableHeader),
}

/// Makes one attempt and keeps what came of it.
async fn deliver(context: &Context, claimed: ClaimedDelivery) {
    let delivery = &claimed.delivery;
    let Some(manifest) = context.manifests.get(&delivery.platform) else {
        let (id, platform) = (&delivery.id, &delivery.platform);
        tracing::warn!(delivery = %id, platform, "a webhook waits: its platform's manifest is gone");
        return;
    };
    let now = context.clock.now();
    let attempted = match prepare(context, manifest, &claimed, now) {
        Ok(outgoing) => {
            let limit = context.webhooks.policy.attempt_timeout;
            attempt::send(&context.webhooks.http, outgoing, now, limit).await
        }
        // No fault of the receiver's: its attempts are not used up.
        Err(NotSent::Seal(error)) => return put_off(context, &claimed, now, &error).await,
        Err(reason) => Attempted::not_sent(now, &reason.to_string()),
    };
    if let Err(error) = keep(context, manifest, &claimed, attempted).await {
        tracing::error!(delivery = %delivery.id, %error, "an attempt was not kept; it is made again");
    }
}

/// Leaves a delivery for later that cannot be signed now.
async fn put_off(
    context: &Context,
    claimed: &ClaimedDelivery,
    now: DateTime<Utc>,
    error: &SealError,
) {
    let delivery = &claimed.delivery;
    tracing::error!(delivery = %delivery.id, %error, "a webhook waits");
    let (until, reason) = (later(now, WITHOUT_SECRET), format!("not sent: {error}"));
    match context.store.put_off_delivery(claimed, until, &reason).await {
        Ok(()) => {
            let (partner, platform) = (&delivery.partner_id, delivery.platform.as_str());
            context.live.announce(partner, Topic::Deliveries, Some(platform));
        }
        Err(error) => tracing::error!(%error, "the webhook is tried again when its lease ends"),
    }
}

/// Signs a delivery and checks its URL, for this attempt.
fn prepare(
    context: &Context,
    manifest: &Manifest,
    claimed: &ClaimedDelivery,
    now: DateTime<Utc>,
) -> Result<Outgoing, NotSent> {
    let delivery = &claimed.delivery;
    let secrets = open_secrets(context, claimed, now)?;
    let message = Message {
        event_id: &delivery.event_id,
        delivery_id: &delivery.id,
        event_type: &delivery.event_type,
        sent_at: now,
        body: &claimed.body,
    };
    Ok(Outgoing {
        url: context.webhooks.targets.check(&delivery.url)?,
        headers: headers(&message, manifest.webhooks.signature.as_ref(), &secrets)?,
        body: claimed.body.clone(),
    })
}

/// The secrets that sign now: for a while after a rotation, the former one too.
fn open_secrets(
    context: &Context,
    claimed: &ClaimedDelivery,
    now: DateTime<Utc>,
) -> Result<Secrets, SealError> {
    let (seal, endpoint) = (&context.webhooks.seal, &claimed.delivery.endpoint_id);
    let previous = claimed.previous.as_ref().filter(|previous| previous.until > now);
    Ok(Secrets {
        current: seal.open(endpoint, &claimed.secret)?,
        previous: previous.map(|previous| seal.open(endpoint, &previous.secret)).transpose()?,
    })
}

/// Keeps an attempt, switches an endpoint off that is gone, and tells the consoles.
async fn keep(
    context: &Context,
    manifest: &Manifest,
    claimed: &ClaimedDelivery,
    attempted: Attempted,
) -> Result<(), StoreError> {
    let delivery = &claimed.delivery;
    // One request's URL that is gone says nothing about the other requests'.
    let switch_off = attempted.is_gone() && manifest.webhooks.target != WebhookTarget::Request;
    let outcome = outcome(context, manifest, claimed, &attempted);
    context.store.record_attempt(claimed, attempted.kept, outcome).await?;
    context.live.announce(&delivery.partner_id, Topic::Deliveries, Some(&delivery.platform));
    if switch_off {
        let now = context.clock.now();
        let (partner, endpoint) = (&delivery.partner_id, &delivery.endpoint_id);
        context.store.disable_endpoint(partner, endpoint, DisabledReason::Gone, now).await?;
    }
    // Its health shows how it fares.
    context.live.announce(&delivery.partner_id, Topic::Endpoints, Some(&delivery.platform));
    Ok(())
}

fn outcome(
    context: &Context,
    manifest: &Manifest,
    claimed: &ClaimedDelivery,
    attempted: &Attempted,
) -> AttemptOutcome {
    if attempted.succeeded() {
        return AttemptOutcome::Delivered;
    }
    if attempted.is_gone() || claimed.replay {
        return AttemptOutcome::GaveUp;
    }
    let own_pauses = manifest.webhooks.retry_seconds.as_deref();
    let chance = u16::from_be_bytes(context.entropy.bytes());
    let pause = context.webhooks.policy.pause(
        claimed.scheduled_attempts,
        own_pauses,
        attempted.retry_after,
        chance,
    );
    let at = pause
        .and_then(|pause| TimeDelta::from_std(pause).ok())
        .and_then(|pause| context.clock.now().checked_add_signed(pause));
    at.map_or(AttemptOutcome::GaveUp, |at| AttemptOutcome::Retry { at })
}
