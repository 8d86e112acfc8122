//! Collecting what is wrong with a request, so that all of it is told at once.

use latchkey_contract::FieldError;

/// The faults found so far.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    /// Notes a fault unless `good`; `detail` ends a sentence that begins with the field.
    pub fn require(&mut self, good: bool, pointer: &str, detail: impl Into<String>) {
        if !good {
            self.add(pointer, detail);
        }
    }

    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(FieldError { pointer: pointer.into(), detail: detail.into() });
    }

    /// A name: 1 to 100 characters, one of them to be seen, no control characters. Answers it
    /// without outer blanks.
    pub fn name(&mut self, pointer: &str, name: &str) -> String {
        let name = name.trim();
        self.require(
            (1..=100).contains(&name.chars().count()),
            pointer,
            "must have 1 to 100 characters",
        );
        self.require(
            !name.chars().any(char::is_control),
            pointer,
            "must be one line of plain text",
        );
        self.require(
            name.is_empty() || !name.chars().all(is_invisible),
            pointer,
            "must have a character that can be seen",
        );
        name.to_owned()
    }

    /// Ends the collection.
    ///
    /// # Errors
    /// The faults, where there are any.
    pub fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

/// Whether a character leaves nothing to be seen: blanks, joiners, fillers, marks of direction,
/// variation selectors, tags.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}'
            | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_seen() {
        for (name, good) in [
            ("Northwind", true),
            ("北風", true),
            ("👩\u{200d}🚀", true),
            ("a\u{200b}", true),
            ("\u{200b}\u{200b}", false),
            ("\u{feff} \u{2060}", false),
            ("\u{3164}", false),
            ("\u{2800}", false),
            ("  ", false),
            ("a\nb", false),
        ] {
            let mut faults = Faults::default();
            faults.name("/name", name);
            assert_eq!(faults.finish().is_ok(), good, "{name:?}");
        }
    }
}
