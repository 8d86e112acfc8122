//! What is claimed and under way, endpoint by endpoint. Each has a lane: so many attempts at once,
//! and so many claimed ahead, as it has shown to be good for. One that is overloaded is left alone
//! for a moment and then gets less at once; none holds up the others.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use latchkey_contract::EndpointId;
use latchkey_store::ClaimedDelivery;
use tokio::time::Instant;

use super::DeliveryPolicy;

/// Claimed ahead for an endpoint that has not shown yet how fast it is, and at most.
const AHEAD: usize = 8;
const MOST_AHEAD: usize = 256;
/// An answer that took longer says nothing for more.
const QUICK: Duration = Duration::from_millis(500);
/// The longest rest of an endpoint as a whole, so that a replay by hand is not long in coming. Each
/// delivery waits as long as it was asked to.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// What an attempt says about its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It took it, after so long.
    Took(Duration),
    /// It is overloaded or does not answer; it may have said how long to leave it alone.
    Overloaded(Option<Duration>),
    /// Nothing about how fast it is.
    Nothing,
}

/// All lanes.
pub(super) struct Lanes {
    policy: Arc<DeliveryPolicy>,
    lanes: HashMap<EndpointId, Lane>,
    /// Those with something waiting, whose turn it is first.
    turns: VecDeque<EndpointId>,
    under_way: usize,
    /// Claimed and not recorded yet.
    held: usize,
}

struct Lane {
    /// With the end of their lease.
    waiting: VecDeque<(ClaimedDelivery, Instant)>,
    under_way: usize,
    at_once: usize,
    ahead: usize,
    rests_until: Option<Instant>,
    /// Whether it was full when somebody looked for what is due.
    left_out: bool,
}

impl Lanes {
    pub(super) fn new(policy: Arc<DeliveryPolicy>) -> Self {
        Self { policy, lanes: HashMap::new(), turns: VecDeque::new(), under_way: 0, held: 0 }
    }

    /// How many more may be claimed.
    pub(super) fn room(&self) -> usize {
        self.policy.claimed_at_once.saturating_sub(self.held)
    }

    /// The endpoints that nothing more is to be claimed for at the moment.
    pub(super) fn busy(&mut self, now: Instant) -> Vec<EndpointId> {
        let mut busy = Vec::new();
        for (id, lane) in &mut self.lanes {
            lane.left_out = lane.is_full() || lane.rests(now);
            if lane.left_out {
                busy.push(id.clone());
            }
        }
        busy
    }

    /// Takes a claimed delivery in; says whether its lane has more than it is known to be good for.
    pub(super) fn take_in(&mut self, claimed: ClaimedDelivery, lease_until: Instant) -> bool {
        let endpoint = claimed.delivery.endpoint_id.clone();
        let at_once = self.policy.at_once_per_endpoint;
        let lane = self.lanes.entry(endpoint.clone()).or_insert_with(|| Lane::new(at_once));
        if lane.waiting.is_empty() {
            self.turns.push_back(endpoint);
        }
        lane.waiting.push_back((claimed, lease_until));
        self.held += 1;
        lane.waiting.len() > lane.ahead
    }

    /// What may be sent now, each endpoint in turn. What has waited so long that an attempt could
    /// outlast its lease is dropped: it is claimed again after it.
    pub(super) fn start(&mut self, now: Instant) -> Vec<ClaimedDelivery> {
        let mut started = Vec::new();
        let mut passed = 0;
        let margin = self.policy.attempt_timeout.min(self.policy.lease / 2);
        while self.under_way < self.policy.at_once && passed < self.turns.len() {
            let Some(id) = self.turns.pop_front() else { break };
            let Some(lane) = self.lanes.get_mut(&id) else { continue };
            let (dropped, next) = lane.next(now, margin);
            self.held -= dropped;
            if !lane.waiting.is_empty() {
                self.turns.push_back(id);
            }
            match next {
                Some(delivery) => {
                    self.under_way += 1;
                    passed = 0;
                    started.push(delivery);
                }
                None => passed += 1,
            }
        }
        started
    }

    /// An attempt was answered, or will not be.
    pub(super) fn answered(&mut self, endpoint: &EndpointId, verdict: Verdict, now: Instant) {
        self.under_way = self.under_way.saturating_sub(1);
        let (most, rest) = (self.policy.at_once_per_endpoint, self.policy.rest);
        let Some(lane) = self.lanes.get_mut(endpoint) else { return };
        lane.under_way = lane.under_way.saturating_sub(1);
        match verdict {
            Verdict::Took(after) => {
                lane.at_once = (lane.at_once + 1).min(most);
                if after <= QUICK {
                    lane.ahead = (lane.ahead + 1).min(MOST_AHEAD);
                } else {
                    lane.ahead = AHEAD;
                }
            }
            Verdict::Overloaded(asked) => {
                lane.at_once = (lane.at_once / 2).max(1);
                lane.ahead = AHEAD;
                let rest = asked.unwrap_or(rest).clamp(rest.min(LONGEST_REST), LONGEST_REST);
                lane.rests_until = lane.rests_until.max(Some(now + rest));
            }
            Verdict::Nothing => {}
        }
    }

    /// A delivery was recorded, or given up for now.
    pub(super) fn ended(&mut self) {
        self.held = self.held.saturating_sub(1);
    }

    /// Whether an endpoint that was left out has room again.
    pub(super) fn want_more(&self, now: Instant) -> bool {
        let has_room = |lane: &Lane| !lane.is_full() && lane.waiting.len() * 2 <= lane.ahead;
        self.lanes.values().any(|lane| lane.left_out && has_room(lane) && !lane.rests(now))
    }

    /// When the first endpoint has rested.
    pub(super) fn rested_at(&self, now: Instant) -> Option<Instant> {
        self.lanes.values().filter_map(|lane| lane.rests_until).filter(|until| *until > now).min()
    }

    /// Forgets endpoints that nothing is known to be due for.
    pub(super) fn forget_idle(&mut self, now: Instant) {
        self.lanes.retain(|_, lane| {
            lane.under_way > 0 || !lane.waiting.is_empty() || lane.rests(now) || lane.left_out
        });
    }
}

impl Lane {
    const fn new(at_once: usize) -> Self {
        Self {
            waiting: VecDeque::new(),
            under_way: 0,
            at_once,
            ahead: AHEAD,
            rests_until: None,
            left_out: false,
        }
    }

    fn rests(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| until > now)
    }

    fn is_full(&self) -> bool {
        self.waiting.len() + self.under_way >= self.ahead
    }

    /// The next one to send, if it may be; before it, how many were dropped.
    fn next(&mut self, now: Instant, margin: Duration) -> (usize, Option<ClaimedDelivery>) {
        let mut dropped = 0;
        while self.waiting.front().is_some_and(|(_, until)| *until <= now + margin) {
            self.waiting.pop_front();
            dropped += 1;
        }
        if self.under_way >= self.at_once || self.rests(now) {
            return (dropped, None);
        }
        let next = self.waiting.pop_front().map(|(delivery, _)| delivery);
        self.under_way += usize::from(next.is_some());
        (dropped, next)
    }
}
