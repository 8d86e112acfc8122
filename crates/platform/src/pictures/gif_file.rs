//! Frames as a looping GIF: one palette for all, and only what changed from frame to frame.

use std::borrow::Cow;
use std::time::Duration;

use gif::{DisposalMethod, Encoder, Frame, Repeat};
use resvg::tiny_skia::Pixmap;

use super::PictureError;

/// The index that leaves the previous frame's pixel standing.
const UNCHANGED: u8 = 255;
/// Colours the palette may have beside it.
const COLOURS: usize = 255;
/// Bytes of sixteen pixels.
const RUN: usize = 64;
/// Bits of a channel that tell colours apart.
const BITS: u32 = 6;
const SHADES: usize = 1 << BITS;

/// All frames have the size of the first.
pub fn encode(frames: &[Pixmap], shown_for: Duration) -> Result<Vec<u8>, PictureError> {
    let Some(first) = frames.first() else {
        return Ok(Vec::new());
    };
    let (width, height) = (first.width() as u16, first.height() as u16);
    let mut palette = Palette::for_frames(frames);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height, &palette.table())?;
    encoder.set_repeat(Repeat::Infinite)?;
    let mut shown: Option<&Pixmap> = None;
    for pixmap in frames {
        encoder.write_frame(&Frame {
            width,
            height,
            delay: (shown_for.as_millis() / 10) as u16,
            dispose: DisposalMethod::Keep,
            transparent: Some(UNCHANGED),
            buffer: Cow::Owned(palette.changes(pixmap, shown)),
            ..Frame::default()
        })?;
        shown = Some(pixmap);
    }
    drop(encoder);
    Ok(bytes)
}

/// A colour as found in the frames, and how often.
#[derive(Clone, Copy)]
struct Found {
    colour: [u8; 3],
    count: u32,
}

struct Palette {
    colours: Vec<[u8; 3]>,
    /// The palette's index for each shortened colour, once it was asked for.
    nearest: Vec<Option<u8>>,
}

impl Palette {
    /// Splits the colours of a few frames into as many groups as there is room for (median cut).
    fn for_frames(frames: &[Pixmap]) -> Palette {
        let mut groups = vec![found_colours(frames)];
        while groups.len() < COLOURS {
            let widest = groups
                .iter()
                .enumerate()
                .filter(|(_, group)| group.len() > 1)
                .max_by_key(|(_, group)| weight(group));
            let Some((index, _)) = widest else { break };
            let group = groups.swap_remove(index);
            groups.extend(split(group));
        }
        Palette {
            colours: groups.iter().map(|group| mean(group)).collect(),
            nearest: vec![None; SHADES * SHADES * SHADES],
        }
    }

    /// The colour table, padded to its full length so that [`UNCHANGED`] is in it.
    fn table(&self) -> Vec<u8> {
        let mut table = self.colours.concat();
        table.resize(256 * 3, 0);
        table
    }

    /// The frame as indices of the palette, [`UNCHANGED`] where it is as the shown one.
    fn changes(&mut self, next: &Pixmap, shown: Option<&Pixmap>) -> Vec<u8> {
        let Some(shown) = shown else {
            return next.data().chunks_exact(4).map(|pixel| self.index(pixel)).collect();
        };
        let mut changes = Vec::with_capacity(next.data().len() / 4);
        // Most of a frame is as it was: runs are compared whole before their pixels are.
        let runs = next.data().chunks(RUN).zip(shown.data().chunks(RUN));
        for (next, shown) in runs {
            if next == shown {
                changes.resize(changes.len() + next.len() / 4, UNCHANGED);
                continue;
            }
            for (next, shown) in next.chunks_exact(4).zip(shown.chunks_exact(4)) {
                changes.push(if next == shown { UNCHANGED } else { self.index(next) });
            }
        }
        changes
    }

    fn index(&mut self, pixel: &[u8]) -> u8 {
        let slot = shorten(pixel);
        self.nearest[slot].unwrap_or_else(|| self.find(pixel, slot))
    }

    fn find(&mut self, pixel: &[u8], slot: usize) -> u8 {
        let distance = |colour: &[u8; 3]| -> i32 {
            // The eye is keenest on green.
            [2, 4, 3]
                .iter()
                .zip(colour.iter().zip(pixel))
                .map(|(weight, (a, b))| weight * (i32::from(*a) - i32::from(*b)).pow(2))
                .sum()
        };
        let index = (0..self.colours.len())
            .min_by_key(|index| distance(&self.colours[*index]))
            .unwrap_or_default() as u8;
        self.nearest[slot] = Some(index);
        index
    }
}

/// The leading bits of a pixel's channels as one number. Frames are opaque, so alpha says nothing.
fn shorten(pixel: &[u8]) -> usize {
    let channel = |i: usize| usize::from(pixel[i] >> (8 - BITS));
    channel(0) * SHADES * SHADES + channel(1) * SHADES + channel(2)
}

/// Colours of every third pixel of four frames spread over the loop.
fn found_colours(frames: &[Pixmap]) -> Vec<Found> {
    let mut slots: Vec<Option<Found>> = vec![None; SHADES * SHADES * SHADES];
    for pixmap in frames.iter().step_by(frames.len().div_ceil(4).max(1)) {
        for pixel in pixmap.data().chunks_exact(4).step_by(3) {
            let found = slots[shorten(pixel)]
                .get_or_insert(Found { colour: [pixel[0], pixel[1], pixel[2]], count: 0 });
            found.count += 1;
        }
    }
    slots.into_iter().flatten().collect()
}

/// The channel in which a group spreads most, and how far.
fn spread(group: &[Found]) -> (usize, u8) {
    (0..3)
        .map(|channel| {
            let values = || group.iter().map(|found| found.colour[channel]);
            let (least, most) = (values().min(), values().max());
            (channel, most.unwrap_or(0) - least.unwrap_or(0))
        })
        .max_by_key(|(_, spread)| *spread)
        .unwrap_or((0, 0))
}

/// How much a group asks to be split: its spread, and the more so the more of the picture it is.
fn weight(group: &[Found]) -> u64 {
    let count: u64 = group.iter().map(|found| u64::from(found.count)).sum();
    let spread = u64::from(spread(group).1);
    spread * spread * count.isqrt()
}

fn split(mut group: Vec<Found>) -> [Vec<Found>; 2] {
    let (channel, _) = spread(&group);
    group.sort_unstable_by_key(|found| found.colour[channel]);
    let half: u64 = group.iter().map(|found| u64::from(found.count)).sum::<u64>() / 2;
    let mut passed = 0;
    let middle = group
        .iter()
        .position(|found| {
            passed += u64::from(found.count);
            passed > half
        })
        .unwrap_or(0)
        .clamp(1, group.len() - 1);
    let upper = group.split_off(middle);
    [group, upper]
}

fn mean(group: &[Found]) -> [u8; 3] {
    let count: u64 = group.iter().map(|found| u64::from(found.count)).sum();
    [0, 1, 2].map(|channel| {
        let sum: u64 = group
            .iter()
            .map(|found| u64::from(found.colour[channel]) * u64::from(found.count))
            .sum();
        (sum / count.max(1)) as u8
    })
}
