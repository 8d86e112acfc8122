//! A platform's own way to sign webhooks, as data in its manifest:
//!
//! ```toml
//! [webhooks.signature]
//! text = "{timestamp}.{body}"                    # what is signed
//! encoding = "hex"                               # or "base64"; hex where absent
//! headers = [
//!     { name = "X-Example-Signature", value = "sha256={signature}" },
//!     { name = "X-Example-Delivery", value = "req_{ulid}" },
//! ]
//! ```
//!
//! The signature is HMAC-SHA256; its key is the UTF-8 text of the secret, `whsec_` and all. The
//! Standard Webhooks headers are sent beside it in any case.

use reqwest::header::HeaderName;
use serde::Deserialize;

/// What a platform signs, and the headers it sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureScheme {
    pub text: SignedText,
    #[serde(default)]
    pub encoding: Encoding,
    #[serde(default)]
    pub headers: Vec<SchemeHeader>,
}

/// How the bytes of a signature become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Lower-case.
    #[default]
    Hex,
    /// With padding.
    Base64,
}

/// One header that accompanies a message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemeHeader {
    pub name: SchemeHeaderName,
    pub value: SchemeHeaderValue,
}

/// A valid header name; compared without case, sent in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SchemeHeaderName(pub(super) HeaderName);

/// The signed text: `{timestamp}`, `{body}`, `{ulid}`, `{uuid}` and `{event}` stand for the message's own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SignedText(pub(super) Vec<Piece>);

/// A header's value: as in the signed text, with `{signature}` in place of `{body}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SchemeHeaderValue(pub(super) Vec<Piece>);

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Field(Field),
}

/// What a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// Unix seconds of this attempt.
    Timestamp,
    /// The body, byte for byte.
    Body,
    /// The event's type.
    Event,
    /// The delivery's ULID; the same over all its attempts.
    Ulid,
    /// The same bits in the form of a UUID.
    Uuid,
    Signature,
}

/// A mistake in a manifest's signature scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemeError {
    #[error("`{{{0}}}` is no placeholder here; known are {1}")]
    UnknownPlaceholder(String, &'static str),
    #[error("a brace is opened and not closed")]
    OpenBrace,
    #[error("`{0}` is not a header's name")]
    HeaderName(String),
    #[error("a header's value is visible ASCII")]
    HeaderValue,
    #[error("the signed text must contain `{{body}}`")]
    BodyNotSigned,
}

const IN_TEXT: &str = "{timestamp}, {body}, {event}, {ulid} and {uuid}";
const IN_HEADER: &str = "{timestamp}, {signature}, {event}, {ulid} and {uuid}";

impl TryFrom<String> for SignedText {
    type Error = SchemeError;

    fn try_from(text: String) -> Result<Self, SchemeError> {
        let pieces = parse(&text, Field::Body, IN_TEXT)?;
        if !pieces.contains(&Piece::Field(Field::Body)) {
            return Err(SchemeError::BodyNotSigned);
        }
        Ok(Self(pieces))
    }
}

impl TryFrom<String> for SchemeHeaderValue {
    type Error = SchemeError;

    fn try_from(text: String) -> Result<Self, SchemeError> {
        if text.chars().any(|c| !(' '..='~').contains(&c)) {
            return Err(SchemeError::HeaderValue);
        }
        parse(&text, Field::Signature, IN_HEADER).map(Self)
    }
}

impl TryFrom<String> for SchemeHeaderName {
    type Error = SchemeError;

    fn try_from(name: String) -> Result<Self, SchemeError> {
        match name.parse() {
            Ok(parsed) => Ok(Self(parsed)),
            Err(_) => Err(SchemeError::HeaderName(name)),
        }
    }
}

/// Splits a template; `own` is the one placeholder that this kind of template has to itself.
fn parse(template: &str, own: Field, known: &'static str) -> Result<Vec<Piece>, SchemeError> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or(SchemeError::OpenBrace)?;
        let field = field(name)
            .filter(|field| !matches!(field, Field::Body | Field::Signature) || *field == own)
            .ok_or_else(|| SchemeError::UnknownPlaceholder(name.to_owned(), known))?;
        push_text(&mut pieces, text);
        pieces.push(Piece::Field(field));
        rest = after;
    }
    push_text(&mut pieces, rest);
    Ok(pieces)
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

fn field(name: &str) -> Option<Field> {
    Some(match name {
        "timestamp" => Field::Timestamp,
        "body" => Field::Body,
        "event" => Field::Event,
        "ulid" => Field::Ulid,
        "uuid" => Field::Uuid,
        "signature" => Field::Signature,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_told_with_what_is_allowed() {
        let unknown = SignedText::try_from("{time}.{body}".to_owned()).unwrap_err().to_string();
        assert!(unknown.contains("{time}") && unknown.contains("{timestamp}"), "{unknown}");
        assert_eq!(SignedText::try_from("{timestamp}".to_owned()), Err(SchemeError::BodyNotSigned));
        assert!(SignedText::try_from("{signature}{body}".to_owned()).is_err());
        assert!(SchemeHeaderValue::try_from("{body}".to_owned()).is_err());
        assert_eq!(
            SchemeHeaderValue::try_from("t={timestamp".to_owned()),
            Err(SchemeError::OpenBrace)
        );
        assert_eq!(SchemeHeaderValue::try_from("a\r\nb".to_owned()), Err(SchemeError::HeaderValue));
        assert!(SchemeHeaderName::try_from("X Signature".to_owned()).is_err());
    }
}
