//! Bodies on rings around a sun that stands off centre.

use std::f32::consts::TAU;

use super::super::colour::Rgb;
use super::super::seed::Seed;
use super::super::svg::Svg;
use super::Scene;

pub fn draw(svg: &mut Svg, scene: &Scene) {
    let mut seed = scene.seed.clone();
    let (w, h) = (scene.width, scene.height);
    let palette = scene.palette;
    let dark = seed.chance(0.7);
    let (ground, line) =
        if dark { (palette.night, palette.ramp[0]) } else { (palette.paper, palette.ramp[4]) };
    let centre = (w * seed.range(0.28, 0.72), h * seed.range(0.3, 0.7));
    let wash = svg.glow(
        centre,
        w.hypot(h) * 0.62,
        &[(0.0, ground.mix(palette.tone(0.6), 0.34), 1.0), (1.0, ground, 1.0)],
    );
    svg.flood(wash);
    for _ in 0..90 {
        let (x, y, size) = (seed.range(0.0, w), seed.range(0.0, h), seed.range(0.6, 2.0));
        svg.circle_faint(x, y, size, line, 0.55);
    }
    let sun = scene.short_side() * seed.range(0.075, 0.12);
    let mut radius = sun * 1.75;
    let mut ring = 0;
    while radius < w.hypot(h) * 0.62 {
        draw_ring(svg, scene, &mut seed, centre, radius, ring, line);
        radius += scene.short_side() * seed.range(0.05, 0.115);
        ring += 1;
    }
    for (grow, opacity) in [(1.7, 0.13), (1.32, 0.22)] {
        svg.circle_faint(centre.0, centre.1, sun * grow, palette.accent, opacity);
    }
    svg.circle(centre.0, centre.1, sun, palette.accent);
    svg.circle_faint(centre.0 - sun * 0.2, centre.1 - sun * 0.2, sun * 0.62, palette.paper, 0.35);
}

fn draw_ring(
    svg: &mut Svg,
    scene: &Scene,
    seed: &mut Seed,
    centre: (f32, f32),
    radius: f32,
    ring: usize,
    line: Rgb,
) {
    let around = TAU * radius;
    let turn = if ring.is_multiple_of(2) { 1.0 } else { -1.0 };
    let angle = 360.0 * (seed.unit() + turn * scene.phase);
    let circle = |paint: Rgb, attributes: String| {
        format!(
            r#"<circle cx="{:.1}" cy="{:.1}" r="{radius:.1}" fill="none" stroke="{paint}" {attributes}/>"#,
            centre.0, centre.1
        )
    };
    svg.add(circle(line, r#"stroke-width="1.4" stroke-opacity="0.45""#.into()));
    // The line is the ground's opposite: what cannot be told from the ground moves towards it.
    let ground =
        if line == scene.palette.ramp[0] { scene.palette.night } else { scene.palette.paper };
    let tone = seed.pick(scene.palette.colours()).set_off_from(ground, 1.9);
    if seed.chance(0.5) {
        let (share, wide) = (seed.range(0.08, 0.36), seed.range(5.0, 17.0));
        svg.add(circle(
            tone,
            format!(
                r#"stroke-width="{wide:.1}" stroke-linecap="round" stroke-dasharray="{:.1} {:.1}" transform="rotate({angle:.2} {:.1} {:.1})""#,
                around * share,
                around * (1.0 - share),
                centre.0,
                centre.1,
            ),
        ));
    }
    let bodies = 1 + seed.index(2);
    for _ in 0..bodies {
        let at = (angle.to_radians()) + seed.range(0.0, TAU);
        let size = scene.short_side() * seed.range(0.010, 0.046);
        let tone = seed.pick(scene.palette.colours()).set_off_from(ground, 1.9);
        let ringed = seed.chance(0.2);
        let (x, y) = (centre.0 + radius * at.cos(), centre.1 + radius * at.sin());
        draw_body(svg, scene, (x, y), size, tone, at);
        if ringed {
            svg.add(format!(
                r#"<ellipse cx="{x:.1}" cy="{y:.1}" rx="{:.1}" ry="{:.1}" fill="none" stroke="{}" stroke-width="2.4" transform="rotate(-24 {x:.1} {y:.1})"/>"#,
                size * 1.9,
                size * 0.55,
                scene.palette.ramp[0],
            ));
        }
    }
}

/// A disc with its night side turned away from the sun.
fn draw_body(svg: &mut Svg, scene: &Scene, at: (f32, f32), size: f32, tone: Rgb, away: f32) {
    svg.circle(at.0, at.1, size, tone);
    let shade = tone.mix(scene.palette.night, 0.5);
    svg.add(format!(
        r#"<path d="M0 {size:.2}A{size:.2} {size:.2} 0 0 0 0 -{size:.2}A{:.2} {size:.2} 0 0 1 0 {size:.2}Z" fill="{shade}" transform="translate({:.2} {:.2}) rotate({:.1})"/>"#,
        size * 0.45,
        at.0,
        at.1,
        away.to_degrees(),
    ));
}
