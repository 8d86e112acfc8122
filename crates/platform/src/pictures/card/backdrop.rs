//! The scene behind the player. A theme is a name; a name nobody knows is searched for words that suggest a scene.

mod abstracts;
mod stadium;
mod street;

use super::super::svg::Svg;
use super::Sheet;

type Draw = fn(&mut Svg, &Sheet);

struct Scene {
    name: &'static str,
    /// Parts of theme names that mean this scene.
    words: &'static [&'static str],
    draw: Draw,
}

/// The first scene is the default. A scene is found by its words in this order, so the narrower words come first.
const SCENES: [Scene; 9] = [
    Scene {
        name: "stadium_night",
        words: &["night", "floodlight", "evening"],
        draw: stadium::draw_night,
    },
    Scene {
        name: "golden_hour",
        words: &["sunset", "sunrise", "dusk", "dawn", "golden_hour", "summer", "beach"],
        draw: stadium::draw_golden_hour,
    },
    Scene {
        name: "tunnel",
        words: &["tunnel", "locker", "dressing", "corridor", "indoor"],
        draw: street::draw_tunnel,
    },
    Scene {
        name: "neon_city",
        words: &["neon", "city", "street", "urban", "cyber", "retro", "80s"],
        draw: street::draw_neon_city,
    },
    Scene {
        name: "training_pitch",
        words: &["pitch", "grass", "training", "field", "tactic", "park"],
        draw: abstracts::draw_pitch,
    },
    Scene {
        name: "galaxy",
        words: &["galaxy", "space", "star", "cosmic", "aurora", "champion"],
        draw: abstracts::draw_galaxy,
    },
    Scene {
        name: "shards",
        words: &["shard", "abstract", "geometric", "crystal", "ice", "fire", "flame", "smoke"],
        draw: abstracts::draw_shards,
    },
    Scene {
        name: "classic",
        words: &["classic", "plain", "minimal", "simple", "studio", "vintage", "gold", "paper"],
        draw: abstracts::draw_classic,
    },
    Scene {
        name: "stadium_day",
        words: &["day", "sunny", "sun", "sky", "morning", "stadium_light"],
        draw: stadium::draw_day,
    },
];

pub fn draw(svg: &mut Svg, sheet: &Sheet, theme: &str) {
    (find(theme).draw)(svg, sheet);
}

fn find(theme: &str) -> &'static Scene {
    let theme = theme.to_lowercase().replace([' ', '-'], "_");
    let named = SCENES.iter().find(|scene| scene.name == theme);
    let suggested =
        || SCENES.iter().find(|scene| scene.words.iter().any(|word| theme.contains(word)));
    named.or_else(suggested).unwrap_or(&SCENES[0])
}

/// The names of all scenes.
#[cfg(test)]
pub fn names() -> impl Iterator<Item = &'static str> {
    SCENES.iter().map(|scene| scene.name)
}
