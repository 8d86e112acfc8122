use chrono::{Duration, TimeZone};
use latchkey_contract::Amount;

use super::{super::ChartTheme, *};

const BOTH: [Environment; 2] = [Environment::Live, Environment::Test];
const SIZE: ChartSize = ChartSize { width: 1_000, height: 232, theme: ChartTheme::Light };

fn first() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 10, 24, 0, 0, 0).unwrap()
}

fn series(environment: Environment, group: Option<&str>, requests: &[u32]) -> UsageSeries {
    UsageSeries {
        environment,
        group: group.map(str::to_owned),
        requests: requests.to_vec(),
        refused: requests.iter().map(|count| count / 10).collect(),
        failed: vec![0; requests.len()],
        credits: requests.iter().map(|count| Amount(i64::from(*count) * 120_000)).collect(),
    }
}

fn usage(buckets: i32, series: Vec<UsageSeries>) -> Usage {
    Usage {
        interval: Interval::Day,
        timezone: "UTC".to_owned(),
        starts: (0..buckets).map(|day| first() + Duration::days(1) * day).collect(),
        series,
    }
}

fn drawn(usage: &Usage, now: DateTime<Utc>) -> Chart {
    usage_chart(usage, Measure::Requests, &BOTH, SIZE, now).unwrap()
}

fn far_later() -> DateTime<Utc> {
    first() + Duration::days(10_000)
}

#[test]
fn live_and_test_share_the_axes_and_differ_without_colour() {
    let usage = usage(
        3,
        vec![
            series(Environment::Live, None, &[0, 40, 20]),
            series(Environment::Test, None, &[5, 0, 10]),
        ],
    );
    let chart = drawn(&usage, far_later());
    assert_eq!(chart.svg.matches("stroke-dasharray=\"100 70\"").count(), 1);
    assert_eq!(chart.svg.matches("<polygon").count(), 1, "the area belongs to live alone");
    assert!(chart.svg.contains("opacity=\"0.09\"") && chart.svg.contains("stroke-width=\"35\""));
    assert!(chart.svg.contains(">Live 20</text>") && chart.svg.contains(">Test 10</text>"));
    let [live, test] = &chart.series[..] else { panic!("two series") };
    assert_eq!((live.total, test.total), (60, 15));
    assert_eq!(live.points[1], ChartPoint { x: 480.0, y: 8.0, value: 40 });
    assert_eq!(live.points[0].y, 208.0);
    assert_eq!(chart.refused, [0, 4, 3]);
    assert_eq!(chart.labels[0], "Saturday 24 October");
    assert_eq!(
        chart.summary,
        "Requests a day, 24 October 2026 to 26 October 2026. Live between 0 and 40, Test between 0 and 10, 7 refused."
    );
}

#[test]
fn refused_calls_are_hollow_bars_that_fit_the_axis() {
    let usage = usage(
        3,
        vec![
            UsageSeries { refused: vec![0, 4, 0], ..series(Environment::Live, None, &[4; 3]) },
            UsageSeries { refused: vec![0, 4, 0], ..series(Environment::Test, None, &[4; 3]) },
        ],
    );
    let bars = |measure| {
        let chart = usage_chart(&usage, measure, &BOTH, SIZE, far_later()).unwrap();
        chart.svg.matches("stroke=\"#BA2B28\"").count()
    };
    assert_eq!((bars(Measure::Requests), bars(Measure::Credits)), (1, 0));
    let chart = drawn(&usage, far_later());
    assert!(chart.svg.contains("9520,160 9680,160"), "as high as the plot: {}", chart.svg);
}

#[test]
fn test_lies_over_live_so_that_equal_lines_both_show() {
    let usage = usage(
        3,
        vec![
            series(Environment::Live, None, &[3, 4, 5]),
            series(Environment::Test, None, &[3, 4, 5]),
        ],
    );
    let svg = drawn(&usage, far_later()).svg;
    assert!(svg.find("<polygon") < svg.find("stroke-dasharray"), "{svg}");
}

#[test]
fn the_points_lie_on_the_drawn_line() {
    let usage = usage(5, vec![series(Environment::Live, None, &[7, 13, 2, 40, 31])]);
    let chart = usage_chart(&usage, Measure::Requests, &BOTH[..1], SIZE, far_later()).unwrap();
    let polyline = chart.svg.split("<polyline").last().unwrap();
    let points = polyline.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
    let drawn = points.split_whitespace().map(|pair| pair.split_once(',').unwrap());
    for (point, (x, y)) in chart.series[0].points.iter().zip(drawn) {
        assert!((x.parse::<f64>().unwrap() / 20.0 - point.x).abs() < 0.2, "{x} {point:?}");
        assert!((y.parse::<f64>().unwrap() / 20.0 - point.y).abs() < 0.2, "{y} {point:?}");
    }
}

#[test]
fn buckets_to_come_are_not_drawn() {
    let usage = usage(30, vec![series(Environment::Live, None, &[9; 30])]);
    let chart = drawn(&usage, first() + Duration::days(3));
    assert_eq!(chart.series[0].points.len(), 4);
    assert_eq!(chart.series[0].total, 36);
    assert_eq!(chart.starts.len(), 30);
}

#[test]
fn nothing_one_bucket_and_one_point_draw_too() {
    let empty = drawn(&usage(0, vec![]), far_later());
    assert!(empty.summary.ends_with("Nothing yet."), "{}", empty.summary);
    let quiet = drawn(&usage(30, vec![]), far_later());
    assert!(quiet.svg.contains(">Live 0</text>") && quiet.svg.contains(">Test 0</text>"));
    let single = drawn(&usage(1, vec![series(Environment::Live, None, &[3])]), far_later());
    assert!(single.svg.contains("<circle"));
    assert_eq!(single.series[0].points[0].x, 480.0);
    let begun = drawn(&usage(30, vec![series(Environment::Live, None, &[3; 30])]), first());
    assert!(begun.svg.contains("<circle"), "one point of many");
}

#[test]
fn huge_values_keep_short_labels() {
    let usage = usage(
        2,
        vec![
            series(Environment::Live, None, &[u32::MAX, u32::MAX]),
            series(Environment::Live, None, &[u32::MAX, 1]),
        ],
    );
    let chart = drawn(&usage, far_later());
    assert!(
        chart.svg.contains(">10 bn</text>") && chart.svg.contains(">Live 4.29 bn</text>"),
        "{}",
        chart.svg
    );
    assert!(!chart.svg.contains("NaN") && !chart.svg.contains("inf"));
}

#[test]
fn credits_are_drawn_in_credits_and_told_in_millionths() {
    let usage = usage(2, vec![series(Environment::Live, None, &[1, 2])]);
    let chart = usage_chart(&usage, Measure::Credits, &BOTH, SIZE, far_later()).unwrap();
    assert_eq!(chart.series[0].total, 360_000);
    assert!(chart.svg.contains(">Live 0.24</text>"), "{}", chart.svg);
}

#[test]
fn a_small_plot_has_two_labels_and_no_ends() {
    let usage = usage(
        7,
        vec![series(Environment::Live, None, &[1_500, 1_900, 2_000, 1_950, 1_800, 1_300, 2_200])],
    );
    let size = ChartSize { width: 360, height: 96, theme: ChartTheme::Dark };
    let chart = usage_chart(&usage, Measure::Requests, &BOTH[..1], size, far_later()).unwrap();
    assert!(
        chart.svg.contains(">0</text>") && chart.svg.contains(">4,000</text>"),
        "{}",
        chart.svg
    );
    assert!(!chart.svg.contains(">Live"));
    let days = ["24", "25", "26", "27", "28", "29", "30"];
    assert!(days.iter().all(|day| chart.svg.contains(&format!(">{day}</text>"))), "{}", chart.svg);
}

#[test]
fn two_years_of_hours_are_reduced_to_a_point_a_pixel() {
    let hours: Vec<u32> = (0..8_760).map(|hour| (hour * 7_919) % 5_000).collect();
    let mut usage = usage(
        0,
        vec![series(Environment::Live, None, &hours), series(Environment::Test, None, &hours)],
    );
    usage.interval = Interval::Hour;
    usage.starts = (0..8_760).map(|hour| first() + Duration::hours(hour)).collect();
    let chart = drawn(&usage, far_later());
    assert!(chart.svg.len() < 90_000, "{}", chart.svg.len());
    assert_eq!(chart.series[1].points.len(), 8_760);
}

#[test]
fn sparklines_come_one_a_group() {
    let usage = usage(
        3,
        vec![
            series(Environment::Test, Some("b"), &[1, 2, 3]),
            series(Environment::Live, Some("b"), &[1, 2, 3]),
            series(Environment::Live, Some("a"), &[1, 2, 3]),
        ],
    );
    let size = ChartSize { width: 112, height: 24, theme: ChartTheme::Light };
    let drawn = sparklines(&usage, size, far_later()).unwrap();
    let lines =
        drawn.iter().map(|spark| (spark.group.as_str(), spark.svg.matches("<polyline").count()));
    assert_eq!(lines.collect::<Vec<_>>(), [("a", 1), ("b", 2)]);
}
