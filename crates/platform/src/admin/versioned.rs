use axum::{
    Json,
    http::header,
    response::{IntoResponse, Response},
};
use latchkey_contract::{keys::Key, platforms::Account, webhooks::WebhookEndpoint};
use serde::Serialize;

/// Something that counts its changes; answered with the count as `ETag`.
pub struct Versioned<T>(pub T);

pub trait HasVersion: Serialize {
    fn version(&self) -> i64;
}

impl HasVersion for Key {
    fn version(&self) -> i64 {
        self.version
    }
}

impl HasVersion for Account {
    fn version(&self) -> i64 {
        self.version
    }
}

impl HasVersion for WebhookEndpoint {
    fn version(&self) -> i64 {
        self.version
    }
}

impl<T: HasVersion> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let etag = [(header::ETAG, format!("\"{}\"", self.0.version()))];
        (etag, Json(self.0)).into_response()
    }
}
