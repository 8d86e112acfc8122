//! Words on a photo: what style it is staged in and what the room is, set on a shade at its foot.

use image::RgbImage;

use super::{Mark, RoomType, Style, pixels};
use crate::pictures::{
    PictureError, Rgb,
    fonts::{Fonts, Typeface},
    raster,
    svg::{Anchor, Svg, TextLine},
};

/// Units of the long side that sizes below are given for.
const SHEET: f32 = 1600.0;
const MARGIN: f32 = 56.0;
const SHADE: f32 = 330.0;

/// What is written on a photo.
pub(super) struct Caption {
    pub words: Option<(Style, RoomType)>,
    pub mark: Mark,
}

impl Caption {
    pub fn write_on(&self, photo: &mut RgbImage, fonts: &Fonts) -> Result<(), PictureError> {
        if self.words.is_none() && self.mark == Mark::None {
            return Ok(());
        }
        let (width, height) = photo.dimensions();
        let unit = width.max(height) as f32 / SHEET;
        let mut svg = Svg::new(width as f32 / unit, height as f32 / unit);
        if let Some((style, room_type)) = self.words {
            draw_words(&mut svg, style, room_type, fonts);
        }
        if self.mark == Mark::Development {
            draw_mark(&mut svg, fonts);
        }
        let drawing = raster::paint(svg, width, height, fonts)?;
        pixels::lay_over(photo, &drawing);
        Ok(())
    }
}

fn draw_words(svg: &mut Svg, style: Style, room_type: RoomType, fonts: &Fonts) {
    let (width, height) = (svg.width, svg.height);
    let top = (height - SHADE).max(0.0);
    let shade = svg.gradient(
        (0.0, top),
        (0.0, height),
        &[(0.0, Rgb::BLACK, 0.0), (0.45, Rgb::BLACK, 0.26), (1.0, Rgb::BLACK, 0.72)],
    );
    svg.rect(0.0, top, width, height - top, shade);
    let accent = style.accent();
    svg.add(format!(
        r#"<rect x="{MARGIN}" y="{:.1}" width="7" height="118" rx="3.5" fill="{accent}"/>"#,
        height - MARGIN - 114.0
    ));
    let left = MARGIN + 32.0;
    let title = style.label();
    // A narrow photo has room for a smaller title only.
    let room = width - left - MARGIN;
    let size = (room / fonts.measure(title, Typeface::Display).width.max(0.1)).min(92.0);
    svg.text(&TextLine {
        text: title,
        x: left,
        y: height - MARGIN - 52.0,
        size,
        typeface: Typeface::Display,
        anchor: Anchor::Start,
        fill: Rgb::WHITE.to_string(),
        extra: "",
    });
    svg.text(&TextLine {
        text: &room_type.label().to_uppercase(),
        x: left + 2.0,
        y: height - MARGIN,
        size: 34.0,
        typeface: Typeface::Label,
        anchor: Anchor::Start,
        fill: Rgb::hex(0xe9e6df).to_string(),
        extra: r#"letter-spacing="4""#,
    });
    // What buyers must be told of a photo like this.
    if width > 900.0 {
        svg.text(&TextLine {
            text: "VIRTUALLY STAGED",
            x: width - MARGIN,
            y: height - MARGIN,
            size: 26.0,
            typeface: Typeface::Label,
            anchor: Anchor::End,
            fill: Rgb::WHITE.to_string(),
            extra: r#"letter-spacing="4" fill-opacity="0.78""#,
        });
    }
}

/// A label in the upper right corner.
fn draw_mark(svg: &mut Svg, fonts: &Fonts) {
    const TEXT: &str = "DEVELOPMENT";
    const SPACING: f32 = 4.0;
    let size = 30.0;
    let letters = fonts.measure(TEXT, Typeface::Label).width * size;
    let wide = letters + SPACING * TEXT.len() as f32 + 44.0;
    let (x, y, tall) = (svg.width - MARGIN - wide, MARGIN, 58.0);
    svg.add(format!(
        r#"<rect x="{x:.1}" y="{y}" width="{wide:.1}" height="{tall}" rx="29" fill="{}" fill-opacity="0.72"/>"#,
        Rgb::BLACK
    ));
    svg.text(&TextLine {
        text: TEXT,
        x: x + wide / 2.0 + SPACING / 2.0,
        y: y + 39.5,
        size,
        typeface: Typeface::Label,
        anchor: Anchor::Middle,
        fill: Rgb::hex(0xffd479).to_string(),
        extra: r#"letter-spacing="4""#,
    });
}
