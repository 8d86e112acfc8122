//! From plotters' marks and our words to one SVG.
//!
//! plotters draws on whole pixels and has no dashes. So marks are drawn twenty times too large in
//! a layer of their own, and the layer's group scales them down and sets the dash. Words are
//! written here: they take their font from the page.

use std::fmt::Write as _;

use plotters::{coord::Shift, prelude::*};

/// How much larger marks are drawn: positions are exact to 0.05 px.
pub const SCALE: u32 = 20;

/// Drawing failed: impossible for an SVG in memory, but plotters' type says it could.
#[derive(Debug, thiserror::Error)]
#[error("the chart could not be drawn: {0}")]
pub struct DrawError(String);

impl<E: std::error::Error + Send + Sync> From<DrawingAreaErrorKind<E>> for DrawError {
    fn from(error: DrawingAreaErrorKind<E>) -> Self {
        Self(error.to_string())
    }
}

/// An area of `SVGBackend` on which marks are drawn, `SCALE` times too large.
pub type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Width and height in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

/// How all marks of a layer are stroked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stroke {
    Solid,
    /// Lengths in CSS pixels; the first dash is begun by `offset` already.
    Dashed {
        dash: f32,
        gap: f32,
        offset: f32,
    },
}

/// A colour as SVG writes it.
#[must_use]
pub fn hex(color: RGBColor) -> String {
    format!("#{:02x}{:02x}{:02x}", color.0, color.1, color.2)
}

/// A stroke's width in a layer, from CSS pixels.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "widths are a few pixels"
)]
pub fn stroke_width(pixels: f32) -> u32 {
    (pixels * 20.0).round() as u32
}

/// An SVG in the making.
#[derive(Debug)]
pub struct Picture {
    size: Size,
    body: String,
}

impl Picture {
    #[must_use]
    pub const fn new(size: Size) -> Self {
        Self { size, body: String::new() }
    }

    /// Adds a layer of marks.
    ///
    /// # Errors
    /// What `draw` says.
    pub fn layer(
        &mut self,
        stroke: Stroke,
        draw: impl FnOnce(&Canvas) -> Result<(), DrawError>,
    ) -> Result<(), DrawError> {
        let mut drawn = String::new();
        {
            let size = (self.size.width * SCALE, self.size.height * SCALE);
            let canvas = SVGBackend::with_string(&mut drawn, size).into_drawing_area();
            draw(&canvas)?;
            canvas.present()?;
        }
        let dash = match stroke {
            Stroke::Solid => String::new(),
            Stroke::Dashed { dash, gap, offset } => {
                let [dash, gap, offset] = [dash, gap, offset].map(stroke_width);
                format!(" stroke-dasharray=\"{dash} {gap}\" stroke-dashoffset=\"{offset}\"")
            }
        };
        let group = format!(
            "<g transform=\"scale({})\" stroke-linejoin=\"round\"{dash}>",
            1.0 / f64::from(SCALE)
        );
        self.body += &group;
        self.body += inner(&drawn);
        self.body += "</g>";
        Ok(())
    }

    /// Adds a word: its anchor (`start`, `middle`, `end`) at `x`, its middle at `y`.
    pub fn word(
        &mut self,
        (x, y): (f64, f64),
        anchor: &str,
        weight: u16,
        color: RGBColor,
        text: &str,
    ) {
        let baseline = y + 4.0;
        let color = hex(color);
        let _ = write!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{baseline:.1}\" text-anchor=\"{anchor}\" font-size=\".71875rem\" \
             font-weight=\"{weight}\" fill=\"{color}\">{}</text>",
            escape(text)
        );
    }

    /// The finished SVG, called `label` by assistive technology; decoration where that is empty.
    #[must_use]
    pub fn finish(self, label: &str) -> String {
        let Size { width, height } = self.size;
        let role = match label {
            "" => "aria-hidden=\"true\"".to_owned(),
            label => format!("role=\"img\" aria-label=\"{}\"", escape(label)),
        };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" overflow=\"visible\" {role}>{}</svg>",
            self.body
        )
    }
}

/// What stands between the opening and the closing `svg` tag.
fn inner(svg: &str) -> &str {
    let start = svg.find("<svg").and_then(|tag| svg[tag..].find('>').map(|end| tag + end + 1));
    let end = svg.rfind("</svg>");
    match (start, end) {
        (Some(start), Some(end)) if start <= end => svg[start..end].trim(),
        _ => "",
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cannot_break_out() {
        let mut picture = Picture::new(Size { width: 10, height: 10 });
        picture.word((1.0, 2.0), "start", 400, BLACK, "<a&\">");
        let svg = picture.finish("\"x\"");
        assert!(svg.contains(">&lt;a&amp;&quot;&gt;</text>"), "{svg}");
        assert!(svg.contains("aria-label=\"&quot;x&quot;\""), "{svg}");
    }

    #[test]
    fn a_layer_keeps_only_its_marks() {
        assert_eq!(inner("<?xml?><svg a=\"b\">\n<g/>\n</svg>\n"), "<g/>");
        assert_eq!(inner("<svg a=\"b\"/>"), "");
    }
}
