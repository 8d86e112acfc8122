//! How long a chart takes from an answer of `GET /usage` to its SVG.
//!
//! `cargo xtask bench` runs it and reads the row it prints: name, figure, baseline, ratio, wanted.
#![expect(clippy::print_stdout, reason = "printing its row is what this program is for")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{
    Amount, Environment,
    usage::{Interval, Usage, UsageSeries},
};
use latchkey_desktop::charts::{ChartSize, ChartTheme, Measure, usage::usage_chart};

/// Hours in a year.
const POINTS: u32 = 8_760;
const WARM_UP: usize = 20;
const ROUNDS: usize = 201;
/// The chart on the overview in a window of 1280 × 800.
const SIZE: ChartSize = ChartSize { width: 940, height: 320, theme: ChartTheme::Light };

fn main() -> anyhow::Result<()> {
    let usage = year()?;
    let now = *usage.starts.last().context("a year has hours")?;
    let shown = [Environment::Live, Environment::Test];
    let draw = || -> anyhow::Result<Duration> {
        let started = Instant::now();
        let chart = usage_chart(black_box(&usage), Measure::Requests, &shown, SIZE, now)?;
        black_box(chart);
        Ok(started.elapsed())
    };
    for _ in 0..WARM_UP {
        draw()?;
    }
    let mut times = (0..ROUNDS).map(|_| draw()).collect::<anyhow::Result<Vec<_>>>()?;
    times.sort();
    let median = format!("{:.2} ms", times[ROUNDS / 2].as_secs_f64() * 1e3);
    let name = "chart of 2 × 8,760 points, data to SVG";
    println!("{name:<40}  {median:>12}  {:>12}  {:>6}  {:>9}", "–", "–", "< 3 ms");
    Ok(())
}

/// A year of hours with days, weeks and noise in them.
fn year() -> anyhow::Result<Usage> {
    let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse()?;
    Ok(Usage {
        interval: Interval::Hour,
        timezone: "Europe/Vienna".to_owned(),
        starts: (0..POINTS).map(|hour| start + TimeDelta::hours(hour.into())).collect(),
        series: vec![series(Environment::Live, 2_000), series(Environment::Test, 150)],
    })
}

fn series(environment: Environment, height: u32) -> UsageSeries {
    let requests: Vec<u32> = (0..POINTS)
        .map(|hour| {
            let day = (hour % 24).abs_diff(15);
            let weekend = if hour / 24 % 7 > 4 { 2 } else { 1 };
            let noise = hour.wrapping_mul(2_654_435_761) >> 16;
            (height * (14 - day.min(13)) / 14 + noise % (height / 3)) / weekend
        })
        .collect();
    UsageSeries {
        environment,
        group: None,
        refused: requests.iter().map(|requests| requests / 50).collect(),
        failed: requests.iter().map(|requests| requests / 200).collect(),
        credits: requests.iter().map(|requests| Amount(i64::from(*requests) * 10_000)).collect(),
        requests,
    }
}
