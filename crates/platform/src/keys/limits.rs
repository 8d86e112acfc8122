//! What a key's own limits may be.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, Utc};
use latchkey_contract::{
    Amount,
    keys::{CreateKey, UpdateKey},
};
use latchkey_store::{KeyChange, SpendLimits};

use crate::input::Faults;

const REQUESTS_PER_MINUTE: RangeInclusive<u32> = 1..=100_000;
const CONCURRENT: RangeInclusive<u32> = 1..=10_000;
/// Up to a billion credits: every program reads that exactly, also where numbers are floats.
const SPEND: RangeInclusive<Amount> = Amount(1)..=Amount::from_credits(1_000_000_000);

/// A limit that can be set: where it stands in a request, and what it may be.
struct Kind<T> {
    pointer: &'static str,
    range: RangeInclusive<T>,
    must_be: &'static str,
    /// What `0` does in a change.
    zero: &'static str,
}

const RATE: Kind<u32> = Kind {
    pointer: "/requests_per_minute",
    range: REQUESTS_PER_MINUTE,
    must_be: "must be 1 to 100000",
    zero: "for the platform's default",
};
const AT_ONCE: Kind<u32> = Kind {
    pointer: "/concurrent_limit",
    range: CONCURRENT,
    must_be: "must be 1 to 10000",
    zero: "for the platform's default",
};
const DAILY: Kind<Amount> = Kind { pointer: "/daily_limit", ..IN_ALL };
const IN_ALL: Kind<Amount> = Kind {
    pointer: "/credit_allowance",
    range: SPEND,
    must_be: "must be above 0 and at most 1000000000 credits, in millionths",
    zero: "for no limit",
};

/// The limits of a new key.
pub(super) fn check_new(faults: &mut Faults, request: &CreateKey) {
    RATE.check(faults, request.requests_per_minute);
    AT_ONCE.check(faults, request.concurrent_limit);
    DAILY.check(faults, request.daily_limit);
    IN_ALL.check(faults, request.credit_allowance);
}

/// Until when a key works: RFC 3339, in which it is told, has years of four digits.
pub(super) fn check_expiry(faults: &mut Faults, expires_at: DateTime<Utc>, now: DateTime<Utc>) {
    faults.require(expires_at > now, "/expires_at", "must lie in the future");
    faults.require(expires_at.year() <= 9999, "/expires_at", "must lie before the year 10000");
}

/// The expiry that a change sets or takes away.
pub(super) fn changed_expiry(
    faults: &mut Faults,
    request: &UpdateKey,
    now: DateTime<Utc>,
) -> Option<Option<DateTime<Utc>>> {
    let never = request.never_expires == Some(true);
    if let Some(expires_at) = request.expires_at {
        check_expiry(faults, expires_at, now);
        faults.require(!never, "/never_expires", "cannot be set together with `expires_at`");
    }
    request.expires_at.map(Some).or_else(|| never.then_some(None))
}

/// What a new key may spend.
pub(super) const fn spend_limits(request: &CreateKey) -> SpendLimits {
    SpendLimits { daily_limit: request.daily_limit, credit_allowance: request.credit_allowance }
}

/// The limits that a change sets or takes away, and nothing else of it.
pub(super) fn changed(faults: &mut Faults, request: &UpdateKey) -> KeyChange {
    KeyChange {
        requests_per_minute: RATE.changed(faults, request.requests_per_minute),
        concurrent_limit: AT_ONCE.changed(faults, request.concurrent_limit),
        daily_limit: DAILY.changed(faults, request.daily_limit),
        credit_allowance: IN_ALL.changed(faults, request.credit_allowance),
        ..KeyChange::default()
    }
}

impl<T: PartialOrd + Default> Kind<T> {
    fn check(&self, faults: &mut Faults, limit: Option<T>) {
        let good = limit.is_none_or(|limit| self.range.contains(&limit));
        faults.require(good, self.pointer, self.must_be);
    }

    /// `0` takes the limit away.
    fn changed(&self, faults: &mut Faults, limit: Option<T>) -> Option<Option<T>> {
        let limit = limit?;
        if limit == T::default() {
            return Some(None);
        }
        let good = self.range.contains(&limit);
        faults.require(good, self.pointer, format!("{}, or 0 {}", self.must_be, self.zero));
        Some(Some(limit))
    }
}
