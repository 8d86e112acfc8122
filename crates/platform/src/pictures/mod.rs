//! The built-in renderer: pictures drawn from a request, without a network and without the machine's fonts.
//!
//! | noun | what it is |
//! |---|---|
//! | [`Card`] | a collector card of a football player, PNG |
//! | [`Artwork`] | an abstract picture seeded by a prompt, PNG |
//! | [`Clip`] | a short looping animation seeded by a prompt, GIF |
//! | [`room`] | a photo of a room: staged, enhanced, or with a product in it, JPEG |
//! | [`Placeholder`] | the grey pencil drawing that stands for any of them in test mode, PNG |
//!
//! Every picture is a pure function of its fields: the same request draws the same bytes. A picture is an SVG document built
//! with `svg.rs`, parsed and painted by resvg. Rendering is CPU work of some tens of milliseconds: call it where blocking is allowed.
//!
//! To add a scene behind the cards, write its function under `card/backdrop` and name it in `card/backdrop.rs`; to add a composition
//! for artworks and clips, add a file under `artwork` and name it in `artwork.rs`. The tests draw every one of them.

pub mod artwork;
pub mod card;
pub mod clip;
mod colour;
mod fonts;
mod frame_size;
mod gif_file;
pub mod placeholder;
mod raster;
pub mod room;
mod seed;
mod svg;
#[cfg(test)]
mod tests;

pub use artwork::Artwork;
pub use card::Card;
pub use clip::{Clip, MovingPicture};
pub use colour::Rgb;
pub use fonts::Fonts;
pub use frame_size::{AspectRatio, AspectRatioError};
pub use placeholder::{Placeholder, Subject};
pub(crate) use seed::Seed;

/// A finished picture, ready to be stored and served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The encoded file.
    pub bytes: Vec<u8>,
    /// Its media type, `image/png`, `image/gif` or `image/jpeg`.
    pub content_type: &'static str,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// Why a picture could not be drawn. Text of the request never causes one: what no font can show is left out, a name as a whole.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// A side is outside the range the picture is designed for.
    #[error("a picture of {width} × {height} pixels is outside {least} to {most} pixels a side")]
    Size { width: u32, height: u32, least: u32, most: u32 },
    /// The drawing was refused by the SVG parser: a defect of this module.
    #[error("the drawing is not valid SVG")]
    Drawing(#[from] resvg::usvg::Error),
    /// No memory for the canvas.
    #[error("no canvas of {width} × {height} pixels")]
    Canvas { width: u32, height: u32 },
    #[error("the picture could not be encoded")]
    Png(#[from] image::ImageError),
    /// What the caller sent is no picture that can be worked on.
    #[error("the photo {0}")]
    Photo(#[from] room::PhotoError),
    #[error("the animation could not be encoded as GIF")]
    Gif(#[from] gif::EncodingError),
}
