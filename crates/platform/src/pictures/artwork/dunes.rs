//! Layered dunes under a sun: sharp crests, a lit side and a shaded one.

use std::f32::consts::PI;

use super::super::svg::{Svg, polygon};
use super::Scene;

const LAYERS: usize = 6;

/// One line of dunes: where it lies and how it is shaped.
struct Ridge {
    base: f32,
    lift: f32,
    waves: [(f32, f32); 2],
    drift: f32,
}

impl Ridge {
    /// Height of the crest at a share of the width.
    fn at(&self, x: f32) -> f32 {
        let x = x + self.drift;
        let crest =
            |(count, offset): (f32, f32)| 1.0 - (PI * (x * count + offset)).sin().abs().powf(1.25);
        self.base - self.lift * (0.72 * crest(self.waves[0]) + 0.28 * crest(self.waves[1]))
    }
}

pub fn draw(svg: &mut Svg, scene: &Scene) {
    let (w, h) = (scene.width, scene.height);
    let palette = scene.palette;
    let mut seed = scene.seed.clone();
    let dark = seed.chance(0.35);
    let (zenith, horizon) = if dark {
        (palette.night, palette.tone(0.55))
    } else {
        (palette.tone(0.15), palette.paper)
    };
    let sky = svg.gradient((0.0, 0.0), (0.0, h * 0.62), &[(0.0, zenith, 1.0), (1.0, horizon, 1.0)]);
    svg.rect(0.0, 0.0, w, h * 0.75, sky);
    let radius = scene.short_side() * seed.range(0.09, 0.16);
    let sun =
        (w * seed.range(0.22, 0.78), h * seed.range(0.24, 0.40) + scene.swing(0.0) * h * 0.014);
    for (ring, opacity) in [(2.9, 0.10), (2.1, 0.14), (1.5, 0.2)] {
        svg.circle_faint(sun.0, sun.1, radius * ring, palette.accent, opacity);
    }
    svg.circle(sun.0, sun.1, radius, palette.accent);
    // Narrow pictures show less of the landscape, not a denser one.
    let wide = (w / 1000.0).max(0.45);
    for layer in 0..LAYERS {
        let depth = layer as f32 / (LAYERS - 1) as f32;
        let sway = seed.unit();
        let ridge = Ridge {
            base: h * (0.56 + 0.42 * depth.powf(1.15)),
            lift: h * (0.10 + 0.10 * depth),
            waves: [
                (seed.range(0.9, 1.8) * wide + 0.5 * (1.0 - depth), seed.unit()),
                (seed.range(2.2, 3.4) * wide, seed.unit()),
            ],
            drift: 0.012 * (1.0 + 1.6 * depth) * scene.swing(sway),
        };
        draw_ridge(svg, scene, &ridge, depth, dark);
    }
}

fn draw_ridge(svg: &mut Svg, scene: &Scene, ridge: &Ridge, depth: f32, dark: bool) {
    let (w, h) = (scene.width, scene.height);
    let palette = scene.palette;
    let tone = palette.tone(if dark { 0.45 + 0.5 * depth } else { 0.08 + 0.8 * depth });
    let steps = 150;
    let crest: Vec<(f32, f32)> = (0..=steps)
        .map(|i| {
            let x = i as f32 / steps as f32;
            (x * w, ridge.at(x))
        })
        .collect();
    let mut body = crest.clone();
    body.extend([(w, h), (0.0, h)]);
    let sand = svg.gradient(
        (0.0, ridge.base - ridge.lift),
        (0.0, ridge.base + h * 0.2),
        &[(0.0, tone.lighter(0.14), 1.0), (1.0, tone, 1.0)],
    );
    svg.path(&polygon(&body), sand);
    // The lee side: everything that falls away to the right, deeper where it falls more steeply.
    let lee = crest.iter().enumerate().rev().map(|(i, &(x, y))| {
        let next = crest.get(i + 1).map_or(y, |next| next.1);
        let before = crest[i.saturating_sub(1)].1;
        let fall = ((next - before) / w * 320.0).clamp(0.0, 1.0);
        (x, y + fall * ridge.lift * 1.1)
    });
    let mut shade = crest.clone();
    shade.extend(lee);
    svg.path(&polygon(&shade), tone.mix(palette.night, 0.26));
}
