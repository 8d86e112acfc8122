//! Prefixed ULIDs: `key_01JD…`. The prefix says what a thing is wherever the id turns up; the
//! ULID sorts by the time of creation.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use specta::Type;
use ulid::Ulid;
use utoipa::ToSchema;

/// An id with the wrong prefix, or without a ULID behind it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}_ followed by a ULID")]
pub struct InvalidId {
    prefix: &'static str,
}

/// What every id type can do. `from_parts` takes time and randomness from the caller.
pub trait PrefixedId: Sized + FromStr<Err = InvalidId> + fmt::Display {
    /// The part before the underscore.
    const PREFIX: &'static str;

    /// Builds an id from Unix milliseconds and random bits (the lower 80 are used).
    fn from_parts(unix_ms: u64, random: u128) -> Self;

    /// The id as text, `key_01JD…`.
    fn as_str(&self) -> &str;
}

macro_rules! prefixed_id {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, Type)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String)]
        #[specta(transparent)]
        pub struct $name(#[specta(type = String)] String);

        impl PrefixedId for $name {
            const PREFIX: &'static str = $prefix;

            fn from_parts(unix_ms: u64, random: u128) -> Self {
                Self(format!(concat!($prefix, "_{}"), Ulid::from_parts(unix_ms, random)))
            }

            fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(text.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                let ulid = text.strip_prefix(concat!($prefix, "_"));
                match ulid.map(Ulid::from_string) {
                    Some(Ok(_)) => Ok(Self(text)),
                    _ => Err(InvalidId { prefix: $prefix }),
                }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

prefixed_id! {
    /// A partner: a customer of API platforms.
    PartnerId = "ptn";
    /// A member: a person who signs in for a partner.
    MemberId = "mbr";
    /// A session of a member.
    SessionId = "ses";
    /// An API key. Never the key itself.
    KeyId = "key";
    /// A webhook endpoint.
    EndpointId = "whe";
    /// An event that webhooks tell of.
    EventId = "evt";
    /// The delivery of one event to one endpoint.
    DeliveryId = "dlv";
    /// A range of deliveries that is sent again.
    ReplayId = "rpl";
    /// One HTTP request.
    RequestId = "req";
    /// A movement of credits.
    EntryId = "ent";
    /// A record of the audit log.
    AuditEventId = "aud";
    /// An attempt to buy credits.
    TopUpId = "top";
}

/// Ids of keys in one query parameter, with commas between them: `key_01JD…,key_01JE…`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
#[specta(transparent)]
pub struct KeyIds(#[specta(type = String)] pub Vec<KeyId>);

impl KeyIds {
    /// As many are taken at once: an address of that many stays below four kilobytes.
    pub const MOST: usize = 100;
}

/// Not a list of ids of keys, or one of too many.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at most {most} ids of keys, with commas between them", most = KeyIds::MOST)]
pub struct InvalidKeyIds;

impl TryFrom<String> for KeyIds {
    type Error = InvalidKeyIds;

    fn try_from(text: String) -> Result<Self, InvalidKeyIds> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let ids: Result<Vec<KeyId>, InvalidId> = parts.map(str::parse).collect();
        match ids {
            Ok(ids) if ids.len() <= Self::MOST => Ok(Self(ids)),
            _ => Err(InvalidKeyIds),
        }
    }
}

impl From<KeyIds> for String {
    fn from(KeyIds(ids): KeyIds) -> Self {
        ids.iter().map(KeyId::as_str).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_refuses_other_prefixes() {
        let id = KeyId::from_parts(1_732_000_000_000, 42);
        assert!(id.as_str().starts_with("key_"));
        assert_eq!(id.to_string().parse(), Ok(id.clone()));
        assert!(id.to_string().parse::<EventId>().is_err());
        assert!("key_short".parse::<KeyId>().is_err());
    }

    #[test]
    fn ids_of_keys_are_one_parameter_and_not_too_many() {
        let ids: Vec<KeyId> = (0..100).map(|random| KeyId::from_parts(0, random)).collect();
        let text = String::from(KeyIds(ids.clone()));
        assert_eq!(KeyIds::try_from(text.clone()), Ok(KeyIds(ids)));
        assert_eq!(KeyIds::try_from(String::new()), Ok(KeyIds::default()));
        let wrong = [format!("{text},{}", KeyId::from_parts(1, 0)), "key_short".to_owned()];
        for wrong in wrong {
            assert_eq!(KeyIds::try_from(wrong), Err(InvalidKeyIds));
        }
    }
}
