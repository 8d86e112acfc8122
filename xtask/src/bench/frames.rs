//! When a program's window was first usable: what the screen showed, moment by moment.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::picture::Picture;
use crate::process::wait_until;

const POLL: Duration = Duration::from_millis(10);
const PAINTED_WITHIN: Duration = Duration::from_secs(60);
const BLANK_WITHIN: Duration = Duration::from_secs(10);
/// Nothing more comes after this long without a change.
const STILL_FOR: Duration = Duration::from_millis(1_500);
/// A text cursor that blinks changes fewer rows of the screen.
const ROWS_OF_A_CHANGE: usize = 40;
/// A form with its labels has more; a title bar and the logo of a splash have less.
const DETAILED: f64 = 0.004;
/// An empty screen has a mouse pointer at most.
const EMPTY: f64 = 0.0005;
/// A screen that differs in no more than this share of its pixels is the same to the eye.
const SAME: f64 = 0.002;

/// Reads the screen's file over and over. What it reads is compared as bytes and understood only afterwards, so that
/// looking costs the program that starts next to nothing.
pub struct Camera {
    file: File,
    length: usize,
}

struct Frame {
    at: Duration,
    bytes: Vec<u8>,
}

impl Camera {
    pub fn open(screen: &Path) -> Result<Self> {
        let why = || format!("{} cannot be read", screen.display());
        let file = File::open(screen).with_context(why)?;
        let length = file.metadata().with_context(why)?.len() as usize;
        Ok(Self { file, length })
    }

    /// Waits until no window is shown any more.
    pub fn wait_until_blank(&self) -> Result<()> {
        let blank = wait_until(BLANK_WITHIN, || {
            self.look().and_then(|bytes| Picture::parse(&bytes)).is_ok_and(|it| it.detail() < EMPTY)
        });
        ensure!(blank, "the window of the program that was ended is still shown");
        Ok(())
    }

    /// How long after `started` the screen first looked as it then stayed.
    pub fn first_paint(&self, started: Instant) -> Result<Duration> {
        let frames = self.record(started)?;
        let settled = frames.last().context("nothing was recorded")?;
        let picture = Picture::parse(&settled.bytes)?;
        for frame in &frames {
            if Picture::parse(&frame.bytes)?.difference(&picture) <= SAME {
                return Ok(frame.at);
            }
        }
        Ok(settled.at)
    }

    /// The screen whenever it changed, until it stands and shows more than a splash.
    fn record(&self, started: Instant) -> Result<Vec<Frame>> {
        let mut frames = vec![Frame { at: Duration::ZERO, bytes: self.look()? }];
        let mut changed = started;
        while started.elapsed() < PAINTED_WITHIN {
            let bytes = self.look()?;
            let at = started.elapsed();
            let last = frames.last().map_or(&[][..], |frame| &frame.bytes);
            if has_changed(last, &bytes) {
                frames.push(Frame { at, bytes });
                changed = Instant::now();
            } else if changed.elapsed() >= STILL_FOR {
                if Picture::parse(&bytes)?.detail() >= DETAILED {
                    return Ok(frames);
                }
                changed = Instant::now();
            }
            sleep(POLL);
        }
        anyhow::bail!("no window was painted within {} s", PAINTED_WITHIN.as_secs())
    }

    fn look(&self) -> Result<Vec<u8>> {
        let mut bytes = vec![0; self.length];
        self.file.read_exact_at(&mut bytes, 0).context("the screen cannot be read")?;
        Ok(bytes)
    }
}

fn has_changed(before: &[u8], now: &[u8]) -> bool {
    // Near enough to a row; the file's header moves the rows a little.
    let row = (now.len() / 800).max(1);
    let rows = before.chunks(row).zip(now.chunks(row));
    before.len() != now.len()
        || rows.filter(|(before, now)| before != now).count() > ROWS_OF_A_CHANGE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blinking_cursor_is_no_change() {
        let before = vec![0; 80_000];
        let mut now = before.clone();
        now[10_000..12_000].fill(1);
        assert!(!has_changed(&before, &now));
        now[10_000..16_000].fill(1);
        assert!(has_changed(&before, &now));
    }
}
