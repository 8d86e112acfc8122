//! The calls of a year: lately one by one, before that as counts.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{Amount, Environment, usage::Outcome};
use latchkey_store::{SampleSeries, UsageSpan};

use super::{
    keys::Caller,
    shape::{Levels, Year, midnight},
};
use crate::{
    manifest::{Manifest, Operation},
    pictures::Seed,
};

/// Calls of so many days are made up one by one.
const LATELY: i64 = 10;
/// Minutes are kept for so long.
const MINUTES_KEPT: TimeDelta = TimeDelta::hours(3);
/// Operations that a program calls, of those that cost nothing.
const FREE_ONES: usize = 2;

/// A call of the last days.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) at: DateTime<Utc>,
    /// Which of the callers; the first one with its key.
    pub(super) caller: usize,
    /// Which of the manifest's operations.
    pub(super) operation: usize,
    /// [`Outcome::Failed`] was accepted first.
    pub(super) outcome: Outcome,
    /// What it cost, or would have.
    pub(super) price: i64,
}

/// The calls of one platform.
pub(super) struct Traffic {
    /// The oldest first.
    pub(super) lately: Vec<Call>,
    /// What was spent before: by day and caller, in millionths.
    pub(super) days: BTreeMap<(DateTime<Utc>, usize), i64>,
    counts: HashMap<Counted, Buckets>,
    /// First and last call, by caller.
    pub(super) used: HashMap<usize, (DateTime<Utc>, DateTime<Utc>)>,
}

/// Caller, operation, outcome and length of bucket.
type Counted = (usize, usize, Outcome, UsageSpan);

/// Start in Unix seconds → calls and millionths.
type Buckets = BTreeMap<i64, (i64, i64)>;

/// Makes up the calls of `callers`.
pub(super) fn of_year(
    manifest: &Manifest,
    callers: &[Caller],
    year: Year,
    levels: &Levels,
) -> Traffic {
    let mut dice = Seed::of(&["sample traffic", &manifest.slug]);
    let per_day = dice.range(230.0, 520.0);
    let mut maker = Maker {
        manifest,
        year,
        levels,
        dice,
        per_day,
        recent: midnight(year.now - TimeDelta::days(LATELY)),
        made: Traffic {
            lately: Vec::new(),
            days: BTreeMap::new(),
            counts: HashMap::new(),
            used: HashMap::new(),
        },
    };
    for (index, caller) in callers.iter().enumerate() {
        // One key has several, before and after its rotation: they are counted together.
        let first = callers.iter().position(|other| other.key_id == caller.key_id);
        let index = first.unwrap_or(index);
        for (operation, share) in operations(manifest, caller) {
            maker.call(index, caller, operation, share);
        }
    }
    maker.made.lately.sort_by_key(|call| call.at);
    maker.made
}

/// What a program calls and how often: what costs something above all.
fn operations(manifest: &Manifest, caller: &Caller) -> Vec<(usize, f32)> {
    let allowed = |operation: &Operation| {
        operation.scope.as_ref().is_none_or(|scope| caller.scopes.contains(scope))
    };
    let all = manifest.operations.iter().enumerate();
    let (priced, free): (Vec<_>, Vec<_>) = all
        .filter(|(_, operation)| allowed(operation))
        .partition(|(_, operation)| operation.price.is_some());
    let most = if priced.is_empty() { FREE_ONES * 2 } else { FREE_ONES };
    let priced = priced.iter().map(|(index, _)| (*index, 0.45));
    let free = free.iter().take(most).zip(1_u8..);
    let free = free.map(|((index, _), place)| (*index, 0.5 / f32::from(place)));
    let chosen: Vec<_> = priced.chain(free).collect();
    let sum: f32 = chosen.iter().map(|(_, share)| share).sum();
    chosen.into_iter().map(|(index, share)| (index, share / sum)).collect()
}

struct Maker<'m> {
    manifest: &'m Manifest,
    year: Year,
    levels: &'m Levels,
    dice: Seed,
    per_day: f32,
    /// Calls from then on are made up one by one.
    recent: DateTime<Utc>,
    made: Traffic,
}

impl Maker<'_> {
    fn call(&mut self, index: usize, caller: &Caller, operation: usize, share: f32) {
        let prices = prices(self.manifest, caller.environment, operation);
        let daily = self.per_day * caller.share * share;
        let levels = self.levels.hours(caller.pattern);
        let recent = self.levels.index(self.recent);
        let bad_day = self.levels.index(self.year.bad_day());
        // Small ones are gathered, so that a year is no more rows than it need be.
        let usual = if caller.share > 0.5 { 3 } else { 8 };
        let mut hour = self.levels.index(caller.from);
        let end = self.levels.index(caller.until) + 1;
        while hour < end {
            let alone = hour >= recent || (bad_day..bad_day + 24).contains(&hour);
            let span = if alone { 1 } else { usual.min(end - hour) };
            let window = levels.get(hour..hour + span).unwrap_or_default();
            let sum: f32 = window.iter().sum();
            let expected = daily * sum * self.dice.range(0.72, 1.28);
            let calls = (expected + self.dice.unit()) as u32;
            let chosen = hour + if span == 1 { 0 } else { self.pick(window, sum) };
            if calls > 0 {
                self.fill(hour >= recent, (index, caller, operation), (chosen, calls), &prices);
            }
            hour += span;
        }
    }

    /// The calls of one hour: each by itself, or all in one quarter of it.
    fn fill(
        &mut self,
        each: bool,
        (index, caller, operation): (usize, &Caller, usize),
        (hour, calls): (usize, u32),
        prices: &[i64],
    ) {
        let start = self.levels.start(hour);
        if !each {
            let quarter = start + TimeDelta::minutes(15 * self.dice.index(4) as i64);
            if (caller.from..caller.until).contains(&quarter) {
                self.gathered((index, operation), (quarter, calls), prices);
            }
            return;
        }
        for _ in 0..calls {
            let at = start + TimeDelta::milliseconds((self.dice.unit() * 3_600_000.0) as i64);
            let (outcome, price) = self.outcome(at, prices);
            if (caller.from..caller.until).contains(&at) {
                let call = Call { at, caller: index, operation, outcome, price };
                self.count(&call, 1, call.price);
                self.made.lately.push(call);
            }
        }
    }

    /// One of the hours, the busy ones more often.
    fn pick(&mut self, levels: &[f32], sum: f32) -> usize {
        let mut left = self.dice.unit() * sum;
        let found = levels.iter().position(|level| {
            left -= level;
            left < 0.0
        });
        found.unwrap_or(0)
    }

    fn outcome(&mut self, at: DateTime<Utc>, prices: &[i64]) -> (Outcome, i64) {
        let (refused, failed) = match (self.year.is_outage(at), self.year.is_rush(at)) {
            (true, _) => (0.3, 0.6),
            (_, true) => (0.09, 0.01),
            _ => (0.013, 0.009),
        };
        let price = prices.get(self.dice.index(prices.len())).copied().unwrap_or(0);
        if self.dice.chance(refused) {
            (Outcome::Refused, 0)
        } else if price > 0 && self.dice.chance(failed) {
            (Outcome::Failed, price)
        } else {
            (Outcome::Accepted, price)
        }
    }

    fn gathered(
        &mut self,
        (index, operation): (usize, usize),
        (at, calls): (DateTime<Utc>, u32),
        prices: &[i64],
    ) {
        let mut sums =
            [(Outcome::Accepted, 0, 0), (Outcome::Refused, 0, 0), (Outcome::Failed, 0, 0)];
        for _ in 0..calls {
            let (outcome, price) = self.outcome(at, prices);
            for (known, calls, spent) in &mut sums {
                if *known == outcome {
                    *calls += 1;
                    *spent += price;
                }
            }
        }
        for (outcome, calls, price) in sums {
            if calls > 0 {
                self.count(&Call { at, caller: index, operation, outcome, price }, calls, price);
            }
            if outcome == Outcome::Accepted && price > 0 {
                *self.made.days.entry((midnight(at), index)).or_default() += price;
            }
        }
    }

    /// Counts calls that ended alike. Jobs that failed were accepted first and cost nothing.
    fn count(&mut self, call: &Call, calls: i64, spent: i64) {
        let used = self.made.used.entry(call.caller).or_insert((call.at, call.at));
        *used = (used.0.min(call.at), used.1.max(call.at));
        let ends: &[(Outcome, i64)] = match call.outcome {
            Outcome::Accepted => &[(Outcome::Accepted, 1)],
            Outcome::Refused => &[(Outcome::Refused, 0)],
            Outcome::Failed => &[(Outcome::Accepted, 0), (Outcome::Failed, 0)],
        };
        let minute = (call.at > self.year.now - MINUTES_KEPT).then_some(UsageSpan::Minute);
        for span in minute.into_iter().chain([UsageSpan::QuarterHour]) {
            for (outcome, spends) in ends {
                let counted = (call.caller, call.operation, *outcome, span);
                let buckets = self.made.counts.entry(counted).or_default();
                let bucket = buckets.entry(span.bucket(call.at)).or_default();
                bucket.0 += calls;
                bucket.1 += spent * spends;
            }
        }
    }
}

/// What a call may cost; test calls cost nothing.
fn prices(manifest: &Manifest, environment: Environment, operation: usize) -> Vec<i64> {
    let price = manifest.operations.get(operation).and_then(|operation| operation.price);
    let Some(price) = price.filter(|_| environment == Environment::Live) else { return vec![0] };
    let of_models = manifest.models.iter().map(|model| model.pricing.credits.amount());
    let mut prices: Vec<_> = of_models.map(|Amount(price)| price).collect();
    if prices.is_empty() {
        prices.push(price.amount().0);
    }
    prices
}

impl Traffic {
    /// The counts as rows of the roll-up.
    pub(super) fn series(&self, manifest: &Manifest, callers: &[Caller]) -> Vec<SampleSeries> {
        let rows = self.counts.iter().filter_map(|(counted, buckets)| {
            let (caller, operation, outcome, span) = *counted;
            let caller = callers.get(caller)?;
            let points = buckets.iter().map(|(bucket, (calls, spent))| (*bucket, *calls, *spent));
            Some(SampleSeries {
                platform: manifest.slug.clone(),
                environment: caller.environment,
                key_id: caller.key_id.clone(),
                operation: manifest.operations.get(operation)?.name.to_string(),
                outcome,
                span,
                points: points.collect(),
            })
        });
        rows.collect()
    }

    /// The most that was spent on one day, in millionths.
    pub(super) fn busiest_day(&self) -> i64 {
        let mut days: HashMap<DateTime<Utc>, i64> = HashMap::new();
        for ((day, _), spent) in &self.days {
            *days.entry(*day).or_default() += spent;
        }
        for call in &self.lately {
            *days.entry(midnight(call.at)).or_default() += call.price;
        }
        days.into_values().max().unwrap_or(0)
    }
}
