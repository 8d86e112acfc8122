//! Charts: SVG in the theme's colours, drawn by plotters, with the plot's frame and points beside
//! it so that the page can add crosshair, tooltip and keyboard reading.
//!
//! To add a kind of chart: give it a file here that fills a [`svg::Picture`] and returns what the
//! page needs to lay over it.

pub mod bars;
pub mod line;
pub mod multiples;
pub mod palette;
pub mod reduce;
pub mod scale;
pub mod spark;
pub mod svg;
pub mod ticks;
pub mod usage;

use chrono::{DateTime, Utc};
use latchkey_contract::Environment;
use serde::{Deserialize, Serialize};
use specta::Type;

pub use palette::ChartTheme;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    Requests,
    Credits,
}

/// How large a chart is to be, in CSS pixels, and for which theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ChartSize {
    pub width: u32,
    pub height: u32,
    pub theme: ChartTheme,
}

impl ChartSize {
    /// The size within what can be drawn: 80 × 40 to 8,000 × 4,000.
    #[must_use]
    pub fn clamped(self) -> Self {
        Self { width: self.width.clamp(80, 8_000), height: self.height.clamp(40, 4_000), ..self }
    }
}

/// A drawn chart of use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Chart {
    /// The picture, at the asked size.
    pub svg: String,
    /// Where the plot lies in the picture.
    pub frame: Frame,
    /// Live before test.
    pub series: Vec<ChartSeries>,
    /// The start of every bucket, those to come too.
    pub starts: Vec<DateTime<Utc>>,
    /// Refused calls in every bucket, of all series together.
    pub refused: Vec<u32>,
    /// What every bucket is called in tooltips and when read out: `Thursday 12 November`.
    pub labels: Vec<String>,
    /// One sentence that says what the picture shows.
    pub summary: String,
}

/// Where a plot lies in its picture, in CSS pixels. Always finite: TypeScript need not fear `null`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
pub struct Frame {
    #[specta(type = u32)]
    pub left: f64,
    #[specta(type = u32)]
    pub top: f64,
    #[specta(type = u32)]
    pub right: f64,
    #[specta(type = u32)]
    pub bottom: f64,
    /// Of the plot itself.
    #[specta(type = u32)]
    pub width: f64,
    #[specta(type = u32)]
    pub height: f64,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ChartSeries {
    pub environment: Environment,
    /// `Live` or `Test`.
    pub label: String,
    /// Sum over the range, in calls or millionths of a credit.
    pub total: i64,
    /// One for every bucket that has begun, in the order of `starts`.
    pub points: Vec<ChartPoint>,
}

/// One value, and where it stands in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
pub struct ChartPoint {
    /// From the picture's left edge.
    #[specta(type = u32)]
    pub x: f64,
    /// From the picture's top edge.
    #[specta(type = u32)]
    pub y: f64,
    /// Calls, or millionths of a credit.
    pub value: i64,
}
