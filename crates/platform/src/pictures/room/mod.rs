//! Photos of rooms: staged in a style, enhanced to 4K, or with a product placed in them.
//!
//! | noun | what it makes of a photo |
//! |---|---|
//! | [`Staged`] | graded in the chosen style, with a caption |
//! | [`Enhanced`] | resampled to 3840 pixels across |
//! | [`Placed`] | with a product standing in the room |
//!
//! Photos are read from files, one at a time and within bounds (`photo`): what a few kilobytes
//! claim to unfold to is looked at before anything is unfolded.

mod caption;
mod grade;
mod photo;
mod pixels;
mod product;
mod style;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use image::RgbImage;

use super::{Fonts, Picture, PictureError};
use caption::Caption;
pub use photo::{PhotoError, measure};
pub use style::{RoomType, Style};

/// Pixels of the long side of what is staged or furnished; larger photos are reduced to it.
const LONG_SIDE: u32 = 2048;
/// Pixels across what is enhanced.
const ENHANCED_WIDTH: u32 = 3840;

/// What a picture is marked as beside its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    None,
    /// Made with a test key.
    Development,
}

/// A photo graded in a style, with a caption.
#[derive(Debug, Clone)]
pub struct Staged {
    pub photo: PathBuf,
    pub style: Style,
    pub room_type: RoomType,
    pub mark: Mark,
}

/// A photo resampled to 3840 pixels across, its shape kept.
#[derive(Debug, Clone)]
pub struct Enhanced {
    pub photo: PathBuf,
    pub mark: Mark,
}

/// A photo with a product in it; without a picture of one, an armchair.
#[derive(Debug, Clone)]
pub struct Placed {
    pub photo: PathBuf,
    pub product: Option<PathBuf>,
    pub mark: Mark,
}

impl Staged {
    /// # Errors
    /// [`PictureError::Photo`] where the photo cannot be worked on.
    pub fn render(&self, fonts: &Fonts) -> Result<Picture, PictureError> {
        let mut room = photo::read_within(&self.photo, LONG_SIDE)?;
        grade::apply(&mut room, &self.style.grade())?;
        let words = Some((self.style, self.room_type));
        finish(room, &Caption { words, mark: self.mark }, fonts)
    }
}

impl Enhanced {
    /// # Errors
    /// As [`Staged::render`].
    pub fn render(&self, fonts: &Fonts) -> Result<Picture, PictureError> {
        let room = photo::read(&self.photo)?;
        let (width, height) = room.dimensions();
        let tall = u64::from(height) * u64::from(ENHANCED_WIDTH) / u64::from(width);
        let tall = u32::try_from(tall.max(1)).unwrap_or(u32::MAX);
        let room = pixels::resample(room, ENHANCED_WIDTH, tall)?;
        finish(room, &Caption { words: None, mark: self.mark }, fonts)
    }
}

impl Placed {
    /// # Errors
    /// As [`Staged::render`].
    pub fn render(&self, fonts: &Fonts) -> Result<Picture, PictureError> {
        let mut room = photo::read_within(&self.photo, LONG_SIDE)?;
        let product = match &self.product {
            Some(path) => product::read(path)?,
            None => product::armchair(fonts)?,
        };
        product::place(&mut room, product)?;
        finish(room, &Caption { words: None, mark: self.mark }, fonts)
    }
}

fn finish(mut room: RgbImage, caption: &Caption, fonts: &Fonts) -> Result<Picture, PictureError> {
    caption.write_on(&mut room, fonts)?;
    pixels::jpeg(&room)
}
