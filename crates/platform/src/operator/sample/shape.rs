//! How much is called when: a business that grows, works by day and on weekdays, has one launch
//! and one bad day.

use chrono::{DateTime, Datelike, Duration, DurationRound, TimeDelta, Timelike, Utc};

/// Days before now.
const LAUNCH: i64 = 118;
const OUTAGE: i64 = 73;

/// The year that is told of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Year {
    pub(super) start: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
}

/// When the program behind a key calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    /// People are behind it: by day, on weekdays, and a little else.
    Day,
    /// People at their desks, and nobody else.
    Office,
    /// A job of the small hours.
    Night,
}

/// Share of a day's calls in each hour, UTC; each row sums up to 100.
const DAY: [u8; 24] = [1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 7, 7, 6, 7, 7, 7, 6, 5, 5, 4, 3, 2, 2];
const OFFICE: [u8; 24] =
    [0, 0, 0, 0, 0, 0, 1, 4, 9, 12, 13, 11, 7, 11, 12, 10, 6, 3, 1, 0, 0, 0, 0, 0];
const NIGHT: [u8; 24] =
    [5, 24, 30, 25, 14, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Share of each day of the week, Monday first, of a mean day.
const WEEK: [f32; 7] = [1.12, 1.2, 1.22, 1.18, 1.06, 0.66, 0.56];
const OFFICE_WEEK: [f32; 7] = [1.34, 1.42, 1.45, 1.4, 1.2, 0.13, 0.06];

impl Year {
    pub(super) fn before(now: DateTime<Utc>) -> Self {
        Self { start: now - TimeDelta::days(365), now }
    }

    /// So many days before now, at an hour of that day.
    pub(super) fn days_ago(&self, days: i64, hour: u32, minute: u32) -> DateTime<Utc> {
        let at = midnight(self.now - TimeDelta::days(days))
            + TimeDelta::minutes(i64::from(hour * 60 + minute));
        at.clamp(self.start + TimeDelta::minutes(10), self.now - TimeDelta::minutes(1))
    }

    /// Calls in the hour that begins at `hour`, as a share of those of a mean day at the year's end.
    fn level(&self, hour: DateTime<Utc>, pattern: Pattern) -> f32 {
        let hours = match pattern {
            Pattern::Day => DAY,
            Pattern::Office => OFFICE,
            Pattern::Night => NIGHT,
        };
        let week = if pattern == Pattern::Office { OFFICE_WEEK } else { WEEK };
        let of_day = f32::from(hours[hour.hour() as usize]) / 100.0;
        let of_week = week[hour.weekday().num_days_from_monday() as usize];
        of_day * of_week * self.growth(hour) * self.launch(hour)
    }

    fn growth(&self, at: DateTime<Utc>) -> f32 {
        let gone = (at - self.start).num_hours() as f32 / (365.0 * 24.0);
        0.28 + 0.72 * gone.clamp(0.0, 1.0).powf(1.3)
    }

    fn launch(&self, at: DateTime<Utc>) -> f32 {
        let day = midnight(self.now - TimeDelta::days(LAUNCH));
        match (at - day).num_hours().div_euclid(24) {
            0 => 3.4,
            1 => 2.5,
            2 => 1.8,
            3 => 1.4,
            _ => 1.0,
        }
    }

    /// The platform had its bad day.
    pub(super) fn is_outage(&self, at: DateTime<Utc>) -> bool {
        let day = self.bad_day();
        (day + TimeDelta::hours(9)..day + TimeDelta::hours(15)).contains(&at)
    }

    pub(super) fn bad_day(&self) -> DateTime<Utc> {
        midnight(self.now - TimeDelta::days(OUTAGE))
    }

    /// More was called than limits allow.
    pub(super) fn is_rush(&self, at: DateTime<Utc>) -> bool {
        self.launch(at) > 2.0
    }

    /// When the operator makes up for the bad day.
    pub(super) fn after_outage(&self) -> DateTime<Utc> {
        self.days_ago(OUTAGE - 2, 11, 20)
    }
}

/// The levels of every hour, reckoned once.
pub(super) struct Levels {
    first: DateTime<Utc>,
    of: [Vec<f32>; 3],
}

impl Levels {
    pub(super) fn of(year: Year) -> Self {
        let first = hour_of(year.start);
        let hours = (year.now - first).num_hours() + 1;
        let of = [Pattern::Day, Pattern::Office, Pattern::Night].map(|pattern| {
            let level = |hour| year.level(first + TimeDelta::hours(hour), pattern);
            (0..hours).map(level).collect()
        });
        Self { first, of }
    }

    /// Each hour's level.
    pub(super) fn hours(&self, pattern: Pattern) -> &[f32] {
        let [day, office, night] = &self.of;
        match pattern {
            Pattern::Day => day,
            Pattern::Office => office,
            Pattern::Night => night,
        }
    }

    /// Which hour a time falls into.
    pub(super) fn index(&self, at: DateTime<Utc>) -> usize {
        usize::try_from((at - self.first).num_hours()).unwrap_or(0)
    }

    /// When an hour begins.
    pub(super) fn start(&self, hour: usize) -> DateTime<Utc> {
        self.first + TimeDelta::hours(i64::try_from(hour).unwrap_or(0))
    }
}

pub(super) fn midnight(at: DateTime<Utc>) -> DateTime<Utc> {
    // Only times far outside of any calendar cannot be cut off.
    at.duration_trunc(Duration::days(1)).unwrap_or(at)
}

pub(super) fn hour_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(Duration::hours(1)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_has_all_its_calls() {
        for hours in [DAY, OFFICE, NIGHT] {
            assert_eq!(hours.iter().map(|share| u32::from(*share)).sum::<u32>(), 100);
        }
        for week in [WEEK, OFFICE_WEEK] {
            assert!((week.iter().sum::<f32>() - 7.0).abs() < 0.01);
        }
    }
}
