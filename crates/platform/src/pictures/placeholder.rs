//! What a test call shows instead of a picture: a pencil drawing of what live would make, and the word TEST.

use super::colour::Rgb;
use super::fonts::{CAP_HEIGHT, Fonts, Typeface};
use super::svg::{Anchor, Svg, TextLine};
use super::{Picture, PictureError, raster};

/// A stand-in of the size the live picture would have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    pub subject: Subject,
    /// Pixels, 64–4096.
    pub width: u32,
    /// Pixels, 64–4096.
    pub height: u32,
}

/// What the pencil sketches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Card,
    Artwork,
    Clip,
}

const GROUND: Rgb = Rgb::hex(0xf6f7f8);
const PENCIL: Rgb = Rgb::hex(0x8a9298);
const FAINT: Rgb = Rgb::hex(0xc3c9cd);
const TEXT: Rgb = Rgb::hex(0x5c656a);

impl Placeholder {
    const LEAST_SIDE: u32 = 64;
    const MOST_SIDE: u32 = 4096;

    /// Draws the placeholder as PNG. Fails with [`PictureError::Size`] for a side out of range.
    pub fn render(&self, fonts: &Fonts) -> Result<Picture, PictureError> {
        let (width, height) = (self.width, self.height);
        let sides = Self::LEAST_SIDE..=Self::MOST_SIDE;
        if !sides.contains(&width) || !sides.contains(&height) {
            return Err(PictureError::Size {
                width,
                height,
                least: Self::LEAST_SIDE,
                most: Self::MOST_SIDE,
            });
        }
        raster::png(self.draw(), width, height, fonts)
    }

    fn draw(&self) -> Svg {
        let unit = self.width.min(self.height) as f32 / 1000.0;
        let mut svg = Svg::new(self.width as f32 / unit, self.height as f32 / unit);
        svg.flood(GROUND);
        draw_hatching(&mut svg);
        draw_frame(&mut svg);
        match self.subject {
            Subject::Card => draw_player(&mut svg),
            Subject::Artwork => draw_landscape(&mut svg),
            Subject::Clip => draw_screen(&mut svg),
        }
        self.draw_words(&mut svg);
        svg
    }

    fn draw_words(&self, svg: &mut Svg) {
        let (x, y) = (svg.width / 2.0, svg.height / 2.0);
        let (wide, tall) = (560.0, 250.0);
        svg.add(format!(
            r#"<rect x="{:.1}" y="{:.1}" width="{wide}" height="{tall}" rx="22" fill="{GROUND}" stroke="{TEXT}" stroke-width="5" stroke-dasharray="26 16"/>"#,
            x - wide / 2.0,
            y - tall / 2.0
        ));
        let mut line = |text: &str, baseline: f32, size: f32, typeface, extra| {
            svg.text(&TextLine {
                text,
                x,
                y: baseline,
                size,
                typeface,
                anchor: Anchor::Middle,
                fill: TEXT.to_string(),
                extra,
            });
        };
        line(
            "TEST",
            y - 24.0 + 150.0 * CAP_HEIGHT / 2.0,
            190.0,
            Typeface::Display,
            r#"letter-spacing="10""#,
        );
        let size = format!("{} × {}", self.width, self.height);
        line(&size, y + 96.0, 46.0, Typeface::Label, r#"letter-spacing="2""#);
    }
}

/// 45° strokes, as an area of test data has them.
fn draw_hatching(svg: &mut Svg) {
    let (w, h) = (svg.width, svg.height);
    let data: String = (0..((w + h) / 46.0) as usize + 1)
        .map(|i| format!("M{:.0} -4L-4 {:.0}", i as f32 * 46.0, i as f32 * 46.0))
        .collect();
    svg.add(format!(
        r#"<path d="{data}" fill="none" stroke="{FAINT}" stroke-width="1.6" stroke-opacity="0.7"/>"#
    ));
}

fn pencil(svg: &mut Svg, data: &str, stroke: f32) {
    svg.add(format!(
        r#"<path d="{data}" fill="{GROUND}" fill-opacity="0.85" stroke="{PENCIL}" stroke-width="{stroke}" stroke-dasharray="20 13" stroke-linejoin="round"/>"#
    ));
}

fn draw_frame(svg: &mut Svg) {
    svg.add(format!(
        r#"<rect x="36" y="36" width="{:.1}" height="{:.1}" rx="18" fill="none" stroke="{PENCIL}" stroke-width="5" stroke-dasharray="26 16"/>"#,
        svg.width - 72.0,
        svg.height - 72.0
    ));
}

/// Head and shoulders, the badge of the rating, the plate of the name.
fn draw_player(svg: &mut Svg) {
    let (x, h) = (svg.width / 2.0, svg.height);
    let shoulders = h * 0.80 - 560.0;
    pencil(
        svg,
        &format!(
            "M{:.0} {:.0}C{:.0} {:.0} {:.0} {:.0} {:.0} {:.0}C{:.0} {:.0} {:.0} {:.0} {:.0} {:.0}Z",
            x - 330.0,
            h * 0.80,
            x - 330.0,
            shoulders + 120.0,
            x - 250.0,
            shoulders + 60.0,
            x,
            shoulders,
            x + 250.0,
            shoulders + 60.0,
            x + 330.0,
            shoulders + 120.0,
            x + 330.0,
            h * 0.80,
        ),
        5.0,
    );
    pencil(
        svg,
        &format!(
            "M{:.0} {:.0}a100 122 0 1 0 200 0a100 122 0 1 0 -200 0Z",
            x - 100.0,
            shoulders - 84.0
        ),
        5.0,
    );
    pencil(svg, "M92 92h150v190l-75 44l-75 -44Z", 5.0);
    pencil(
        svg,
        &format!("M92 {:.0}H{:.0}V{:.0}H92Z", h * 0.80, svg.width - 92.0, h * 0.80 + 120.0),
        5.0,
    );
}

/// A sun over hills.
fn draw_landscape(svg: &mut Svg) {
    let (w, h) = (svg.width, svg.height);
    pencil(
        svg,
        &format!("M{:.0} {:.0}a92 92 0 1 0 184 0a92 92 0 1 0 -184 0Z", w * 0.74 - 92.0, h * 0.22),
        5.0,
    );
    for (base, lift) in [(0.72, 0.20), (0.86, 0.13)] {
        pencil(
            svg,
            &format!(
                "M36 {:.0}C{:.0} {:.0} {:.0} {:.0} {:.0} {:.0}S{:.0} {:.0} {:.0} {:.0}V{:.0}H36Z",
                h * base,
                w * 0.2,
                h * (base - lift),
                w * 0.3,
                h * (base - lift),
                w * 0.5,
                h * base,
                w * 0.8,
                h * (base - lift),
                w - 36.0,
                h * (base - lift * 0.5),
                h - 36.0,
            ),
            5.0,
        );
    }
}

/// A strip of film with the sign for play.
fn draw_screen(svg: &mut Svg) {
    let (w, h) = (svg.width, svg.height);
    let holes: String = (0..((w - 150.0) / 90.0) as usize)
        .flat_map(|i| {
            [72.0, h - 122.0].map(|y| format!("M{:.0} {y:.0}h50v50h-50Z", 90.0 + i as f32 * 90.0))
        })
        .collect();
    pencil(svg, &holes, 4.0);
    let (x, y) = (w / 2.0, h / 2.0 - 250.0);
    pencil(
        svg,
        &format!(
            "M{:.0} {:.0}L{:.0} {y:.0}L{:.0} {:.0}Z",
            x - 60.0,
            y - 76.0,
            x + 84.0,
            x - 60.0,
            y + 76.0
        ),
        6.0,
    );
}
