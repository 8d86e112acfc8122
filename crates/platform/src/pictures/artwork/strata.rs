//! A low sun cut into bands over mountains, and its light on water.

use super::super::seed::Seed;
use super::super::svg::{Svg, polygon};
use super::Scene;

pub fn draw(svg: &mut Svg, scene: &Scene) {
    let mut seed = scene.seed.clone();
    let (w, h) = (scene.width, scene.height);
    let palette = scene.palette;
    let horizon = h * seed.range(0.58, 0.68);
    let sky = svg.gradient(
        (0.0, 0.0),
        (0.0, horizon),
        &[
            (0.0, palette.night, 1.0),
            (0.55, palette.tone(0.62), 1.0),
            (1.0, palette.tone(0.12), 1.0),
        ],
    );
    svg.rect(0.0, 0.0, w, horizon, sky);
    draw_stars(svg, scene, &mut seed, horizon);
    let radius = scene.short_side() * seed.range(0.24, 0.32);
    let sun_x = w * seed.range(0.34, 0.66);
    let sun_y = horizon - radius * seed.range(0.42, 0.72);
    draw_sun(svg, scene, (sun_x, sun_y), radius);
    for (depth, tall) in [(0.55, 0.20), (0.8, 0.12)] {
        draw_mountains(svg, scene, &mut seed, horizon, depth, tall);
    }
    draw_water(svg, scene, &mut seed, horizon, (sun_x, radius));
}

fn draw_stars(svg: &mut Svg, scene: &Scene, seed: &mut Seed, horizon: f32) {
    for _ in 0..46 {
        let (x, y) = (seed.range(0.0, scene.width), seed.range(0.0, horizon * 0.55));
        let (size, offset) = (seed.range(0.7, 1.9), seed.unit());
        svg.circle_faint(x, y, size, scene.palette.paper, 0.5 + 0.4 * scene.swing(offset));
    }
}

/// The disc, its lower half cut by gaps that widen downwards and sink through it.
fn draw_sun(svg: &mut Svg, scene: &Scene, at: (f32, f32), radius: f32) {
    let palette = scene.palette;
    let (x, y) = at;
    let glow =
        svg.glow(at, radius * 1.9, &[(0.45, palette.accent, 0.5), (1.0, palette.accent, 0.0)]);
    svg.circle(x, y, radius * 1.9, glow);
    let disc = svg.gradient(
        (0.0, y - radius),
        (0.0, y + radius),
        &[(0.0, palette.paper, 1.0), (0.55, palette.accent, 1.0), (1.0, palette.ramp[1], 1.0)],
    );
    // Slices are drawn one by one as chords of the circle.
    let half = |dy: f32| (radius * radius - dy * dy).max(0.0).sqrt();
    let gaps = 7.0;
    let mut edges = vec![-radius];
    for i in 0..7 {
        let share = (i as f32 + scene.phase) / gaps;
        let middle = radius * (-0.35 + 1.35 * share);
        let gap = radius * 0.085 * share.max(0.0).powf(0.8);
        edges.extend([middle - gap, middle + gap]);
    }
    edges.push(radius);
    for slice in edges.chunks(2) {
        let [from, to] = slice else { continue };
        let (from, to) = (from.clamp(-radius, radius), to.clamp(-radius, radius));
        let (above, below) = (half(from), half(to));
        let chords = format!(
            "M{:.2} {:.2}H{:.2}A{radius:.2} {radius:.2} 0 0 1 {:.2} {:.2}H{:.2}A{radius:.2} {radius:.2} 0 0 1 {:.2} {:.2}Z",
            x - above,
            y + from,
            x + above,
            x + below,
            y + to,
            x - below,
            x - above,
            y + from,
        );
        svg.path(&chords, &disc);
    }
}

/// Peaks with a lit and a shaded face.
fn draw_mountains(
    svg: &mut Svg,
    scene: &Scene,
    seed: &mut Seed,
    horizon: f32,
    depth: f32,
    tall: f32,
) {
    let tone = scene.palette.tone(depth);
    let mut x = -seed.range(40.0, 160.0);
    while x < scene.width + 60.0 {
        let wide = seed.range(180.0, 360.0);
        let peak = (
            x + wide * seed.range(0.4, 0.6),
            horizon - scene.height * tall * seed.range(0.45, 1.0),
        );
        svg.path(&polygon(&[(x, horizon), peak, (x + wide, horizon)]), tone);
        let fold = (peak.0 - wide * 0.06, peak.1 + (horizon - peak.1) * 0.5);
        svg.path(
            &polygon(&[peak, (x + wide, horizon), (peak.0 + wide * 0.04, horizon), fold]),
            tone.mix(scene.palette.night, 0.42),
        );
        x += wide * seed.range(0.45, 0.7);
    }
}

fn draw_water(svg: &mut Svg, scene: &Scene, seed: &mut Seed, horizon: f32, sun: (f32, f32)) {
    let palette = scene.palette;
    let (w, h) = (scene.width, scene.height);
    let water = svg.gradient(
        (0.0, horizon),
        (0.0, h),
        &[(0.0, palette.tone(0.6), 1.0), (1.0, palette.night, 1.0)],
    );
    svg.rect(0.0, horizon, w, h - horizon, water);
    let rows = 24;
    for row in 0..rows {
        let near = (row as f32 + 0.5) / rows as f32;
        let y = horizon + (h - horizon) * near.powf(1.35);
        let thick = 1.6 + 6.5 * near;
        let bars = 2 + seed.index(3);
        for bar in 0..bars {
            let (spread, offset) = (seed.range(-1.0, 1.0), seed.unit());
            let long = sun.1 * seed.range(0.25, 0.9) * (1.05 - 0.5 * near);
            let reach = sun.1 * (0.5 + 0.55 * near);
            let x = sun.0 + spread * reach + scene.swing(offset) * 16.0;
            let tone = if bar == 0 { palette.accent } else { palette.ramp[1] };
            svg.add(format!(
                r#"<rect x="{:.1}" y="{y:.1}" width="{long:.1}" height="{thick:.1}" rx="{:.1}" fill="{tone}" fill-opacity="{:.2}"/>"#,
                x - long / 2.0,
                thick / 2.0,
                0.92 - 0.5 * near,
            ));
        }
    }
}
