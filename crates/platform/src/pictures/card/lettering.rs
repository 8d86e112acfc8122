//! Fitting text into a box.

use super::super::fonts::{Fonts, Typeface};

/// From baseline to baseline, as a share of the size.
pub const LEADING: f32 = 0.86;

/// Text broken into lines, and the size at which they fill their box.
pub struct Fitted {
    pub lines: Vec<String>,
    pub size: f32,
}

/// The largest setting of the text in the box, on as many lines as make it largest (at most `most_lines`).
pub fn fit(text: &str, fonts: &Fonts, width: f32, height: f32, most_lines: usize) -> Fitted {
    let cap = fonts.measure(text, Typeface::Display).tallness();
    let mut best: Option<Fitted> = None;
    for count in 1..=most_lines {
        let lines = break_into(text, count);
        let widest = lines
            .iter()
            .map(|line| fonts.measure(line, Typeface::Display).width)
            .fold(0.01, f32::max);
        let tall = cap + LEADING * (lines.len() as f32 - 1.0);
        let size = (width / widest).min(height / tall);
        // A line more must be worth it.
        if best.as_ref().is_none_or(|best| size > best.size * 1.12) {
            best = Some(Fitted { lines, size });
        }
    }
    best.unwrap_or(Fitted { lines: Vec::new(), size: height })
}

/// Breaks at spaces into lines of similar length; inside a word only where it is longer than a line should be.
fn break_into(text: &str, count: usize) -> Vec<String> {
    let target = text.chars().count().div_ceil(count).max(1);
    let longest_word = if count == 1 { target } else { target * 4 / 3 };
    let mut lines = vec![String::new()];
    for word in text.split(' ').flat_map(|word| split_word(word, longest_word)) {
        let full = lines.len() == count;
        let Some(line) = lines.last_mut() else { break };
        let (so_far, more) = (line.chars().count(), word.chars().count());
        // Break where the line comes nearer to its share of the text without the word than with it.
        if so_far > 0 && !full && so_far + 1 + more / 2 > target {
            lines.push(word);
        } else {
            if so_far > 0 {
                line.push(' ');
            }
            line.push_str(&word);
        }
    }
    lines
}

/// The word in equal parts of at most `longest` characters.
fn split_word(word: &str, longest: usize) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let parts = letters.len().div_ceil(longest.max(1)).max(1);
    letters.chunks(letters.len().div_ceil(parts).max(1)).map(|part| part.iter().collect()).collect()
}

/// Capitals, where the faces have them all; else as written.
pub fn capitals(text: &str, fonts: &Fonts) -> String {
    let written = fonts.legible(text);
    let capitals: String = written.to_uppercase().chars().map(without_tonos).collect();
    let capitals = fonts.legible(&capitals);
    if capitals.chars().count() >= written.chars().count() { capitals } else { written }
}

/// Greek capitals are set without the accent of their small letters.
fn without_tonos(c: char) -> char {
    match c {
        'Ά' => 'Α',
        'Έ' => 'Ε',
        'Ή' => 'Η',
        'Ί' => 'Ι',
        'Ό' => 'Ο',
        'Ύ' => 'Υ',
        'Ώ' => 'Ω',
        c => c,
    }
}
