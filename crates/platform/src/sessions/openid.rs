//! Tokens of an OpenID issuer (OpenID Connect Core 1.0, section 3.1.3.7): signature, issuer,
//! audience and times are checked. The issuer's keys are found by discovery and remembered.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::Jwk};
use latchkey_contract::SecretText;
use parking_lot::RwLock;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::time::Instant;

use super::IdentityError;
use crate::config::OpenIdIssuer;

/// Signatures with a public key alone: a shared one would let anybody sign who may check.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::RS256, Algorithm::ES256];
/// How far the issuer's clock may be from ours.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// How long keys are used before they are looked for again.
const KEYS_LAST: Duration = Duration::from_secs(3600);
/// Look-ups a minute at most, whatever keys tokens name.
const LOOKS_A_MINUTE: std::num::NonZeroU32 = std::num::NonZeroU32::new(6).unwrap();
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an issuer's document.
const LARGEST_DOCUMENT: usize = 1_000_000;

const MALFORMED: IdentityError = IdentityError::Refused("this one is malformed");
const UNKNOWN_KEY: IdentityError =
    IdentityError::Refused("the key that signed this one is not among its issuer's");

/// An issuer whose tokens are trusted. Cheap to clone.
#[derive(Clone)]
pub(super) struct Issuer(Arc<Inner>);

struct Inner {
    trusted: OpenIdIssuer,
    http: reqwest::Client,
    keys: RwLock<Keys>,
    /// Taken by who looks for keys; others wait for what it finds.
    looking: tokio::sync::Mutex<()>,
    looks: DefaultDirectRateLimiter,
}

#[derive(Clone, Default)]
struct Keys {
    known: Arc<Vec<Jwk>>,
    /// When they were found.
    found_at: Option<Instant>,
}

/// What a token says. Its times are Unix seconds, in JSON numbers of any kind.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    sub: String,
    exp: f64,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    email_verified: Option<Value>,
}

impl Claims {
    /// The address, where the issuer has verified it. Some issuers write that as a text.
    pub(super) fn verified_email(&self) -> Option<&str> {
        let verified = match &self.email_verified {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(text)) => text == "true",
            _ => false,
        };
        self.email.as_deref().filter(|email| verified && !email.is_empty())
    }

    pub(super) fn expires_at(&self) -> Option<DateTime<Utc>> {
        time(self.exp)
    }

    fn check_times(&self, now: DateTime<Utc>) -> Result<(), IdentityError> {
        let expires_at = self.expires_at().ok_or(MALFORMED)?;
        if expires_at + LEEWAY <= now {
            return Err(IdentityError::Refused("this one has expired; sign in again"));
        }
        let begins_at = self.nbf.map(|nbf| time(nbf).ok_or(MALFORMED)).transpose()?;
        if begins_at.is_some_and(|begins_at| begins_at - LEEWAY > now) {
            return Err(IdentityError::Refused("this one is not valid yet"));
        }
        Ok(())
    }
}

fn time(seconds: f64) -> Option<DateTime<Utc>> {
    // A time beyond these years is none.
    let sensible = (0.0..=253_402_300_799.0).contains(&seconds);
    sensible.then(|| DateTime::from_timestamp(seconds as i64, 0)).flatten()
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// Keys one by one: one that is not understood takes none of the others along.
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

impl Issuer {
    pub(super) fn new(trusted: OpenIdIssuer) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self(Arc::new(Inner {
            trusted,
            http,
            keys: RwLock::default(),
            looking: tokio::sync::Mutex::default(),
            looks: RateLimiter::direct(Quota::per_minute(LOOKS_A_MINUTE)),
        })))
    }

    /// Checks a token; answers what it says.
    pub(super) async fn verify(
        &self,
        token: &SecretText,
        now: DateTime<Utc>,
    ) -> Result<Claims, IdentityError> {
        let header = decode_header(token.expose()).map_err(|_| MALFORMED)?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(IdentityError::Refused("this one is not signed with RS256 or ES256"));
        }
        let key = self.find_key(header.kid.as_deref(), header.alg).await?;
        let key = DecodingKey::from_jwk(&key).map_err(|_| UNKNOWN_KEY)?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.0.trusted.issuer]);
        validation.set_audience(&[&self.0.trusted.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // By our own clock, below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = decode::<Claims>(token.expose(), &key, &validation).map_err(refused)?.claims;
        if claims.sub.is_empty() {
            return Err(MALFORMED);
        }
        claims.check_times(now)?;
        Ok(claims)
    }

    /// The issuer's key of this name. An unknown one may be new: keys are looked for again then.
    async fn find_key(&self, kid: Option<&str>, alg: Algorithm) -> Result<Jwk, IdentityError> {
        let keys = self.keys();
        let fresh = keys.found_at.is_some_and(|at| at.elapsed() < KEYS_LAST);
        if let Some(key) = pick(&keys, kid, alg).filter(|_| fresh) {
            return Ok(key);
        }
        let _looking = self.0.looking.lock().await;
        let meanwhile = self.keys();
        if meanwhile.found_at == keys.found_at {
            self.look(&meanwhile).await?;
        }
        pick(&self.keys(), kid, alg).ok_or(UNKNOWN_KEY)
    }

    fn keys(&self) -> Keys {
        self.0.keys.read().clone()
    }

    /// Looks for keys, not too often. Those that are known stay in use where it fails.
    async fn look(&self, known: &Keys) -> Result<(), IdentityError> {
        let found = match self.0.looks.check() {
            Ok(()) => self.fetch_keys().await,
            Err(_) => Err("its keys were looked for a moment ago".to_owned()),
        };
        match found {
            Ok(keys) => {
                let found_at = Some(Instant::now());
                *self.0.keys.write() = Keys { known: Arc::new(keys), found_at };
                Ok(())
            }
            Err(_) if known.found_at.is_some() => Ok(()),
            Err(error) => Err(IdentityError::Unavailable(format!("the OpenID issuer: {error}"))),
        }
    }

    /// OpenID Connect Discovery 1.0, section 4; RFC 7517, section 5.
    async fn fetch_keys(&self) -> Result<Vec<Jwk>, String> {
        let issuer = &self.0.trusted.issuer;
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let discovery: Discovery = self.fetch(&address).await?;
        if discovery.issuer != *issuer {
            return Err(format!("it calls itself {}", discovery.issuer));
        }
        let set: KeySet = self.fetch(&discovery.jwks_uri).await?;
        let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        Ok(keys.collect())
    }

    async fn fetch<T: DeserializeOwned>(&self, address: &str) -> Result<T, String> {
        let told = |error: reqwest::Error| error.without_url().to_string();
        let response = self.0.http.get(address).send().await.map_err(told)?;
        let mut chunks = response.error_for_status().map_err(told)?.bytes_stream();
        let mut document = Vec::new();
        while let Some(chunk) = chunks.next().await {
            document.extend_from_slice(&chunk.map_err(told)?);
            if document.len() > LARGEST_DOCUMENT {
                return Err("its document is too large".to_owned());
            }
        }
        serde_json::from_slice(&document).map_err(|error| error.to_string())
    }
}

/// The key that may check this signature; without a name only where there is no choice.
fn pick(keys: &Keys, kid: Option<&str>, alg: Algorithm) -> Option<Jwk> {
    use jsonwebtoken::jwk::{AlgorithmParameters as Kind, PublicKeyUse};
    let fits = |key: &&Jwk| {
        let kind = match &key.algorithm {
            Kind::RSA(_) => alg == Algorithm::RS256,
            Kind::EllipticCurve(_) => alg == Algorithm::ES256,
            Kind::OctetKey(_) | Kind::OctetKeyPair(_) => false,
        };
        let signs = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
        kind && signs
    };
    let mut fitting = keys.known.iter().filter(fits);
    match kid {
        Some(kid) => fitting.find(|key| key.common.key_id.as_deref() == Some(kid)).cloned(),
        None => fitting.next().filter(|_| fitting.next().is_none()).cloned(),
    }
}

fn refused(error: jsonwebtoken::errors::Error) -> IdentityError {
    use jsonwebtoken::errors::ErrorKind as Kind;
    IdentityError::Refused(match error.kind() {
        Kind::InvalidSignature => "the signature of this one is wrong",
        Kind::InvalidIssuer => "this one is of another issuer",
        Kind::InvalidAudience => "this one is for another audience",
        Kind::MissingRequiredClaim(_) => "this one lacks a claim that it must have",
        _ => "this one is malformed",
    })
}
