//! The shirt's pattern. It belongs to the colours, so that players of one club wear the same shirt.

use super::super::colour::Rgb;
use super::super::seed::Seed;
use super::super::svg::{Svg, polygon};
use super::Sheet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pattern {
    Plain,
    Stripes,
    Hoops,
    Halves,
    Sash,
    Chevron,
    Pinstripes,
    Yoke,
}

impl Pattern {
    fn of(sheet: &Sheet) -> Pattern {
        let colours = [sheet.card.primary.to_string(), sheet.card.secondary.to_string()];
        Seed::of(&["kit", &colours[0], &colours[1]]).pick([
            Pattern::Plain,
            Pattern::Stripes,
            Pattern::Hoops,
            Pattern::Halves,
            Pattern::Sash,
            Pattern::Chevron,
            Pattern::Pinstripes,
            Pattern::Yoke,
        ])
    }
}

/// The pattern of the body, wherever it falls: the caller shows it in the shirt's outline only.
pub fn draw_body(svg: &mut Svg, sheet: &Sheet) {
    let trim = sheet.trim;
    match Pattern::of(sheet) {
        Pattern::Plain => draw_weave(svg, sheet),
        Pattern::Stripes => {
            for x in [152.0, 248.0, 344.0, 440.0] {
                svg.rect(x, 200.0, 48.0, 700.0, trim);
            }
        }
        Pattern::Hoops => {
            for y in [330.0, 474.0, 618.0, 762.0] {
                svg.rect(0.0, y, 640.0, 72.0, trim);
            }
        }
        Pattern::Halves => svg.rect(320.0, 200.0, 320.0, 700.0, trim),
        Pattern::Sash => svg.path("M96 640L544 244L544 372L96 768Z", trim),
        Pattern::Chevron => svg.path("M96 300L320 470L544 300V372L320 542L96 372Z", trim),
        Pattern::Pinstripes => {
            for i in 0..13 {
                svg.rect(131.0 + i as f32 * 31.0, 200.0, 4.0, 700.0, trim);
            }
        }
        Pattern::Yoke => {
            svg.path("M90 200H550V352C440 330 390 392 320 392C250 392 200 330 90 352Z", trim)
        }
    }
}

pub fn draw_sleeves(svg: &mut Svg, sheet: &Sheet) {
    match Pattern::of(sheet) {
        Pattern::Hoops => {
            for y in [330.0, 474.0] {
                svg.rect(0.0, y, 640.0, 72.0, sheet.trim);
            }
        }
        Pattern::Halves => svg.rect(0.0, 200.0, 320.0, 700.0, sheet.trim),
        Pattern::Stripes | Pattern::Yoke => svg.rect(0.0, 200.0, 640.0, 700.0, sheet.trim),
        Pattern::Plain | Pattern::Sash | Pattern::Chevron | Pattern::Pinstripes => {
            // Three lines down the shoulder.
            svg.add(format!(
                r#"<path d="M96 318C64 350 52 400 30 590M108 318C78 352 66 402 46 594M544 318C576 350 588 400 610 590M532 318C562 352 574 402 594 594" fill="none" stroke="{}" stroke-width="6"/>"#,
                sheet.trim
            ));
        }
    }
}

/// A tone-on-tone weave of diagonals.
fn draw_weave(svg: &mut Svg, sheet: &Sheet) {
    let tone = sheet.primary.mix(sheet.trim, 0.28);
    let data: String = (0..14)
        .map(|i| {
            let y = 220.0 + i as f32 * 56.0;
            polygon(&[
                (100.0, y),
                (320.0, y + 90.0),
                (540.0, y),
                (540.0, y + 20.0),
                (320.0, y + 110.0),
                (100.0, y + 20.0),
            ])
        })
        .collect();
    svg.path(&data, tone);
}

/// Ink and outline of the number: they differ from each other, and one of them from either colour of the shirt.
pub fn lettering_colours(sheet: &Sheet) -> (Rgb, Rgb) {
    let (primary, trim) = (sheet.primary, sheet.trim);
    let ink = match Pattern::of(sheet) {
        Pattern::Plain | Pattern::Pinstripes if trim.contrast(primary) >= 4.5 => trim,
        Pattern::Stripes | Pattern::Hoops | Pattern::Halves => primary.mix(trim, 0.5).text_on(),
        _ => primary.text_on(),
    };
    let tonal = primary.darker(0.25);
    if trim.contrast(ink) >= 4.5 && tonal.contrast(ink) >= 4.5 {
        (ink, tonal)
    } else {
        (ink, ink.text_on())
    }
}
