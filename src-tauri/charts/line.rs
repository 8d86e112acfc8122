//! The line chart of LOOK §8: live solid with its area, test dashed, on the same axes.

use latchkey_contract::Environment;
use plotters::{coord::types::RangedCoordf64, prelude::*};

use super::{
    Frame,
    palette::Palette,
    reduce::{Spot, as_position, runs, thin},
    scale::{Scale, axis_label, value_label},
    svg::{Canvas, DrawError, Picture, SCALE, Size, Stroke, stroke_width},
    ticks::Tick,
};

/// End labels keep this distance.
const LABELS_APART: f64 = 16.0;
/// Between labels of the x axis, at least.
const LABEL_GAP: f64 = 6.0;
/// What a character of a label takes at most.
const CHARACTER: f64 = 6.6;

/// Around each dash of test, so that it stands apart from a live line of the same values: that reads
/// as dash and dot, without colour too.
const CLEARING: Stroke = Stroke::Dashed { dash: 6.5, gap: 2.0, offset: 0.75 };
const CLEARING_WIDTH: f32 = 2.75;

/// A line to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub environment: Environment,
    /// One a bucket; nothing where nothing is known.
    pub values: Vec<Option<f64>>,
}

/// What is drawn.
#[derive(Debug)]
pub struct LineChart<'a> {
    pub size: Size,
    pub palette: &'a Palette,
    /// Buckets on the x axis.
    pub buckets: usize,
    /// Live before test.
    pub lines: Vec<Line>,
    /// Refused calls in every bucket; none at all where they are not what is counted.
    pub refused: Vec<u32>,
    pub scale: Scale,
    pub ticks: Vec<Tick>,
    /// How assistive technology calls the picture.
    pub label: &'a str,
}

/// A line's colour and width.
type Ink = (RGBColor, f32);
type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// How many grid steps a chart of this height has.
#[must_use]
pub const fn grid_steps(size: Size) -> u32 {
    if is_small(size) { 2 } else { 4 }
}

/// Small plots have no end labels and only the first and last label at the y axis.
#[must_use]
pub const fn is_small(size: Size) -> bool {
    size.height < 140
}

/// Where the plot lies in a picture of this size.
#[must_use]
pub fn frame(size: Size) -> Frame {
    let (left, top, right, bottom) = match is_small(size) {
        true => (44.0, 8.0, 2.0, 24.0),
        false => (44.0, 8.0, 84.0, 24.0),
    };
    let width = f64::from(size.width) - left - right;
    let height = f64::from(size.height) - top - bottom;
    Frame { left, top, right, bottom, width: width.max(1.0), height: height.max(1.0) }
}

impl LineChart<'_> {
    /// The picture.
    ///
    /// # Errors
    /// Only if plotters fails to draw in memory.
    pub fn draw(&self) -> Result<String, DrawError> {
        let mut picture = Picture::new(self.size);
        picture.layer(Stroke::Solid, |canvas| self.draw_grid(canvas))?;
        picture.layer(Stroke::Solid, |canvas| self.draw_refused(canvas))?;
        for line in &self.lines {
            let ink = ink(line.environment, self.palette);
            if line.environment == Environment::Test {
                let gap = (self.palette.canvas, CLEARING_WIDTH);
                picture.layer(CLEARING, |canvas| self.draw_line(canvas, line, gap))?;
            }
            picture
                .layer(stroke_of(line.environment), |canvas| self.draw_line(canvas, line, ink))?;
        }
        self.write_y_labels(&mut picture);
        self.write_x_labels(&mut picture);
        self.write_end_labels(&mut picture);
        Ok(picture.finish(self.label))
    }

    /// A bucket's place from the picture's left edge.
    #[must_use]
    pub fn x(&self, index: f64) -> f64 {
        let frame = frame(self.size);
        if self.buckets < 2 {
            frame.left + frame.width / 2.0
        } else {
            frame.left + frame.width * index / self.last()
        }
    }

    /// A value's place from the picture's top edge.
    #[must_use]
    pub fn y(&self, value: f64) -> f64 {
        let frame = frame(self.size);
        frame.top + frame.height * (1.0 - value / self.scale.top())
    }

    fn last(&self) -> f64 {
        as_position(self.buckets.saturating_sub(1).max(1))
    }

    fn draw_grid(&self, canvas: &Canvas) -> Result<(), DrawError> {
        let mut plot = self.plot(canvas)?;
        for value in self.scale.values() {
            let color = if value == 0.0 { self.palette.control } else { self.palette.line };
            let ends = vec![(0.0, value), (self.last(), value)];
            plot.draw_series([PathElement::new(ends, color.stroke_width(stroke_width(1.0)))])?;
        }
        Ok(())
    }

    fn draw_line(&self, canvas: &Canvas, line: &Line, ink: Ink) -> Result<(), DrawError> {
        let mut plot = self.plot(canvas)?;
        let budget = self.size.width as usize;
        for run in runs(&line.values).into_iter().map(|run| thin(run, budget)) {
            let run = if self.buckets < 2 {
                run.iter().map(|(_, value)| (0.5, *value)).collect()
            } else {
                run
            };
            draw_run(&mut plot, line.environment, ink, &run)?;
        }
        Ok(())
    }

    #[expect(clippy::cast_possible_truncation, reason = "margins are a few hundred pixels")]
    fn plot<'a, 'b>(
        &self,
        canvas: &'a DrawingArea<SVGBackend<'b>, plotters::coord::Shift>,
    ) -> Result<Plot<'a, 'b>, DrawError> {
        let Frame { left, top, right, bottom, .. } = frame(self.size);
        let margin = |pixels: f64| pixels as i32 * SCALE.cast_signed();
        let mut builder = ChartBuilder::on(canvas);
        builder
            .margin_left(margin(left))
            .margin_top(margin(top))
            .margin_right(margin(right))
            .margin_bottom(margin(bottom));
        Ok(builder.build_cartesian_2d(0.0..self.last(), 0.0..self.scale.top())?)
    }

    fn write_y_labels(&self, picture: &mut Picture) {
        let frame = frame(self.size);
        let top = self.scale.top();
        for value in self
            .scale
            .values()
            .filter(|value| !is_small(self.size) || *value == 0.0 || *value >= top)
        {
            let place = (frame.left - 10.0, self.y(value));
            picture.word(place, "end", 400, self.palette.text_3, &axis_label(value, top));
        }
    }

    /// First and last label stay inside the plot; one that would touch its neighbour is left out.
    fn write_x_labels(&self, picture: &mut Picture) {
        let frame = frame(self.size);
        let (first, last) = (frame.left, frame.left + frame.width);
        let mut free_from = first;
        for tick in &self.ticks {
            let half = as_position(tick.text.len()) * CHARACTER / 2.0;
            let place = self
                .x(as_position(tick.index))
                .clamp(first + half, (last - half).max(first + half));
            if place - half < free_from {
                continue;
            }
            free_from = place + half + LABEL_GAP;
            let y = frame.top + frame.height + 15.0;
            picture.word((place, y), "middle", 400, self.palette.text_3, &tick.text);
        }
    }

    fn write_end_labels(&self, picture: &mut Picture) {
        let frame = frame(self.size);
        if is_small(self.size) {
            return;
        }
        let ends: Vec<(Environment, f64)> = self.lines.iter().filter_map(last_value).collect();
        let wanted: Vec<f64> = ends.iter().map(|(_, value)| self.y(*value)).collect();
        for ((environment, value), y) in
            ends.iter().zip(pushed_apart(&wanted, frame.top, frame.top + frame.height))
        {
            let (color, _) = ink(*environment, self.palette);
            let text = format!("{} {}", word(*environment), value_label(*value));
            picture.word((frame.left + frame.width + 10.0, y), "start", 600, color, &text);
        }
    }
}

/// `Live` or `Test`.
#[must_use]
pub const fn word(environment: Environment) -> &'static str {
    match environment {
        Environment::Live => "Live",
        Environment::Test => "Test",
    }
}

fn ink(environment: Environment, palette: &Palette) -> Ink {
    match environment {
        Environment::Live => (palette.accent, 1.75),
        Environment::Test => (palette.test, 1.5),
    }
}

const fn stroke_of(environment: Environment) -> Stroke {
    match environment {
        Environment::Live => Stroke::Solid,
        Environment::Test => Stroke::Dashed { dash: 5.0, gap: 3.5, offset: 0.0 },
    }
}

fn draw_run(
    plot: &mut Plot,
    environment: Environment,
    (color, width): Ink,
    run: &[Spot],
) -> Result<(), DrawError> {
    if let [alone] = run {
        plot.draw_series([Circle::new(*alone, stroke_width(width * 1.4), color.filled())])?;
        return Ok(());
    }
    if environment == Environment::Live {
        plot.draw_series(AreaSeries::new(run.iter().copied(), 0.0, color.mix(0.09)))?;
    }
    plot.draw_series(LineSeries::new(
        run.iter().copied(),
        color.stroke_width(stroke_width(width)),
    ))?;
    Ok(())
}

fn last_value(line: &Line) -> Option<(Environment, f64)> {
    line.values.iter().rev().find_map(|value| *value).map(|value| (line.environment, value))
}

/// Moves labels so that each is 16 px from the next and all stay between `top` and `bottom`. The
/// order of places stays; of equal ones the first goes above.
fn pushed_apart(wanted: &[f64], top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut placed = wanted.to_vec();
    let mut least = top;
    for index in &order {
        placed[*index] = placed[*index].max(least);
        least = placed[*index] + LABELS_APART;
    }
    let mut most = bottom;
    for index in order.iter().rev() {
        placed[*index] = placed[*index].min(most);
        most = placed[*index] - LABELS_APART;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colliding_end_labels_are_pushed_apart_and_stay_inside() {
        assert_eq!(pushed_apart(&[50.0, 100.0], 8.0, 200.0), [50.0, 100.0]);
        assert_eq!(pushed_apart(&[100.0, 104.0], 8.0, 200.0), [100.0, 116.0]);
        assert_eq!(pushed_apart(&[200.0, 199.0], 8.0, 200.0), [200.0, 184.0]);
        assert_eq!(pushed_apart(&[200.0, 200.0], 8.0, 200.0), [184.0, 200.0]);
        assert_eq!(pushed_apart(&[2.0], 8.0, 200.0), [8.0]);
        assert!(pushed_apart(&[], 8.0, 200.0).is_empty());
    }

    #[test]
    fn the_frame_follows_the_look() {
        let frame = frame(Size { width: 1_000, height: 232 });
        assert_eq!((frame.left, frame.right, frame.bottom), (44.0, 84.0, 24.0));
        assert_eq!((frame.width, frame.height), (872.0, 200.0));
    }
}
