//! The pennant at the top left: rating above position.

use super::super::colour::Rgb;
use super::super::fonts::{CAP_HEIGHT, Typeface};
use super::super::svg::{Anchor, Svg, TextLine, polygon};
use super::Sheet;
use super::lettering::{capitals, fit};

const LEFT: f32 = 84.0;
const WIDTH: f32 = 214.0;
const BOTTOM: f32 = 404.0;

pub fn draw(svg: &mut Svg, sheet: &Sheet) {
    draw_cloth(svg, sheet);
    let ink = sheet.primary.text_on();
    let middle = LEFT + WIDTH / 2.0;
    let rating = sheet.card.rating.to_string();
    let fitted = fit(&rating, sheet.fonts, WIDTH - 62.0, 150.0, 1);
    draw_line(svg, &rating, (middle, 92.0 + 150.0), fitted.size, ink);
    let rule = sheet.trim.set_off_from(sheet.primary, 2.0);
    svg.rect(LEFT + 42.0, 264.0, WIDTH - 84.0, 5.0, rule);
    let position = capitals(&sheet.card.position, sheet.fonts);
    let position: String = position.chars().take(12).collect();
    let fitted = fit(&position, sheet.fonts, WIDTH - 56.0, 68.0, 1);
    let drop = (68.0 - fitted.size * CAP_HEIGHT) / 2.0;
    draw_line(svg, &position, (middle, 288.0 + 68.0 - drop), fitted.size, ink);
}

fn draw_cloth(svg: &mut Svg, sheet: &Sheet) {
    let (left, right, middle) = (LEFT, LEFT + WIDTH, LEFT + WIDTH / 2.0);
    let shape = |grow: f32| {
        polygon(&[
            (left - grow, 30.0),
            (right + grow, 30.0),
            (right + grow, BOTTOM + grow),
            (middle, BOTTOM + 52.0 + grow * 1.2),
            (left - grow, BOTTOM + grow),
        ])
    };
    for (grow, opacity) in [(14.0, 0.10), (9.0, 0.16), (5.0, 0.2)] {
        svg.add(format!(
            r##"<path d="{}" fill="#000" fill-opacity="{opacity}" transform="translate(0 6)"/>"##,
            shape(grow)
        ));
    }
    let metal = sheet.foil.paint(svg, (left, 0.0), (right, BOTTOM));
    svg.path(&shape(0.0), &metal);
    svg.path(&shape(-6.0), sheet.trim);
    let cloth = svg.gradient(
        (left, 0.0),
        (right, 0.0),
        &[
            (0.0, sheet.primary.darker(0.14), 1.0),
            (0.3, sheet.primary.lighter(0.06), 1.0),
            (1.0, sheet.primary.darker(0.10), 1.0),
        ],
    );
    svg.path(&shape(-15.0), cloth);
    let shade =
        svg.gradient((0.0, 30.0), (0.0, 120.0), &[(0.0, Rgb::BLACK, 0.45), (1.0, Rgb::BLACK, 0.0)]);
    svg.rect(left, 30.0, WIDTH, 90.0, shade);
}

fn draw_line(svg: &mut Svg, text: &str, at: (f32, f32), size: f32, ink: Rgb) {
    svg.text(&TextLine {
        text,
        x: at.0,
        y: at.1,
        size,
        typeface: Typeface::Display,
        anchor: Anchor::Middle,
        fill: ink.to_string(),
        extra: "",
    });
}
