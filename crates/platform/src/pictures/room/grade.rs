//! Colour grading: exposure, white balance, tone curve, local contrast, saturation, toned shadows
//! and lights, glow, vignette, in this order.

use std::array;

use image::RgbImage;

use super::pixels;
use crate::pictures::{PictureError, Rgb};

/// How a photo is to look. At [`Grade::PLAIN`] nothing changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grade {
    /// Stops.
    pub exposure: f32,
    /// Colder below 0, warmer above; ±1 is strong.
    pub temperature: f32,
    /// Greener below 0, more magenta above.
    pub tint: f32,
    /// Of the tone curve; flatter below 0.
    pub contrast: f32,
    /// How far black is lifted, 0–1.
    pub fade: f32,
    /// Contrast of what lies close together.
    pub clarity: f32,
    /// 1 leaves colours as they are, 0 takes them away.
    pub saturation: f32,
    /// What dark parts are toned with, and how much.
    pub shadows: (Rgb, f32),
    /// What light parts are toned with, and how much.
    pub lights: (Rgb, f32),
    /// How much bright parts shine into their surroundings.
    pub glow: f32,
    /// How much darker the corners are.
    pub vignette: f32,
}

impl Grade {
    pub const PLAIN: Grade = Grade {
        exposure: 0.0,
        temperature: 0.0,
        tint: 0.0,
        contrast: 0.0,
        fade: 0.0,
        clarity: 0.0,
        saturation: 1.0,
        shadows: (Rgb::BLACK, 0.0),
        lights: (Rgb::WHITE, 0.0),
        glow: 0.0,
        vignette: 0.0,
    };

    /// What each channel's values become by exposure, white balance and tone curve.
    fn curves(&self) -> [[f32; 256]; 3] {
        let gains = [
            1.0 + 0.22 * self.temperature + 0.06 * self.tint,
            1.0 - 0.10 * self.tint,
            1.0 - 0.26 * self.temperature + 0.06 * self.tint,
        ];
        let exposure = self.exposure.exp2();
        gains.map(|gain| {
            array::from_fn(|value| {
                let light = to_linear(value as f32 / 255.0) * exposure * gain;
                self.tone(to_srgb(soft_shoulder(light)))
            })
        })
    }

    /// An S about the middle, or its opposite; then black is lifted.
    fn tone(&self, value: f32) -> f32 {
        let s_curve = value * value * (3.0 - 2.0 * value);
        let curved = value + (s_curve - value) * self.contrast;
        self.fade + curved * (1.0 - self.fade)
    }
}

/// Grades a photo in place.
///
/// # Errors
/// Without memory.
pub fn apply(photo: &mut RgbImage, grade: &Grade) -> Result<(), PictureError> {
    let blurred = pixels::blur(photo)?;
    let curves = grade.curves();
    let (shade, light) = (unit(grade.shadows.0), unit(grade.lights.0));
    let (width, height) = (photo.width() as f32, photo.height() as f32);
    let stride = photo.width() as usize;
    let pixels = photo.pixels_mut().zip(blurred.pixels()).enumerate();
    for (at, (pixel, around)) in pixels {
        let graded = |pixel: &image::Rgb<u8>| -> [f32; 3] {
            array::from_fn(|channel| curves[channel][usize::from(pixel.0[channel])])
        };
        let (mut colour, around) = (graded(pixel), graded(around));
        let (luma, luma_around) = (brightness(colour), brightness(around));
        // Less in the darkest and the lightest parts, where it would only show noise.
        let detail = (luma - luma_around) * grade.clarity * 4.0 * luma * (1.0 - luma);
        let dark = (1.0 - luma) * (1.0 - luma) * grade.shadows.1;
        let bright = luma * luma * grade.lights.1;
        let glow = (luma_around - 0.55).max(0.0) / 0.45 * grade.glow;
        let dim = vignette(at, stride, width, height) * grade.vignette;
        for (channel, value) in colour.iter_mut().enumerate() {
            *value = luma + (*value - luma) * grade.saturation + detail;
            *value += (soft_light(*value, shade[channel]) - *value) * dark;
            *value += (soft_light(*value, light[channel]) - *value) * bright;
            *value += (1.0 - *value) * around[channel] * glow;
            *value *= 1.0 - dim;
        }
        pixel.0 = colour.map(|value| (value.clamp(0.0, 1.0) * 255.0).round() as u8);
    }
    Ok(())
}

/// Pegtop's soft light: dark tones deepen, light tones lift, the middle leaves alone.
fn soft_light(under: f32, tone: f32) -> f32 {
    let toned = (1.0 - 2.0 * tone) * under * under + 2.0 * tone * under;
    // A share of the tone itself, so that it is seen in blacks and whites too.
    toned * 0.8 + tone * 0.2
}

/// 0 in the middle, towards 1 in the corners.
fn vignette(at: usize, stride: usize, width: f32, height: f32) -> f32 {
    let (x, y) = ((at % stride) as f32 / width - 0.5, (at / stride) as f32 / height - 0.5);
    let far = ((x * x + y * y) * 2.0).clamp(0.0, 1.0);
    let start = 0.18;
    let share = ((far - start) / (1.0 - start)).max(0.0);
    share * share * (3.0 - 2.0 * share)
}

/// Light beyond white is pressed together and not cut off.
fn soft_shoulder(light: f32) -> f32 {
    const KNEE: f32 = 0.72;
    if light <= KNEE {
        return light.max(0.0);
    }
    let over = (light - KNEE) / (1.0 - KNEE);
    KNEE + (1.0 - KNEE) * (over / (1.0 + over * over * over).cbrt()).min(1.0)
}

/// Rec. 709.
fn brightness([r, g, b]: [f32; 3]) -> f32 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn unit(colour: Rgb) -> [f32; 3] {
    [colour.0, colour.1, colour.2].map(|channel| f32::from(channel) / 255.0)
}

fn to_linear(value: f32) -> f32 {
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn to_srgb(light: f32) -> f32 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}
