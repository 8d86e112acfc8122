//! Latchkey's admin API from the caller's side: one function a call, named as the API's
//! operation id, with the wire types of `latchkey-contract`.
//!
//! ```no_run
//! # async fn example(http: reqwest::Client) -> Result<(), Box<dyn std::error::Error>> {
//! use latchkey_client::Client;
//! use latchkey_contract::{SecretText, sessions::CreateSession};
//!
//! let client = Client::new(http, "http://127.0.0.1:4780".parse()?);
//! let sign_in = CreateSession { email: "a@b.example".into(), password: SecretText::new("…".into()) };
//! let tokens = client.create_session(&sign_in).await?;
//! let keys = client.with_token(tokens.access_token).list_keys(&Default::default()).await?;
//! # Ok(()) }
//! ```
//!
//! To add a call: its types in `contract`, its handler in `platform`, and here a function in the
//! file of its resource.

mod audit;
mod credits;
mod error;
mod events;
mod idempotency;
mod keys;
mod partners;
mod platforms;
mod request;
mod sessions;
mod sse;
mod usage;
mod webhooks;

pub use error::ClientError;
pub use idempotency::IdempotencyKey;

use latchkey_contract::SecretText;
use url::Url;

/// A caller of one server, with or without a session. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<SecretText>,
}

impl Client {
    /// A caller without a session. `base` is the server's root, `http://127.0.0.1:4780`; time
    /// limits and TLS are those of `http`.
    #[must_use]
    pub fn new(http: reqwest::Client, base: Url) -> Self {
        Self { http, base, token: None }
    }

    /// The same caller, with the access token of a session.
    #[must_use]
    pub fn with_token(&self, access_token: SecretText) -> Self {
        Self { token: Some(access_token), ..self.clone() }
    }

    /// The server's root.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }
}
