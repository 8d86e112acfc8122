//! A program that webhooks are sent to.

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use hmac::{Hmac, KeyInit, Mac};
use latchkey_contract::SecretText;
use serde_json::Value;
use sha2::Sha256;
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
};

pub struct Receiver {
    url: String,
    heard: Mutex<mpsc::UnboundedReceiver<Heard>>,
}

pub struct Heard {
    pub raw: Bytes,
    pub body: Value,
    pub signature: String,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sender, heard) = mpsc::unbounded_channel();
        let app = Router::new().route("/hook", post(hear)).with_state(sender);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, heard: Mutex::new(heard) }
    }

    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The next one.
    pub async fn heard(&self) -> Heard {
        self.heard.lock().await.recv().await.unwrap()
    }
}

async fn hear(State(sender): State<mpsc::UnboundedSender<Heard>>, headers: HeaderMap, raw: Bytes) {
    let signature = headers["x-webhook-signature"].to_str().unwrap().to_owned();
    let body = serde_json::from_slice(&raw).unwrap();
    let _ = sender.send(Heard { raw, body, signature });
}

/// What a body is signed with, as the platform documents it.
pub fn sign(secret: &SecretText, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}
