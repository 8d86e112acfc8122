//! The theme's colours, LOOK §2: the only place in the app where they are numbers.

use plotters::style::RGBColor;
use serde::{Deserialize, Serialize};
use specta::Type;

/// A theme that charts are drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ChartTheme {
    Light,
    Dark,
}

/// The tokens that charts use.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    /// The page behind the picture.
    pub canvas: RGBColor,
    /// Hairlines of the grid.
    pub line: RGBColor,
    /// The base line.
    pub control: RGBColor,
    /// Labels of the axes.
    pub text_3: RGBColor,
    /// Live: ink.
    pub accent: RGBColor,
    /// Test: pencil.
    pub test: RGBColor,
    /// Refused calls.
    pub danger: RGBColor,
}

const LIGHT: Palette = Palette {
    canvas: RGBColor(0xfd, 0xfd, 0xfe),
    line: RGBColor(0xdf, 0xe2, 0xe4),
    control: RGBColor(0x81, 0x89, 0x8e),
    text_3: RGBColor(0x61, 0x69, 0x6e),
    accent: RGBColor(0x00, 0x5f, 0x92),
    test: RGBColor(0x5c, 0x65, 0x6a),
    danger: RGBColor(0xba, 0x2b, 0x28),
};

const DARK: Palette = Palette {
    canvas: RGBColor(0x15, 0x18, 0x1a),
    line: RGBColor(0x29, 0x2c, 0x2f),
    control: RGBColor(0x72, 0x7a, 0x7f),
    text_3: RGBColor(0x96, 0x9c, 0xa1),
    accent: RGBColor(0x6f, 0xc0, 0xf0),
    test: RGBColor(0x9f, 0xa6, 0xaa),
    danger: RGBColor(0xf5, 0x83, 0x7c),
};

impl ChartTheme {
    /// The theme's tokens.
    #[must_use]
    pub const fn palette(self) -> &'static Palette {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
        }
    }

    /// `canvas`: what a window is filled with before its page has painted.
    #[must_use]
    pub const fn canvas(self) -> (u8, u8, u8) {
        let RGBColor(red, green, blue) = self.palette().canvas;
        (red, green, blue)
    }
}
