//! Large outlined figures in the room that very tall and very wide cards leave beside the player.

use super::super::fonts::{CAP_HEIGHT, Typeface};
use super::super::svg::{Anchor, Svg, TextLine};
use super::Sheet;
use super::lettering::{capitals, fit};

pub fn draw(svg: &mut Svg, sheet: &Sheet) {
    let number = sheet.card.number.to_string();
    let above = sheet.plate_top() - 1080.0 - 460.0;
    if above > 380.0 {
        draw_word(
            svg,
            sheet,
            &number,
            (sheet.centre(), 470.0 + above / 2.0),
            (sheet.width * 0.8, above),
        );
    }
    let beside = sheet.centre() - 420.0 - 340.0;
    if beside > 380.0 {
        let middle = sheet.plate_top() - 330.0;
        let position = capitals(&sheet.card.position, sheet.fonts);
        for (word, x) in
            [(number, 340.0 + beside / 2.0), (position, sheet.width - 340.0 - beside / 2.0)]
        {
            draw_word(svg, sheet, &word, (x, middle), (beside * 0.9, 560.0));
        }
    }
}

/// A word in a box of the given size around a point.
fn draw_word(svg: &mut Svg, sheet: &Sheet, word: &str, at: (f32, f32), room: (f32, f32)) {
    let fitted = fit(word, sheet.fonts, room.0, room.1.min(900.0), 1);
    let outline = format!(
        r#"fill-opacity="0.10" stroke="{}" stroke-width="5" stroke-opacity="0.55""#,
        sheet.foil.light()
    );
    svg.text(&TextLine {
        text: word,
        x: at.0,
        y: at.1 + fitted.size * CAP_HEIGHT / 2.0,
        size: fitted.size,
        typeface: Typeface::Display,
        anchor: Anchor::Middle,
        fill: sheet.foil.light().to_string(),
        extra: &outline,
    });
}
