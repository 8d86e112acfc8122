//! Palettes, chosen by eye: each holds together whichever composition takes it.

use super::super::colour::Rgb;
use super::super::seed::Seed;

#[derive(Debug, PartialEq, Eq)]
pub struct Palette {
    /// The lightest ground.
    pub paper: Rgb,
    /// From light to dark.
    pub ramp: [Rgb; 5],
    /// The one colour that stands out.
    pub accent: Rgb,
    /// The darkest ground.
    pub night: Rgb,
    /// Beginnings of words in a prompt that suggest this palette.
    words: &'static [&'static str],
}

impl Palette {
    /// One that the prompt's words suggest, or any. Variations walk through what there is to choose from.
    pub fn for_prompt(prompt: &str, variation: u32, seed: &mut Seed) -> &'static Palette {
        let prompt = prompt.to_lowercase();
        let spoken: Vec<&str> = prompt.split(|c: char| !c.is_alphanumeric()).collect();
        let suggested: Vec<&'static Palette> = PALETTES
            .iter()
            .filter(|palette| {
                let is_spoken = |word: &&str| spoken.iter().any(|said| said.starts_with(*word));
                palette.words.iter().any(is_spoken)
            })
            .collect();
        let any: Vec<&'static Palette> = PALETTES.iter().collect();
        let from = if suggested.is_empty() { any } else { suggested };
        let start = seed.index(from.len());
        from[(start + variation as usize) % from.len()]
    }

    /// The ramp as a continuous scale, 0 light to 1 dark.
    pub fn tone(&self, depth: f32) -> Rgb {
        let place = depth.clamp(0.0, 1.0) * 4.0;
        let step = (place as usize).min(3);
        self.ramp[step].mix(self.ramp[step + 1], place - step as f32)
    }

    /// The ramp and the accent.
    pub fn colours(&self) -> [Rgb; 6] {
        let [a, b, c, d, e] = self.ramp;
        [a, b, c, d, e, self.accent]
    }
}

const fn palette(
    [paper, accent, night]: [u32; 3],
    [a, b, c, d, e]: [u32; 5],
    words: &'static [&'static str],
) -> Palette {
    Palette {
        paper: Rgb::hex(paper),
        ramp: [Rgb::hex(a), Rgb::hex(b), Rgb::hex(c), Rgb::hex(d), Rgb::hex(e)],
        accent: Rgb::hex(accent),
        night: Rgb::hex(night),
        words,
    }
}

pub static PALETTES: [Palette; 12] = [
    palette(
        [0xf9ead3, 0xffd27d, 0x24122b],
        [0xf4c095, 0xee8c6b, 0xc8553d, 0x7d2e3c, 0x3b1c32],
        &["desert", "sunset", "warm", "fire", "autumn", "mars", "sand", "volcan", "red", "orange"],
    ),
    palette(
        [0xeaf4f4, 0xffb26b, 0x0a1a33],
        [0xbfe3e0, 0x6fc3c8, 0x2a8ca5, 0x1b5479, 0x102a4c],
        &["ocean", "sea", "water", "wave", "blue", "rain", "river", "lake", "fish", "whale"],
    ),
    palette(
        [0xf3efdc, 0xf4a259, 0x0f2424],
        [0xcfdcaa, 0x93b57a, 0x4f8a5b, 0x2a5d4e, 0x163a3a],
        &["forest", "tree", "green", "garden", "jungle", "leaf", "leaves", "nature", "grass"],
    ),
    palette(
        [0xfbe9ef, 0xffd08a, 0x171238],
        [0xf6b7c1, 0xd57ba6, 0x8f5aa8, 0x523a82, 0x2a2057],
        &["night", "dream", "purple", "violet", "city", "space", "galax", "moon", "star"],
    ),
    palette(
        [0xf3ead7, 0xd7263d, 0x1d1d2b],
        [0xf2c14e, 0xe4572e, 0x2e86ab, 0x1c4e80, 0x1d1d2b],
        &["bauhaus", "geometr", "retro", "poster", "football", "car", "modern"],
    ),
    palette(
        [0xf4f1ea, 0xd94032, 0x141417],
        [0xd9d4c7, 0xa8a398, 0x6d6a66, 0x3b3a3c, 0x1b1b1f],
        &["black", "white", "ink", "minimal", "noir", "shadow", "grey", "gray", "samurai"],
    ),
    palette(
        [0xfff8ee, 0xff7f6b, 0x1f3340],
        [0xffd9c7, 0xf7a9a8, 0x88c9a1, 0x4a9c8c, 0x2d5d6b],
        &["flower", "spring", "pink", "blossom", "love", "rose", "wedding"],
    ),
    palette(
        [0xf4fafd, 0xf7b28c, 0x14213d],
        [0xd6ecf5, 0xa5d3e6, 0x6ea4c9, 0x47719e, 0x29406b],
        &["snow", "ice", "winter", "mountain", "cold", "arctic", "sky", "cloud"],
    ),
    palette(
        [0xf6eedd, 0xe36414, 0x07191f],
        [0xf0d9a0, 0xd9a441, 0x1f7a78, 0x0f4c5c, 0x0b2b33],
        &["gold", "luxur", "king", "queen", "treasure", "dragon", "ancient"],
    ),
    palette(
        [0xfff4f0, 0xffbe0b, 0x241a52],
        [0xffc9de, 0xff8fab, 0x8ecae6, 0x5a6acf, 0x3b2e7e],
        &["candy", "fun", "party", "music", "cat", "dog", "happy", "child", "summer"],
    ),
    palette(
        [0xf2e8dc, 0x7f9c6b, 0x211c19],
        [0xe0c9a6, 0xc9975b, 0x9c6644, 0x5e4b3c, 0x2f2a26],
        &["earth", "coffee", "wood", "stone", "horse", "brown", "vintage", "house"],
    ),
    palette(
        [0xe8f6ef, 0xf9e871, 0x0f1233],
        [0xb8f2d8, 0x5ed6b3, 0x3a9bc1, 0x5a54a4, 0x2b2365],
        &["aurora", "magic", "cyber", "robot", "future", "neon", "alien", "crystal"],
    ),
];
