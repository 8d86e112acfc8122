//! Colours as 8-bit sRGB, and the arithmetic a legible picture needs.

use std::fmt;

/// An sRGB colour. Displays as `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    pub const WHITE: Rgb = Rgb(255, 255, 255);
    pub const BLACK: Rgb = Rgb(0, 0, 0);
    /// Text on light grounds.
    pub const INK: Rgb = Rgb(0x02, 0x03, 0x04);
    /// Text on dark grounds.
    pub const CHALK: Rgb = Rgb::WHITE;

    /// Reads `#RRGGBB`, in either case; anything else is `None`.
    pub fn from_hex(text: &str) -> Option<Rgb> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let value = u32::from_str_radix(digits, 16).ok()?;
        let [_, r, g, b] = value.to_be_bytes();
        Some(Rgb(r, g, b))
    }

    /// A colour written as `0xRRGGBB` in a table.
    pub(super) const fn hex(value: u32) -> Rgb {
        let [_, r, g, b] = value.to_be_bytes();
        Rgb(r, g, b)
    }

    /// The colour `share` of the way to `other`: 0 is `self`, 1 is `other`.
    pub fn mix(self, other: Rgb, share: f32) -> Rgb {
        let share = share.clamp(0.0, 1.0);
        let channel = |a: u8, b: u8| {
            let (a, b) = (f32::from(a), f32::from(b));
            (a + (b - a) * share).round() as u8
        };
        Rgb(channel(self.0, other.0), channel(self.1, other.1), channel(self.2, other.2))
    }

    pub fn lighter(self, share: f32) -> Rgb {
        self.mix(Rgb::WHITE, share)
    }

    pub fn darker(self, share: f32) -> Rgb {
        self.mix(Rgb::BLACK, share)
    }

    /// Relative luminance, WCAG 2.2.
    pub fn luminance(self) -> f32 {
        let linear = |channel: u8| {
            let c = f32::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// Contrast ratio, WCAG 2.2: 1 to 21.
    pub fn contrast(self, other: Rgb) -> f32 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The ink or chalk that reads better on this ground; at least 4.5 on any.
    pub fn text_on(self) -> Rgb {
        if self.contrast(Rgb::CHALK) >= self.contrast(Rgb::INK) { Rgb::CHALK } else { Rgb::INK }
    }

    /// The colour itself where it stands out from `ground` by `least`, else the nearest tint or shade of it that does.
    pub fn set_off_from(self, ground: Rgb, least: f32) -> Rgb {
        let towards = ground.text_on();
        (0..=10)
            .map(|step| self.mix(towards, step as f32 / 10.0))
            .find(|colour| colour.contrast(ground) >= least)
            .unwrap_or(towards)
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}
