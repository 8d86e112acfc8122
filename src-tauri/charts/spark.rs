//! Sparklines: live and test in a table's cell, without axes.

use latchkey_contract::Environment;
use plotters::prelude::*;

use super::{
    line::Line,
    palette::Palette,
    reduce::{as_position, runs, thin},
    svg::{DrawError, Picture, Size, Stroke, stroke_width},
};

/// The smallest room above and below the lines, so that they are never cut.
const MARGIN: i32 = 1;

/// A sparkline of these lines, from zero to their highest value; the last lies on top. Decoration: the cells beside it
/// say the numbers.
///
/// # Errors
/// Only if plotters fails to draw in memory.
pub fn sparkline(size: Size, palette: &Palette, lines: &[Line]) -> Result<String, DrawError> {
    let mut picture = Picture::new(size);
    let values = lines.iter().flat_map(|line| line.values.iter().flatten());
    let highest = values.copied().fold(1.0, f64::max);
    for line in lines {
        let (color, width, stroke) = match line.environment {
            Environment::Live => (palette.accent, 1.5, Stroke::Solid),
            Environment::Test => {
                (palette.test, 1.25, Stroke::Dashed { dash: 3.0, gap: 2.5, offset: 0.0 })
            }
        };
        picture.layer(stroke, |canvas| {
            let last = as_position(line.values.len().saturating_sub(1).max(1));
            let mut plot = ChartBuilder::on(canvas)
                .margin(MARGIN * super::svg::SCALE.cast_signed())
                .build_cartesian_2d(0.0..last, 0.0..highest)?;
            for run in runs(&line.values) {
                let run = thin(run, size.width as usize);
                plot.draw_series(LineSeries::new(run, color.stroke_width(stroke_width(width))))?;
            }
            Ok(())
        })?;
    }
    Ok(picture.finish(""))
}

#[cfg(test)]
mod tests {
    use super::{super::ChartTheme, *};

    fn line(environment: Environment, values: &[f64]) -> Line {
        Line { environment, values: values.iter().copied().map(Some).collect() }
    }

    #[test]
    fn live_is_solid_and_test_is_dashed() {
        let lines =
            [line(Environment::Live, &[1.0, 4.0, 2.0]), line(Environment::Test, &[0.0, 0.0, 1.0])];
        let svg = sparkline(Size { width: 112, height: 24 }, ChartTheme::Light.palette(), &lines)
            .unwrap();
        assert_eq!(svg.matches("<polyline").count(), 2, "{svg}");
        assert_eq!(svg.matches("stroke-dasharray=\"60 50\"").count(), 1, "{svg}");
        assert!(svg.contains("aria-hidden"), "{svg}");
    }

    #[test]
    fn nothing_draws_nothing() {
        let lines = [line(Environment::Live, &[])];
        let svg =
            sparkline(Size { width: 112, height: 24 }, ChartTheme::Dark.palette(), &lines).unwrap();
        assert!(!svg.contains("<polyline"), "{svg}");
    }
}
