//! A picture of the screen of Xvfb, which keeps it in a file in the format of `xwd` (X11's `XWDFile.h`, version 7).

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

/// Rows of red, green and blue bytes, top to bottom.
#[derive(PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

/// The fields of the header that matter here, by their place among its 32-bit words.
mod field {
    pub const HEADER_SIZE: usize = 0;
    pub const VERSION: usize = 1;
    pub const WIDTH: usize = 4;
    pub const HEIGHT: usize = 5;
    pub const BYTE_ORDER: usize = 7;
    pub const BITS_PER_PIXEL: usize = 11;
    pub const BYTES_PER_LINE: usize = 12;
    pub const COLOURS: usize = 19;
}
const COLOUR_SIZE: usize = 12;
const LEAST_SIGNIFICANT_FIRST: u32 = 0;

impl Picture {
    pub fn read(screen: &Path) -> Result<Self> {
        let bytes =
            fs::read(screen).with_context(|| format!("{} cannot be read", screen.display()))?;
        Self::parse(&bytes)
    }

    /// Understands what the screen's file holds.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let word = |place: usize| -> Result<u32> {
            let word =
                bytes.get(place * 4..place * 4 + 4).context("the screen's file is cut short")?;
            Ok(u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
        };
        ensure!(
            word(field::VERSION)? == 7,
            "the screen's file is not in the xwd format, version 7"
        );
        let (order, bits) = (word(field::BYTE_ORDER)?, word(field::BITS_PER_PIXEL)?);
        if (order, bits) != (LEAST_SIGNIFICANT_FIRST, 32) {
            bail!(
                "the screen has {bits} bits a pixel in byte order {order}; only 32 and 0 are understood"
            );
        }
        let (width, height) = (word(field::WIDTH)?, word(field::HEIGHT)?);
        let start =
            word(field::HEADER_SIZE)? as usize + word(field::COLOURS)? as usize * COLOUR_SIZE;
        let stride = word(field::BYTES_PER_LINE)? as usize;
        let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
        for row in 0..height as usize {
            let from = start + row * stride;
            let line = bytes
                .get(from..from + width as usize * 4)
                .context("the screen's file is cut short")?;
            pixels.extend(line.chunks_exact(4).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]));
        }
        Ok(Self { width, height, pixels })
    }

    /// Whether nothing has been drawn yet.
    pub fn is_blank(&self) -> bool {
        let mut pixels = self.pixels.chunks_exact(3);
        let first = pixels.next();
        pixels.all(|pixel| Some(pixel) == first)
    }

    /// The share of pixels that look different, from 0 to 1; 1 for pictures of another size.
    pub fn difference(&self, other: &Self) -> f64 {
        /// Of a channel; an edge drawn a little softer is no difference.
        const VISIBLE: u8 = 16;
        if (self.width, self.height) != (other.width, other.height) {
            return 1.0;
        }
        let pixels = self.pixels.chunks_exact(3).zip(other.pixels.chunks_exact(3));
        let differ = pixels
            .filter(|(a, b)| a != b && a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > VISIBLE));
        self.share(differ.count())
    }

    /// The share of pixels that differ from their left neighbour: little on plain surfaces, much where text is.
    pub fn detail(&self) -> f64 {
        let rows = self.pixels.chunks_exact((self.width as usize * 3).max(1));
        let edges = rows.map(|row| row.chunks_exact(3).zip(row.chunks_exact(3).skip(1)));
        self.share(edges.flatten().filter(|(left, right)| left != right).count())
    }

    fn share(&self, pixels: usize) -> f64 {
        pixels as f64 / (f64::from(self.width) * f64::from(self.height)).max(1.0)
    }

    pub fn write_png(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut encoder =
            png::Encoder::new(BufWriter::new(File::create(file)?), self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        Ok(writer.finish()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two by one pixels, one colour map entry, four bytes of padding after each line.
    fn screen(pixels: [[u8; 4]; 2]) -> Vec<u8> {
        let mut words = [0u32; 25];
        words[field::HEADER_SIZE] = 100;
        words[field::VERSION] = 7;
        words[field::WIDTH] = 2;
        words[field::HEIGHT] = 1;
        words[field::BITS_PER_PIXEL] = 32;
        words[field::BYTES_PER_LINE] = 12;
        words[field::COLOURS] = 1;
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        bytes.extend([0xee; COLOUR_SIZE]);
        bytes.extend(pixels.concat());
        bytes.extend([0; 4]);
        bytes
    }

    #[test]
    fn pixels_are_blue_green_red_and_become_red_green_blue() {
        let picture = Picture::parse(&screen([[3, 2, 1, 0], [6, 5, 4, 0]])).unwrap();
        assert_eq!(picture.pixels, [1, 2, 3, 4, 5, 6]);
        assert!(!picture.is_blank());
        assert!(Picture::parse(&screen([[1; 4]; 2])).unwrap().is_blank());
    }

    #[test]
    fn differences_and_edges_are_shares_of_all_pixels() {
        let picture = |pixels| Picture::parse(&screen(pixels)).unwrap();
        let (plain, half) = (picture([[0; 4]; 2]), picture([[0; 4], [90; 4]]));
        assert!((plain.difference(&half) - 0.5).abs() < 1e-9);
        assert!(plain.difference(&picture([[9; 4]; 2])) < 1e-9);
        assert!(plain.detail() < 1e-9);
        assert!((half.detail() - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_broken_file_is_refused_with_a_sentence() {
        let whole = screen([[0; 4]; 2]);
        for length in [0, 7, 60, 112, 119] {
            assert!(Picture::parse(&whole[..length]).is_err(), "{length} bytes");
        }
        let mut other = whole;
        other[7] = 6;
        assert!(Picture::parse(&other).err().unwrap().to_string().contains("xwd"));
    }

    #[test]
    fn the_png_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("screens/run.png");
        Picture::parse(&screen([[3, 2, 1, 0], [6, 5, 4, 0]])).unwrap().write_png(&file).unwrap();
        let decoder = png::Decoder::new(std::io::BufReader::new(File::open(file).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels, [1, 2, 3, 4, 5, 6]);
    }
}
