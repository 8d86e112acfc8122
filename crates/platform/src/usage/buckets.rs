//! Cutting a range of time into buckets. Hours and days are those of a time zone, so a day may
//! have 23 or 25 hours, and an hour may begin at a quarter of UTC's.

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use latchkey_contract::usage::Interval;

/// The most buckets that are given out.
const MOST: usize = 10_000;

/// The buckets of a range: their starts, and where the last one ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buckets {
    starts: Vec<DateTime<Utc>>,
    end: DateTime<Utc>,
}

/// Why a range cannot be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RangeFault {
    #[error("must lie between the years 1970 and 9999")]
    FromOutOfReach,
    #[error("must lie between the years 1970 and 9999")]
    ToOutOfReach,
    #[error("must lie after `from`")]
    Backwards,
    #[error("lies too far from `from`: at most 10000 buckets; ask for less, or a longer interval")]
    TooMany,
}

impl RangeFault {
    /// The query parameter at fault.
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::FromOutOfReach => "?from",
            Self::ToOutOfReach | Self::Backwards | Self::TooMany => "?to",
        }
    }
}

impl Buckets {
    /// Cuts `from..to`, moved out to whole buckets.
    ///
    /// # Errors
    /// Which end of the range is at fault.
    pub fn cover(
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        interval: Interval,
        zone: Tz,
    ) -> Result<Self, RangeFault> {
        let in_reach = |time: DateTime<Utc>| (1970..=9999).contains(&time.year());
        if !in_reach(from) {
            return Err(RangeFault::FromOutOfReach);
        }
        if !in_reach(to) {
            return Err(RangeFault::ToOutOfReach);
        }
        if from >= to {
            return Err(RangeFault::Backwards);
        }
        let mut starts = Vec::new();
        let mut start = floor(from, interval, zone);
        while start < to {
            if starts.len() == MOST {
                return Err(RangeFault::TooMany);
            }
            starts.push(start);
            start = next(start, interval, zone);
        }
        Ok(Self { starts, end: start })
    }

    /// The start of the first bucket and the end of the last.
    #[must_use]
    pub fn range(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.starts.first().copied().unwrap_or(self.end), self.end)
    }

    /// Whether every bucket begins, and the last one ends, with an hour of UTC.
    #[must_use]
    pub fn begin_with_hours(&self) -> bool {
        let whole = |time: &DateTime<Utc>| time.timestamp() % 3600 == 0;
        self.starts.iter().all(whole) && whole(&self.end)
    }

    /// The bucket that holds `time`.
    #[must_use]
    pub fn find(&self, time: DateTime<Utc>) -> Option<usize> {
        let after = self.starts.partition_point(|start| *start <= time);
        if time < self.end { after.checked_sub(1) } else { None }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    #[must_use]
    pub fn into_starts(self) -> Vec<DateTime<Utc>> {
        self.starts
    }
}

/// The start of the bucket that holds `time`.
fn floor(time: DateTime<Utc>, interval: Interval, zone: Tz) -> DateTime<Utc> {
    match interval {
        Interval::Minute => floor_seconds(time, 60, 0),
        Interval::QuarterHour => floor_seconds(time, 900, 0),
        Interval::Hour => floor_seconds(time, 3600, offset(time, zone)),
        Interval::Day => {
            let date = time.with_timezone(&zone).date_naive();
            // Where the clock goes back over midnight the day begins twice; the first one counts.
            first_moment(date, zone).filter(|start| *start <= time).unwrap_or(time)
        }
    }
}

/// The start of the bucket after the one that begins at `start`; always later.
fn next(start: DateTime<Utc>, interval: Interval, zone: Tz) -> DateTime<Utc> {
    match interval {
        Interval::Minute => start + TimeDelta::minutes(1),
        Interval::QuarterHour => start + TimeDelta::minutes(15),
        Interval::Hour => {
            // Where the offset changes by half an hour, an hour is cut short or gets longer.
            let hour_on = start + TimeDelta::hours(1);
            let aligned = floor(hour_on, Interval::Hour, zone);
            if aligned > start { aligned } else { hour_on }
        }
        Interval::Day => {
            let mut date = start.with_timezone(&zone).date_naive();
            // A zone may skip a date altogether (Apia, 30 December 2011).
            for _ in 0..3 {
                let Some(tomorrow) = date.succ_opt() else { break };
                date = tomorrow;
                if let Some(next) = first_moment(date, zone).filter(|next| *next > start) {
                    return next;
                }
            }
            start + TimeDelta::days(1)
        }
    }
}

fn floor_seconds(time: DateTime<Utc>, length: i64, offset: i64) -> DateTime<Utc> {
    let seconds = time.timestamp();
    let start = seconds - (seconds + offset).rem_euclid(length);
    DateTime::from_timestamp(start, 0).unwrap_or(time)
}

/// Seconds that the zone is ahead of UTC.
fn offset(time: DateTime<Utc>, zone: Tz) -> i64 {
    zone.offset_from_utc_datetime(&time.naive_utc()).fix().local_minus_utc().into()
}

/// Where a date begins: at midnight, or after the gap where there is no midnight (in some zones
/// the clock goes forward there). `None` where the zone skipped the date.
fn first_moment(date: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = date.and_hms_opt(0, 0, 0)?;
    (0..96).find_map(|quarter| {
        let local = midnight + TimeDelta::minutes(15 * quarter);
        match zone.from_local_datetime(&local) {
            LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time.to_utc()),
            LocalResult::None => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn cover(from: &str, to: &str, interval: Interval, zone: &str) -> Vec<String> {
        let buckets = Buckets::cover(utc(from), utc(to), interval, zone.parse().unwrap()).unwrap();
        let (_, end) = buckets.range();
        let starts = buckets.into_starts();
        starts.iter().chain([&end]).map(|start| start.format("%dT%H:%M").to_string()).collect()
    }

    #[test]
    fn ranges_are_moved_out_to_whole_buckets() {
        assert_eq!(
            cover("2026-11-22T10:07:30Z", "2026-11-22T10:31:00Z", Interval::QuarterHour, "UTC"),
            ["22T10:00", "22T10:15", "22T10:30", "22T10:45"]
        );
        assert_eq!(
            cover("2026-11-22T10:00:00Z", "2026-11-22T10:02:00Z", Interval::Minute, "UTC"),
            ["22T10:00", "22T10:01", "22T10:02"]
        );
    }

    #[test]
    fn days_follow_the_zone_through_summer_time() {
        // Vienna goes forward on 29 March 2026 and back on 25 October 2026.
        assert_eq!(
            cover("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", Interval::Day, "Europe/Vienna"),
            ["27T23:00", "28T23:00", "29T22:00", "30T22:00"]
        );
        assert_eq!(
            cover("2026-10-25T12:00:00Z", "2026-10-26T12:00:00Z", Interval::Day, "Europe/Vienna"),
            ["24T22:00", "25T23:00", "26T23:00"]
        );
    }

    #[test]
    fn a_day_without_midnight_begins_after_the_gap() {
        // Beirut goes forward at midnight of 29 March 2026: the day begins at 01:00, 22:00 UTC.
        assert_eq!(
            cover("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", Interval::Day, "Asia/Beirut"),
            ["27T22:00", "28T22:00", "29T21:00"]
        );
    }

    #[test]
    fn a_skipped_date_is_no_bucket() {
        assert_eq!(
            cover("2011-12-29T12:00:00Z", "2011-12-31T09:00:00Z", Interval::Day, "Pacific/Apia"),
            ["29T10:00", "30T10:00", "31T10:00"]
        );
    }

    #[test]
    fn hours_follow_a_zone_of_three_quarters() {
        assert_eq!(
            cover("2026-11-22T10:20:00Z", "2026-11-22T11:20:00Z", Interval::Hour, "Asia/Kathmandu"),
            ["22T10:15", "22T11:15", "22T12:15"]
        );
    }

    #[test]
    fn buckets_cover_every_moment_once_in_every_zone() {
        for zone in chrono_tz::TZ_VARIANTS {
            for interval in [Interval::Hour, Interval::Day] {
                let (from, to) = (utc("2025-10-01T00:00:00Z"), utc("2026-04-30T00:00:00Z"));
                let buckets = Buckets::cover(from, to, interval, zone).unwrap();
                assert!(buckets.starts.is_sorted_by(|one, next| one < next), "{zone} {interval:?}");
                assert!(buckets.starts[0] <= from && buckets.end >= to, "{zone} {interval:?}");
                for (at, start) in buckets.starts.iter().enumerate() {
                    assert_eq!(buckets.find(*start), Some(at), "{zone} {interval:?}");
                }
                assert_eq!(buckets.find(buckets.end), None);
            }
        }
    }

    #[test]
    fn foolish_ranges_are_refused() {
        let cover = |from, to, interval| Buckets::cover(utc(from), utc(to), interval, Tz::UTC);
        let day = "2026-11-22T00:00:00Z";
        assert_eq!(cover(day, day, Interval::Day), Err(RangeFault::Backwards));
        assert_eq!(
            cover("2020-01-01T00:00:00Z", day, Interval::QuarterHour),
            Err(RangeFault::TooMany)
        );
        assert_eq!(
            cover("+262142-12-31T23:59:59Z", day, Interval::Day),
            Err(RangeFault::FromOutOfReach)
        );
        assert_eq!(
            cover(day, "+262142-12-31T23:59:59Z", Interval::Day),
            Err(RangeFault::ToOutOfReach)
        );
    }
}
