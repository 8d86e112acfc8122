//! Tall plants with two-toned leaves before a disc.

use super::super::colour::Rgb;
use super::super::seed::Seed;
use super::super::svg::Svg;
use super::Scene;

pub fn draw(svg: &mut Svg, scene: &Scene) {
    let mut seed = scene.seed.clone();
    let (w, h) = (scene.width, scene.height);
    let palette = scene.palette;
    let dark = seed.chance(0.4);
    let ground = if dark { palette.night } else { palette.paper };
    svg.flood(ground);
    let radius = scene.short_side() * seed.range(0.26, 0.38);
    let disc = (w * seed.range(0.3, 0.7), h * seed.range(0.30, 0.46));
    svg.circle(disc.0, disc.1, radius, palette.accent);
    svg.circle_faint(disc.0, disc.1, radius * 1.22, palette.accent, 0.22);
    let stems = (w / scene.short_side() * 7.0).round() as usize + seed.index(3);
    for stem in 0..stems {
        let back = stem < stems / 2;
        let share = (stem as f32 * 0.618 + seed.range(0.0, 0.12)).fract();
        let x = w * (0.04 + 0.92 * share);
        let tall = h * if back { seed.range(0.55, 0.86) } else { seed.range(0.32, 0.62) };
        let tones = [seed.index(5), seed.index(5)].map(|i| palette.ramp[i]);
        let tones = tones.map(|tone| {
            if tone.contrast(ground) < 1.3 { tone.set_off_from(ground, 1.8) } else { tone }
        });
        draw_plant(svg, scene, &mut seed, (x, h + 20.0), tall, tones);
    }
    let soil = palette.tone(if dark { 0.75 } else { 0.95 });
    svg.path(
        &format!(
            "M0 {h}V{:.1}Q{:.1} {:.1} {w} {:.1}V{h}Z",
            h * 0.955,
            w * 0.4,
            h * 0.91,
            h * 0.965
        ),
        soil,
    );
}

fn draw_plant(
    svg: &mut Svg,
    scene: &Scene,
    seed: &mut Seed,
    foot: (f32, f32),
    tall: f32,
    tones: [Rgb; 2],
) {
    let offset = seed.unit();
    let lean = seed.range(-0.22, 0.22) * tall + scene.swing(offset) * tall * 0.045;
    let kind = seed.index(3);
    let pairs = 4 + seed.index(5);
    let size = tall * seed.range(0.15, 0.24);
    // A point of the stem, and the stem's direction there in degrees from upright.
    let at = |t: f32| {
        (foot.0 + lean * t * t, foot.1 - tall * t, (2.0 * lean * t / tall).atan().to_degrees())
    };
    let tip = at(1.0);
    let stem = tones[0].mix(scene.palette.night, 0.35);
    svg.add(format!(
        r#"<path d="M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}" fill="none" stroke="{stem}" stroke-width="{:.1}" stroke-linecap="round"/>"#,
        foot.0,
        foot.1,
        foot.0,
        foot.1 - tall * 0.5,
        tip.0,
        tip.1,
        3.0 + tall * 0.006,
    ));
    for pair in 0..pairs {
        let t = 0.22 + 0.74 * pair as f32 / pairs as f32;
        let (x, y, direction) = at(t);
        let long = size * (1.25 - 0.75 * t);
        let flutter = scene.swing(offset + t * 0.35) * 4.0;
        for side in [-1.0, 1.0] {
            let open = side * (62.0 - 26.0 * t) + direction + flutter;
            draw_leaf(svg, (x, y), long, open, kind, tones);
        }
    }
    draw_leaf(svg, (tip.0, tip.1), size * 0.75, tip.2, kind, tones);
}

/// A leaf from its foot, turned by degrees from upright; one half lighter than the other.
fn draw_leaf(svg: &mut Svg, at: (f32, f32), long: f32, turn: f32, kind: usize, tones: [Rgb; 2]) {
    let place = format!(
        r#"transform="translate({:.1} {:.1}) rotate({turn:.1}) scale({:.4})""#,
        at.0,
        at.1,
        long / 100.0
    );
    let (left, right) = match kind {
        0 => ("M0 0C-38 -28 -34 -72 0 -100Z", "M0 0C38 -28 34 -72 0 -100Z"),
        1 => ("M0 0C-20 -30 -18 -80 0 -112Z", "M0 0C20 -30 18 -80 0 -112Z"),
        _ => ("M0 -14A43 43 0 0 0 0 -100Z", "M0 -14A43 43 0 0 1 0 -100Z"),
    };
    svg.group(&place, |svg| {
        svg.path(left, tones[0]);
        svg.path(right, tones[0].mix(tones[1], 0.55).darker(0.06));
    });
}
