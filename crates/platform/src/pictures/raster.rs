//! From an SVG document to pixels, and from pixels to a PNG file.

use std::sync::Arc;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageEncoder, RgbaImage};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;

use super::fonts::{self, Fonts};
use super::svg::Svg;
use super::{Picture, PictureError};

/// The drawing laid out: text shaped, references resolved.
pub fn parse(document: &str, fonts: &Fonts) -> Result<usvg::Tree, PictureError> {
    let options = usvg::Options {
        fontdb: Arc::clone(fonts.database()),
        font_resolver: fonts::resolver(),
        // Pictures are drawn from what is bundled: no file is ever opened for a reference.
        image_href_resolver: usvg::ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..usvg::Options::default()
    };
    Ok(usvg::Tree::from_str(document, &options)?)
}

/// Paints the drawing, stretched to `width` × `height` pixels.
pub fn paint(svg: Svg, width: u32, height: u32, fonts: &Fonts) -> Result<Pixmap, PictureError> {
    let (across, down) = (width as f32 / svg.width, height as f32 / svg.height);
    let tree = parse(&svg.finish(), fonts)?;
    let mut pixmap = Pixmap::new(width, height).ok_or(PictureError::Canvas { width, height })?;
    resvg::render(&tree, Transform::from_scale(across, down), &mut pixmap.as_mut());
    Ok(pixmap)
}

/// Paints an opaque drawing as a PNG picture.
pub fn png(svg: Svg, width: u32, height: u32, fonts: &Fonts) -> Result<Picture, PictureError> {
    let pixels = paint(svg, width, height, fonts)?.take();
    let pixels =
        RgbaImage::from_raw(width, height, pixels).ok_or(PictureError::Canvas { width, height })?;
    let opaque = DynamicImage::ImageRgba8(pixels).into_rgb8();
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive)
        .write_image(&opaque, width, height, image::ExtendedColorType::Rgb8)?;
    Ok(Picture { bytes, content_type: "image/png", width, height })
}
