use std::{fs, path::PathBuf};

use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use tempfile::TempDir;

use super::*;
use crate::pictures::{Rgb, raster, svg::Svg};

/// Photos in a folder of their own.
struct Album(TempDir);

impl Album {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn keep(&self, name: &str, picture: &DynamicImage, format: ImageFormat) -> PathBuf {
        let path = self.0.path().join(name);
        picture.save_with_format(&path, format).unwrap();
        path
    }

    /// A drawn room, as JPEG.
    fn room(&self, width: u32, height: u32) -> PathBuf {
        self.keep("room", &DynamicImage::ImageRgb8(room(width, height)), ImageFormat::Jpeg)
    }

    fn bytes(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

/// An empty room by day: walls, a window, a floor of boards.
fn room(width: u32, height: u32) -> RgbImage {
    let mut svg = Svg::new(1500.0, 1000.0);
    let wall = svg.gradient(
        (0.0, 0.0),
        (1500.0, 300.0),
        &[(0.0, Rgb::hex(0xb9b2a6), 1.0), (1.0, Rgb::hex(0xe2ddd2), 1.0)],
    );
    svg.flood(wall);
    svg.path("M0 0L1500 0L1260 130L250 130Z", Rgb::hex(0xefece6));
    svg.path("M0 0L250 130L250 690L0 900Z", Rgb::hex(0x9f9a90));
    let floor = svg.gradient(
        (0.0, 690.0),
        (0.0, 1000.0),
        &[(0.0, Rgb::hex(0x8a6a4c), 1.0), (1.0, Rgb::hex(0xb98d63), 1.0)],
    );
    svg.path("M250 690L1260 690L1500 860L1500 1000L0 1000L0 900Z", floor);
    for board in 0..14 {
        let (near, far) = (board as f32 * 130.0 - 160.0, 250.0 + board as f32 * 76.0);
        svg.add(format!(
            r##"<path d="M{near} 1000L{far} 690" stroke="#5f452e" stroke-opacity="0.55" stroke-width="3"/>"##
        ));
    }
    svg.rect(720.0, 220.0, 380.0, 330.0, Rgb::hex(0xf5f2ec));
    let sky = svg.gradient(
        (0.0, 230.0),
        (0.0, 540.0),
        &[
            (0.0, Rgb::hex(0x9cc7e8), 1.0),
            (0.7, Rgb::hex(0xf4fbff), 1.0),
            (1.0, Rgb::hex(0x7c9a5e), 1.0),
        ],
    );
    svg.rect(734.0, 234.0, 352.0, 302.0, sky);
    svg.rect(904.0, 234.0, 10.0, 302.0, Rgb::hex(0xf5f2ec));
    svg.path("M700 690L1130 690L1240 860L760 860Z", Rgb::hex(0xd8b489));
    svg.rect(330.0, 330.0, 170.0, 210.0, Rgb::hex(0x3f5d6b));
    svg.rect(344.0, 344.0, 142.0, 182.0, Rgb::hex(0xc9a24c));
    svg.path("M250 690L1260 690L1260 668L250 668Z", Rgb::hex(0xf6f3ee));
    let painted = raster::paint(svg, width, height, &Fonts::bundled()).unwrap();
    let pixels = RgbaImage::from_raw(width, height, painted.take()).unwrap();
    DynamicImage::ImageRgba8(pixels).into_rgb8()
}

/// Keeps a picture to be looked at where `LATCHKEY_PICTURES` names a folder.
fn show(name: &str, picture: &Picture) {
    if let Some(folder) = std::env::var_os("LATCHKEY_PICTURES") {
        fs::write(PathBuf::from(folder).join(format!("{name}.jpg")), &picture.bytes).unwrap();
    }
}

fn decoded(picture: &Picture) -> RgbImage {
    assert_eq!(picture.content_type, "image/jpeg");
    let photo = image::load_from_memory(&picture.bytes).unwrap().into_rgb8();
    assert_eq!(photo.dimensions(), (picture.width, picture.height));
    photo
}

/// How far two pictures are from each other, 0–255 a channel.
fn distance(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let far = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b));
    a.iter().zip(b.iter()).map(far).sum::<f64>() / a.len() as f64
}

fn staged(photo: PathBuf, style: Style) -> Staged {
    Staged { photo, style, room_type: RoomType::LivingRoom, mark: Mark::None }
}

#[test]
fn every_style_looks_like_no_other() {
    let (album, fonts) = (Album::new(), Fonts::bundled());
    let photo = album.room(900, 600);
    let original = opened(&photo);
    let mut seen: Vec<(&str, RgbImage)> = vec![("photo", original)];
    for (word, style) in Style::ALL {
        let picture = staged(photo.clone(), *style).render(&fonts).unwrap();
        show(&format!("stage-{word}"), &picture);
        let made = decoded(&picture);
        for (other, seen) in &seen {
            assert!(
                distance(&made, seen) > 2.5,
                "{word} is like {other}: {}",
                distance(&made, seen)
            );
        }
        seen.push((word, made));
    }
}

#[test]
fn the_caption_names_style_and_room() {
    let (album, fonts) = (Album::new(), Fonts::bundled());
    let photo = album.room(900, 600);
    let living = staged(photo.clone(), Style::Modern);
    let kitchen = Staged { room_type: RoomType::Kitchen, ..living.clone() };
    let marked = Staged { mark: Mark::Development, ..living.clone() };
    let [living, kitchen, marked] =
        [living, kitchen, marked].map(|one| one.render(&fonts).unwrap());
    show("stage-development", &marked);
    let foot = |picture: &RgbImage| image::imageops::crop_imm(picture, 0, 500, 500, 100).to_image();
    let [living, kitchen, marked] = [living, kitchen, marked].map(|one| decoded(&one));
    assert!(distance(&foot(&living), &foot(&kitchen)) > 0.5);
    assert!(distance(&foot(&living), &foot(&marked)) < 0.5);
    assert!(distance(&living, &marked) > 0.2);
}

#[test]
fn a_large_photo_is_reduced_and_a_small_one_stays() {
    let (album, fonts) = (Album::new(), Fonts::bundled());
    for (size, made) in [((3000, 2000), (2048, 1365)), ((320, 240), (320, 240))] {
        let photo = album.room(size.0, size.1);
        let picture = staged(photo, Style::Coastal).render(&fonts).unwrap();
        assert_eq!((picture.width, picture.height), made);
        show(&format!("stage-size-{}", size.0), &picture);
    }
}

#[test]
fn an_enhanced_photo_is_3840_pixels_across_and_the_same_one() {
    let (album, fonts) = (Album::new(), Fonts::bundled());
    let photo = album.room(800, 200);
    let enhanced = Enhanced { photo: photo.clone(), mark: Mark::None }.render(&fonts).unwrap();
    show("enhanced", &enhanced);
    let made = decoded(&enhanced);
    assert_eq!(made.dimensions(), (3840, 960));
    let back = pixels::resample(made, 800, 200).unwrap();
    assert!(distance(&back, &opened(&photo)) < 4.0);
}

#[test]
fn a_product_stands_in_the_room_without_its_background() {
    let (album, fonts) = (Album::new(), Fonts::bundled());
    let photo = album.room(900, 600);
    let plain = Placed { photo: photo.clone(), product: None, mark: Mark::None };
    let mut vase = RgbImage::from_pixel(300, 400, image::Rgb([250, 250, 250]));
    for (x, y, pixel) in vase.enumerate_pixels_mut() {
        let (dx, dy) = ((x as f32 - 150.0) / 70.0, (y as f32 - 220.0) / 150.0);
        if dx * dx + dy * dy < 1.0 {
            *pixel = image::Rgb([40, 90, 160]);
        }
    }
    let vase = album.keep("vase", &DynamicImage::ImageRgb8(vase), ImageFormat::Png);
    let with_vase = Placed { product: Some(vase), ..plain.clone() };
    let (plain, with_vase) = (plain.render(&fonts).unwrap(), with_vase.render(&fonts).unwrap());
    show("placed-armchair", &plain);
    show("placed-vase", &with_vase);
    let (before, after) = (opened(&photo), decoded(&with_vase));
    assert!(distance(&before, &decoded(&plain)) > 2.0);
    let blue = after.get_pixel(594, 440).0;
    assert!(blue[2] > 100 && blue[0] < 80, "the vase: {blue:?}");
    let beside = |picture: &RgbImage| i32::from(picture.get_pixel(500, 330).0[0]);
    assert!((beside(&before) - beside(&after)).abs() < 12, "its background is gone");
}

#[test]
fn what_is_no_photo_is_told_before_it_is_unfolded() {
    let album = Album::new();
    let gif = album.keep("gif", &DynamicImage::new_rgb8(40, 40), ImageFormat::Gif);
    let tiny = album.keep("tiny", &DynamicImage::new_rgb8(8, 8), ImageFormat::Png);
    let thin = album.keep("thin", &DynamicImage::new_rgb8(40, 400), ImageFormat::Png);
    let bomb = album.bytes("bomb", &png_that_claims(60_000, 60_000));
    let wide = album.bytes("wide", &png_that_claims(9_000, 9_000));
    let text = album.bytes("text", b"not a picture");
    let nothing = album.bytes("nothing", b"");
    for (path, told) in [
        (gif, "is no JPEG or PNG picture"),
        (text, "is no JPEG or PNG picture"),
        (nothing, "is no JPEG or PNG picture"),
        (tiny, "has 8 × 8 pixels; at least 32"),
        (thin, "is narrower than 1:4"),
        (bomb, "has 60000 × 60000 pixels; at most 50 million"),
        (wide, "has 9000 × 9000 pixels; at most 50 million"),
    ] {
        assert!(measure(&path).unwrap_err().to_string().starts_with(told), "{path:?}");
    }
}

#[test]
fn a_photo_that_breaks_off_is_damaged() {
    let (album, fonts) = (Album::new(), Fonts::bundled());
    let whole = album.keep("whole", &DynamicImage::ImageRgb8(room(300, 200)), ImageFormat::Png);
    let bytes = fs::read(whole).unwrap();
    let half = album.bytes("half", &bytes[..bytes.len() / 2]);
    assert_eq!(measure(&half).unwrap(), (300, 200));
    let refused = staged(half, Style::Modern).render(&fonts).unwrap_err();
    assert!(matches!(refused, PictureError::Photo(PhotoError::Damaged(_))), "{refused:?}");
}

/// The head of a PNG file of this size, and nothing in it.
fn png_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    image::ImageEncoder::write_image(encoder, &[0; 3], 1, 1, image::ExtendedColorType::Rgb8)
        .unwrap();
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32fast::hash(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
    bytes
}

fn opened(path: &std::path::Path) -> RgbImage {
    image::ImageReader::open(path)
        .unwrap()
        .with_guessed_format()
        .unwrap()
        .decode()
        .unwrap()
        .into_rgb8()
}
