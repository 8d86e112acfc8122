//! The x axis: which buckets get a label, and what every bucket is called.

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike, Utc};
use chrono_tz::Tz;
use latchkey_contract::usage::Interval;

/// A label under the plot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// The bucket it stands under.
    pub index: usize,
    pub text: String,
}

/// What a label marks the start of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Minutes(u32),
    /// So many days or weeks, counted from some point in the past.
    Days(u32),
    Weeks(u32),
    Months(u32),
    Years,
}

/// From fine to coarse.
const UNITS: [Unit; 14] = [
    Unit::Minutes(1),
    Unit::Minutes(5),
    Unit::Minutes(10),
    Unit::Minutes(15),
    Unit::Minutes(30),
    Unit::Minutes(60),
    Unit::Minutes(180),
    Unit::Minutes(360),
    Unit::Minutes(720),
    Unit::Days(1),
    Unit::Weeks(1),
    Unit::Months(1),
    Unit::Months(3),
    Unit::Years,
];

/// Where the plot has no room for two of those.
const SPARSE: [Unit; 3] = [Unit::Days(2), Unit::Days(3), Unit::Weeks(2)];

/// How much a label may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// `16 Nov`.
    Full,
    /// `16`: where there is little room.
    Short,
}

/// When buckets begin, on the clocks of a zone.
#[must_use]
pub fn local_starts(starts: &[DateTime<Utc>], zone: Tz) -> Vec<NaiveDateTime> {
    starts.iter().map(|start| start.with_timezone(&zone).naive_local()).collect()
}

/// The finest labels that stay `apart` pixels from each other when buckets are `pitch` pixels
/// apart: minutes, hours, days, Mondays, months.
#[must_use]
pub fn ticks(local: &[NaiveDateTime], pitch: f64, apart: f64, wording: Wording) -> Vec<Tick> {
    let [first, second, ..] = local else { return alone(local, wording) };
    let bucket = (*second - *first).num_seconds().max(1);
    // What is too fine however the calendar falls is not even looked for.
    let possible = |unit: &&Unit| unit.longest() / as_seconds(bucket) * pitch >= apart;
    let finest = |units: &[Unit]| {
        let found = units.iter().filter(possible).map(|unit| unit.starts_in(local));
        found.filter(|found| found.len() > 1).find(|found| fits(found, pitch, apart))
    };
    let days = bucket >= 20 * 3_600;
    let tick = |index: usize| Tick { index, text: tick_text(&local[index], days, wording) };
    let marked = finest(&UNITS).or_else(|| finest(&SPARSE)).or_else(|| ends(local, pitch, apart));
    marked.unwrap_or_default().into_iter().map(tick).collect()
}

/// First and last bucket, or the first alone.
fn ends(local: &[NaiveDateTime], pitch: f64, apart: f64) -> Option<Vec<usize>> {
    let last = local.len().checked_sub(1)?;
    let both = [0, last];
    Some(if fits(&both, pitch, apart) { both.to_vec() } else { vec![0] })
}

fn alone(local: &[NaiveDateTime], wording: Wording) -> Vec<Tick> {
    local.iter().map(|only| Tick { index: 0, text: tick_text(only, true, wording) }).collect()
}

fn fits(indexes: &[usize], pitch: f64, apart: f64) -> bool {
    let closest = indexes.windows(2).map(|pair| pair[1] - pair[0]).min();
    closest.is_none_or(|buckets| super::reduce::as_position(buckets) * pitch >= apart)
}

#[expect(clippy::cast_precision_loss, reason = "a bucket is a day at most")]
fn as_seconds(seconds: i64) -> f64 {
    seconds as f64
}

impl Unit {
    /// Its length in seconds, at most: a day has 25 hours when clocks go back.
    fn longest(self) -> f64 {
        const DAY: f64 = 86_400.0;
        match self {
            Self::Minutes(minutes) => f64::from(minutes) * 60.0 * 2.0,
            Self::Days(days) => DAY * 1.05 * f64::from(days),
            Self::Weeks(weeks) => DAY * 7.05 * f64::from(weeks),
            Self::Months(months) => DAY * 31.05 * f64::from(months),
            Self::Years => DAY * 366.05,
        }
    }

    /// The buckets in which a new one begins.
    fn starts_in(self, local: &[NaiveDateTime]) -> Vec<usize> {
        let mut before = None;
        let begins = |time: &NaiveDateTime| {
            let number = self.number(time);
            before.replace(number).map_or_else(|| self.is_start(time), |before| before != number)
        };
        let begun: Vec<bool> = local.iter().map(begins).collect();
        (0..local.len()).filter(|index| begun[*index]).collect()
    }

    /// Counts units since some point in the past.
    fn number(self, time: &NaiveDateTime) -> i64 {
        let day = i64::from(time.num_days_from_ce());
        match self {
            Self::Minutes(minutes) => {
                day * 1_440 + i64::from(minute_of_day(time) / minutes * minutes)
            }
            Self::Days(days) => day.div_euclid(i64::from(days)),
            Self::Weeks(weeks) => (day - 1).div_euclid(7 * i64::from(weeks)),
            Self::Months(months) => {
                i64::from(time.year()) * 12 + i64::from(time.month0() / months * months)
            }
            Self::Years => i64::from(time.year()),
        }
    }

    fn is_start(self, time: &NaiveDateTime) -> bool {
        let midnight = minute_of_day(time) == 0;
        match self {
            Self::Minutes(minutes) => minute_of_day(time).is_multiple_of(minutes),
            Self::Days(days) => {
                midnight && time.num_days_from_ce().cast_unsigned().is_multiple_of(days)
            }
            Self::Weeks(weeks) => {
                let days = (time.num_days_from_ce() - 1).cast_unsigned();
                midnight && days.is_multiple_of(7 * weeks)
            }
            Self::Months(months) => {
                midnight && time.day() == 1 && time.month0().is_multiple_of(months)
            }
            Self::Years => midnight && time.ordinal() == 1,
        }
    }
}

fn minute_of_day(time: &NaiveDateTime) -> u32 {
    time.hour() * 60 + time.minute()
}

fn tick_text(time: &NaiveDateTime, days: bool, wording: Wording) -> String {
    let pattern = match wording {
        _ if !days && minute_of_day(time) != 0 => "%H:%M",
        Wording::Full => "%-d %b",
        Wording::Short => "%-d",
    };
    time.format(pattern).to_string()
}

/// What buckets are called, in a tooltip and when read out: `Thursday 12 November`, with the time
/// where they are shorter than a day.
#[must_use]
pub fn bucket_labels(local: &[NaiveDateTime], interval: Interval) -> Vec<String> {
    // A day's name is put into words once for all its buckets.
    let mut day = (0, String::new());
    let label = |start: &NaiveDateTime| {
        if day.0 != start.num_days_from_ce() {
            day = (start.num_days_from_ce(), start.format("%A %-d %B").to_string());
        }
        match interval {
            Interval::Day => day.1.clone(),
            _ => format!("{}, {:02}:{:02}", day.1, start.hour(), start.minute()),
        }
    };
    local.iter().map(label).collect()
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone};

    use super::*;

    fn every(step: Duration, count: i32, year: i32, month: u32, day: u32) -> Vec<DateTime<Utc>> {
        let first = Utc.with_ymd_and_hms(year, month, day, 0, 0, 0).unwrap();
        (0..count).map(|index| first + step * index).collect()
    }

    fn texts(starts: &[DateTime<Utc>], zone: Tz, width: f64) -> Vec<String> {
        let pitch = width / super::super::reduce::as_position(starts.len() - 1);
        ticks(&local_starts(starts, zone), pitch, 90.0, Wording::Full)
            .into_iter()
            .map(|tick| tick.text)
            .collect()
    }

    #[test]
    fn a_month_is_marked_by_its_mondays() {
        let starts = every(Duration::days(1), 30, 2026, 10, 24);
        assert_eq!(texts(&starts, Tz::UTC, 872.0), ["26 Oct", "2 Nov", "9 Nov", "16 Nov"]);
    }

    #[test]
    fn a_narrow_plot_has_two_labels_at_least() {
        let month = every(Duration::days(1), 30, 2026, 10, 24);
        assert_eq!(texts(&month, Tz::UTC, 240.0), ["26 Oct", "9 Nov"]);
        assert_eq!(texts(&month, Tz::UTC, 120.0), ["24 Oct", "22 Nov"]);
        assert_eq!(texts(&month, Tz::UTC, 60.0), ["24 Oct"]);
        let week = every(Duration::hours(1), 168, 2026, 11, 16);
        assert_eq!(texts(&week, Tz::UTC, 240.0), ["18 Nov", "21 Nov"]);
    }

    #[test]
    fn a_day_is_marked_by_hours_and_an_hour_by_minutes() {
        let day = every(Duration::minutes(15), 96, 2026, 11, 22);
        let hours = ["22 Nov", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"];
        assert_eq!(texts(&day, Tz::UTC, 872.0), hours);
        let hour = every(Duration::minutes(1), 60, 2026, 11, 22);
        assert_eq!(
            texts(&hour, Tz::UTC, 872.0)[1..],
            ["00:10", "00:20", "00:30", "00:40", "00:50"]
        );
    }

    #[test]
    fn a_week_of_hours_is_marked_by_days_of_the_zone() {
        let starts = every(Duration::hours(1), 168, 2026, 11, 16);
        assert_eq!(
            texts(&starts, Tz::Europe__Vienna, 872.0),
            ["17 Nov", "18 Nov", "19 Nov", "20 Nov", "21 Nov", "22 Nov", "23 Nov"]
        );
    }

    #[test]
    fn a_year_of_hours_is_marked_by_months() {
        let starts = every(Duration::hours(1), 8_760, 2026, 1, 1);
        assert_eq!(texts(&starts, Tz::UTC, 1_200.0)[..2], ["1 Jan", "1 Feb"]);
        assert_eq!(texts(&starts, Tz::UTC, 500.0), ["1 Jan", "1 Apr", "1 Jul", "1 Oct"]);
    }

    #[test]
    fn the_hour_that_a_clock_change_repeats_is_no_second_day() {
        let starts = every(Duration::hours(1), 72, 2026, 10, 24);
        let days = texts(&starts, Tz::Europe__Vienna, 400.0);
        assert_eq!(days, ["25 Oct", "26 Oct", "27 Oct"]);
    }

    #[test]
    fn labels_never_stand_closer_than_asked() {
        for count in 1..400 {
            let starts = every(Duration::minutes(15), count, 2026, 2, 27);
            let pitch = 600.0 / f64::from(count.max(2) - 1);
            let found =
                ticks(&local_starts(&starts, Tz::America__New_York), pitch, 90.0, Wording::Full);
            let apart = found.windows(2).map(|pair| pair[1].index - pair[0].index).min();
            assert!(
                apart.is_none_or(
                    |buckets| super::super::reduce::as_position(buckets) * pitch >= 90.0
                )
            );
        }
    }

    #[test]
    fn buckets_are_called_by_day_and_time() {
        let start = Utc.with_ymd_and_hms(2026, 11, 12, 13, 30, 0).unwrap();
        let label =
            |interval, zone| bucket_labels(&local_starts(&[start], zone), interval).remove(0);
        assert_eq!(label(Interval::Day, Tz::UTC), "Thursday 12 November");
        assert_eq!(label(Interval::Hour, Tz::Europe__Vienna), "Thursday 12 November, 14:30");
    }
}
