//! Text that must not be seen: passwords, tokens, plain keys, signing secrets.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// A secret on the wire. Prints as `[redacted]`; its memory is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The plain text. Call it only where the secret is used, never to pass it on.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// In TypeScript a secret is a plain string: the page types one in, and sees one only on reveal.
impl specta::Type for SecretText {
    fn definition(types: &mut specta::Types) -> specta::datatype::DataType {
        <Cow<'static, str> as specta::Type>::definition(types)
    }
}
