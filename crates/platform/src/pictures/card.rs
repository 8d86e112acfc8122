//! A football player's collector card: backdrop, foil frame, the player from behind in the club's colours, rating, position, name.
//!
//! Drawn on a sheet of 1024 × 1280 units; other shapes extend one side of the sheet, so lengths below are the same for every size.

mod backdrop;
mod figure;
mod foil;
mod ghost;
mod kit;
mod lettering;
mod pennant;
mod pitch_map;
mod plate;

use super::colour::Rgb;
use super::fonts::Fonts;
use super::seed::Seed;
use super::svg::Svg;
use super::{Picture, PictureError, raster};

use foil::Foil;
use lettering::capitals;

/// What a card shows. Any text and any colours are accepted; see [`Card::LEAST_SIDE`] for the size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The player's name. Where the bundled fonts lack a letter of it, the number stands in its place.
    pub name: String,
    /// A position's short form, such as `ST`; known ones are spelled out and shown on the pitch map.
    pub position: String,
    /// The number on the shirt.
    pub number: u8,
    /// Skill level, 1–99. Decides the foil.
    pub rating: u8,
    /// The shirt, the plate and the pennant.
    pub primary: Rgb,
    /// The shirt's pattern and the trim.
    pub secondary: Rgb,
    /// A scene such as `stadium_night`; an unknown one is read for words it knows, then drawn as a stadium at night.
    pub theme: String,
    /// Pixels, 512–2048.
    pub width: u32,
    /// Pixels, 512–2048.
    pub height: u32,
}

/// The themes that have a scene of their own.
#[cfg(test)]
pub(super) use backdrop::names as backdrop_names;

impl Card {
    pub const DEFAULT_WIDTH: u32 = 1024;
    pub const DEFAULT_HEIGHT: u32 = 1280;
    pub const DEFAULT_PRIMARY: Rgb = Rgb::hex(0x0b3d91);
    pub const DEFAULT_SECONDARY: Rgb = Rgb::hex(0xf2c14e);
    pub const DEFAULT_THEME: &'static str = "stadium_night";
    /// The smallest and largest side in pixels.
    pub const LEAST_SIDE: u32 = 512;
    pub const MOST_SIDE: u32 = 2048;

    /// Draws the card as PNG. Fails with [`PictureError::Size`] for a side out of range.
    pub fn render(&self, fonts: &Fonts) -> Result<Picture, PictureError> {
        let sides = Self::LEAST_SIDE..=Self::MOST_SIDE;
        if !sides.contains(&self.width) || !sides.contains(&self.height) {
            return Err(PictureError::Size {
                width: self.width,
                height: self.height,
                least: Self::LEAST_SIDE,
                most: Self::MOST_SIDE,
            });
        }
        raster::png(self.draw(fonts), self.width, self.height, fonts)
    }

    fn draw(&self, fonts: &Fonts) -> Svg {
        let sheet = Sheet::of(self, fonts);
        let mut svg = Svg::new(sheet.width, sheet.height);
        backdrop::draw(&mut svg, &sheet, &self.theme);
        foil::draw_halo(&mut svg, &sheet);
        ghost::draw(&mut svg, &sheet);
        figure::draw(&mut svg, &sheet);
        foil::draw_sheen(&mut svg, &sheet);
        plate::draw(&mut svg, &sheet);
        pennant::draw(&mut svg, &sheet);
        pitch_map::draw(&mut svg, &sheet);
        foil::draw_frame(&mut svg, &sheet);
        svg
    }
}

/// The card laid out: what its parts need to draw themselves.
struct Sheet<'a> {
    card: &'a Card,
    fonts: &'a Fonts,
    width: f32,
    height: f32,
    primary: Rgb,
    /// The secondary colour, moved away from the primary where the two cannot be told apart.
    trim: Rgb,
    foil: Foil,
    /// Variety that belongs to the player.
    seed: Seed,
}

impl<'a> Sheet<'a> {
    fn of(card: &'a Card, fonts: &'a Fonts) -> Sheet<'a> {
        let unit = (card.width as f32 / 1024.0).min(card.height as f32 / 1280.0);
        let number = card.number.to_string();
        Sheet {
            card,
            fonts,
            width: card.width as f32 / unit,
            height: card.height as f32 / unit,
            primary: card.primary,
            trim: card.secondary.set_off_from(card.primary, 1.35),
            foil: Foil::for_rating(card.rating),
            seed: Seed::of(&["card", &card.name, &number, &card.position]),
        }
    }

    /// The player's name in capitals, whole or not at all: a part of it would be somebody else's.
    fn name(&self) -> String {
        if self.fonts.can_write(&self.card.name) {
            capitals(&self.card.name, self.fonts)
        } else {
            String::new()
        }
    }

    fn centre(&self) -> f32 {
        self.width / 2.0
    }

    /// Where the name plate begins; the figure is cut off just below it.
    fn plate_top(&self) -> f32 {
        self.height - 328.0
    }

    /// Nothing of the backdrop shows below this: soft paint costs by the pixel.
    fn scenery_bottom(&self) -> f32 {
        self.plate_top() + 40.0
    }

    /// Fills the part of the card that the backdrop can be seen in.
    fn flood(&self, svg: &mut Svg, paint: impl std::fmt::Display) {
        svg.rect(0.0, 0.0, self.width, self.scenery_bottom(), paint);
    }
}
