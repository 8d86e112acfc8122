//! Resampling, laying one picture over another, and the file in the end.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer, images::Image as Plane,
};
use image::{RgbImage, RgbaImage, codecs::jpeg::JpegEncoder};
use resvg::tiny_skia::Pixmap;

use crate::pictures::{Picture, PictureError};

/// Of 100: nothing of a photo is seen to be lost.
const QUALITY: u8 = 90;

/// The largest size of this shape that fits; never larger than it is.
pub(super) fn within(
    (width, height): (u32, u32),
    (most_wide, most_tall): (u32, u32),
) -> (u32, u32) {
    let shrink = (f64::from(most_wide) / f64::from(width))
        .min(f64::from(most_tall) / f64::from(height))
        .min(1.0);
    let side = |side: u32| ((f64::from(side) * shrink).round() as u32).max(1);
    (side(width), side(height))
}

/// Resamples with the Lanczos kernel.
pub(super) fn resample(photo: RgbImage, width: u32, height: u32) -> Result<RgbImage, PictureError> {
    let size = photo.dimensions();
    let lanczos = FilterType::Lanczos3;
    let bytes = resize(photo.into_raw(), PixelType::U8x3, size, (width, height), lanczos);
    let resized = bytes.and_then(|bytes| RgbImage::from_raw(width, height, bytes));
    resized.ok_or(PictureError::Canvas { width, height })
}

/// The same for a picture with transparency.
pub(super) fn resample_with_alpha(
    picture: RgbaImage,
    width: u32,
    height: u32,
) -> Result<RgbaImage, PictureError> {
    let size = picture.dimensions();
    let lanczos = FilterType::Lanczos3;
    let bytes = resize(picture.into_raw(), PixelType::U8x4, size, (width, height), lanczos);
    let resized = bytes.and_then(|bytes| RgbaImage::from_raw(width, height, bytes));
    resized.ok_or(PictureError::Canvas { width, height })
}

/// The photo out of focus: only light and shade are left.
pub(super) fn blur(photo: &RgbImage) -> Result<RgbImage, PictureError> {
    let (width, height) = photo.dimensions();
    let small = |side: u32| (side / 32).clamp(4, 64);
    let small = (small(width), small(height));
    let soft = FilterType::CatmullRom;
    let bytes = resize(photo.as_raw().clone(), PixelType::U8x3, (width, height), small, soft)
        .and_then(|bytes| resize(bytes, PixelType::U8x3, small, (width, height), soft));
    let blurred = bytes.and_then(|bytes| RgbImage::from_raw(width, height, bytes));
    blurred.ok_or(PictureError::Canvas { width, height })
}

fn resize(
    bytes: Vec<u8>,
    pixels: PixelType,
    (width, height): (u32, u32),
    (wide, tall): (u32, u32),
    filter: FilterType,
) -> Option<Vec<u8>> {
    let source = Plane::from_vec_u8(width, height, bytes, pixels).ok()?;
    let mut target = Plane::new(wide, tall, pixels);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    Resizer::new().resize(&source, &mut target, &options).ok()?;
    Some(target.into_vec())
}

/// Lays a drawing over a photo of the same size.
pub(super) fn lay_over(photo: &mut RgbImage, drawing: &Pixmap) {
    for (under, over) in photo.pixels_mut().zip(drawing.pixels()) {
        let left = 255 - u32::from(over.alpha());
        if left == 255 {
            continue;
        }
        for (under, over) in under.0.iter_mut().zip([over.red(), over.green(), over.blue()]) {
            let mixed = u32::from(over) + (u32::from(*under) * left + 127) / 255;
            *under = u8::try_from(mixed).unwrap_or(u8::MAX);
        }
    }
}

/// The photo as a JPEG file.
pub(super) fn jpeg(photo: &RgbImage) -> Result<Picture, PictureError> {
    let (width, height) = photo.dimensions();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(photo)?;
    Ok(Picture { bytes, content_type: "image/jpeg", width, height })
}
