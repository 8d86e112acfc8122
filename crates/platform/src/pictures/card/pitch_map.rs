//! The pitch at the top right, with the player's place on it.

use super::super::colour::Rgb;
use super::super::svg::Svg;
use super::Sheet;

const WIDTH: f32 = 132.0;
const HEIGHT: f32 = 188.0;
const TOP: f32 = 96.0;

struct Place {
    code: &'static str,
    name: &'static str,
    /// Shares of the pitch from the left and from the opponent's goal line.
    at: (f32, f32),
}

const fn place(code: &'static str, name: &'static str, x: f32, y: f32) -> Place {
    Place { code, name, at: (x, y) }
}

const PLACES: [Place; 13] = [
    place("ST", "STRIKER", 0.50, 0.15),
    place("CF", "CENTRE FORWARD", 0.50, 0.24),
    place("LW", "LEFT WINGER", 0.16, 0.22),
    place("RW", "RIGHT WINGER", 0.84, 0.22),
    place("CAM", "ATTACKING MIDFIELD", 0.50, 0.35),
    place("CM", "CENTRAL MIDFIELD", 0.50, 0.50),
    place("LM", "LEFT MIDFIELD", 0.16, 0.50),
    place("RM", "RIGHT MIDFIELD", 0.84, 0.50),
    place("CDM", "DEFENSIVE MIDFIELD", 0.50, 0.65),
    place("LB", "LEFT BACK", 0.16, 0.77),
    place("RB", "RIGHT BACK", 0.84, 0.77),
    place("CB", "CENTRE BACK", 0.50, 0.80),
    place("GK", "GOALKEEPER", 0.50, 0.93),
];

fn find(code: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.code.eq_ignore_ascii_case(code))
}

/// The position in words; an unknown one as it was given.
pub fn position_name(code: &str) -> &str {
    find(code).map_or(code, |place| place.name)
}

/// Nothing is drawn for a position without a known place.
pub fn draw(svg: &mut Svg, sheet: &Sheet) {
    let Some(place) = find(&sheet.card.position) else {
        return;
    };
    let left = sheet.width - 92.0 - WIDTH;
    draw_field(svg, left, sheet.foil.light());
    let (x, y) = (left + place.at.0 * WIDTH, TOP + place.at.1 * HEIGHT);
    let marker = sheet.primary.set_off_from(Rgb::hex(0x0a0e14), 3.0);
    let glow = svg.glow((x, y), 40.0, &[(0.0, marker, 0.8), (1.0, marker, 0.0)]);
    svg.circle(x, y, 40.0, glow);
    svg.circle(x, y, 13.0, Rgb::WHITE);
    svg.circle(x, y, 9.5, marker);
}

fn draw_field(svg: &mut Svg, left: f32, line: Rgb) {
    let (right, bottom) = (left + WIDTH, TOP + HEIGHT);
    let (middle, centre) = (left + WIDTH / 2.0, TOP + HEIGHT / 2.0);
    svg.add(format!(
        r##"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" rx="10" fill="#0a0e14" fill-opacity="0.72"/>"##,
        left - 16.0,
        TOP - 16.0,
        WIDTH + 32.0,
        HEIGHT + 32.0,
    ));
    let box_half = 34.0;
    let arcs = format!(
        "M{:.1} {TOP}v26h68v-26M{:.1} {bottom}v-26h68v26",
        middle - box_half,
        middle - box_half
    );
    svg.add(format!(
        r#"<path d="M{left} {TOP}H{right}V{bottom}H{left}ZM{left} {centre}H{right}M{:.1} {centre}a22 22 0 1 0 44 0a22 22 0 1 0 -44 0{arcs}" fill="none" stroke="{line}" stroke-opacity="0.62" stroke-width="2.5"/>"#,
        middle - 22.0,
    ));
}
