//! Built places: the players' tunnel, and a city at night.

use super::super::super::colour::Rgb;
use super::super::super::svg::{Svg, polygon};
use super::super::Sheet;

/// A corridor of lit frames towards the bright mouth of the pitch.
pub fn draw_tunnel(svg: &mut Svg, sheet: &Sheet) {
    let (w, h) = (sheet.width, sheet.height);
    let (cx, cy) = (sheet.centre(), sheet.plate_top() - 380.0);
    sheet.flood(svg, Rgb::hex(0x07090e));
    let portal = |depth: f32| {
        // Nearer frames grow geometrically, as they do in perspective.
        let grow = 1.34_f32.powf(depth);
        (330.0 * grow, 300.0 * grow)
    };
    let light = sheet.primary.set_off_from(Rgb::hex(0x07090e), 3.0);
    for depth in (0..7).rev() {
        let (near, far) = (portal(depth as f32 + 1.0), portal(depth as f32));
        let shade = 0.16 + 0.62 * (1.0 - depth as f32 / 7.0);
        let wall = Rgb::hex(0x0c1018).mix(light, shade * 0.42);
        let corners = |(x, y): (f32, f32)| {
            [(cx - x, cy - y), (cx + x, cy - y), (cx + x, cy + y * 1.2), (cx - x, cy + y * 1.2)]
        };
        let (a, b) = (corners(near), corners(far));
        let faces = [
            (wall.darker(0.30), [a[0], a[1], b[1], b[0]]),
            (wall, [a[1], a[2], b[2], b[1]]),
            (wall.darker(0.45), [a[2], a[3], b[3], b[2]]),
            (wall.darker(0.08), [a[3], a[0], b[0], b[3]]),
        ];
        for (tone, face) in faces {
            svg.path(&polygon(&face), tone);
        }
        let tube = svg.gradient(
            (0.0, cy - far.1),
            (0.0, cy + far.1 * 1.2),
            &[(0.0, Rgb::WHITE, 0.95), (0.6, light.lighter(0.5), 0.6), (1.0, light, 0.1)],
        );
        svg.add(format!(
            r#"<path d="{}" fill="none" stroke="{tube}" stroke-width="{:.1}"/>"#,
            polygon(&b),
            4.0 + depth as f32 * 2.0
        ));
    }
    draw_mouth(svg, sheet, (cx, cy), portal(0.0));
    let floor = svg.gradient((0.0, cy + 200.0), (0.0, h), &[(0.0, light, 0.18), (1.0, light, 0.0)]);
    svg.rect(0.0, cy + 200.0, w, h - cy - 200.0, floor);
}

fn draw_mouth(svg: &mut Svg, sheet: &Sheet, at: (f32, f32), half: (f32, f32)) {
    let (left, top) = (at.0 - half.0, at.1 - half.1);
    let (wide, tall) = (half.0 * 2.0, half.1 * 2.2);
    let night = Rgb::hex(0x0e1a30).mix(sheet.primary, 0.3);
    let sky = svg.gradient(
        (0.0, top),
        (0.0, top + tall),
        &[
            (0.0, night.darker(0.35), 1.0),
            (0.38, night.lighter(0.30), 1.0),
            (0.52, sheet.foil.light(), 1.0),
            (0.525, Rgb::hex(0x3d8a4e), 1.0),
            (1.0, Rgb::hex(0x163f26), 1.0),
        ],
    );
    svg.rect(left, top, wide, tall, sky);
    let horizon = top + tall * 0.52;
    for lamp in 0..12 {
        let x = left + wide * (lamp as f32 + 0.5) / 12.0;
        let y = horizon - 120.0 - 60.0 * ((lamp as f32 - 5.5).abs() / 5.5).powi(2);
        svg.circle(x, y, 9.0, Rgb::WHITE);
    }
    let glow = svg.glow(
        (at.0, horizon),
        half.0 * 1.6,
        &[(0.0, Rgb::WHITE, 0.6), (0.4, Rgb::WHITE, 0.16), (1.0, Rgb::WHITE, 0.0)],
    );
    svg.circle(at.0, horizon, half.0 * 1.6, glow);
}

/// Towers with lit windows against a neon sky, over a grid of light.
pub fn draw_neon_city(svg: &mut Svg, sheet: &Sheet) {
    let (w, h) = (sheet.width, sheet.height);
    let horizon = sheet.plate_top() - 210.0;
    let (hot, cold) = (Rgb::hex(0xff3d9a), Rgb::hex(0x2de2ff));
    let sky = svg.gradient(
        (0.0, 0.0),
        (0.0, horizon),
        &[
            (0.0, Rgb::hex(0x0a0620), 1.0),
            (0.55, Rgb::hex(0x2b0f55), 1.0),
            (1.0, hot.mix(Rgb::hex(0x3b1270), 0.35), 1.0),
        ],
    );
    sheet.flood(svg, sky);
    draw_towers(svg, sheet, horizon);
    svg.rect(0.0, horizon, w, h - horizon, Rgb::hex(0x090418));
    let mut grid = String::new();
    for i in -14..=14 {
        grid.push_str(&format!(
            "M{:.0} {horizon:.0}L{:.0} {h:.0}",
            w / 2.0 + i as f32 * 46.0,
            w / 2.0 + i as f32 * 240.0
        ));
    }
    for i in 0..9 {
        let y = horizon + (h - horizon) * (i as f32 / 9.0).powf(1.9);
        grid.push_str(&format!("M0 {y:.0}H{w}"));
    }
    let lines = svg.gradient(
        (0.0, horizon),
        (0.0, h),
        &[(0.0, cold, 0.9), (0.5, hot, 0.6), (1.0, hot, 0.1)],
    );
    svg.add(format!(r#"<path d="{grid}" fill="none" stroke="{lines}" stroke-width="3"/>"#));
    let haze =
        svg.gradient((0.0, horizon - 190.0), (0.0, horizon), &[(0.0, hot, 0.0), (1.0, hot, 0.5)]);
    svg.rect(0.0, horizon - 190.0, w, 190.0, haze);
}

fn draw_towers(svg: &mut Svg, sheet: &Sheet, horizon: f32) {
    let mut seed = sheet.seed.clone();
    for (layer, tone) in [(0, 0x35186b), (1, 0x1d0d45), (2, 0x10072b)] {
        let tone = Rgb::hex(tone);
        let mut x = -seed.range(0.0, 60.0);
        let mut windows = String::new();
        while x < sheet.width {
            let wide = seed.range(64.0, 130.0);
            let tall = seed.range(240.0, 560.0) - layer as f32 * 70.0;
            svg.rect(x, horizon - tall, wide + 1.0, tall, tone);
            if seed.chance(0.4) {
                svg.rect(x + wide / 2.0 - 2.0, horizon - tall - 54.0, 4.0, 54.0, tone);
            }
            for row in 0..(tall / 24.0) as usize {
                for column in 0..(wide / 18.0) as usize {
                    if seed.chance(0.26) {
                        windows.push_str(&format!(
                            "M{:.0} {:.0}h8v10h-8z",
                            x + 8.0 + column as f32 * 18.0,
                            horizon - tall + 14.0 + row as f32 * 24.0
                        ));
                    }
                }
            }
            x += wide + seed.range(0.0, 26.0);
        }
        let lit = [sheet.trim.lighter(0.2), Rgb::hex(0xffd27a), Rgb::hex(0x7fe9ff)][layer];
        svg.add(format!(r#"<path d="{windows}" fill="{lit}" fill-opacity="0.62"/>"#));
    }
}
