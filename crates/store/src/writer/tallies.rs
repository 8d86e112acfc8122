//! Counting in memory: calls of the same key, operation, outcome and bucket become one row.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use latchkey_contract::{Environment, KeyId, PartnerId, usage::Outcome};

use super::{Caller, Tally};
use crate::{NewRequest, UsageSpan};

/// Single calls that wait at most.
const MOST_REQUESTS: usize = 4096;

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct UsageKey {
    pub span: UsageSpan,
    /// Its start in Unix seconds.
    pub bucket: i64,
    pub partner_id: PartnerId,
    pub platform: Arc<str>,
    pub environment: Environment,
    pub key_id: KeyId,
    pub operation: Arc<str>,
    pub outcome: Outcome,
}

/// How much of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub requests: i64,
    /// Millionths.
    pub credits: i64,
}

/// The last use of a key, and the first that is not written yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LastUse {
    pub partner_id: PartnerId,
    pub at: DateTime<Utc>,
    pub first_at: DateTime<Utc>,
    pub caller: Caller,
}

/// Counts and last uses that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub usage: HashMap<UsageKey, Count>,
    pub last_used: HashMap<KeyId, LastUse>,
    /// Single calls, the oldest first.
    pub requests: Vec<NewRequest>,
}

impl Counts {
    pub(super) fn is_empty(&self) -> bool {
        self.usage.is_empty() && self.last_used.is_empty() && self.requests.is_empty()
    }

    pub(super) fn add(&mut self, tally: Tally) {
        if let Some(caller) = tally.last_used {
            let (partner_id, at) = (tally.partner_id.clone(), tally.now);
            let last = LastUse { partner_id, at, first_at: at, caller };
            self.note_use(tally.key_id.clone(), last);
        }
        let key = UsageKey {
            span: UsageSpan::QuarterHour,
            bucket: UsageSpan::QuarterHour.bucket(tally.now),
            partner_id: tally.partner_id,
            platform: tally.platform,
            environment: tally.environment,
            key_id: tally.key_id,
            operation: tally.operation,
            outcome: tally.outcome,
        };
        let count = Count { requests: i64::from(tally.requests), credits: tally.credits.0 };
        self.count(tally.now, key, count);
    }

    /// Counts in the quarter of an hour that `quarter` names, and in the minute of `now`.
    pub(super) fn count(&mut self, now: DateTime<Utc>, quarter: UsageKey, more: Count) {
        let (span, bucket) = (UsageSpan::Minute, UsageSpan::Minute.bucket(now));
        self.add_to(UsageKey { span, bucket, ..quarter.clone() }, more);
        self.add_to(quarter, more);
    }

    /// Takes out what belongs into the transaction of what it counts: the quarters of an hour,
    /// which are kept for good. Minutes and last uses may come a moment later.
    pub(super) fn take_quarters(&mut self) -> Self {
        let is_quarter = |key: &UsageKey, _: &mut Count| key.span == UsageSpan::QuarterHour;
        let usage = self.usage.extract_if(is_quarter).collect();
        Self { usage, ..Self::default() }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (key, count) in other.usage {
            self.add_to(key, count);
        }
        for (key_id, last) in other.last_used {
            self.note_use(key_id, last);
        }
        self.log(other.requests);
    }

    /// Adds single calls. Where the database takes none for a while, the oldest go.
    pub(super) fn log(&mut self, requests: Vec<NewRequest>) {
        self.requests.extend(requests);
        let too_many = self.requests.len().saturating_sub(MOST_REQUESTS);
        self.requests.drain(..too_many);
    }

    /// Drops everything of one partner.
    pub(super) fn forget(&mut self, partner_id: &PartnerId) {
        self.usage.retain(|key, _| key.partner_id != *partner_id);
        self.last_used.retain(|_, last| last.partner_id != *partner_id);
        self.requests.retain(|call| call.partner_id != *partner_id);
    }

    fn add_to(&mut self, key: UsageKey, more: Count) {
        let count = self.usage.entry(key).or_default();
        count.requests = count.requests.saturating_add(more.requests);
        count.credits = count.credits.saturating_add(more.credits);
    }

    pub(super) fn note_use(&mut self, key_id: KeyId, last: LastUse) {
        match self.last_used.entry(key_id) {
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                let first_at = known.first_at.min(last.first_at);
                if known.at <= last.at {
                    *known = last;
                }
                known.first_at = first_at;
            }
            Entry::Vacant(empty) => {
                empty.insert(last);
            }
        }
    }
}
