//! Refused calls of LOOK §8: hollow bars at the foot of the plot, so that no fill is read as use.

use plotters::prelude::*;

use super::{
    line::{LineChart, frame},
    reduce::as_position,
    svg::{Canvas, DrawError, SCALE, stroke_width},
};

/// Bars stand at least this far apart: buckets that are closer share one.
const APART: f64 = 4.0;
/// Of the distance between bars, what a bar takes.
const SHARE: f64 = 0.6;
const WIDEST: f64 = 8.0;
/// The least height that still shows as hollow.
const LEAST: f64 = 3.0;

impl LineChart<'_> {
    pub(super) fn draw_refused(&self, canvas: &Canvas) -> Result<(), DrawError> {
        let style = self.palette.danger.stroke_width(stroke_width(1.0));
        for (left, top, right, bottom) in self.refused_bars() {
            // A rectangle of plotters has no stroke width.
            let corners = [(left, bottom), (left, top), (right, top), (right, bottom)];
            canvas.draw(&PathElement::new(corners.map(pixel), style))?;
        }
        Ok(())
    }

    /// Left, top, right and bottom of every bar. One for several buckets shows their highest.
    fn refused_bars(&self) -> Vec<(f64, f64, f64, f64)> {
        let frame = frame(self.size);
        let pitch = self.x(1.0) - self.x(0.0);
        let buckets = if pitch > 0.0 { (APART / pitch).ceil() } else { 1.0 };
        let width = if pitch > 0.0 { (pitch * buckets * SHARE).min(WIDEST) } else { WIDEST };
        let (edge, base) = (frame.left + frame.width, frame.top + frame.height);
        let bar = |(group, values): (usize, &[u32])| {
            let highest = values.iter().copied().max().filter(|refused| *refused > 0)?;
            let middle = self.x(as_position(group) * buckets + as_position(values.len() - 1) / 2.0);
            let left = (middle - width / 2.0).clamp(frame.left, edge - width);
            let top = self.y(f64::from(highest)).min(base - LEAST);
            Some((left, top, left + width, base))
        };
        self.refused.chunks(as_count(buckets)).enumerate().filter_map(bar).collect()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a picture is a few thousand pixels large")]
fn pixel((x, y): (f64, f64)) -> (i32, i32) {
    let scaled = |place: f64| (place * f64::from(SCALE)).round() as i32;
    (scaled(x), scaled(y))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "as many buckets as a list has"
)]
fn as_count(buckets: f64) -> usize {
    buckets as usize
}

#[cfg(test)]
mod tests {
    use super::{
        super::{ChartTheme, scale::Scale, svg::Size},
        *,
    };

    fn bars(refused: Vec<u32>) -> Vec<(f64, f64, f64, f64)> {
        let chart = LineChart {
            size: Size { width: 228, height: 232 },
            palette: ChartTheme::Light.palette(),
            buckets: refused.len(),
            lines: Vec::new(),
            refused,
            scale: Scale::covering(100.0, 4, true),
            ticks: Vec::new(),
            label: "",
        };
        chart.refused_bars()
    }

    #[test]
    fn a_bar_is_as_high_as_its_value_and_stays_inside() {
        assert_eq!(
            bars(vec![0, 50, 100]),
            [(90.0, 108.0, 98.0, 208.0), (136.0, 8.0, 144.0, 208.0)]
        );
        assert_eq!(bars(vec![1]), [(90.0, 205.0, 98.0, 208.0)], "one bucket is in the middle");
        assert!(bars(vec![0, 0]).is_empty() && bars(Vec::new()).is_empty());
    }

    #[test]
    fn close_buckets_share_a_bar_of_the_highest() {
        let mut refused = vec![0; 101];
        (refused[0], refused[3]) = (20, 60);
        let found = bars(refused);
        assert_eq!(found.len(), 1);
        assert!((found[0].1 - 88.0).abs() < 1e-9, "{found:?}");
    }
}
