//! Inside a stadium, at three hours of the day.

use super::super::super::colour::Rgb;
use super::super::super::svg::{Stop, Svg, polygon};
use super::super::Sheet;

/// What the hour changes about a stadium.
struct Hour {
    /// From the zenith to the roof of the stand.
    sky: [Stop; 3],
    roof: Rgb,
    stand: (Rgb, Rgb),
    /// Lights and shirts in the crowd; the club's colours are added.
    crowd: [Rgb; 2],
    grass: (Rgb, Rgb),
}

pub fn draw_night(svg: &mut Svg, sheet: &Sheet) {
    let tint = |base: u32, share: f32| Rgb::hex(base).mix(sheet.primary, share);
    let hour = Hour {
        sky: [
            (0.0, tint(0x04070f, 0.04), 1.0),
            (0.6, tint(0x0c1a33, 0.16), 1.0),
            (1.0, tint(0x274673, 0.30), 1.0),
        ],
        roof: Rgb::hex(0x060a12),
        stand: (tint(0x1b2c4a, 0.14), tint(0x070c16, 0.04)),
        crowd: [Rgb::hex(0xffe9b8), Rgb::hex(0x8fb4e8)],
        grass: (Rgb::hex(0x1f6b3a), Rgb::hex(0x185a30)),
    };
    draw_ground(svg, sheet, &hour);
    draw_floodlights(svg, sheet, Rgb::hex(0xeaf4ff));
    draw_haze(svg, sheet);
}

pub fn draw_day(svg: &mut Svg, sheet: &Sheet) {
    let hour = Hour {
        sky: [
            (0.0, Rgb::hex(0x0f5fae), 1.0),
            (0.6, Rgb::hex(0x4a9fdc), 1.0),
            (1.0, Rgb::hex(0xcdeafb), 1.0),
        ],
        roof: Rgb::hex(0x2b3846),
        stand: (Rgb::hex(0x70869a), Rgb::hex(0x33424f)),
        crowd: [Rgb::hex(0xf6f1e4), Rgb::hex(0xf0b27a)],
        grass: (Rgb::hex(0x4fae52), Rgb::hex(0x43a049)),
    };
    let roof = draw_sky(svg, sheet, &hour);
    draw_clouds(svg, sheet, roof);
    draw_bowl(svg, sheet, &hour, roof);
    draw_grass(svg, sheet, &hour);
}

pub fn draw_golden_hour(svg: &mut Svg, sheet: &Sheet) {
    let hour = Hour {
        sky: [
            (0.0, Rgb::hex(0x2b1b4f), 1.0),
            (0.55, Rgb::hex(0xd8506a), 1.0),
            (1.0, Rgb::hex(0xffc46b), 1.0),
        ],
        roof: Rgb::hex(0x1d1024),
        stand: (Rgb::hex(0x6a2f4e), Rgb::hex(0x1f1226)),
        crowd: [Rgb::hex(0xffd98f), Rgb::hex(0xff9d7a)],
        grass: (Rgb::hex(0x5d6b2d), Rgb::hex(0x4b5a28)),
    };
    let roof = draw_sky(svg, sheet, &hour);
    let (x, y) = (sheet.width * 0.5, roof - 30.0);
    let sun = Rgb::hex(0xfff0c2);
    for (radius, opacity) in [(480.0, 0.55), (290.0, 0.5)] {
        let glow = svg.glow((x, y), radius, &[(0.0, sun, opacity), (1.0, sun, 0.0)]);
        svg.circle(x, y, radius, glow);
    }
    svg.circle(x, y, 178.0, sun);
    for i in 0..7 {
        let band = Rgb::hex(0xe9697a).mix(Rgb::hex(0x47265c), i as f32 / 7.0);
        let top = roof - 470.0 + i as f32 * 52.0;
        let long = sheet.width * (0.34 + 0.1 * ((i * 5 % 7) as f32 / 7.0));
        let left = if i % 2 == 0 { -60.0 } else { sheet.width - long + 60.0 };
        svg.add(format!(
            r#"<rect x="{left:.0}" y="{top:.0}" width="{long:.0}" height="16" rx="8" fill="{band}" fill-opacity="0.5"/>"#
        ));
    }
    draw_bowl(svg, sheet, &hour, roof);
    draw_grass(svg, sheet, &hour);
}

fn draw_ground(svg: &mut Svg, sheet: &Sheet, hour: &Hour) {
    let roof = draw_sky(svg, sheet, hour);
    draw_bowl(svg, sheet, hour, roof);
    draw_grass(svg, sheet, hour);
}

/// Returns where the roof of the stand meets the sky.
fn draw_sky(svg: &mut Svg, sheet: &Sheet, hour: &Hour) -> f32 {
    let roof = roof_line(sheet);
    let sky = svg.gradient((0.0, 0.0), (0.0, roof + 60.0), &hour.sky);
    svg.rect(0.0, 0.0, sheet.width, roof + 60.0, sky);
    roof
}

fn roof_line(sheet: &Sheet) -> f32 {
    sheet.plate_top() - 436.0
}

/// How far the bowl's rims bend: up at the sides of the picture, down in its middle.
const SAG: f32 = 46.0;

/// The roof's edge at a share of the picture's width.
fn roof_at(sheet: &Sheet, share: f32) -> f32 {
    roof_line(sheet) - SAG + 4.0 * SAG * share * (1.0 - share)
}

/// Two tiers of seats under a roof, as the inside of a bowl: lowest in the middle.
fn draw_bowl(svg: &mut Svg, sheet: &Sheet, hour: &Hour, roof: f32) {
    let (w, grass) = (sheet.width, sheet.plate_top() - 60.0);
    let rim = |y: f32, sag: f32, thick: f32| {
        format!(
            "M0 {:.1}Q{:.1} {:.1} {w:.1} {:.1}V{:.1}Q{:.1} {:.1} 0 {:.1}Z",
            y - sag,
            w / 2.0,
            y + sag,
            y - sag,
            y - sag + thick,
            w / 2.0,
            y + sag + thick,
            y - sag + thick,
        )
    };
    // The upper tier lies under the roof, the lower one in the light of the pitch.
    let balcony = roof + (grass - roof) * 0.52;
    let shade = |light: f32| hour.stand.1.mix(hour.stand.0, light);
    svg.path(&rim(roof, SAG, grass - roof + 70.0), shade(0.3));
    svg.path(&rim(balcony, 30.0, grass - balcony + 50.0), shade(0.75));
    draw_crowd(svg, sheet, hour, (roof + 66.0, grass));
    svg.path(&rim(roof, SAG, 54.0), hour.roof);
    svg.path(&rim(roof + 54.0, SAG, 4.0), sheet.foil.light());
    // The balcony between the tiers carries the club's colours.
    svg.path(&rim(balcony, 30.0, 34.0), sheet.primary.darker(0.25));
    svg.path(&rim(balcony + 34.0, 30.0, 6.0), sheet.trim.darker(0.2));
    svg.path(&rim(balcony + 40.0, 30.0, 30.0), hour.stand.1);
}

fn draw_crowd(svg: &mut Svg, sheet: &Sheet, hour: &Hour, rows: (f32, f32)) {
    let mut seed = sheet.seed.clone();
    let colours = [hour.crowd[0], hour.crowd[1], sheet.primary.lighter(0.25), sheet.trim];
    let count = (sheet.width * 0.42) as usize;
    for colour in colours {
        let mut data = String::with_capacity(count * 32);
        for _ in 0..count {
            let x = seed.range(0.0, sheet.width);
            // Nearer rows are denser and larger.
            let depth = seed.unit().sqrt();
            let bend = (x / sheet.width - 0.5).abs() * 2.0;
            let y = rows.0 + (rows.1 - rows.0) * depth - 40.0 * bend * bend;
            let size = 2.4 + 3.4 * depth;
            data.push_str(&format!("M{x:.0} {y:.0}h{size:.1}v{size:.1}h-{size:.1}z"));
        }
        svg.add(format!(r#"<path d="{data}" fill="{colour}" fill-opacity="0.5"/>"#));
    }
}

/// Mown stripes running to a vanishing point, with a line of paint.
fn draw_grass(svg: &mut Svg, sheet: &Sheet, hour: &Hour) {
    let (w, top, bottom) = (sheet.width, sheet.plate_top() - 76.0, sheet.scenery_bottom());
    svg.rect(0.0, top, w, bottom - top, hour.grass.0);
    let data: String = (-9..9)
        .step_by(2)
        .map(|i| {
            let at = |i: i32, spread: f32| w / 2.0 + i as f32 * spread;
            polygon(&[
                (at(i, 90.0), top),
                (at(i + 1, 90.0), top),
                (at(i + 1, 130.0), bottom),
                (at(i, 130.0), bottom),
            ])
        })
        .collect();
    svg.path(&data, hour.grass.1);
    svg.add(format!(
        r##"<path d="M0 {:.0}H{w}v5H0Z" fill="#fff" fill-opacity="0.7"/>"##,
        top + 26.0
    ));
}

/// Banks of lamps along the roof of the stand, and their beams onto the pitch.
fn draw_floodlights(svg: &mut Svg, sheet: &Sheet, light: Rgb) {
    let banks = [0.055, 0.145, 0.235, 0.765, 0.855, 0.945];
    let at = |share: f32| (sheet.width * share, roof_at(sheet, share) + 6.0);
    for share in banks {
        let (x, y) = at(share);
        let towards = sheet.centre() + (share - 0.5) * sheet.width * 0.2;
        let foot = (towards, sheet.plate_top() + 20.0);
        let beam = svg.gradient((x, y), foot, &[(0.0, light, 0.24), (1.0, light, 0.0)]);
        let beam_shape = polygon(&[
            (x - 24.0, y),
            (x + 24.0, y),
            (foot.0 + 105.0, foot.1),
            (foot.0 - 105.0, foot.1),
        ]);
        svg.path(&beam_shape, beam);
    }
    for share in banks {
        draw_bank(svg, at(share), light);
    }
}

/// Eight lamps in two rows, with the glare around them.
fn draw_bank(svg: &mut Svg, at: (f32, f32), light: Rgb) {
    let (x, y) = at;
    let glare =
        svg.glow((x, y), 84.0, &[(0.0, light, 0.85), (0.25, light, 0.32), (1.0, light, 0.0)]);
    svg.circle(x, y, 84.0, glare);
    for lamp in 0..8 {
        let (row, column) = (lamp / 4, lamp % 4);
        svg.circle(x - 24.0 + column as f32 * 16.0, y - 7.0 + row as f32 * 15.0, 6.2, Rgb::WHITE);
    }
}

/// Haze over the lower stand.
fn draw_haze(svg: &mut Svg, sheet: &Sheet) {
    let (top, bottom) = (sheet.plate_top() - 190.0, sheet.plate_top() - 60.0);
    let tone = sheet.primary.lighter(0.45);
    let haze = svg.gradient((0.0, top), (0.0, bottom), &[(0.0, tone, 0.0), (1.0, tone, 0.22)]);
    svg.rect(0.0, top, sheet.width, bottom - top, haze);
}

fn draw_clouds(svg: &mut Svg, sheet: &Sheet, roof: f32) {
    let mut seed = sheet.seed.clone();
    for i in 0..6 {
        let x = sheet.width * (i as f32 + seed.range(0.0, 0.9)) / 6.0;
        let y = seed.range(60.0, (roof - 140.0).max(200.0));
        let long = seed.range(160.0, 330.0);
        let mut data = String::new();
        for puff in 0..5 {
            let share = puff as f32 / 4.0;
            let radius = long * 0.2 * (1.0 - (share - 0.45).abs()) + 8.0;
            data.push_str(&format!(
                "M{:.0} {y:.0}a{radius:.0} {radius:.0} 0 0 1 {:.0} 0z",
                x + long * share - radius,
                radius * 2.0
            ));
        }
        svg.add(format!(r##"<path d="{data}" fill="#fff" fill-opacity="0.62"/>"##));
    }
}
