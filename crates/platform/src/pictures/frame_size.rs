//! Aspect ratios, as requests write them.

use std::str::FromStr;

/// Width to height, such as `16:9`. Anything from 1:4 to 4:1; the default is square.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AspectRatio {
    across: u32,
    down: u32,
}

/// The text is not `W:H` with whole numbers from 1 to 100, or is narrower than 1:4 or wider than 4:1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an aspect ratio is written as two whole numbers, such as 16:9, between 1:4 and 4:1")]
pub struct AspectRatioError;

impl AspectRatio {
    pub const SQUARE: AspectRatio = AspectRatio { across: 1, down: 1 };
    pub const WIDE: AspectRatio = AspectRatio { across: 16, down: 9 };

    /// Width and height in pixels with the long side as given, both even.
    pub fn size(self, long_side: u32) -> (u32, u32) {
        let short = |part: u32, whole: u32| (long_side * part / whole / 2 * 2).max(2);
        if self.across >= self.down {
            (long_side, short(self.down, self.across))
        } else {
            (short(self.across, self.down), long_side)
        }
    }

    /// Width and height in pixels that make about `area` pixels together, both even.
    pub fn size_of_area(self, area: u32) -> (u32, u32) {
        let longer = self.across.max(self.down) as f32 / self.across.min(self.down) as f32;
        let long_side = (area as f32 * longer).sqrt() / 2.0;
        self.size(long_side.round() as u32 * 2)
    }
}

impl Default for AspectRatio {
    fn default() -> Self {
        AspectRatio::SQUARE
    }
}

impl FromStr for AspectRatio {
    type Err = AspectRatioError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (across, down) = text.trim().split_once(':').ok_or(AspectRatioError)?;
        let side = |part: &str| {
            part.trim()
                .parse::<u32>()
                .ok()
                .filter(|side| (1..=100).contains(side))
                .ok_or(AspectRatioError)
        };
        let (across, down) = (side(across)?, side(down)?);
        if across > down * 4 || down > across * 4 {
            return Err(AspectRatioError);
        }
        Ok(AspectRatio { across, down })
    }
}
