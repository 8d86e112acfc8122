//! Scenes that are no place: the pitch from above, space, shards, and the plain collector's ground.

use std::f32::consts::TAU;

use super::super::super::colour::Rgb;
use super::super::super::svg::{Svg, polygon};
use super::super::Sheet;

/// The pitch from above at dusk, with a trail of play across it.
pub fn draw_pitch(svg: &mut Svg, sheet: &Sheet) {
    let (w, h) = (sheet.width, sheet.height);
    sheet.flood(svg, Rgb::hex(0x23703c));
    for i in (0..((h / 92.0) as usize + 1)).step_by(2) {
        svg.rect(0.0, i as f32 * 92.0, w, 92.0, Rgb::hex(0x1d6335));
    }
    let (cx, cy) = (sheet.centre(), sheet.plate_top() - 300.0);
    let (left, right) = (cx - 480.0, cx + 480.0);
    svg.add(format!(
        r##"<path d="M{left} -80V{h}M{right} -80V{h}M0 {cy}H{w}M{:.0} {cy}a250 250 0 1 0 500 0a250 250 0 1 0 -500 0M{:.0} 0v150h420v-150" fill="none" stroke="#f4fff4" stroke-opacity="0.62" stroke-width="7"/>"##,
        cx - 250.0,
        cx - 210.0,
    ));
    let trail = sheet.trim.lighter(0.15);
    svg.add(format!(
        r#"<path d="M{:.0} {:.0}C{:.0} {:.0} {:.0} {:.0} {:.0} {:.0}" fill="none" stroke="{trail}" stroke-width="9" stroke-dasharray="4 24" stroke-linecap="round"/>"#,
        cx - 430.0, cy + 210.0, cx - 380.0, cy - 260.0, cx + 240.0, cy - 60.0, cx + 380.0, cy - 330.0,
    ));
    svg.path(
        &polygon(&[(cx + 408.0, cy - 368.0), (cx + 398.0, cy - 308.0), (cx + 352.0, cy - 340.0)]),
        trail,
    );
    let light = svg.glow(
        (cx, cy),
        h * 0.72,
        &[(0.0, Rgb::hex(0xe8ffd8), 0.32), (0.5, Rgb::BLACK, 0.12), (1.0, Rgb::BLACK, 0.66)],
    );
    sheet.flood(svg, light);
}

/// Nebulae in the club's colours, and stars.
pub fn draw_galaxy(svg: &mut Svg, sheet: &Sheet) {
    let (w, h) = (sheet.width, sheet.height);
    let mut seed = sheet.seed.clone();
    let night = svg.gradient(
        (0.0, 0.0),
        (w, h),
        &[
            (0.0, Rgb::hex(0x070816), 1.0),
            (0.5, Rgb::hex(0x131538), 1.0),
            (1.0, Rgb::hex(0x06050f), 1.0),
        ],
    );
    sheet.flood(svg, night);
    let clouds = [
        sheet.primary.set_off_from(Rgb::hex(0x0b0d22), 2.2),
        Rgb::hex(0x7a4dff),
        sheet.trim,
        Rgb::hex(0x1fb5d8),
    ];
    for i in 0..8 {
        let along = i as f32 / 7.0;
        let x = w * along + seed.range(-120.0, 120.0);
        let y = h * (0.62 - 0.5 * along) + seed.range(-120.0, 120.0);
        let radius = seed.range(180.0, 300.0);
        let tone = clouds[i % clouds.len()];
        let cloud =
            svg.glow((x, y), radius, &[(0.0, tone, 0.5), (0.5, tone, 0.18), (1.0, tone, 0.0)]);
        svg.circle(x, y, radius, cloud);
    }
    for (count, size, opacity) in [(260, 1.3, 0.6), (90, 2.2, 0.85), (16, 3.4, 1.0)] {
        let data: String = (0..count)
            .map(|_| {
                let (x, y) = (seed.range(0.0, w), seed.range(0.0, h));
                format!(
                    "M{:.1} {y:.1}a{size} {size} 0 1 0 {} 0a{size} {size} 0 1 0 -{} 0z",
                    x - size,
                    size * 2.0,
                    size * 2.0
                )
            })
            .collect();
        svg.add(format!(r##"<path d="{data}" fill="#fff" fill-opacity="{opacity}"/>"##));
    }
    for _ in 0..5 {
        let (x, y, reach) =
            (seed.range(60.0, w - 60.0), seed.range(60.0, h * 0.6), seed.range(16.0, 34.0));
        svg.add(format!(
            r##"<path d="M{x:.0} {:.0}Q{x:.0} {y:.0} {:.0} {y:.0}Q{x:.0} {y:.0} {x:.0} {:.0}Q{x:.0} {y:.0} {:.0} {y:.0}Q{x:.0} {y:.0} {x:.0} {:.0}Z" fill="#fff"/>"##,
            y - reach, x + reach, y + reach, x - reach, y - reach,
        ));
    }
}

/// Splinters flying outwards from behind the player.
pub fn draw_shards(svg: &mut Svg, sheet: &Sheet) {
    let (w, h) = (sheet.width, sheet.height);
    let (cx, cy) = (sheet.centre(), sheet.plate_top() - 400.0);
    let mut seed = sheet.seed.clone();
    let dark = Rgb::hex(0x0a0c12);
    let ground = svg.glow(
        (cx, cy),
        h * 0.8,
        &[
            (0.0, sheet.primary.mix(dark, 0.35), 1.0),
            (0.6, sheet.primary.mix(dark, 0.78), 1.0),
            (1.0, dark, 1.0),
        ],
    );
    sheet.flood(svg, ground);
    let tones = [
        sheet.primary.set_off_from(dark, 1.8),
        sheet.trim,
        sheet.primary.lighter(0.35),
        sheet.primary.darker(0.4),
        sheet.foil.light(),
    ];
    let reach = w.hypot(h) * 0.62;
    for i in 0..64 {
        let angle = (i as f32 + seed.range(-0.4, 0.4)) / 64.0 * TAU;
        let from = seed.range(170.0, 420.0);
        let to = (from + seed.range(120.0, 520.0)).min(reach);
        let half = seed.range(0.012, 0.05);
        let at = |r: f32, a: f32| (cx + r * a.cos(), cy + r * a.sin());
        let tone = tones[seed.index(tones.len())];
        let opacity = seed.range(0.25, 0.85);
        let middle = from + (to - from) * seed.range(0.3, 0.7);
        for (side, shade) in [(half, tone), (-half, tone.darker(0.35))] {
            let half_shard = polygon(&[at(from, angle), at(middle, angle + side), at(to, angle)]);
            svg.add(format!(
                r#"<path d="{half_shard}" fill="{shade}" fill-opacity="{opacity:.2}"/>"#
            ));
        }
    }
}

/// A plain ground in the club's colour under engraved rosettes, as on a certificate.
pub fn draw_classic(svg: &mut Svg, sheet: &Sheet) {
    let h = sheet.height;
    let (cx, cy) = (sheet.centre(), sheet.plate_top() - 400.0);
    let base = sheet.primary.mix(Rgb::hex(0x10141b), 0.42);
    let ground = svg.glow(
        (cx, cy),
        h * 0.75,
        &[
            (0.0, base.lighter(0.2), 1.0),
            (0.55, base.darker(0.3), 1.0),
            (1.0, base.darker(0.75), 1.0),
        ],
    );
    sheet.flood(svg, ground);
    let line = sheet.foil.light();
    for (petals, inner, outer, opacity) in [(12.0, 300.0, 520.0, 0.36), (18.0, 430.0, 640.0, 0.24)]
    {
        let mut data = String::new();
        for turn in 0..5 {
            let shift = turn as f32 / 5.0 * TAU / petals;
            for step in 0..=180 {
                let angle = step as f32 / 180.0 * TAU;
                let swing = ((angle + shift) * petals).sin() * 0.5 + 0.5;
                let radius = inner + (outer - inner) * swing;
                let command = if step == 0 { 'M' } else { 'L' };
                data.push_str(&format!(
                    "{command}{:.0} {:.0}",
                    cx + radius * angle.cos(),
                    cy + radius * angle.sin()
                ));
            }
        }
        svg.add(format!(
            r#"<path d="{data}" fill="none" stroke="{line}" stroke-opacity="{opacity}" stroke-width="1.6"/>"#
        ));
    }
}
