//! A grid of plain geometry: quarters, halves, leaves, stripes.

use super::super::colour::Rgb;
use super::super::seed::Seed;
use super::super::svg::Svg;
use super::Scene;

pub fn draw(svg: &mut Svg, scene: &Scene) {
    let mut seed = scene.seed.clone();
    let across = seed.pick([3.0, 4.0, 4.0, 5.0]);
    let cell = scene.short_side() / across;
    let (columns, rows) =
        ((scene.width / cell).ceil() as usize, (scene.height / cell).ceil() as usize);
    svg.flood(scene.palette.paper);
    // Cells that do not come out even are shared by both edges.
    let left = (scene.width - columns as f32 * cell) / 2.0;
    let top = (scene.height - rows as f32 * cell) / 2.0;
    for row in 0..rows {
        for column in 0..columns {
            let at = (left + column as f32 * cell, top + row as f32 * cell);
            draw_cell(svg, scene, &mut seed, at, cell);
        }
    }
}

fn draw_cell(svg: &mut Svg, scene: &Scene, seed: &mut Seed, at: (f32, f32), cell: f32) {
    let palette = scene.palette;
    let grounds = [
        palette.paper,
        palette.paper,
        palette.ramp[0],
        palette.ramp[1],
        palette.ramp[3],
        palette.night,
    ];
    let ground = seed.pick(grounds);
    let mut ink = || {
        let wanted = seed.pick(palette.colours());
        if wanted.contrast(ground) < 1.5 { wanted.set_off_from(ground, 2.2) } else { wanted }
    };
    let inks = [ink(), ink()];
    let motif = seed.index(MOTIFS.len());
    let turn = seed.index(4) as f32 * 90.0;
    let moves = seed.chance(0.45);
    let angle = turn + if moves { quarter_turns(scene.phase, seed.index(4)) } else { 0.0 };
    svg.rect(at.0, at.1, cell + 0.5, cell + 0.5, ground);
    let half = cell / 2.0;
    let place = format!(
        r#"transform="translate({:.2} {:.2}) rotate({angle:.2}) scale({:.4})""#,
        at.0 + half,
        at.1 + half,
        cell / 100.0
    );
    let draw = |svg: &mut Svg| svg.group(&place, |svg| MOTIFS[motif](svg, inks));
    if angle % 90.0 == 0.0 {
        draw(svg);
    } else {
        let clip = svg.clip(&format!("M{:.2} {:.2}h{cell:.2}v{cell:.2}h-{cell:.2}z", at.0, at.1));
        svg.group(&clip, draw);
    }
}

/// Four quarter turns a loop, each followed by a rest; `after` staggers the cells.
fn quarter_turns(phase: f32, after: usize) -> f32 {
    let beat = (phase * 4.0 + after as f32) % 4.0;
    let within = ((beat.fract() - 0.1) / 0.6).clamp(0.0, 1.0);
    90.0 * (beat.floor() + within * within * (3.0 - 2.0 * within))
}

/// Drawn in a box from -50 to 50.
type Motif = fn(&mut Svg, [Rgb; 2]);

const MOTIFS: [Motif; 10] = [
    |svg, [a, b]| {
        svg.path("M-50 -50H50A100 100 0 0 1 -50 50Z", a);
        svg.path("M-50 -50H0A50 50 0 0 1 -50 0Z", b);
    },
    |svg, [a, _]| svg.path("M-50 -50H50A100 100 0 0 1 -50 50Z", a),
    |svg, [a, b]| {
        svg.path("M-50 0A50 50 0 0 1 50 0Z", a);
        svg.path("M-50 50A50 50 0 0 1 50 50Z", b);
    },
    |svg, [a, b]| {
        svg.circle(0.0, 0.0, 50.0, a);
        svg.circle(0.0, 0.0, 20.0, b);
    },
    |svg, [a, _]| svg.path("M-50 -50A100 100 0 0 1 50 50A100 100 0 0 1 -50 -50Z", a),
    |svg, [a, b]| {
        svg.path("M-50 -50L50 50H-50Z", a);
        svg.circle(20.0, -20.0, 16.0, b);
    },
    |svg, [a, _]| {
        for i in 0..4 {
            svg.rect(-50.0, -50.0 + i as f32 * 25.0, 100.0, 12.5, a);
        }
    },
    |svg, [a, b]| {
        for (radius, ink) in [(100.0, a), (75.0, b), (50.0, a), (25.0, b)] {
            svg.path(&format!("M-50 -50H{0}A{radius} {radius} 0 0 1 -50 {0}Z", radius - 50.0), ink);
        }
    },
    |svg, [a, b]| {
        for i in 0..9 {
            let ink = if i % 2 == 0 { a } else { b };
            svg.circle((i % 3) as f32 * 32.0 - 32.0, (i / 3) as f32 * 32.0 - 32.0, 9.0, ink);
        }
    },
    |svg, [a, b]| {
        svg.path("M-50 -50H0A50 50 0 0 1 0 50H-50Z", a);
        svg.rect(-50.0, -50.0, 22.0, 100.0, b);
    },
];
