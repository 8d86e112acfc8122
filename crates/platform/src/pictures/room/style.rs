//! The styles a room can be staged in, and the kinds of rooms.

use super::grade::Grade;
use crate::pictures::Rgb;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal, $label:literal;)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($variant),* }

        impl $name {
            /// Every one, by the word that requests use.
            pub const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),*];

            /// The words that requests use.
            #[must_use]
            pub fn words() -> Vec<&'static str> {
                Self::ALL.iter().map(|(word, _)| *word).collect()
            }

            /// The one behind a word.
            #[must_use]
            pub fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, found)| *found)
            }

            /// As a caption writes it.
            pub(super) const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),* }
            }
        }
    };
}

words! {
    /// How a room is staged.
    Style {
        Modern = "modern", "Modern";
        Scandinavian = "scandinavian", "Scandinavian";
        Minimalist = "minimalist", "Minimalist";
        MidCentury = "mid_century", "Mid-century modern";
        Industrial = "industrial", "Industrial";
        Farmhouse = "farmhouse", "Farmhouse";
        Coastal = "coastal", "Coastal";
        Bohemian = "bohemian", "Bohemian";
        Traditional = "traditional", "Traditional";
        Luxury = "luxury", "Luxury";
    }
}

words! {
    /// What a room is for.
    RoomType {
        LivingRoom = "living_room", "Living room";
        Bedroom = "bedroom", "Bedroom";
        Kitchen = "kitchen", "Kitchen";
        DiningRoom = "dining_room", "Dining room";
        Bathroom = "bathroom", "Bathroom";
        HomeOffice = "home_office", "Home office";
        KidsRoom = "kids_room", "Kids’ room";
        Hallway = "hallway", "Hallway";
        Outdoor = "outdoor", "Outdoor";
    }
}

impl Style {
    /// The colour of its caption's bar.
    pub(super) const fn accent(self) -> Rgb {
        match self {
            Self::Modern => Rgb::hex(0x4f9dde),
            Self::Scandinavian => Rgb::hex(0xa9c4cf),
            Self::Minimalist => Rgb::hex(0xe4e1da),
            Self::MidCentury => Rgb::hex(0xe08a2e),
            Self::Industrial => Rgb::hex(0xb7613a),
            Self::Farmhouse => Rgb::hex(0x93a878),
            Self::Coastal => Rgb::hex(0x53b7c4),
            Self::Bohemian => Rgb::hex(0xd4694f),
            Self::Traditional => Rgb::hex(0xb9925a),
            Self::Luxury => Rgb::hex(0xd8b45c),
        }
    }

    /// How its photos look.
    pub(super) const fn grade(self) -> Grade {
        const PLAIN: Grade = Grade::PLAIN;
        const fn tone(colour: u32, share: f32) -> (Rgb, f32) {
            (Rgb::hex(colour), share)
        }
        match self {
            Self::Modern => Grade {
                exposure: 0.10,
                temperature: -0.10,
                contrast: 0.26,
                clarity: 0.30,
                saturation: 1.04,
                shadows: tone(0x16304c, 0.16),
                lights: tone(0xf4f8ff, 0.10),
                vignette: 0.16,
                ..PLAIN
            },
            Self::Scandinavian => Grade {
                exposure: 0.34,
                temperature: -0.14,
                contrast: -0.06,
                fade: 0.05,
                saturation: 0.74,
                shadows: tone(0x8c9aa6, 0.16),
                lights: tone(0xf8fbff, 0.22),
                glow: 0.16,
                ..PLAIN
            },
            Self::Minimalist => Grade {
                exposure: 0.30,
                contrast: 0.04,
                fade: 0.04,
                saturation: 0.46,
                lights: tone(0xfffdf8, 0.20),
                glow: 0.12,
                ..PLAIN
            },
            Self::MidCentury => Grade {
                exposure: 0.06,
                temperature: 0.34,
                contrast: 0.16,
                fade: 0.035,
                saturation: 1.14,
                shadows: tone(0x0f4a4a, 0.24),
                lights: tone(0xffc878, 0.24),
                vignette: 0.22,
                ..PLAIN
            },
            Self::Industrial => Grade {
                exposure: -0.10,
                temperature: -0.04,
                contrast: 0.40,
                clarity: 0.62,
                saturation: 0.58,
                shadows: tone(0x1c2a30, 0.30),
                lights: tone(0xf0c9a2, 0.18),
                vignette: 0.40,
                ..PLAIN
            },
            Self::Farmhouse => Grade {
                exposure: 0.20,
                temperature: 0.24,
                contrast: 0.04,
                fade: 0.06,
                saturation: 0.88,
                shadows: tone(0x5a5540, 0.18),
                lights: tone(0xfff1d2, 0.26),
                glow: 0.10,
                vignette: 0.10,
                ..PLAIN
            },
            Self::Coastal => Grade {
                exposure: 0.28,
                temperature: -0.22,
                tint: -0.10,
                contrast: 0.08,
                saturation: 1.06,
                shadows: tone(0x2f7f8f, 0.24),
                lights: tone(0xfff8e6, 0.18),
                glow: 0.14,
                ..PLAIN
            },
            Self::Bohemian => Grade {
                exposure: 0.04,
                temperature: 0.46,
                tint: 0.10,
                contrast: 0.14,
                fade: 0.03,
                saturation: 1.26,
                shadows: tone(0x4a1f3a, 0.26),
                lights: tone(0xffbe8a, 0.24),
                vignette: 0.26,
                ..PLAIN
            },
            Self::Traditional => Grade {
                temperature: 0.28,
                contrast: 0.22,
                clarity: 0.16,
                saturation: 1.04,
                shadows: tone(0x3a2414, 0.28),
                lights: tone(0xffe2b0, 0.20),
                vignette: 0.28,
                ..PLAIN
            },
            Self::Luxury => Grade {
                exposure: -0.04,
                temperature: 0.16,
                contrast: 0.46,
                clarity: 0.34,
                saturation: 0.96,
                shadows: tone(0x120c1c, 0.34),
                lights: tone(0xffdf9c, 0.26),
                glow: 0.08,
                vignette: 0.44,
                ..PLAIN
            },
        }
    }
}
