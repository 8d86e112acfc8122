//! Reading the fields of a JSON object, each with its place, so that an error names it.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};
use url::Url;

use super::Refusal;

/// An object of the request's body and where it lies. A `null` counts as absent.
#[derive(Debug, Clone)]
pub struct Fields<'b> {
    place: String,
    object: &'b Map<String, Value>,
}

impl<'b> Fields<'b> {
    /// The body itself.
    #[must_use]
    pub const fn of_body(object: &'b Map<String, Value>) -> Self {
        Self { place: String::new(), object }
    }

    /// The path of a field, `player.name`.
    #[must_use]
    pub fn place(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    /// The field's value, if it is there.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'b Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// The object itself.
    #[must_use]
    pub const fn object(&self) -> &'b Map<String, Value> {
        self.object
    }

    /// A refusal of a field.
    pub fn wrong<T>(&self, name: &str, problem: impl Into<String>) -> Result<T, Refusal> {
        Err(Refusal::invalid(self.place(name), problem))
    }

    /// Turns an absent field into a refusal.
    pub fn required<T>(&self, name: &str, value: Option<T>) -> Result<T, Refusal> {
        value.ok_or_else(|| Refusal::missing(self.place(name)))
    }

    pub fn inner(&self, name: &str) -> Result<Option<Fields<'b>>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Fields { place: self.place(name), object })),
            Some(_) => self.wrong(name, "must be an object"),
        }
    }

    pub fn text(&self, name: &str) -> Result<Option<&'b str>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => self.wrong(name, "must be a string"),
        }
    }

    /// A text of so many characters.
    pub fn text_of(
        &self,
        name: &str,
        length: RangeInclusive<usize>,
    ) -> Result<Option<&'b str>, Refusal> {
        let text = self.text(name)?;
        match text.map(|text| text.chars().count()) {
            Some(count) if !length.contains(&count) => {
                let (least, most) = (length.start(), length.end());
                self.wrong(name, format!("must have {least} to {most} characters; it has {count}"))
            }
            _ => Ok(text),
        }
    }

    /// A whole number within a range.
    pub fn integer(&self, name: &str, range: RangeInclusive<u32>) -> Result<Option<u32>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        match number.filter(|number| range.contains(number)) {
            Some(number) => Ok(Some(number)),
            None => {
                let (least, most) = (range.start(), range.end());
                self.wrong(name, format!("must be a whole number from {least} to {most}"))
            }
        }
    }

    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => self.wrong(name, "must be true or false"),
        }
    }

    /// One of a few words.
    pub fn choice(&self, name: &str, choices: &[&str]) -> Result<Option<&'b str>, Refusal> {
        match self.text(name)? {
            Some(text) if !choices.contains(&text) => {
                self.wrong(name, format!("must be one of {}", choices.join(", ")))
            }
            text => Ok(text),
        }
    }

    /// An `http` or `https` address.
    pub fn url(&self, name: &str) -> Result<Option<&'b str>, Refusal> {
        match self.text(name)? {
            Some(text) if !is_web_address(text) => {
                self.wrong(name, "must be a URL such as https://example.com/picture.png")
            }
            text => Ok(text),
        }
    }
}

/// Whether `text` is an absolute `http` or `https` URL with a host, as it is written: `Url::parse`
/// would repair a missing slash, a backslash, or white space around it.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    let rest = text.split_once("://").map(|(_, rest)| rest);
    rest.is_some_and(|rest| !rest.starts_with('/'))
        && !text.contains(odd)
        && Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_it_is_written() {
        for text in ["https://e.com/a.jpg", "HTTP://e.com", "https://[::1]:8443/a?b#c"] {
            assert!(is_web_address(text), "{text}");
        }
        for text in [
            "https:e.com/a.jpg",
            "https:///e.com/a",
            "https:\\\\e.com\\a",
            "\thttps://e.com/\n",
            " https://e.com/a.jpg ",
            "ftp://e.com/a",
            "https://",
        ] {
            assert!(!is_web_address(text), "{text:?}");
        }
    }
}
