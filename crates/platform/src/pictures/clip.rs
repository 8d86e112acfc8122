//! A short animation seeded by a prompt: one of the compositions of [`super::artwork`], run once round its loop.

use std::time::Duration;

use super::artwork::Scene;
use super::fonts::Fonts;
use super::frame_size::AspectRatio;
use super::{Picture, PictureError, gif_file, raster};

/// A looping animation. It shows what a video would, at a size that costs little.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    pub prompt: String,
    pub aspect_ratio: AspectRatio,
    /// The wished length of the loop, kept to from [`Clip::SHORTEST`] to [`Clip::LONGEST`].
    pub duration: Duration,
    /// The wished resolution, such as `720p`. A larger one makes a larger picture, though never that large.
    pub resolution: String,
}

/// A finished animation.
#[derive(Clone, Debug, PartialEq)]
pub struct MovingPicture {
    /// The file, `image/gif`, and its size.
    pub picture: Picture,
    /// The length of one loop as it was made.
    pub duration: Duration,
}

impl Clip {
    pub const LONGEST: Duration = Duration::from_secs(10);
    pub const SHORTEST: Duration = Duration::from_millis(800);

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        let lines = self.resolution.trim().trim_end_matches(['p', 'P']);
        self.aspect_ratio.size_of_area(match lines {
            "240" | "360" | "480" => 400 * 224,
            "1080" | "1440" | "2160" => 544 * 306,
            _ => 480 * 270,
        })
    }

    /// The length of the loop: the wished one within what is possible, in whole frames.
    pub fn length(&self) -> Duration {
        FRAME * self.frames()
    }

    fn frames(&self) -> u32 {
        let length = self.duration.clamp(Self::SHORTEST, Self::LONGEST);
        (length.as_secs_f32() / FRAME.as_secs_f32()).round() as u32
    }

    /// Draws the animation as GIF.
    pub fn render(&self, fonts: &Fonts) -> Result<MovingPicture, PictureError> {
        let (width, height) = self.size();
        let count = self.frames();
        let scene = Scene::of(&self.prompt, 0, (width, height));
        let frames = (0..count)
            .map(|frame| scene.draw(frame as f32 / count as f32))
            .map(|svg| raster::paint(svg, width, height, fonts))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(MovingPicture {
            picture: Picture {
                bytes: gif_file::encode(&frames, FRAME)?,
                content_type: "image/gif",
                width,
                height,
            },
            duration: self.length(),
        })
    }
}

/// How long a frame is shown. GIF counts in hundredths of a second.
const FRAME: Duration = Duration::from_millis(100);
