//! The name plate at the foot of the card.

use super::super::colour::Rgb;
use super::super::fonts::Typeface;
use super::super::svg::{Anchor, Svg, TextLine, chamfered, polygon};
use super::Sheet;
use super::lettering::{Fitted, LEADING, fit};
use super::pitch_map::position_name;

const NAME_HEIGHT: f32 = 168.0;
const FOOT_HEIGHT: f32 = 62.0;
/// How much of the plate's corners is cut off.
const CUT: f32 = 26.0;
/// Wider plates would put the name too far from the player.
const WIDEST: f32 = 1500.0;

pub fn draw(svg: &mut Svg, sheet: &Sheet) {
    let top = sheet.plate_top();
    draw_fade(svg, sheet, top);
    let width = (sheet.width - 172.0).min(WIDEST);
    let left = sheet.centre() - width / 2.0;
    draw_body(svg, sheet, left, top, width);
    draw_name(svg, sheet, left, top, width);
    draw_foot(svg, sheet, left, top + NAME_HEIGHT + 10.0, width);
}

/// Darkness the plate stands in.
fn draw_fade(svg: &mut Svg, sheet: &Sheet, top: f32) {
    let dark = Rgb::hex(0x05070b);
    let (from, to) = (top - 190.0, sheet.scenery_bottom());
    let fade = svg.gradient((0.0, from), (0.0, to), &[(0.0, dark, 0.0), (1.0, dark, 1.0)]);
    svg.rect(0.0, from, sheet.width, to - from, fade);
    svg.rect(0.0, to, sheet.width, sheet.height - to, dark);
}

fn draw_body(svg: &mut Svg, sheet: &Sheet, left: f32, top: f32, width: f32) {
    let (from, to) = ((left, top), (left + width, top + NAME_HEIGHT));
    let metal = sheet.foil.paint(svg, from, to);
    // Two wings behind the plate, in the club's second colour.
    for (edge, out) in [(left, -1.0), (left + width, 1.0)] {
        let wing = polygon(&[
            (edge - out * 40.0, top + 26.0),
            (edge + out * 30.0, top + 26.0),
            (edge + out * 12.0, top + NAME_HEIGHT / 2.0 + 4.0),
            (edge + out * 30.0, top + NAME_HEIGHT - 18.0),
            (edge - out * 40.0, top + NAME_HEIGHT - 18.0),
        ]);
        svg.add(format!(
            r#"<path d="{wing}" fill="{}" stroke="{metal}" stroke-width="2.5"/>"#,
            sheet.trim.darker(0.18)
        ));
    }
    let outline = chamfered(left, top, width, NAME_HEIGHT, CUT);
    let body = svg.gradient(
        (0.0, top),
        (0.0, top + NAME_HEIGHT),
        &[
            (0.0, sheet.primary.lighter(0.10), 1.0),
            (0.5, sheet.primary, 1.0),
            (1.0, sheet.primary.darker(0.16), 1.0),
        ],
    );
    svg.path(&outline, &body);
    let gloss = svg.gradient(
        (left, 0.0),
        (left + width, 0.0),
        &[(0.0, Rgb::WHITE, 0.0), (0.3, Rgb::WHITE, 0.10), (0.6, Rgb::WHITE, 0.0)],
    );
    svg.rect(left + CUT, top, width - 2.0 * CUT, NAME_HEIGHT * 0.5, gloss);
    let (right, bottom) = (left + width, top + NAME_HEIGHT);
    let rule = polygon(&[
        (left + CUT - 12.0, bottom - 12.0),
        (right - CUT + 12.0, bottom - 12.0),
        (right - CUT, bottom),
        (left + CUT, bottom),
    ]);
    svg.path(&rule, sheet.trim);
    svg.add(format!(r#"<path d="{outline}" fill="none" stroke="{metal}" stroke-width="5"/>"#));
}

fn draw_name(svg: &mut Svg, sheet: &Sheet, left: f32, top: f32, width: f32) {
    let name = shown_name(sheet);
    let Fitted { lines, size } = fit(&name, sheet.fonts, width - 96.0, NAME_HEIGHT - 50.0, 3);
    let size = size.min(156.0);
    let extent = sheet.fonts.measure(&name, Typeface::Display);
    let leading = size * LEADING;
    let block = size * extent.tallness() + leading * (lines.len() as f32 - 1.0);
    let first =
        top + (NAME_HEIGHT - 12.0 - block) / 2.0 + size * (extent.tallness() - extent.drop());
    for (i, line) in lines.iter().enumerate() {
        svg.text(&TextLine {
            text: line,
            x: left + width / 2.0,
            y: first + leading * i as f32,
            size,
            typeface: Typeface::Display,
            anchor: Anchor::Middle,
            fill: sheet.primary.text_on().to_string(),
            extra: "",
        });
    }
}

/// The name in capitals; the number where the name has no letters, or the bundled fonts lack some.
fn shown_name(sheet: &Sheet) -> String {
    let name = sheet.name();
    if name.chars().any(char::is_alphanumeric) {
        name
    } else {
        format!("NUMBER {}", sheet.card.number)
    }
}

/// Position, a gauge of the rating, number: the facts in plain words.
fn draw_foot(svg: &mut Svg, sheet: &Sheet, left: f32, top: f32, width: f32) {
    let outline = chamfered(left + 34.0, top, width - 68.0, FOOT_HEIGHT, 16.0);
    svg.add(format!(
        r##"<path d="{outline}" fill="#0a0e14" fill-opacity="0.86" stroke="{}" stroke-opacity="0.5" stroke-width="1.5"/>"##,
        sheet.foil.light()
    ));
    let baseline = top + 42.0;
    let position = sheet.fonts.legible(position_name(&sheet.card.position));
    let position: String = position.chars().take(22).collect();
    draw_caption(svg, sheet, &position, (left + 64.0, baseline), Anchor::Start);
    let number = format!("NO. {}", sheet.card.number);
    draw_caption(svg, sheet, &number, (left + width - 64.0, baseline), Anchor::End);
    draw_gauge(svg, sheet, left + width / 2.0 + 56.0, top + FOOT_HEIGHT / 2.0);
}

/// A caption at most 250 wide.
fn draw_caption(svg: &mut Svg, sheet: &Sheet, text: &str, at: (f32, f32), anchor: Anchor) {
    let letters = text.chars().count() as f32;
    let natural = sheet.fonts.measure(text, Typeface::Label).width + letters * 0.06;
    let size = (250.0 / natural.max(0.1)).min(34.0);
    svg.text(&TextLine {
        text,
        x: at.0,
        y: at.1 - (34.0 - size) * 0.35,
        size,
        typeface: Typeface::Label,
        anchor,
        fill: "#e9edf2".into(),
        extra: &format!(r#"letter-spacing="{:.2}""#, size * 0.06),
    });
}

/// Twenty slanted marks, lit up to the rating.
fn draw_gauge(svg: &mut Svg, sheet: &Sheet, centre: f32, middle: f32) {
    let marks = 20;
    let lit = (f32::from(sheet.card.rating.min(99)) / 99.0 * marks as f32).round() as i32;
    let left = centre - marks as f32 * 6.5;
    let metal = sheet.foil.paint(svg, (left, 0.0), (left + 260.0, 0.0));
    for (range, paint, opacity) in [(0..lit, metal.as_str(), 1.0), (lit..marks, "#ffffff", 0.16)] {
        let data: String = range
            .map(|mark| {
                let x = left + mark as f32 * 13.0;
                polygon(&[
                    (x + 4.0, middle - 12.0),
                    (x + 12.0, middle - 12.0),
                    (x + 8.0, middle + 12.0),
                    (x, middle + 12.0),
                ])
            })
            .collect();
        if !data.is_empty() {
            svg.add(format!(r#"<path d="{data}" fill="{paint}" fill-opacity="{opacity}"/>"#));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pictures::{Card, Fonts};

    fn shown(name: &str) -> String {
        let fonts = Fonts::bundled();
        let card = Card {
            name: name.to_owned(),
            position: "ST".to_owned(),
            number: 9,
            rating: 87,
            primary: Card::DEFAULT_PRIMARY,
            secondary: Card::DEFAULT_SECONDARY,
            theme: Card::DEFAULT_THEME.to_owned(),
            width: Card::DEFAULT_WIDTH,
            height: Card::DEFAULT_HEIGHT,
        };
        shown_name(&Sheet::of(&card, &fonts))
    }

    #[test]
    fn a_name_is_written_whole_or_not_at_all() {
        for name in ["孙兴慜", "Son 孙兴慜", "ชนาธิป Chanathip", "सुनील Chhetri", "👾", " "]
        {
            assert_eq!(shown(name), "NUMBER 9", "{name}");
        }
        for (name, written) in
            [("Zoë Đặng", "ZOË ĐẶNG"), ("Leo 👾 Messi", "LEO MESSI"), ("محمد صلاح", "محمد صلاح")]
        {
            assert_eq!(shown(name), written);
        }
    }
}
