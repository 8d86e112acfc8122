use std::collections::HashSet;
use std::time::Duration;

use image::{AnimationDecoder, ImageFormat, RgbaImage};

use super::*;

/// Text that breaks careless renderers.
const HOSTILE: [&str; 12] = [
    "<script>alert(\"&\")</script>",
    "]]></text></svg><!-- &#0; &bogus; -->",
    "' onload='x",
    "\0\u{1}\u{8}\u{b}\u{1f}\u{7f}\u{85}",
    "\u{fffe}\u{ffff}\u{feff}\u{e0001}",
    "\u{202e}reversed\u{202c} \u{2066}isolated",
    "محمد صلاح",
    "שלום עולם",
    "👩🏽‍🚀🇧🇷⚽ 🏆",
    "孙兴慜 손흥민 そら",
    "Z̸̡̛͇̻͑͌a̵͎͒l̷̖͝g̸̱̈́o̸ ﷽ ½ ﬁ ẞ İ",
    "   \t\r\n   ",
];

fn card() -> Card {
    Card {
        name: "Marcus Reed".into(),
        position: "ST".into(),
        number: 9,
        rating: 87,
        primary: Card::DEFAULT_PRIMARY,
        secondary: Card::DEFAULT_SECONDARY,
        theme: Card::DEFAULT_THEME.into(),
        width: 512,
        height: 640,
    }
}

fn artwork(prompt: &str) -> Artwork {
    Artwork { prompt: prompt.into(), aspect_ratio: AspectRatio::SQUARE, variation: 0 }
}

fn clip(prompt: &str) -> Clip {
    Clip {
        prompt: prompt.into(),
        aspect_ratio: AspectRatio::WIDE,
        duration: Duration::from_secs(1),
        resolution: "480p".into(),
    }
}

fn pixels(picture: &Picture) -> RgbaImage {
    image::load_from_memory(&picture.bytes).unwrap().into_rgba8()
}

/// The file is what the picture says it is.
fn assert_sound(picture: &Picture, format: ImageFormat) {
    assert_eq!(image::guess_format(&picture.bytes).unwrap(), format);
    assert_eq!(picture.content_type, format.to_mime_type());
    assert_eq!(pixels(picture).dimensions(), (picture.width, picture.height));
}

/// Share of pixels in which two pictures of one size differ clearly; every third pixel is looked at.
fn difference(a: &RgbaImage, b: &RgbaImage) -> f32 {
    let sample = |image: &RgbaImage| -> Vec<u8> {
        image.as_raw().chunks_exact(4).step_by(3).flatten().copied().collect()
    };
    let (a, b) = (sample(a), sample(b));
    let pairs = a.chunks_exact(4).zip(b.chunks_exact(4));
    let differing =
        pairs.filter(|(a, b)| a != b && a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > 16)).count();
    differing as f32 / (a.len() / 4) as f32
}

#[test]
fn a_card_has_the_size_it_was_asked_for() {
    let fonts = Fonts::bundled();
    for (width, height) in [(1024, 1280), (512, 512), (512, 2048), (2048, 512)] {
        let picture = Card { width, height, ..card() }.render(&fonts).unwrap();
        assert_eq!((picture.width, picture.height), (width, height));
        assert_sound(&picture, ImageFormat::Png);
    }
}

#[test]
fn a_card_out_of_range_is_refused() {
    let fonts = Fonts::bundled();
    for (width, height) in [(511, 1280), (1024, 2049), (0, 0), (u32::MAX, 512)] {
        let refused = Card { width, height, ..card() }.render(&fonts);
        assert!(matches!(refused, Err(PictureError::Size { .. })));
    }
}

#[test]
fn the_same_request_draws_the_same_bytes() {
    let (fonts, others) = (Fonts::bundled(), Fonts::bundled());
    assert_eq!(card().render(&fonts).unwrap(), card().render(&others).unwrap());
    let artwork = artwork("a lighthouse in a storm");
    assert_eq!(artwork.render(&fonts).unwrap(), artwork.render(&others).unwrap());
    let clip = clip("a lighthouse in a storm");
    assert_eq!(clip.render(&fonts).unwrap(), clip.render(&others).unwrap());
}

#[test]
fn every_field_of_a_card_shows() {
    let fonts = Fonts::bundled();
    let shown = pixels(&card().render(&fonts).unwrap());
    let others = [
        Card { name: "Marcus Read".into(), ..card() },
        Card { position: "CB".into(), ..card() },
        Card { number: 10, ..card() },
        Card { rating: 86, ..card() },
        Card { primary: Rgb(200, 16, 46), ..card() },
        Card { secondary: Rgb::WHITE, ..card() },
        Card { theme: "galaxy".into(), ..card() },
    ];
    for other in others {
        assert!(difference(&shown, &pixels(&other.render(&fonts).unwrap())) > 0.0005, "{other:?}");
    }
}

#[test]
fn every_backdrop_is_a_scene_of_its_own() {
    let fonts = Fonts::bundled();
    let draw = |theme: &str| Card { theme: theme.into(), ..card() }.render(&fonts).unwrap();
    let scenes: Vec<RgbaImage> = card::backdrop_names().map(|name| pixels(&draw(name))).collect();
    for (i, scene) in scenes.iter().enumerate() {
        for other in &scenes[i + 1..] {
            assert!(difference(scene, other) > 0.1);
        }
    }
    let default = draw(Card::DEFAULT_THEME);
    assert_eq!(draw("nothing anyone knows"), default);
    assert_eq!(draw("Stadium Night"), default);
    assert_ne!(draw("Sunset over the bay"), default);
}

#[test]
fn any_colours_leave_the_text_legible() {
    for value in (0..=0xff_ffff_u32).step_by(0x01_0f0d) {
        let ground = Rgb::hex(value);
        assert!(ground.text_on().contrast(ground) >= 4.5, "{ground}");
    }
    let fonts = Fonts::bundled();
    for (primary, secondary) in
        [(Rgb::WHITE, Rgb::WHITE), (Rgb::BLACK, Rgb::BLACK), (Rgb(255, 255, 0), Rgb(255, 255, 1))]
    {
        let named = Card { primary, secondary, ..card() };
        let other = Card { name: "Someone Else".into(), ..named.clone() };
        let (named, other) = (named.render(&fonts).unwrap(), other.render(&fonts).unwrap());
        assert!(difference(&pixels(&named), &pixels(&other)) > 0.004);
    }
}

#[test]
fn hostile_text_is_only_text() {
    let fonts = Fonts::bundled();
    let long = ["W".repeat(100), "word ".repeat(20), "é".repeat(100), "👾".repeat(100)];
    for text in HOSTILE.iter().copied().chain(long.iter().map(String::as_str)).chain([""]) {
        let card = Card { name: text.into(), position: text.into(), theme: text.into(), ..card() };
        assert_sound(&card.render(&fonts).unwrap(), ImageFormat::Png);
    }
    assert_sound(&artwork(HOSTILE[0]).render(&fonts).unwrap(), ImageFormat::Png);
    assert_sound(&clip(HOSTILE[0]).render(&fonts).unwrap().picture, ImageFormat::Gif);
}

#[test]
fn what_no_font_can_show_is_left_out() {
    let fonts = Fonts::bundled();
    assert_eq!(fonts.legible("Zoë \u{0}Đặng\u{202e} 孙 x"), "Zoë Đặng x");
    assert_eq!(fonts.legible("Иван Σωκράτης محمد"), "Иван Σωκράτης محمد");
    assert_eq!(fonts.legible(" 孙兴慜\n"), "");
    assert_eq!(fonts.legible("a\tb\u{200d}c"), "a bc");
}

#[test]
fn prompts_and_variations_differ_clearly() {
    let fonts = Fonts::bundled();
    let mut pictures: Vec<RgbaImage> = ["a cat", "a dog", "a cat.", "A cat", ""]
        .iter()
        .map(|prompt| pixels(&artwork(prompt).render(&fonts).unwrap()))
        .collect();
    pictures.extend((1..4).map(|variation| {
        let varied = Artwork { variation, ..artwork("a cat") };
        pixels(&varied.render(&fonts).unwrap())
    }));
    for (i, picture) in pictures.iter().enumerate() {
        for other in &pictures[i + 1..] {
            assert!(difference(picture, other) > 0.15);
        }
    }
}

#[test]
fn every_composition_draws_at_every_ratio() {
    let fonts = Fonts::bundled();
    for (ratio, width, height) in [("1:1", 1024, 1024), ("16:9", 1024, 576), ("3:4", 768, 1024)] {
        let mut seen = HashSet::new();
        for variation in 0..8 {
            let picture = Artwork {
                prompt: "a river".into(),
                aspect_ratio: ratio.parse().unwrap(),
                variation,
            }
            .render(&fonts)
            .unwrap();
            assert_eq!((picture.width, picture.height), (width, height));
            assert_sound(&picture, ImageFormat::Png);
            seen.insert(picture.bytes);
        }
        assert_eq!(seen.len(), 8);
    }
}

#[test]
fn ratios_are_read_strictly() {
    for text in [
        "", "16", "16:", ":9", "16:9:1", "a:b", "0:1", "1:0", "-1:2", "1.5:1", "5:1", "1:5",
        "101:100",
    ] {
        assert_eq!(text.parse::<AspectRatio>(), Err(AspectRatioError), "{text}");
    }
    for (text, size) in
        [("9:16", (576, 1024)), ("4:3", (1024, 768)), ("21:9", (1024, 438)), ("1:4", (256, 1024))]
    {
        assert_eq!(text.parse::<AspectRatio>().map(|ratio| ratio.size(1024)), Ok(size));
    }
    assert_eq!("16:9".parse(), Ok(AspectRatio::WIDE));
    assert_eq!(" 1 : 1 ".parse(), Ok(AspectRatio::SQUARE));
}

#[test]
fn a_clip_moves_and_closes_its_loop() {
    let fonts = Fonts::bundled();
    for prompt in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        let moving = clip(prompt).render(&fonts).unwrap();
        assert_sound(&moving.picture, ImageFormat::Gif);
        assert!(moving.picture.bytes.len() < 1_500_000);
        let decoder =
            image::codecs::gif::GifDecoder::new(std::io::Cursor::new(&moving.picture.bytes));
        let frames = decoder.unwrap().into_frames().collect_frames().unwrap();
        let shown: Duration = frames.iter().map(|frame| Duration::from(frame.delay())).sum();
        assert_eq!(shown, moving.duration);
        // Every eleventh byte, so that all channels are looked at.
        let distance = |a: usize, b: usize| -> u64 {
            let bytes = |frame: usize| frames[frame].buffer().as_raw().iter().step_by(11);
            let pairs = bytes(a).zip(bytes(b));
            pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
        };
        let last = frames.len() - 1;
        assert!(distance(0, frames.len() / 2) > 0, "{prompt} stands still");
        // The seam is a step like any other.
        let largest = (0..last).map(|i| distance(i, i + 1)).max().unwrap();
        assert!(distance(last, 0) <= largest + largest / 2, "{prompt} jumps");
    }
}

#[test]
fn a_clip_keeps_to_a_modest_length_and_size() {
    let fonts = Fonts::bundled();
    let moving =
        Clip { duration: Duration::from_secs(3600), resolution: "2160p".into(), ..clip("a whale") }
            .render(&fonts)
            .unwrap();
    assert_eq!(moving.duration, Clip::LONGEST);
    assert!(moving.picture.width <= 640);
    assert!(moving.picture.bytes.len() < 6_000_000);
    let odd =
        Clip { duration: Duration::ZERO, resolution: "as you like".into(), ..clip("a whale") };
    assert_eq!(odd.render(&fonts).unwrap().duration, Clip::SHORTEST);
}

#[test]
fn a_placeholder_has_the_size_of_what_it_stands_for() {
    let fonts = Fonts::bundled();
    for subject in [Subject::Card, Subject::Artwork, Subject::Clip] {
        for (width, height) in [(1024, 1280), (480, 270), (64, 64), (2048, 512)] {
            let picture = Placeholder { subject, width, height }.render(&fonts).unwrap();
            assert_eq!((picture.width, picture.height), (width, height));
            assert_sound(&picture, ImageFormat::Png);
        }
    }
    let refused = Placeholder { subject: Subject::Card, width: 0, height: 10 };
    assert!(matches!(refused.render(&fonts), Err(PictureError::Size { .. })));
}

#[test]
fn colours_are_read_strictly() {
    assert_eq!(Rgb::from_hex("#0b3D91"), Some(Rgb(0x0b, 0x3d, 0x91)));
    for text in ["", "#", "0b3d91", "#0b3d9", "#0b3d911", "#0b3d9g", "#+b3d91", "#é3d91"] {
        assert_eq!(Rgb::from_hex(text), None, "{text}");
    }
}
