//! The metal of the card: frame, halo and sheen. Its tone tells the rating from across a room.

use super::super::colour::Rgb;
use super::super::svg::{Svg, chamfered, polygon};
use super::Sheet;

/// Distance of the frame from the edge.
pub const MARGIN: f32 = 34.0;
const CUT: f32 = 46.0;

/// A tone of metal from its light to its shadow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foil {
    tones: [Rgb; 5],
    /// Diamonds set into the top of the frame.
    grade: u8,
}

const BRONZE: Foil = Foil {
    tones: [
        Rgb::hex(0xf6d2b0),
        Rgb::hex(0xb9764a),
        Rgb::hex(0xeab98d),
        Rgb::hex(0x8a4f2b),
        Rgb::hex(0xd9a074),
    ],
    grade: 1,
};
const SILVER: Foil = Foil {
    tones: [
        Rgb::hex(0xffffff),
        Rgb::hex(0x9aa7b4),
        Rgb::hex(0xe6edf3),
        Rgb::hex(0x6d7a88),
        Rgb::hex(0xc9d3dc),
    ],
    grade: 2,
};
const GOLD: Foil = Foil {
    tones: [
        Rgb::hex(0xfff3c4),
        Rgb::hex(0xd9a441),
        Rgb::hex(0xffe08a),
        Rgb::hex(0x9c6a1c),
        Rgb::hex(0xf3cb68),
    ],
    grade: 3,
};
const PLATINUM: Foil = Foil {
    tones: [
        Rgb::hex(0xf4fbff),
        Rgb::hex(0x7fb4d8),
        Rgb::hex(0xd8f1ff),
        Rgb::hex(0x4b6f9e),
        Rgb::hex(0xb4dcf2),
    ],
    grade: 4,
};
const PRISM: Foil = Foil {
    tones: [
        Rgb::hex(0xfff0b8),
        Rgb::hex(0xff9ec4),
        Rgb::hex(0xb9a2ff),
        Rgb::hex(0x7fd8ff),
        Rgb::hex(0xa9f5c6),
    ],
    grade: 5,
};

impl Foil {
    pub fn for_rating(rating: u8) -> Foil {
        match rating {
            0..=59 => BRONZE,
            60..=74 => SILVER,
            75..=84 => GOLD,
            85..=91 => PLATINUM,
            _ => PRISM,
        }
    }

    /// The tone that stands for the whole metal.
    pub fn light(self) -> Rgb {
        self.tones[0].mix(self.tones[2], 0.5)
    }

    /// The metal as a paint, brushed from one point to another.
    pub fn paint(self, svg: &mut Svg, from: (f32, f32), to: (f32, f32)) -> String {
        let stops: Vec<_> = self
            .tones
            .iter()
            .chain([&self.tones[0]])
            .enumerate()
            .map(|(i, tone)| (i as f32 / 5.0, *tone, 1.0))
            .collect();
        svg.gradient(from, to, &stops)
    }
}

/// Light behind the player: a glow, and rays that fade before the edge.
pub fn draw_halo(svg: &mut Svg, sheet: &Sheet) {
    let centre = (sheet.centre(), sheet.plate_top() - 420.0);
    let light = sheet.foil.light();
    let rays =
        svg.glow(centre, 720.0, &[(0.0, light, 0.30), (0.45, light, 0.12), (1.0, light, 0.0)]);
    let mut data = String::new();
    for ray in 0..13 {
        // Upwards and to both sides: the player stands in front of the others.
        let angle = std::f32::consts::PI * (0.94 + 1.12 * (ray as f32 + 0.25) / 12.5);
        let half = 0.035 + 0.03 * ((ray * 7 % 5) as f32 / 5.0);
        let tip = |a: f32| (centre.0 + 700.0 * a.cos(), centre.1 + 700.0 * a.sin());
        data.push_str(&polygon(&[centre, tip(angle - half), tip(angle + half)]));
    }
    svg.path(&data, rays);
    let glow = svg.glow(centre, 360.0, &[(0.0, light, 0.5), (1.0, light, 0.0)]);
    svg.circle(centre.0, centre.1, 360.0, glow);
}

/// Bands of reflected light across the card.
pub fn draw_sheen(svg: &mut Svg, sheet: &Sheet) {
    let height = sheet.height * 0.62;
    for (left, wide, opacity) in [(0.26, 120.0, 0.16), (0.44, 40.0, 0.12)] {
        let x = sheet.width * left;
        let lean = height * 0.42;
        let paint = svg.gradient(
            (0.0, 0.0),
            (0.0, height),
            &[(0.0, Rgb::WHITE, opacity), (1.0, Rgb::WHITE, 0.0)],
        );
        svg.path(
            &polygon(&[
                (x + lean * 0.5, 0.0),
                (x + wide + lean * 0.5, 0.0),
                (x + wide - lean * 0.5, height),
                (x - lean * 0.5, height),
            ]),
            paint,
        );
    }
}

/// The frame: a dark bevel, a wide line of foil, a hairline inside it, and the grade set into its top.
pub fn draw_frame(svg: &mut Svg, sheet: &Sheet) {
    let (w, h) = (sheet.width, sheet.height);
    let metal = sheet.foil.paint(svg, (0.0, 0.0), (w, h));
    let border =
        |inset: f32, cut: f32| chamfered(inset, inset, w - 2.0 * inset, h - 2.0 * inset, cut);
    let sheet_edge = format!("M0 0H{w}V{h}H0Z");
    svg.add(format!(
        r##"<path d="{sheet_edge}{}" fill="#06080c" fill-rule="evenodd"/>"##,
        border(MARGIN, CUT)
    ));
    for (inset, cut, stroke, opacity) in [
        (MARGIN, CUT, 9.0, 1.0),
        (MARGIN + 15.0, CUT - 6.0, 2.5, 0.75),
        (MARGIN - 16.0, CUT + 7.0, 2.0, 0.45),
    ] {
        svg.add(format!(
            r#"<path d="{}" fill="none" stroke="{metal}" stroke-width="{stroke}" stroke-opacity="{opacity}"/>"#,
            border(inset, cut)
        ));
    }
    draw_grade(svg, sheet, &metal);
}

fn draw_grade(svg: &mut Svg, sheet: &Sheet, metal: &str) {
    let (x, y) = (sheet.centre(), MARGIN);
    let half = 40.0 + 20.0 * f32::from(sheet.foil.grade);
    let tab = polygon(&[
        (x - half - 26.0, y - 5.0),
        (x + half + 26.0, y - 5.0),
        (x + half, y + 42.0),
        (x - half, y + 42.0),
    ]);
    svg.add(format!(r##"<path d="{tab}" fill="#06080c" stroke="{metal}" stroke-width="3"/>"##));
    for i in 0..sheet.foil.grade {
        let cx = x + (f32::from(i) - f32::from(sheet.foil.grade - 1) / 2.0) * 36.0;
        let cy = y + 18.0;
        let gem = polygon(&[(cx, cy - 13.0), (cx + 11.0, cy), (cx, cy + 13.0), (cx - 11.0, cy)]);
        svg.path(&gem, sheet.foil.light());
        let facet = polygon(&[(cx, cy - 13.0), (cx + 11.0, cy), (cx, cy)]);
        svg.path(&facet, Rgb::WHITE);
    }
}
