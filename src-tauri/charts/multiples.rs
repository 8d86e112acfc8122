//! Small multiples (LOOK §8): where use is told apart by more than live and test, one small plot a
//! group, all with the same y axis, instead of more colours.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Environment,
    usage::{Usage, UsageSeries},
};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::{
    Chart, ChartSize, Measure,
    svg::DrawError,
    usage::{highest, usage_chart_up_to},
};

/// Plots at most; where there are more groups, the last one sums the smallest of them.
const MOST: usize = 9;

/// The chart of one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Multiple {
    /// Slug, key id, operation or outcome, as grouped; absent where several are summed.
    pub group: Option<String>,
    /// How many groups the plot sums.
    pub groups: u32,
    pub chart: Chart,
}

/// Draws the groups of an answer that was grouped, the largest first, all on one scale.
///
/// # Errors
/// Only if plotters fails to draw in memory.
pub fn multiples(
    usage: &Usage,
    measure: Measure,
    shown: &[Environment],
    size: ChartSize,
    now: DateTime<Utc>,
) -> Result<Vec<Multiple>, DrawError> {
    let parts = summed(by_size(usage, measure));
    // A sum of many would press the others flat: where it needs one, it has a scale of its own.
    let single = parts.iter().filter(|part| part.group.is_some());
    let top = single.map(|part| highest(&part.usage, measure, shown)).fold(0.0, f64::max);
    let draw = |part: Part| {
        let chart = usage_chart_up_to(&part.usage, measure, shown, size, now, top)?;
        Ok(Multiple { group: part.group, groups: part.groups, chart })
    };
    parts.into_iter().map(draw).collect()
}

/// The series of one plot.
struct Part {
    group: Option<String>,
    groups: u32,
    usage: Usage,
}

/// The groups, the largest first; of equal ones in the order of their names.
fn by_size(usage: &Usage, measure: Measure) -> Vec<Part> {
    let mut groups: BTreeMap<&str, Vec<UsageSeries>> = BTreeMap::new();
    for series in &usage.series {
        groups.entry(series.group.as_deref().unwrap_or_default()).or_default().push(series.clone());
    }
    let mut parts: Vec<Part> = groups
        .into_iter()
        .map(|(group, series)| Part {
            group: Some(group.to_owned()),
            groups: 1,
            usage: Usage { series, ..usage.clone() },
        })
        .collect();
    parts.sort_by_key(|part| std::cmp::Reverse(total(&part.usage, measure)));
    parts
}

/// The first of them, and the rest in one: its sum is drawn, so that the plots add up to the whole.
fn summed(mut parts: Vec<Part>) -> Vec<Part> {
    if parts.len() <= MOST {
        return parts;
    }
    let rest = parts.split_off(MOST - 1);
    let groups = u32::try_from(rest.len()).unwrap_or(u32::MAX);
    let mut rest = rest.into_iter();
    if let Some(mut usage) = rest.next().map(|part| part.usage) {
        usage.series.extend(rest.flat_map(|part| part.usage.series));
        parts.push(Part { group: None, groups, usage });
    }
    parts
}

fn total(usage: &Usage, measure: Measure) -> i64 {
    let of = |series: &UsageSeries| match measure {
        Measure::Requests => series.requests.iter().copied().map(i64::from).sum(),
        Measure::Credits => series.credits.iter().map(|amount| amount.0).sum::<i64>(),
    };
    usage.series.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone};
    use latchkey_contract::{Amount, usage::Interval};

    use super::{super::ChartTheme, *};

    const BOTH: [Environment; 2] = [Environment::Live, Environment::Test];
    const SIZE: ChartSize = ChartSize { width: 320, height: 96, theme: ChartTheme::Light };

    fn usage(groups: &[(&str, u32)]) -> Usage {
        let first = Utc.with_ymd_and_hms(2026, 10, 24, 0, 0, 0).unwrap();
        let series = |(group, each): &(&str, u32)| UsageSeries {
            environment: Environment::Live,
            group: Some((*group).to_owned()),
            requests: vec![*each; 3],
            refused: vec![0; 3],
            failed: vec![0; 3],
            credits: vec![Amount::from_credits(1); 3],
        };
        Usage {
            interval: Interval::Day,
            timezone: "UTC".to_owned(),
            starts: (0..3).map(|day| first + Duration::days(day)).collect(),
            series: groups.iter().map(series).collect(),
        }
    }

    fn drawn(usage: &Usage) -> Vec<Multiple> {
        let now = usage.starts[2] + Duration::days(9);
        multiples(usage, Measure::Requests, &BOTH, SIZE, now).unwrap()
    }

    #[test]
    fn groups_come_by_size_on_one_axis() {
        let drawn = drawn(&usage(&[("a", 2), ("b", 900)]));
        let groups: Vec<_> = drawn.iter().map(|one| one.group.as_deref()).collect();
        assert_eq!(groups, [Some("b"), Some("a")]);
        for one in &drawn {
            assert!(one.chart.svg.contains(">1,000</text>"), "{}", one.chart.svg);
        }
    }

    #[test]
    fn the_smallest_of_many_groups_are_summed_and_nothing_is_lost() {
        let names: Vec<String> = (0..20).map(|index| format!("key_{index:02}")).collect();
        let groups: Vec<_> = names.iter().map(|name| (name.as_str(), 5)).collect();
        let drawn = drawn(&usage(&groups));
        assert_eq!(drawn.len(), MOST);
        let last = drawn.last().unwrap();
        assert_eq!((last.group.as_deref(), last.groups), (None, 12));
        let all: i64 = drawn.iter().map(|one| one.chart.series[0].total).sum();
        assert_eq!(all, 20 * 5 * 3);
        assert!(drawn[0].chart.svg.contains(">10</text>"), "{}", drawn[0].chart.svg);
        assert!(last.chart.svg.contains(">100</text>"), "{}", last.chart.svg);
    }

    #[test]
    fn nothing_draws_nothing() {
        assert!(drawn(&usage(&[])).is_empty());
    }
}
