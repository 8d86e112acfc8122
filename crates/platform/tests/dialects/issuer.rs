//! An OpenID issuer on a port of its own, which signs whatever it is told to.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Json, Router, extract::State, routing::get};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use parking_lot::Mutex;
use ring::{
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, PublicKeyComponents},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// An RSA key of this test's own: nothing here can draw one.
const RSA: &[u8] = include_bytes!("issuer.der");

pub struct Issuer {
    pub url: String,
    state: Arc<Published>,
}

#[derive(Default)]
struct Published {
    url: Mutex<String>,
    keys: Mutex<Vec<Value>>,
    /// How often its keys were asked for.
    asked: AtomicUsize,
}

/// A key it signs with.
pub struct Signer {
    kid: String,
    algorithm: Algorithm,
    key: EncodingKey,
    public: Value,
}

impl Signer {
    pub fn elliptic(kid: &str) -> Self {
        let random = SystemRandom::new();
        let scheme = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(scheme, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(scheme, document.as_ref(), &random).unwrap();
        let point = pair.public_key().as_ref();
        let public = json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid,
            "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..]),
        });
        let key = EncodingKey::from_ec_der(document.as_ref());
        Self { kid: kid.to_owned(), algorithm: Algorithm::ES256, key, public }
    }

    pub fn rsa(kid: &str) -> Self {
        let pair = RsaKeyPair::from_der(RSA).unwrap();
        let public: PublicKeyComponents<Vec<u8>> = pair.public().into();
        let public = json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
            "n": BASE64.encode(public.n),
            "e": BASE64.encode(public.e),
        });
        let key = EncodingKey::from_rsa_der(RSA);
        Self { kid: kid.to_owned(), algorithm: Algorithm::RS256, key, public }
    }

    /// A shared secret under a public key's name.
    pub fn shared(kid: &str) -> Self {
        let key = EncodingKey::from_secret(b"guessed");
        Self { kid: kid.to_owned(), algorithm: Algorithm::HS256, key, public: Value::Null }
    }

    pub fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(self.algorithm) };
        encode(&header, claims, &self.key).unwrap()
    }
}

impl Issuer {
    pub async fn start(signers: &[&Signer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Published::default());
        url.clone_into(&mut state.url.lock());
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let issuer = Self { url, state };
        issuer.publish(signers);
        issuer
    }

    /// From now on these are its keys, among some that nobody here understands.
    pub fn publish(&self, signers: &[&Signer]) {
        let strange = json!({ "kty": "OKP", "crv": "X25519", "kid": "strange", "x": "AA" });
        let own = signers.iter().map(|signer| signer.public.clone());
        *self.state.keys.lock() = std::iter::once(strange).chain(own).collect();
    }

    pub fn asked(&self) -> usize {
        self.state.asked.load(Ordering::Relaxed)
    }

    /// Claims that hold for an hour.
    pub fn claims(&self, audience: &str, email: &str) -> Value {
        let now = latchkey_platform::Clock::system().now().timestamp();
        json!({
            "iss": self.url, "aud": audience, "sub": "somebody", "iat": now, "exp": now + 3600,
            "email": email, "email_verified": true,
        })
    }
}

async fn discovery(State(state): State<Arc<Published>>) -> Json<Value> {
    let url = state.url.lock().clone();
    Json(json!({ "issuer": url, "jwks_uri": format!("{url}/keys") }))
}

async fn keys(State(state): State<Arc<Published>>) -> Json<Value> {
    state.asked.fetch_add(1, Ordering::Relaxed);
    Json(json!({ "keys": *state.keys.lock() }))
}
