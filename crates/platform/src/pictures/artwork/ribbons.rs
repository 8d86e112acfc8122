//! Bands of cloth flowing across, each folding over the next.

use std::f32::consts::TAU;

use super::super::svg::{Svg, curve};
use super::Scene;

pub fn draw(svg: &mut Svg, scene: &Scene) {
    let mut seed = scene.seed.clone();
    let (w, h) = (scene.width, scene.height);
    let long = w.hypot(h) * 1.06;
    let count = 11 + seed.index(7);
    let angle = seed.range(-42.0, 42.0);
    let swell = long * seed.range(0.05, 0.10);
    let (first, second) = (seed.range(0.7, 1.3), seed.range(1.5, 2.4));
    let (offset, shear) = (seed.unit(), seed.range(0.03, 0.11));
    let start = seed.index(6);
    let edge = |band: f32| -> Vec<(f32, f32)> {
        (0..=20)
            .map(|i| {
                let x = i as f32 / 20.0;
                let wave = (TAU * (x * first + offset + band * shear)).sin()
                    + 0.42 * (TAU * (x * second - band * shear * 1.7 + scene.phase)).sin()
                    + 0.25 * scene.swing(x * 0.8 + band * 0.06);
                ((x - 0.5) * long, (band / count as f32 - 0.5) * long + swell * wave)
            })
            .collect()
    };
    let colours = scene.palette.colours();
    let ground = if seed.chance(0.5) { scene.palette.night } else { scene.palette.paper };
    svg.flood(ground);
    let place =
        format!(r#"transform="translate({:.1} {:.1}) rotate({angle:.2})""#, w / 2.0, h / 2.0);
    svg.group(&place, |svg| {
        for band in -2..count as i32 + 2 {
            let upper = edge(band as f32);
            // Reaches below its own width: the next band lies on top.
            let mut lower = edge(band as f32 + 1.6);
            lower.reverse();
            let tone = colours[(start + (band + 2) as usize * 5) % 6];
            let line = curve(&upper);
            let body = format!("{line}L{}Z", curve(&lower).trim_start_matches('M'));
            svg.add(format!(
                r#"<path d="{line}" fill="none" stroke="{}" stroke-width="18" stroke-opacity="0.14"/>"#,
                scene.palette.night
            ));
            let lean = swell * 0.8;
            let cloth = svg.gradient(
                (-long * 0.4, -lean),
                (long * 0.4, lean),
                &[(0.0, tone.lighter(0.20), 1.0), (1.0, tone.mix(scene.palette.night, 0.22), 1.0)],
            );
            svg.path(&body, cloth);
            svg.add(format!(
                r#"<path d="{line}" fill="none" stroke="{}" stroke-width="2" stroke-opacity="0.5"/>"#,
                tone.lighter(0.5)
            ));
        }
    });
}
