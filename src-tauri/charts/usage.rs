//! From an answer of `GET /usage` to a chart.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use latchkey_contract::{
    Environment,
    usage::{Interval, Usage, UsageSeries},
};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::{
    Chart, ChartPoint, ChartSeries, ChartSize, Measure,
    line::{self, Line, LineChart},
    reduce::as_position,
    scale::{Scale, value_label},
    spark::sparkline,
    svg::{DrawError, Size},
    ticks::{Wording, bucket_labels, local_starts, ticks},
};

/// Labels under a plot keep this distance.
const TICKS_APART: f64 = 90.0;
/// The same under a small plot, whose labels are shorter.
const SMALL_TICKS_APART: f64 = 40.0;

/// A sparkline of one group of an answer that was grouped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Sparkline {
    /// Slug, key id or operation, as grouped.
    pub group: String,
    pub svg: String,
}

/// Draws use. Series of one environment are added up; buckets that begin after `now` stay empty.
/// `shown` says which lines there are even if nothing happened.
///
/// # Errors
/// Only if plotters fails to draw in memory.
pub fn usage_chart(
    usage: &Usage,
    measure: Measure,
    shown: &[Environment],
    size: ChartSize,
    now: DateTime<Utc>,
) -> Result<Chart, DrawError> {
    usage_chart_up_to(usage, measure, shown, size, now, 0.0)
}

/// The same with a y axis that reaches at least `least_top`, so that neighbours share it.
///
/// # Errors
/// Only if plotters fails to draw in memory.
pub fn usage_chart_up_to(
    usage: &Usage,
    measure: Measure,
    shown: &[Environment],
    size: ChartSize,
    now: DateTime<Utc>,
    least_top: f64,
) -> Result<Chart, DrawError> {
    let size = size.clamped();
    let pixels = Size { width: size.width, height: size.height };
    let zone = usage.timezone.parse().unwrap_or(Tz::UTC);
    let begun = usage.starts.iter().take_while(|start| **start <= now).count();
    let sums: Vec<(Environment, Vec<i64>)> = shown
        .iter()
        .map(|environment| (*environment, sum(usage, *environment, measure, begun)))
        .collect();
    let lines: Vec<Line> =
        sums.iter().map(|(environment, values)| line_of(*environment, values, measure)).collect();
    let refused = refused(usage, shown);
    let marked = if measure == Measure::Requests { refused.clone() } else { Vec::new() };
    let highest = lines
        .iter()
        .flat_map(|line| line.values.iter().flatten().copied())
        .chain(marked.iter().copied().map(f64::from))
        .fold(least_top, f64::max);
    let pitch =
        line::frame(pixels).width / as_position(usage.starts.len().saturating_sub(1).max(1));
    let (apart, wording) = match line::is_small(pixels) {
        true => (SMALL_TICKS_APART, Wording::Short),
        false => (TICKS_APART, Wording::Full),
    };
    let local = local_starts(&usage.starts, zone);
    let summary = summary(usage, measure, &sums, &marked, zone);
    let drawing = LineChart {
        size: pixels,
        palette: size.theme.palette(),
        buckets: usage.starts.len(),
        scale: Scale::covering(highest, line::grid_steps(pixels), measure == Measure::Requests),
        ticks: ticks(&local, pitch, apart, wording),
        lines,
        refused: marked,
        label: &summary,
    };
    Ok(Chart {
        svg: drawing.draw()?,
        frame: line::frame(pixels),
        series: sums
            .into_iter()
            .map(|(environment, values)| series_of(environment, values, measure, &drawing))
            .collect(),
        refused,
        labels: bucket_labels(&local, usage.interval),
        starts: usage.starts.clone(),
        summary,
    })
}

/// The highest value that the chart of this use draws.
#[must_use]
pub fn highest(usage: &Usage, measure: Measure, shown: &[Environment]) -> f64 {
    let of = |environment: &Environment| sum(usage, *environment, measure, usage.starts.len());
    let values = shown.iter().flat_map(of);
    values.map(|value| shown_value(value, measure)).fold(0.0, f64::max)
}

/// A sparkline of requests for every group, in the order in which groups first appear.
///
/// # Errors
/// Only if plotters fails to draw in memory.
pub fn sparklines(
    usage: &Usage,
    size: ChartSize,
    now: DateTime<Utc>,
) -> Result<Vec<Sparkline>, DrawError> {
    let pixels = Size { width: size.width.clamp(16, 2_000), height: size.height.clamp(8, 400) };
    let begun = usage.starts.iter().take_while(|start| **start <= now).count();
    let mut groups: Vec<&str> =
        usage.series.iter().filter_map(|series| series.group.as_deref()).collect();
    groups.sort_unstable();
    groups.dedup();
    let draw = |group: &str| {
        let mut of_group: Vec<&UsageSeries> =
            usage.series.iter().filter(|series| series.group.as_deref() == Some(group)).collect();
        of_group.sort_by_key(|series| series.environment);
        let lines: Vec<Line> = of_group
            .iter()
            .map(|series| {
                let values: Vec<i64> =
                    series.requests.iter().take(begun).map(|value| i64::from(*value)).collect();
                line_of(series.environment, &values, Measure::Requests)
            })
            .collect();
        Ok(Sparkline {
            group: group.to_owned(),
            svg: sparkline(pixels, size.theme.palette(), &lines)?,
        })
    };
    groups.into_iter().map(draw).collect()
}

fn sum(usage: &Usage, environment: Environment, measure: Measure, begun: usize) -> Vec<i64> {
    let mut sums = vec![0; begun];
    for series in usage.series.iter().filter(|series| series.environment == environment) {
        for (index, sum) in sums.iter_mut().enumerate() {
            *sum += match measure {
                Measure::Requests => series.requests.get(index).copied().map_or(0, i64::from),
                Measure::Credits => series.credits.get(index).map_or(0, |amount| amount.0),
            };
        }
    }
    sums
}

fn refused(usage: &Usage, shown: &[Environment]) -> Vec<u32> {
    let mut sums = vec![0_u32; usage.starts.len()];
    for series in usage.series.iter().filter(|series| shown.contains(&series.environment)) {
        for (sum, refused) in sums.iter_mut().zip(&series.refused) {
            *sum = sum.saturating_add(*refused);
        }
    }
    sums
}

/// A value in what the axis counts: calls, or credits.
#[expect(clippy::cast_precision_loss, reason = "a picture; exact values travel beside it")]
fn shown_value(value: i64, measure: Measure) -> f64 {
    match measure {
        Measure::Requests => value as f64,
        Measure::Credits => value as f64 / 1e6,
    }
}

fn line_of(environment: Environment, values: &[i64], measure: Measure) -> Line {
    Line {
        environment,
        values: values.iter().map(|value| Some(shown_value(*value, measure).max(0.0))).collect(),
    }
}

fn series_of(
    environment: Environment,
    values: Vec<i64>,
    measure: Measure,
    drawing: &LineChart,
) -> ChartSeries {
    let tenth = |pixels: f64| (pixels * 10.0).round() / 10.0;
    let point = |(index, value): (usize, &i64)| ChartPoint {
        x: tenth(drawing.x(as_position(index))),
        y: tenth(drawing.y(shown_value(*value, measure).max(0.0))),
        value: *value,
    };
    ChartSeries {
        environment,
        label: line::word(environment).to_owned(),
        total: values.iter().sum(),
        points: values.iter().enumerate().map(point).collect(),
    }
}

/// `Requests a day, 24 October to 22 November 2026. Live between 4,166 and 8,619, …`
fn summary(
    usage: &Usage,
    measure: Measure,
    sums: &[(Environment, Vec<i64>)],
    refused: &[u32],
    zone: Tz,
) -> String {
    let what = match measure {
        Measure::Requests => "Requests",
        Measure::Credits => "Credits",
    };
    let each = match usage.interval {
        Interval::Minute => "a minute",
        Interval::QuarterHour => "a quarter of an hour",
        Interval::Hour => "an hour",
        Interval::Day => "a day",
    };
    let day = |start: Option<&DateTime<Utc>>| {
        start
            .map(|start| start.with_timezone(&zone).format("%-d %B %Y").to_string())
            .unwrap_or_default()
    };
    let (first, last) = (day(usage.starts.first()), day(usage.starts.last()));
    let days = if first == last { first } else { format!("{first} to {last}") };
    let refused: i64 = refused.iter().copied().map(i64::from).sum();
    let ranges: Vec<String> = sums
        .iter()
        .filter_map(|(environment, values)| range(*environment, values, measure))
        .chain((refused > 0).then(|| format!("{} refused", text_of(refused, Measure::Requests))))
        .collect();
    let ranges = if ranges.is_empty() { "Nothing yet".to_owned() } else { ranges.join(", ") };
    format!("{what} {each}, {days}. {ranges}.")
}

fn range(environment: Environment, values: &[i64], measure: Measure) -> Option<String> {
    let (least, most) = (values.iter().min()?, values.iter().max()?);
    let text = |value: i64| text_of(value, measure);
    let word = line::word(environment);
    Some(match least == most {
        true => format!("{word} {}", text(*most)),
        false => format!("{word} between {} and {}", text(*least), text(*most)),
    })
}

fn text_of(value: i64, measure: Measure) -> String {
    value_label(shown_value(value, measure))
}

#[cfg(test)]
#[path = "usage_tests.rs"]
mod tests;
