//! Signatures: the Standard Webhooks headers for everyone, the platform's own beside them.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use latchkey_contract::{DeliveryId, EventId, PrefixedId};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;
use ulid::Ulid;

use super::{
    scheme::{Encoding, Field, Piece, SignatureScheme},
    secret::SigningSecret,
};

/// What one attempt says, whatever the scheme.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    pub event_id: &'a EventId,
    pub delivery_id: &'a DeliveryId,
    pub event_type: &'a str,
    /// When this attempt is sent: receivers allow a few minutes.
    pub sent_at: DateTime<Utc>,
    pub body: &'a str,
}

/// What a message is signed with.
#[derive(Debug, Clone)]
pub struct Secrets {
    pub current: SigningSecret,
    /// The one before, while the overlap of a rotation lasts. It signs beside the current one in
    /// the Standard Webhooks header, which holds a list; a platform's own header has room for one
    /// signature, which is the current one's.
    pub previous: Option<SigningSecret>,
}

/// A header that a signature scheme cannot send: an event type with a line break, say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the header {0} would hold a value that is not visible ASCII")]
pub struct UnsendableHeader(HeaderName);

/// The headers that accompany `message`.
///
/// # Errors
/// Where a value cannot be sent as a header.
pub fn headers(
    message: &Message<'_>,
    scheme: Option<&SignatureScheme>,
    secrets: &Secrets,
) -> Result<HeaderMap, UnsendableHeader> {
    let mut headers = HeaderMap::new();
    let id = message.event_id.as_str();
    let timestamp = message.sent_at.timestamp().to_string();
    let signatures = std::iter::once(&secrets.current).chain(&secrets.previous);
    let signatures: Vec<_> =
        signatures.map(|secret| standard_signature(id, &timestamp, message.body, secret)).collect();
    insert(&mut headers, "webhook-id", id)?;
    insert(&mut headers, "webhook-timestamp", &timestamp)?;
    insert(&mut headers, "webhook-signature", &signatures.join(" "))?;
    if let Some(scheme) = scheme {
        add_own(&mut headers, message, scheme, &secrets.current)?;
    }
    Ok(headers)
}

/// `v1,` and the base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}`
/// (Standard Webhooks 1.0, "Signature scheme").
fn standard_signature(id: &str, timestamp: &str, body: &str, secret: &SigningSecret) -> String {
    let digest = hmac(secret.standard_key(), &[id, ".", timestamp, ".", body]);
    format!("v1,{}", STANDARD.encode(digest))
}

fn add_own(
    headers: &mut HeaderMap,
    message: &Message<'_>,
    scheme: &SignatureScheme,
    secret: &SigningSecret,
) -> Result<(), UnsendableHeader> {
    let mut fields = Fields::of(message);
    let digest = hmac(secret.text_key(), &fields.fill(&scheme.text.0));
    fields.signature = match scheme.encoding {
        Encoding::Hex => hex::encode(digest),
        Encoding::Base64 => STANDARD.encode(digest),
    };
    for header in &scheme.headers {
        insert(headers, header.name.0.clone(), &fields.fill(&header.value.0).concat())?;
    }
    Ok(())
}

/// The placeholders' values.
struct Fields<'a> {
    timestamp: String,
    body: &'a str,
    event: &'a str,
    ulid: String,
    uuid: String,
    /// Empty until it is known; no signed text asks for it.
    signature: String,
}

impl<'a> Fields<'a> {
    fn of(message: &Message<'a>) -> Self {
        let ulid = ulid_of(message.delivery_id);
        Self {
            timestamp: message.sent_at.timestamp().to_string(),
            body: message.body,
            event: message.event_type,
            ulid: ulid.to_string(),
            uuid: uuid::Builder::from_random_bytes(ulid.to_bytes()).into_uuid().to_string(),
            signature: String::new(),
        }
    }

    fn fill<'s>(&'s self, template: &'s [Piece]) -> Vec<&'s str> {
        template
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Field(Field::Timestamp) => &self.timestamp,
                Piece::Field(Field::Body) => self.body,
                Piece::Field(Field::Event) => self.event,
                Piece::Field(Field::Ulid) => &self.ulid,
                Piece::Field(Field::Uuid) => &self.uuid,
                Piece::Field(Field::Signature) => &self.signature,
            })
            .collect()
    }
}

/// The ULID behind an id; every id has one.
fn ulid_of(id: &DeliveryId) -> Ulid {
    let text = id.as_str();
    Ulid::from_string(&text[DeliveryId::PREFIX.len() + 1..]).unwrap_or_default()
}

fn hmac(key: &[u8], parts: &[&str]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104, section 2)")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    for part in parts {
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

fn insert<N>(headers: &mut HeaderMap, name: N, value: &str) -> Result<(), UnsendableHeader>
where
    HeaderName: TryFrom<N>,
{
    let unnamed = HeaderName::from_static("webhook-id");
    let name = HeaderName::try_from(name).map_err(|_| UnsendableHeader(unnamed))?;
    let value = HeaderValue::from_str(value).map_err(|_| UnsendableHeader(name.clone()))?;
    headers.insert(name, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_signature_matches_the_published_vector() {
        let secret = SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", r#"{"test": 2432232314}"#);
        assert_eq!(
            standard_signature(id, "1614265330", body, &secret),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn an_event_type_cannot_smuggle_a_header() {
        let scheme: SignatureScheme =
            toml::from_str("text = '{body}'\nheaders = [{ name = 'X-Event', value = '{event}' }]")
                .unwrap();
        let message = Message {
            event_id: &EventId::from_parts(1, 1),
            delivery_id: &DeliveryId::from_parts(1, 1),
            event_type: "done\r\nX-Evil: 1",
            sent_at: DateTime::UNIX_EPOCH,
            body: "{}",
        };
        let current = SigningSecret::draw(&crate::Entropy::system());
        let secrets = Secrets { current, previous: None };
        assert!(headers(&message, Some(&scheme), &secrets).is_err());
    }
}
