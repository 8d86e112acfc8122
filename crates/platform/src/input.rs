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

    /// A name: 1 to 100 characters, no control characters. Answers it without outer blanks.
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
