//! A partner's server that hears webhooks.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::{net::TcpListener, sync::Mutex};

use super::{app::LIMIT, page::until};

/// One request it heard.
#[derive(Debug, Clone)]
pub struct Heard {
    path: String,
    headers: HeaderMap,
    body: String,
}

/// A server on loopback that keeps what it is told.
pub struct Listener {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    heard: Mutex<Vec<Heard>>,
    /// Whether the next request is answered 503.
    failing: AtomicBool,
}

impl Listener {
    pub async fn start() -> Self {
        let shared = Arc::<Shared>::default();
        let router = Router::new().fallback(hear).with_state(Arc::clone(&shared));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, shared, serving }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers 503 to the next request.
    pub fn fail_once(&self) {
        self.shared.failing.store(true, Ordering::SeqCst);
    }

    /// What was heard at a path so far.
    pub async fn heard(&self, path: &str) -> Vec<Heard> {
        let heard = self.shared.heard.lock().await;
        heard.iter().filter(|one| one.path == path).cloned().collect()
    }

    /// Waits for the `count`th request at a path.
    pub async fn hears(&self, path: &str, count: usize) -> Heard {
        // A second attempt comes after five seconds and a jitter.
        let limit = LIMIT + Duration::from_secs(10);
        let what = format!("request {count} at {path}");
        until(&what, limit, async || self.heard(path).await.get(count - 1).cloned()).await
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no header {name}"));
        value.to_str().unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Checks the Standard Webhooks headers with the published crate.
    pub fn is_signed_as_standard(&self, secret: &str) {
        let webhook = standardwebhooks::Webhook::new(secret).unwrap();
        webhook.verify(self.body.as_bytes(), &self.headers).expect("a good standard signature");
    }

    /// Lower-case hex of HMAC-SHA256 over `{timestamp}.{body}`, the secret's text as the key.
    pub fn own_signature(&self, secret: &str, timestamp: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{timestamp}.{}", self.body).as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }
}

async fn hear(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let body = String::from_utf8(body.to_vec()).unwrap();
    shared.heard.lock().await.push(Heard { path: uri.path().to_owned(), headers, body });
    match shared.failing.swap(false, Ordering::SeqCst) {
        true => StatusCode::SERVICE_UNAVAILABLE,
        false => StatusCode::NO_CONTENT,
    }
}
