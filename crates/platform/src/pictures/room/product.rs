//! A product in a room: cut out of its background, on the floor, with a shadow.

use std::{collections::VecDeque, path::Path};

use image::{RgbImage, Rgba, RgbaImage};

use super::{photo, pixels};
use crate::pictures::{PictureError, fonts::Fonts, raster, svg::Svg};

/// Pixels of the long side that a product is worked on at.
const LONG_SIDE: u32 = 1200;
/// How much of the room it may take, across and down.
const MOST_WIDE: f32 = 0.36;
const MOST_TALL: f32 = 0.46;
/// Where it stands: its middle, and the line its feet are on.
const MIDDLE: f32 = 0.66;
const FLOOR: f32 = 0.93;
/// How far a colour may be from the background's and still belong to it, 0–255 a channel.
const LIKE_BACKGROUND: i32 = 26;

/// Reads a product's picture and cuts it out, where its background is plain.
pub(super) fn read(path: &Path) -> Result<RgbaImage, PictureError> {
    let (picture, transparent) = photo::read_with_alpha(path)?;
    let (width, height) = pixels::within(picture.dimensions(), (LONG_SIDE, LONG_SIDE));
    let mut picture = pixels::resample_with_alpha(picture, width, height)?;
    if !transparent {
        cut_out(&mut picture);
    }
    Ok(picture)
}

/// Takes a plain background away: what is like the border and can be reached from it.
fn cut_out(picture: &mut RgbaImage) {
    let (width, height) = picture.dimensions();
    let border: Vec<(u32, u32)> = (0..width)
        .flat_map(|x| [(x, 0), (x, height - 1)])
        .chain((0..height).flat_map(|y| [(0, y), (width - 1, y)]))
        .collect();
    let background = median(picture, &border);
    let like = |picture: &RgbaImage, (x, y): (u32, u32)| {
        let pixel = picture.get_pixel(x, y).0;
        (0..3).all(|at| (i32::from(pixel[at]) - background[at]).abs() <= LIKE_BACKGROUND)
    };
    let alike = border.iter().filter(|at| like(picture, **at)).count();
    // A picture of something in its surroundings stays whole.
    if alike * 100 < border.len() * 80 {
        return;
    }
    let mut reached = vec![false; (width * height) as usize];
    let mut next: VecDeque<_> = border.into();
    while let Some((x, y)) = next.pop_front() {
        let at = (y * width + x) as usize;
        if reached[at] || !like(picture, (x, y)) {
            continue;
        }
        reached[at] = true;
        next.extend(neighbours((x, y), (width, height)));
    }
    for y in 0..height {
        for x in 0..width {
            let near = neighbours((x, y), (width, height));
            let open = near.filter(|(x, y)| reached[(y * width + x) as usize]).count() as u32;
            let alpha = if reached[(y * width + x) as usize] { 0 } else { 255 - open * 55 };
            picture.get_pixel_mut(x, y).0[3] = u8::try_from(alpha).unwrap_or(0);
        }
    }
}

fn neighbours((x, y): (u32, u32), (width, height): (u32, u32)) -> impl Iterator<Item = (u32, u32)> {
    [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)]
        .into_iter()
        .filter(move |(x, y)| *x < width && *y < height)
}

fn median(picture: &RgbaImage, at: &[(u32, u32)]) -> [i32; 3] {
    std::array::from_fn(|channel| {
        let mut values: Vec<_> =
            at.iter().map(|(x, y)| picture.get_pixel(*x, *y).0[channel]).collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied().map_or(255, i32::from)
    })
}

/// Puts a product into a room.
pub(super) fn place(room: &mut RgbImage, product: RgbaImage) -> Result<(), PictureError> {
    let product = crop(product);
    let (across, down) = (room.width() as f32, room.height() as f32);
    let most = ((across * MOST_WIDE) as u32, (down * MOST_TALL) as u32);
    let fit = (most.0 as f32 / product.width() as f32).min(most.1 as f32 / product.height() as f32);
    let side = |side: u32| ((side as f32 * fit).round() as u32).max(1);
    let (wide, tall) = (side(product.width()), side(product.height()));
    let product = pixels::resample_with_alpha(product, wide, tall)?;
    let left = (across * MIDDLE - wide as f32 / 2.0).clamp(0.0, across - wide as f32) as u32;
    let top = (down * FLOOR - tall as f32).max(0.0) as u32;
    let feet = (left as f32 + wide as f32 / 2.0, (top + tall) as f32);
    // A wide, faint shadow of the whole, and a narrow, dark one where it touches the floor.
    cast(room, feet, (wide as f32 * 0.66, wide as f32 * 0.15), 0.42);
    cast(
        room,
        (feet.0, feet.1 - tall as f32 * 0.012),
        (wide as f32 * 0.47, wide as f32 * 0.055),
        0.60,
    );
    let light = light_of(room);
    for (x, y, pixel) in product.enumerate_pixels() {
        let Rgba([r, g, b, alpha]) = *pixel;
        let share = f32::from(alpha) / 255.0;
        let under = room.get_pixel_mut(left + x, top + y);
        for (channel, over) in [r, g, b].into_iter().enumerate() {
            let lit = f32::from(over) * (0.82 + 0.18 * light[channel]);
            let mixed = f32::from(under.0[channel]) * (1.0 - share) + lit * share;
            under.0[channel] = mixed.clamp(0.0, 255.0).round() as u8;
        }
    }
    Ok(())
}

/// Without the empty rim.
fn crop(product: RgbaImage) -> RgbaImage {
    let seen = product.enumerate_pixels().filter(|(_, _, pixel)| pixel.0[3] > 12);
    let bounds = seen.fold(None, |bounds: Option<[u32; 4]>, (x, y, _)| {
        let [left, top, right, bottom] = bounds.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    });
    let Some([left, top, right, bottom]) = bounds else { return product };
    let (width, height) = (right - left + 1, bottom - top + 1);
    image::imageops::crop_imm(&product, left, top, width, height).to_image()
}

/// Darkens a soft ellipse.
fn cast(room: &mut RgbImage, (x, y): (f32, f32), (rx, ry): (f32, f32), strength: f32) {
    let span = |middle: f32, reach: f32, most: u32| {
        let first = (middle - reach).floor().max(0.0) as u32;
        first..((middle + reach).ceil().max(0.0) as u32).min(most)
    };
    let (columns, rows) = (span(x, rx, room.width()), span(y, ry, room.height()));
    for row in rows {
        for column in columns.clone() {
            let (dx, dy) = ((column as f32 - x) / rx, (row as f32 - y) / ry);
            let inside = (1.0 - dx * dx - dy * dy).max(0.0);
            let dim = 1.0 - strength * inside * inside * (3.0 - 2.0 * inside);
            for channel in &mut room.get_pixel_mut(column, row).0 {
                *channel = (f32::from(*channel) * dim) as u8;
            }
        }
    }
}

/// The room's light: its mean colour, the strongest channel at 1.
fn light_of(room: &RgbImage) -> [f32; 3] {
    let mut sums = [1u64; 3];
    for pixel in room.pixels().step_by(17) {
        for (sum, channel) in sums.iter_mut().zip(pixel.0) {
            *sum += u64::from(channel);
        }
    }
    let most = sums.iter().max().copied().unwrap_or(1) as f32;
    sums.map(|sum| sum as f32 / most)
}

/// The product where none was sent: an armchair.
pub(super) fn armchair(fonts: &Fonts) -> Result<RgbaImage, PictureError> {
    let (width, height) = (900, 900);
    let drawing = raster::paint(draw_armchair(), width, height, fonts)?;
    let plain = drawing.pixels().iter().flat_map(|pixel| {
        let pixel = pixel.demultiply();
        [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
    });
    RgbaImage::from_raw(width, height, plain.collect())
        .ok_or(PictureError::Canvas { width, height })
}

fn draw_armchair() -> Svg {
    use crate::pictures::Rgb;
    const LIGHT: Rgb = Rgb::hex(0xd99a5b);
    const CLOTH: Rgb = Rgb::hex(0xc07a3c);
    const DARK: Rgb = Rgb::hex(0x8f5427);
    const WOOD: Rgb = Rgb::hex(0x4a2f1d);
    let mut svg = Svg::new(900.0, 900.0);
    // Legs: the far ones first.
    svg.path(
        "M262 700L286 700L270 838L254 838Z M638 700L614 700L630 838L646 838Z",
        Rgb::hex(0x362214),
    );
    svg.path("M196 716L236 716L204 880L182 880Z M704 716L664 716L696 880L718 880Z", WOOD);
    let back = svg.gradient((450.0, 60.0), (450.0, 560.0), &[(0.0, LIGHT, 1.0), (1.0, CLOTH, 1.0)]);
    svg.path(
        "M236 150C240 84 300 58 450 58C600 58 660 84 664 150L690 560C620 596 280 596 210 560Z",
        back,
    );
    let fold = svg.gradient((450.0, 90.0), (450.0, 540.0), &[(0.0, DARK, 0.10), (1.0, DARK, 0.46)]);
    svg.add(format!(
        r#"<path d="M360 92L346 520M450 86L450 524M540 92L554 520" stroke="{fold}" stroke-width="7" stroke-linecap="round" fill="none"/>"#
    ));
    let shade = svg.gradient((450.0, 430.0), (450.0, 560.0), &[(0.0, DARK, 0.0), (1.0, DARK, 0.7)]);
    svg.path("M222 430L678 430L690 560C620 596 280 596 210 560Z", shade);
    let seat =
        svg.gradient((450.0, 500.0), (450.0, 660.0), &[(0.0, LIGHT, 1.0), (1.0, CLOTH, 1.0)]);
    svg.path(
        "M214 556C214 516 250 506 450 506C650 506 686 516 686 556L690 640C690 664 660 672 450 672C240 672 210 664 210 640Z",
        seat,
    );
    let front =
        svg.gradient((450.0, 630.0), (450.0, 740.0), &[(0.0, CLOTH, 1.0), (1.0, DARK, 1.0)]);
    svg.path("M190 628L710 628L704 706C700 734 640 740 450 740C260 740 200 734 196 706Z", front);
    svg.add(format!(
        r#"<path d="M212 640C300 660 600 660 688 640" stroke="{DARK}" stroke-opacity="0.7" stroke-width="6" fill="none"/>"#
    ));
    for mirrored in ["", r#"transform="translate(900 0) scale(-1 1)""#] {
        let arm = svg.gradient(
            (110.0, 380.0),
            (260.0, 720.0),
            &[(0.0, LIGHT, 1.0), (0.35, CLOTH, 1.0), (1.0, DARK, 1.0)],
        );
        svg.group(mirrored, |svg| {
            svg.path(
                "M126 452C122 392 168 366 206 378C246 390 250 424 250 462L256 690C254 726 232 738 200 738C166 738 148 726 144 690Z",
                arm,
            );
            svg.add(r##"<path d="M142 452C142 410 172 392 204 398" stroke="#fff" stroke-opacity="0.34" stroke-width="9" stroke-linecap="round" fill="none"/>"##);
        });
    }
    svg
}
