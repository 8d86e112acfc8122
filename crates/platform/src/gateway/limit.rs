//! How often and how much at once a key may call.
//!
//! A key has a window of one minute that begins with its first call; the next call after the
//! minute begins a new one. So exactly the documented number of calls passes in a window, and the
//! numbers in the headers are the truth. (A leaky bucket would let up to twice as many through in
//! the first minute, and its "remaining" would not count down.) The limit itself is handed in
//! with every call, so a changed one holds from the next call.
//!
//! Both counts are single atomics: no lock is taken on the way of a request.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Instant,
};

/// Milliseconds.
const WINDOW: u64 = 60_000;
/// Bits of the word that hold the count; the others hold the window's start.
const COUNT_BITS: u32 = 24;
const COUNT_MASK: u64 = (1 << COUNT_BITS) - 1;

/// Milliseconds since the server started, from the monotonic clock: a wall clock that jumps
/// neither opens nor closes a window.
#[derive(Debug, Clone, Copy)]
pub struct Ticker(Instant);

/// Counts one key's calls.
#[derive(Debug, Default)]
pub struct KeyMeter {
    /// Start of the window (in milliseconds, plus 1; 0 before the first call), then the count.
    window: AtomicU64,
    under_way: AtomicU32,
}

/// Where a key stands in its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests allowed a minute.
    pub limit: u32,
    /// Requests left.
    pub remaining: u32,
    /// Seconds, rounded up, until all are allowed again.
    pub reset: u32,
}

/// A place among the operations under way. Given back when dropped, unless kept.
#[derive(Debug)]
pub struct Slot(Option<Arc<KeyMeter>>);

impl Default for Ticker {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Ticker {
    /// Milliseconds since the start.
    #[must_use]
    pub fn now(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl KeyMeter {
    /// Counts a call at `now` milliseconds.
    ///
    /// # Errors
    /// Where the key stands, if this call is one too many; it is not counted then.
    pub fn count(&self, limit: u32, now: u64) -> Result<Rate, Rate> {
        let mut word = self.window.load(Ordering::Relaxed);
        loop {
            let (start, count) = open_window(word, now);
            if count >= u64::from(limit) {
                return Err(rate(limit, start, count, now));
            }
            let next = (start << COUNT_BITS) | (count + 1);
            match self.window.compare_exchange_weak(
                word,
                next,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Ok(rate(limit, start, count + 1, now)),
                Err(seen) => word = seen,
            }
        }
    }

    /// Where the key stands, without counting.
    #[must_use]
    pub fn look(&self, limit: u32, now: u64) -> Rate {
        let (start, count) = open_window(self.window.load(Ordering::Relaxed), now);
        rate(limit, start, count, now)
    }

    /// Takes a place among at most `limit` operations under way; `None` when all are taken.
    #[must_use]
    pub fn enter(self: &Arc<Self>, limit: u32) -> Option<Slot> {
        let more = |under_way| (under_way < limit).then_some(under_way + 1);
        self.under_way.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Slot(Some(Arc::clone(self))))
    }

    /// Takes a place where there is no limit: it is counted all the same, so that a limit which
    /// comes later finds the truth.
    #[must_use]
    pub fn enter_unlimited(self: &Arc<Self>) -> Slot {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        Slot(Some(Arc::clone(self)))
    }

    /// An operation ended.
    pub fn leave(&self) {
        let fewer = |under_way: u32| under_way.checked_sub(1);
        let _ = self.under_way.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
    }

    /// Operations that were under way when the server started.
    pub fn resume(&self, under_way: u32) {
        self.under_way.fetch_add(under_way, Ordering::Relaxed);
    }
}

impl Slot {
    /// No place: for what is over at once.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// The operation goes on after the request; [`KeyMeter::leave`] ends it.
    pub fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(meter) = &self.0 {
            meter.leave();
        }
    }
}

/// The window that `now` falls into: the one of `word` while its minute lasts, else a new one.
const fn open_window(word: u64, now: u64) -> (u64, u64) {
    let (start, count) = (word >> COUNT_BITS, word & COUNT_MASK);
    if start == 0 || now + 1 >= start + WINDOW { (now + 1, 0) } else { (start, count) }
}

fn rate(limit: u32, start: u64, count: u64, now: u64) -> Rate {
    let used = u32::try_from(count).unwrap_or(u32::MAX);
    let left = if count == 0 { 0 } else { (start + WINDOW).saturating_sub(now + 1) };
    Rate {
        limit,
        remaining: limit.saturating_sub(used),
        reset: u32::try_from(left.div_ceil(1000)).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_window_lets_exactly_its_number_through() {
        let meter = KeyMeter::default();
        assert_eq!(meter.count(2, 500), Ok(Rate { limit: 2, remaining: 1, reset: 60 }));
        assert_eq!(meter.count(2, 30_500), Ok(Rate { limit: 2, remaining: 0, reset: 30 }));
        assert_eq!(meter.count(2, 60_499), Err(Rate { limit: 2, remaining: 0, reset: 1 }));
        assert_eq!(meter.count(2, 60_500), Ok(Rate { limit: 2, remaining: 1, reset: 60 }));
    }

    #[test]
    fn a_changed_limit_holds_from_the_next_call() {
        let meter = KeyMeter::default();
        for _ in 0..5 {
            meter.count(10, 0).unwrap();
        }
        assert_eq!(meter.count(3, 1).unwrap_err().remaining, 0);
        assert_eq!(meter.count(7, 1).unwrap().remaining, 1);
    }

    #[test]
    fn a_dropped_place_is_free_again_and_a_kept_one_until_it_is_left() {
        let meter = Arc::new(KeyMeter::default());
        let first = meter.enter(1).unwrap();
        assert!(meter.enter(1).is_none());
        drop(first);
        meter.enter(1).unwrap().keep();
        assert!(meter.enter(1).is_none());
        meter.leave();
        assert!(meter.enter(1).is_some());
    }

    #[test]
    fn no_call_is_lost_when_many_count_at_once() {
        let meter = KeyMeter::default();
        let passed: usize = std::thread::scope(|scope| {
            let calls = || (0..1000).filter(|_| meter.count(2500, 0).is_ok()).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(calls)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(passed, 2500);
    }

    proptest! {
        /// Calls at any times, in order: each window begins with the first call after the one
        /// before, lasts a minute, and lets exactly its number through.
        #[test]
        fn every_window_lets_exactly_its_number_through(
            limit in 1_u32..20,
            pauses in prop::collection::vec(0_u64..15_000, 1..200),
        ) {
            let meter = KeyMeter::default();
            let (mut now, mut window, mut called) = (0, None, 0_u32);
            for pause in pauses {
                now += pause;
                if window.is_none_or(|start| now >= start + WINDOW) {
                    (window, called) = (Some(now), 0);
                }
                called += 1;
                let counted = meter.count(limit, now);
                prop_assert_eq!(counted.is_ok(), called <= limit);
                let (Ok(rate) | Err(rate)) = counted;
                prop_assert_eq!(rate.remaining, limit.saturating_sub(called));
                prop_assert!((1..=60).contains(&rate.reset), "{:?}", rate);
                prop_assert_eq!(meter.look(limit, now), rate);
            }
        }

        /// However operations begin and end, no more are under way than the limit allows, and a
        /// place that is left is free.
        #[test]
        fn places_are_never_more_than_the_limit(
            limit in 1_u32..6,
            steps in prop::collection::vec(any::<bool>(), 1..100),
        ) {
            let meter = Arc::new(KeyMeter::default());
            let mut taken = Vec::new();
            for enters in steps {
                if enters {
                    let free = taken.len() < limit as usize;
                    let slot = meter.enter(limit);
                    prop_assert_eq!(slot.is_some(), free);
                    taken.extend(slot);
                } else {
                    taken.pop();
                }
            }
        }
    }
}
