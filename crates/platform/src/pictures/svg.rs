//! An SVG document under construction, and the few shapes every picture shares.
//!
//! Only [`Svg::text`] takes text of a request, and it escapes it; everything else is written by this module.

use super::colour::Rgb;
use super::fonts::Typeface;

/// Markup in drawing order, with definitions kept apart.
#[derive(Debug)]
pub struct Svg {
    /// Size of the drawing's own units; the raster may have more or fewer pixels.
    pub width: f32,
    pub height: f32,
    defs: String,
    body: String,
    definitions: u32,
}

/// One colour of a gradient: offset 0–1, colour, opacity 0–1.
pub type Stop = (f32, Rgb, f32);

/// One line of text.
pub struct TextLine<'a> {
    pub text: &'a str,
    pub x: f32,
    /// Baseline.
    pub y: f32,
    pub size: f32,
    pub typeface: Typeface,
    pub anchor: Anchor,
    /// Any SVG paint: a colour or a `url(#…)`.
    pub fill: String,
    /// Further attributes, written by this module.
    pub extra: &'a str,
}

#[derive(Clone, Copy, Debug)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    pub fn new(width: f32, height: f32) -> Svg {
        Svg { width, height, defs: String::new(), body: String::new(), definitions: 0 }
    }

    pub fn add(&mut self, markup: impl AsRef<str>) {
        self.body.push_str(markup.as_ref());
    }

    fn define(&mut self, markup: impl FnOnce(&str) -> String) -> String {
        self.definitions += 1;
        let id = format!("d{}", self.definitions);
        self.defs.push_str(&markup(&id));
        id
    }

    /// A linear gradient in drawing units from one point to another; returns its paint, `url(#…)`.
    pub fn gradient(&mut self, from: (f32, f32), to: (f32, f32), stops: &[Stop]) -> String {
        let id = self.define(|id| {
            format!(
                r#"<linearGradient id="{id}" gradientUnits="userSpaceOnUse" x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}">{}</linearGradient>"#,
                from.0, from.1, to.0, to.1, stop_elements(stops),
            )
        });
        format!("url(#{id})")
    }

    /// A radial gradient in drawing units.
    pub fn glow(&mut self, centre: (f32, f32), radius: f32, stops: &[Stop]) -> String {
        let id = self.define(|id| {
            format!(
                r#"<radialGradient id="{id}" gradientUnits="userSpaceOnUse" cx="{:.1}" cy="{:.1}" r="{radius:.1}">{}</radialGradient>"#,
                centre.0, centre.1, stop_elements(stops),
            )
        });
        format!("url(#{id})")
    }

    /// A paint that shows a drawing of the given size from the origin. Cheaper than clipping where shapes fill another shape.
    pub fn pattern(&mut self, width: f32, height: f32, draw: impl FnOnce(&mut Svg)) -> String {
        let outside = std::mem::take(&mut self.body);
        draw(self);
        let inside = std::mem::replace(&mut self.body, outside);
        let id = self.define(|id| {
            format!(
                r#"<pattern id="{id}" patternUnits="userSpaceOnUse" width="{width}" height="{height}">{inside}</pattern>"#
            )
        });
        format!("url(#{id})")
    }

    /// A clip of the given path data; returns the attribute that applies it.
    pub fn clip(&mut self, path: &str) -> String {
        let id = self.define(|id| format!(r#"<clipPath id="{id}"><path d="{path}"/></clipPath>"#));
        format!(r#"clip-path="url(#{id})""#)
    }

    /// Fills the whole drawing.
    pub fn flood(&mut self, paint: impl std::fmt::Display) {
        self.rect(0.0, 0.0, self.width, self.height, paint);
    }

    pub fn rect(&mut self, x: f32, y: f32, w: f32, h: f32, paint: impl std::fmt::Display) {
        self.add(format!(
            r#"<rect x="{x:.2}" y="{y:.2}" width="{w:.2}" height="{h:.2}" fill="{paint}"/>"#
        ));
    }

    pub fn circle(&mut self, x: f32, y: f32, r: f32, paint: impl std::fmt::Display) {
        self.add(format!(
            r#"<circle cx="{x:.2}" cy="{y:.2}" r="{:.2}" fill="{paint}"/>"#,
            r.max(0.01)
        ));
    }

    /// A circle of one colour at an opacity.
    pub fn circle_faint(&mut self, x: f32, y: f32, r: f32, colour: Rgb, opacity: f32) {
        self.add(format!(
            r#"<circle cx="{x:.2}" cy="{y:.2}" r="{r:.2}" fill="{colour}" fill-opacity="{opacity:.3}"/>"#
        ));
    }

    pub fn path(&mut self, data: &str, paint: impl std::fmt::Display) {
        self.add(format!(r#"<path d="{data}" fill="{paint}"/>"#));
    }

    /// Draws inside a group with the given attributes.
    pub fn group(&mut self, attributes: &str, draw: impl FnOnce(&mut Svg)) {
        self.add(format!("<g {attributes}>"));
        draw(self);
        self.add("</g>");
    }

    pub fn text(&mut self, line: &TextLine<'_>) {
        let anchor = match line.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.add(format!(
            r#"<text x="{:.1}" y="{:.1}" font-family="{}" font-weight="{}" font-size="{:.2}" text-anchor="{anchor}" fill="{}" {}>{}</text>"#,
            line.x,
            line.y,
            line.typeface.family(),
            line.typeface.weight(),
            line.size,
            line.fill,
            line.extra,
            escape(line.text),
        ));
    }

    pub fn finish(self) -> String {
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}"><defs>{}</defs>{}</svg>"#,
            self.defs,
            self.body,
            w = self.width,
            h = self.height,
        )
    }
}

fn stop_elements(stops: &[Stop]) -> String {
    stops
        .iter()
        .map(|(offset, colour, opacity)| {
            format!(
                r#"<stop offset="{offset:.3}" stop-color="{colour}" stop-opacity="{opacity:.3}"/>"#
            )
        })
        .collect()
}

/// Text as XML character data. Characters XML forbids are left out.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// A curve through the points, left open, as path data (Catmull-Rom, as cubic Béziers).
pub fn curve(points: &[(f32, f32)]) -> String {
    let Some(first) = points.first() else {
        return String::new();
    };
    let mut data = format!("M{:.2} {:.2}", first.0, first.1);
    let at = |i: isize| points[i.clamp(0, points.len() as isize - 1) as usize];
    for i in 0..points.len() as isize - 1 {
        push_cubic(&mut data, at(i - 1), at(i), at(i + 1), at(i + 2));
    }
    data
}

/// A closed curve through the points.
pub fn closed_curve(points: &[(f32, f32)]) -> String {
    let Some(first) = points.first() else {
        return String::new();
    };
    let count = points.len() as isize;
    let at = |i: isize| points[i.rem_euclid(count) as usize];
    let mut data = format!("M{:.2} {:.2}", first.0, first.1);
    for i in 0..count {
        push_cubic(&mut data, at(i - 1), at(i), at(i + 1), at(i + 2));
    }
    data.push('Z');
    data
}

fn push_cubic(data: &mut String, a: (f32, f32), b: (f32, f32), c: (f32, f32), d: (f32, f32)) {
    data.push_str(&format!(
        "C{:.2} {:.2} {:.2} {:.2} {:.2} {:.2}",
        b.0 + (c.0 - a.0) / 6.0,
        b.1 + (c.1 - a.1) / 6.0,
        c.0 - (d.0 - b.0) / 6.0,
        c.1 - (d.1 - b.1) / 6.0,
        c.0,
        c.1,
    ));
}

/// Straight lines through the points, closed.
pub fn polygon(points: &[(f32, f32)]) -> String {
    let mut data = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let command = if i == 0 { 'M' } else { 'L' };
        data.push_str(&format!("{command}{x:.2} {y:.2}"));
    }
    data.push('Z');
    data
}

/// A rectangle with its corners cut off.
pub fn chamfered(x: f32, y: f32, w: f32, h: f32, cut: f32) -> String {
    let (right, bottom) = (x + w, y + h);
    polygon(&[
        (x + cut, y),
        (right - cut, y),
        (right, y + cut),
        (right, bottom - cut),
        (right - cut, bottom),
        (x + cut, bottom),
        (x, bottom - cut),
        (x, y + cut),
    ])
}
