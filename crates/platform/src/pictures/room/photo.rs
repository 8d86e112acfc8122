//! Reading a photo that somebody sent.

use std::{
    fs::File,
    io::{self, BufReader},
    path::Path,
};

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, Rgba,
    RgbaImage, metadata::Orientation,
};

use super::pixels;
use crate::pictures::PictureError;

/// Pixels a photo may have: a little more than the largest of cameras in use.
const MOST_PIXELS: u64 = 50_000_000;
const LONGEST_SIDE: u32 = 12_000;
const SHORTEST_SIDE: u32 = 32;
/// How much longer one side may be than the other.
const LONGEST_SHAPE: u32 = 4;
/// Bytes that unfolding may take: the most pixels, with transparency.
const MEMORY: u64 = MOST_PIXELS * 4;

/// Why a photo cannot be worked on. Reads on after the name of the field it came as.
#[derive(Debug, thiserror::Error)]
pub enum PhotoError {
    #[error("is no JPEG or PNG picture")]
    Format,
    #[error(
        "has {width} × {height} pixels; at most {} million, and {LONGEST_SIDE} a side, are accepted", MOST_PIXELS / 1_000_000
    )]
    TooLarge { width: u32, height: u32 },
    #[error("has {width} × {height} pixels; at least {SHORTEST_SIDE} a side are needed")]
    TooSmall { width: u32, height: u32 },
    #[error("is narrower than 1:{LONGEST_SHAPE} or wider than {LONGEST_SHAPE}:1")]
    Shape,
    #[error("is damaged or cut off")]
    Damaged(#[source] ImageError),
    #[error("cannot be read back")]
    Unreadable(#[from] io::Error),
}

/// Looks at the head of a file: whether it is a photo that can be worked on, and its size in
/// pixels as it is stored. Nothing is unfolded.
///
/// # Errors
/// What is wrong with it.
pub fn measure(path: &Path) -> Result<(u32, u32), PhotoError> {
    let (width, height) = open(path)?.into_dimensions().map_err(PhotoError::Damaged)?;
    check_size(width, height)?;
    Ok((width, height))
}

/// Reads a photo upright, without transparency.
pub(super) fn read(path: &Path) -> Result<RgbImage, PictureError> {
    let photo = unfold(path)?;
    Ok(match photo {
        photo if photo.color().has_alpha() => on_white(&photo.into_rgba8()),
        photo => photo.into_rgb8(),
    })
}

/// Reads a photo like [`read`], reduced where its long side is longer than this.
pub(super) fn read_within(path: &Path, long_side: u32) -> Result<RgbImage, PictureError> {
    let photo = read(path)?;
    let (width, height) = pixels::within(photo.dimensions(), (long_side, long_side));
    if photo.dimensions() == (width, height) {
        return Ok(photo);
    }
    pixels::resample(photo, width, height)
}

/// Reads a photo with its transparency.
pub(super) fn read_with_alpha(path: &Path) -> Result<(RgbaImage, bool), PhotoError> {
    let photo = unfold(path)?;
    let transparent = photo.color().has_alpha();
    Ok((photo.into_rgba8(), transparent))
}

fn unfold(path: &Path) -> Result<DynamicImage, PhotoError> {
    measure(path)?;
    let mut reader = open(path)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(PhotoError::Damaged)?;
    // A camera that was held upright says so, and leaves the turning to others.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut photo = DynamicImage::from_decoder(decoder).map_err(PhotoError::Damaged)?;
    photo.apply_orientation(orientation);
    Ok(photo)
}

fn open(path: &Path) -> Result<ImageReader<BufReader<File>>, PhotoError> {
    let reader = ImageReader::new(BufReader::new(File::open(path)?)).with_guessed_format()?;
    match reader.format() {
        Some(ImageFormat::Jpeg | ImageFormat::Png) => Ok(reader),
        _ => Err(PhotoError::Format),
    }
}

fn check_size(width: u32, height: u32) -> Result<(), PhotoError> {
    let (long, short) = (width.max(height), width.min(height));
    if short < SHORTEST_SIDE {
        return Err(PhotoError::TooSmall { width, height });
    }
    if long > LONGEST_SIDE || u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(PhotoError::TooLarge { width, height });
    }
    if long > short * LONGEST_SHAPE { Err(PhotoError::Shape) } else { Ok(()) }
}

fn on_white(photo: &RgbaImage) -> RgbImage {
    RgbImage::from_fn(photo.width(), photo.height(), |x, y| {
        let Rgba([r, g, b, alpha]) = *photo.get_pixel(x, y);
        let over = |channel: u8| {
            let (channel, alpha) = (u32::from(channel), u32::from(alpha));
            u8::try_from((channel * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
        };
        image::Rgb([over(r), over(g), over(b)])
    })
}
