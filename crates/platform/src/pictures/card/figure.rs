//! The player, seen from behind: a silhouette without a face, in the club's shirt with name and number.
//!
//! Drawn in a box 640 wide, feet towards larger y; the plate covers everything below [`HEM`].

use super::super::colour::Rgb;
use super::super::fonts::{CAP_HEIGHT, Typeface};
use super::super::svg::{Anchor, Svg, TextLine};
use super::Sheet;
use super::kit;
use super::lettering::fit;

const HEM: f32 = 748.0;
const MIDDLE: f32 = 320.0;

const HEAD: &str = "M320 30C368 30 397 66 398 116C399 140 394 160 386 178C377 202 362 222 350 232C340 240 300 240 290 232C278 222 263 202 254 178C246 160 241 140 242 116C243 66 272 30 320 30Z";
const HAIR: &str = "M320 22C376 22 406 62 405 118C405 136 402 150 397 162C391 158 388 164 386 174C382 192 374 204 364 210C354 214 346 206 336 208C328 210 326 218 320 218C314 218 312 210 304 208C294 206 286 214 276 210C266 204 258 192 254 174C252 164 249 158 243 162C238 150 235 136 235 118C234 62 264 22 320 22Z";
/// Light caught by the crown.
const CROWN: &str = "M268 84C276 56 298 42 326 42C352 42 372 54 382 78C362 62 344 58 322 60C298 62 282 70 268 84ZM262 108C263 102 264 98 266 94C284 78 300 72 324 71C348 71 368 78 385 92C387 98 388 102 388 106C368 90 348 84 324 84C298 84 280 92 262 108Z";
const EARS: &str = "M244 126C230 118 225 130 228 150C231 170 241 182 249 178ZM396 126C410 118 415 130 412 150C409 170 399 182 391 178Z";
const NECK: &str = "M270 196C276 230 270 246 246 264L320 304L394 264C370 246 364 230 370 196Z";
const ARMS: &str = "M26 560C22 640 22 740 26 860L122 860C124 760 126 660 130 560ZM614 560C618 640 618 740 614 860L518 860C516 760 514 660 510 560Z";
const BODY: &str = "M252 252C222 282 168 296 116 314C120 376 134 440 134 500L128 766L512 766L506 500C506 440 520 376 524 314C472 296 418 282 388 252C366 280 274 280 252 252Z";
const LEFT_SLEEVE: &str =
    "M118 313C78 330 54 364 44 428L14 584C48 606 98 612 134 604L140 486C136 424 124 372 118 313Z";
const RIGHT_SLEEVE: &str = "M522 313C562 330 586 364 596 428L626 584C592 606 542 612 506 604L500 486C504 424 516 372 522 313Z";
/// The outer edges of sleeves and arms.
const SIDES: &str = "M118 313C78 330 54 364 44 428L14 584M26 590C22 660 22 740 26 860M522 313C562 330 586 364 596 428L626 584M614 590C618 660 618 740 614 860";
const COLLAR: &str = "M252 252C274 280 366 280 388 252L396 262C368 300 272 300 244 262Z";
const CUFFS: &str = "M17 568L14 584C48 606 98 612 134 604L135 586C98 594 50 588 17 568ZM623 568L626 584C592 606 542 612 506 604L505 586C542 594 590 588 623 568Z";

pub fn draw(svg: &mut Svg, sheet: &Sheet) {
    let room = sheet.plate_top() - 172.0;
    let scale = (room / HEM).min(sheet.width / 700.0).clamp(0.9, 1.4);
    let left = sheet.centre() - MIDDLE * scale;
    let top = sheet.plate_top() + 14.0 - HEM * scale;
    let place = format!(r#"transform="translate({left:.1} {top:.1}) scale({scale:.4})""#);
    svg.group(&place, |svg| {
        draw_skin(svg);
        draw_shirt(svg, sheet);
        draw_lettering(svg, sheet);
        draw_rim(svg, sheet);
    });
}

/// Head, neck and arms as one dark silhouette.
fn draw_skin(svg: &mut Svg) {
    let skin = svg.gradient(
        (236.0, 0.0),
        (404.0, 0.0),
        &[
            (0.0, Rgb::hex(0x4a5564), 1.0),
            (0.3, Rgb::hex(0x2c3541), 1.0),
            (0.7, Rgb::hex(0x28303c), 1.0),
            (1.0, Rgb::hex(0x465160), 1.0),
        ],
    );
    let hair = svg.glow(
        (320.0, 60.0),
        180.0,
        &[
            (0.0, Rgb::hex(0x242b35), 1.0),
            (0.5, Rgb::hex(0x12161d), 1.0),
            (1.0, Rgb::hex(0x0a0d12), 1.0),
        ],
    );
    let shadow = svg.gradient(
        (0.0, 200.0),
        (0.0, 280.0),
        &[(0.0, Rgb::BLACK, 0.15), (1.0, Rgb::BLACK, 0.6)],
    );
    svg.path(ARMS, Rgb::hex(0x252d38));
    for part in [EARS, NECK, HEAD] {
        svg.path(part, &skin);
    }
    svg.path(NECK, shadow);
    svg.path(HAIR, hair);
    let light = svg.gradient(
        (0.0, 40.0),
        (0.0, 110.0),
        &[(0.0, Rgb::WHITE, 0.13), (1.0, Rgb::WHITE, 0.02)],
    );
    svg.path(CROWN, light);
}

fn draw_shirt(svg: &mut Svg, sheet: &Sheet) {
    let mut cloth = |draw: fn(&mut Svg, &Sheet)| {
        svg.pattern(2.0 * MIDDLE, HEM + 20.0, |svg| {
            svg.rect(0.0, 0.0, 2.0 * MIDDLE, HEM + 20.0, sheet.primary);
            draw(svg, sheet);
        })
    };
    let (sleeves, body) = (cloth(kit::draw_sleeves), cloth(kit::draw_body));
    svg.path(LEFT_SLEEVE, &sleeves);
    svg.path(RIGHT_SLEEVE, &sleeves);
    svg.path(BODY, body);
    svg.path(COLLAR, sheet.trim);
    svg.path(CUFFS, sheet.trim);
    draw_shading(svg);
}

/// Roundness and folds of the cloth, the same on every colour.
fn draw_shading(svg: &mut Svg) {
    let dark = Rgb::hex(0x04060a);
    let round = svg.gradient(
        (116.0, 0.0),
        (524.0, 0.0),
        &[
            (0.0, dark, 0.58),
            (0.16, dark, 0.16),
            (0.36, dark, 0.0),
            (0.66, dark, 0.0),
            (0.86, dark, 0.2),
            (1.0, dark, 0.62),
        ],
    );
    let fall = svg.gradient(
        (0.0, 250.0),
        (0.0, 760.0),
        &[(0.0, Rgb::WHITE, 0.16), (0.18, Rgb::WHITE, 0.0), (0.55, dark, 0.05), (1.0, dark, 0.55)],
    );
    svg.path(BODY, round);
    svg.path(BODY, &fall);
    for (sleeve, outer, inner) in [(LEFT_SLEEVE, 20.0, 138.0), (RIGHT_SLEEVE, 620.0, 502.0)] {
        let round = svg.gradient(
            (outer, 0.0),
            (inner, 0.0),
            &[(0.0, dark, 0.35), (0.35, dark, 0.02), (0.7, dark, 0.14), (1.0, dark, 0.6)],
        );
        svg.path(sleeve, round);
        svg.path(sleeve, &fall);
    }
    let folds = concat!(
        "M124 330C150 372 176 402 226 420C182 416 150 400 128 372Z",
        "M516 330C490 372 464 402 414 420C458 416 490 400 512 372Z",
        "M134 500C160 560 190 600 240 628C190 616 154 590 133 552Z",
        "M506 500C480 560 450 600 400 628C450 616 486 590 507 552Z",
        "M131 620C180 668 220 690 280 700C214 704 164 690 130 664Z",
        "M509 620C460 668 420 690 360 700C426 704 476 690 510 664Z",
        "M250 268C240 300 236 330 240 366C228 330 230 296 240 270Z",
        "M390 268C400 300 404 330 400 366C412 330 410 296 400 270Z",
    );
    let lights = concat!(
        "M150 330C190 362 240 372 300 372C238 384 184 374 146 346Z",
        "M490 330C450 362 400 372 340 372C402 384 456 374 494 346Z",
        "M136 462C166 520 196 556 236 584C190 562 158 530 136 490Z",
    );
    svg.add(format!(
        r##"<path d="{folds}" fill="#04060a" fill-opacity="0.15"/><path d="{lights}" fill="#fff" fill-opacity="0.08"/>"##
    ));
}

/// Name and number on the back, in whatever reads on this shirt.
fn draw_lettering(svg: &mut Svg, sheet: &Sheet) {
    let (ink, edge) = kit::lettering_colours(sheet);
    let surname = shirt_name(sheet);
    if !surname.is_empty() {
        let size = fit(&surname, sheet.fonts, 236.0, 42.0, 1).size;
        let outline = format!(
            r#"stroke="{edge}" stroke-width="7" stroke-linejoin="round" paint-order="stroke" letter-spacing="1""#
        );
        print(svg, &surname, 368.0 + size * CAP_HEIGHT / 2.0, size, ink, &outline);
    }
    let number = sheet.card.number.to_string();
    let size = fit(&number, sheet.fonts, 250.0, 232.0, 1).size;
    let outline = format!(
        r#"stroke="{edge}" stroke-width="18" stroke-linejoin="round" paint-order="stroke""#
    );
    print(svg, &number, 416.0 + 232.0, size, ink, &outline);
}

fn print(svg: &mut Svg, text: &str, baseline: f32, size: f32, ink: Rgb, extra: &str) {
    svg.text(&TextLine {
        text,
        x: MIDDLE,
        y: baseline,
        size,
        typeface: Typeface::Display,
        anchor: Anchor::Middle,
        fill: ink.to_string(),
        extra,
    });
}

/// The last word of the name that has letters, as shirts carry it; none where it would be too small to read.
fn shirt_name(sheet: &Sheet) -> String {
    sheet
        .name()
        .split(' ')
        .rev()
        .find(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1)
        .filter(|word| word.chars().count() <= 18)
        .unwrap_or_default()
        .to_owned()
}

/// Floodlight along both edges of the silhouette.
fn draw_rim(svg: &mut Svg, sheet: &Sheet) {
    let light = sheet.foil.light().lighter(0.4);
    let head = svg.gradient(
        (228.0, 0.0),
        (412.0, 0.0),
        &[
            (0.0, light, 0.95),
            (0.12, light, 0.45),
            (0.3, light, 0.0),
            (0.7, light, 0.0),
            (0.88, light, 0.45),
            (1.0, light, 0.95),
        ],
    );
    for (edge, paint) in [(HAIR, &head), (EARS, &head), (SIDES, &light.to_string())] {
        for (width, opacity) in [(3.0, 0.7), (9.0, 0.22)] {
            svg.add(format!(
                r#"<path d="{edge}" fill="none" stroke="{paint}" stroke-width="{width}" stroke-opacity="{opacity}"/>"#
            ));
        }
    }
    let shoulders =
        svg.gradient((0.0, 300.0), (0.0, 350.0), &[(0.0, light, 0.5), (1.0, light, 0.0)]);
    svg.add(format!(
        r#"<path d="M244 262C214 286 168 298 118 314C86 328 62 352 52 392M396 262C426 286 472 298 522 314C554 328 578 352 588 392" fill="none" stroke="{shoulders}" stroke-width="5" stroke-linecap="round"/>"#
    ));
}
