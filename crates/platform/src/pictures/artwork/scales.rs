//! Overlapping fans, as on old textiles, coloured by slow weather that drifts across them.

use std::f32::consts::TAU;

use super::super::svg::Svg;
use super::Scene;

pub fn draw(svg: &mut Svg, scene: &Scene) {
    let mut seed = scene.seed.clone();
    let palette = scene.palette;
    let radius = scene.short_side() / seed.range(5.0, 8.0);
    let direction = seed.range(0.0, TAU);
    let (fine, coarse, offset) = (seed.range(1.2, 2.2), seed.range(0.5, 1.0), seed.unit());
    let rings = seed.pick([3, 4, 4]);
    svg.flood(palette.night);
    let weather = |x: f32, y: f32| {
        let (x, y) = (x / 1000.0, y / 1000.0);
        let along = x * direction.cos() + y * direction.sin();
        let across = y * direction.cos() - x * direction.sin();
        let first = (TAU * (along * coarse + offset) + 1.3 * (TAU * across * fine).sin()).sin();
        let second = (TAU * (across * fine * 0.7 - offset + scene.phase)).sin();
        // In steps, as yarns come in so many colours.
        ((0.5 + 0.34 * first + 0.2 * second).clamp(0.0, 1.0) * 12.0).round() / 12.0
    };
    let rows = (scene.height / (radius * 0.5)).ceil() as i32 + 3;
    let columns = (scene.width / (radius * 2.0)).ceil() as i32 + 2;
    for row in -1..rows {
        for column in -1..columns {
            let shift = if row % 2 == 0 { 0.0 } else { radius };
            let (x, y) = (column as f32 * radius * 2.0 + shift, row as f32 * radius * 0.5);
            let depth = weather(x, y);
            let spark = seed.chance(0.035);
            draw_fan(svg, scene, (x, y), radius, depth, spark, rings);
        }
    }
}

fn draw_fan(
    svg: &mut Svg,
    scene: &Scene,
    at: (f32, f32),
    radius: f32,
    depth: f32,
    spark: bool,
    rings: i32,
) {
    let palette = scene.palette;
    let edge = palette.tone(depth).mix(palette.night, 0.55);
    svg.path(&upper_half(at, radius), edge);
    for ring in 0..rings {
        let share = ring as f32 / rings as f32;
        let tone = if spark && ring >= rings / 2 {
            palette.accent
        } else if ring % 2 == 0 {
            palette.tone(depth)
        } else {
            palette.tone(depth).mix(palette.paper, 0.42 - 0.2 * depth)
        };
        svg.path(&upper_half(at, radius * (0.93 - 0.82 * share)), tone);
    }
}

/// The lower half of a fan lies under the rows below it.
fn upper_half(at: (f32, f32), radius: f32) -> String {
    let (x, y) = at;
    format!("M{:.2} {y:.2}A{radius:.2} {radius:.2} 0 0 1 {:.2} {y:.2}Z", x - radius, x + radius)
}
