//! Abstract pictures seeded by a prompt. The prompt's words lean towards a palette; its hash decides everything else.
//!
//! A composition draws one instant of a loop: [`Artwork`] takes its first instant, [`super::Clip`] all of them.

mod bauhaus;
mod botanic;
mod dunes;
mod orbits;
mod palette;
mod papercut;
mod ribbons;
mod scales;
mod strata;

use std::f32::consts::TAU;

use super::fonts::Fonts;
use super::frame_size::AspectRatio;
use super::seed::Seed;
use super::svg::Svg;
use super::{Picture, PictureError, raster};

use palette::Palette;

/// An abstract picture of 1024 pixels on its long side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artwork {
    pub prompt: String,
    pub aspect_ratio: AspectRatio,
    /// Which of several pictures of one prompt, from 0. Neighbours differ in composition.
    pub variation: u32,
}

impl Artwork {
    /// Pixels of the long side.
    pub const LONG_SIDE: u32 = 1024;

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.aspect_ratio.size(Self::LONG_SIDE)
    }

    /// Draws the picture as PNG.
    pub fn render(&self, fonts: &Fonts) -> Result<Picture, PictureError> {
        let (width, height) = self.size();
        let scene = Scene::of(&self.prompt, self.variation, (width, height));
        raster::png(scene.draw(0.0), width, height, fonts)
    }
}

type Draw = fn(&mut Svg, &Scene);

const COMPOSITIONS: [Draw; 8] = [
    dunes::draw,
    bauhaus::draw,
    ribbons::draw,
    strata::draw,
    orbits::draw,
    papercut::draw,
    botanic::draw,
    scales::draw,
];

/// What a composition draws from. Its own units: the long side is 1000.
#[derive(Clone)]
pub(super) struct Scene {
    width: f32,
    height: f32,
    palette: &'static Palette,
    /// Start of the composition's choices; a composition works on a clone, so every instant makes the same ones.
    seed: Seed,
    /// The instant, 0 to 1. A composition is the same at 0 and at 1.
    phase: f32,
    composition: Draw,
}

impl Scene {
    pub fn of(prompt: &str, variation: u32, size: (u32, u32)) -> Scene {
        let mut choice = Seed::of(&["artwork", prompt]);
        let first = choice.index(COMPOSITIONS.len());
        // Three is coprime to the count: each of eight variations is another composition.
        let index = (first + variation as usize * 3) % COMPOSITIONS.len();
        Scene::with(
            index,
            Palette::for_prompt(prompt, variation, &mut choice),
            prompt,
            variation,
            size,
        )
    }

    fn with(
        index: usize,
        palette: &'static Palette,
        prompt: &str,
        variation: u32,
        size: (u32, u32),
    ) -> Scene {
        let unit = size.0.max(size.1) as f32 / 1000.0;
        Scene {
            width: size.0 as f32 / unit,
            height: size.1 as f32 / unit,
            palette,
            seed: Seed::of(&["composition", prompt, &variation.to_string()]),
            phase: 0.0,
            composition: COMPOSITIONS[index % COMPOSITIONS.len()],
        }
    }

    /// The drawing at an instant of the loop.
    pub fn draw(&self, phase: f32) -> Svg {
        let mut svg = Svg::new(self.width, self.height);
        let scene = Scene { phase, ..self.clone() };
        (self.composition)(&mut svg, &scene);
        svg
    }

    fn short_side(&self) -> f32 {
        self.width.min(self.height)
    }

    /// A swing between -1 and 1 that closes with the loop, started at `offset` of it.
    fn swing(&self, offset: f32) -> f32 {
        ((self.phase + offset) * TAU).sin()
    }
}
