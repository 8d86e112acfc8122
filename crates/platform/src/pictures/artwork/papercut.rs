//! Sheets of paper with cut-out openings, one behind the other, lit from within.

use std::f32::consts::TAU;

use super::super::svg::{Svg, closed_curve};
use super::Scene;

const SHEETS: usize = 8;
const POINTS: usize = 11;

pub fn draw(svg: &mut Svg, scene: &Scene) {
    let mut seed = scene.seed.clone();
    let (w, h) = (scene.width, scene.height);
    let palette = scene.palette;
    let to_dark = seed.chance(0.65);
    let centre = (w * seed.range(0.30, 0.70), h * seed.range(0.34, 0.66));
    let stretch = ((w / h).sqrt(), (h / w).sqrt());
    let largest = w.max(h) * 0.68;
    let shape: Vec<f32> = (0..POINTS).map(|_| seed.range(0.66, 1.24)).collect();
    svg.flood(if to_dark { palette.paper } else { palette.night });
    draw_heart(svg, scene, centre, to_dark);
    let mut turn = 0.0;
    for sheet in 1..=SHEETS {
        let depth = sheet as f32 / SHEETS as f32;
        turn += seed.range(-0.14, 0.22);
        let offset = seed.unit();
        let radius = largest * (0.16 + 0.86 * depth.powf(1.1));
        let points: Vec<(f32, f32)> = (0..POINTS)
            .map(|i| {
                let angle = i as f32 / POINTS as f32 * TAU + turn;
                let own = shape[i] * seed.range(0.92, 1.08);
                let breath = 1.0 + 0.045 * scene.swing(offset + i as f32 * 0.23);
                let reach = radius * own * breath;
                (
                    centre.0 + reach * stretch.0.min(1.25) * angle.cos(),
                    centre.1 + reach * stretch.1.min(1.25) * angle.sin(),
                )
            })
            .collect();
        let opening = closed_curve(&points);
        let tone = if to_dark { palette.tone(depth) } else { palette.tone(1.0 - depth) };
        draw_sheet(svg, scene, &opening, tone);
    }
}

/// What lies at the bottom of the cut.
fn draw_heart(svg: &mut Svg, scene: &Scene, centre: (f32, f32), to_dark: bool) {
    let radius = scene.short_side() * (0.095 + 0.006 * scene.swing(0.0));
    let accent = scene.palette.accent;
    let ground = if to_dark { scene.palette.paper } else { scene.palette.night };
    svg.circle(centre.0, centre.1, radius, accent.set_off_from(ground, 1.3));
}

/// A sheet with its opening, and the shadow it throws into it.
fn draw_sheet(svg: &mut Svg, scene: &Scene, opening: &str, tone: super::super::colour::Rgb) {
    let (w, h) = (scene.width, scene.height);
    for (stroke, drop, opacity) in [(34.0, 11.0, 0.10), (13.0, 6.0, 0.16)] {
        svg.add(format!(
            r##"<path d="{opening}" fill="none" stroke="#000" stroke-width="{stroke}" stroke-opacity="{opacity}" transform="translate({:.1} {drop})"/>"##,
            drop * 0.6
        ));
    }
    svg.add(format!(
        r#"<path d="M-9 -9H{:.0}V{:.0}H-9Z{opening}" fill="{tone}" fill-rule="evenodd"/>"#,
        w + 9.0,
        h + 9.0
    ));
    svg.add(format!(
        r#"<path d="{opening}" fill="none" stroke="{}" stroke-width="2.2" stroke-opacity="0.55"/>"#,
        tone.lighter(0.4)
    ));
}
