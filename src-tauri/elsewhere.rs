//! Keys of platforms elsewhere: a partner of the real platform, whose admin API is not public, has
//! a key. It is recognised by what it begins with, kept in the keychain, and tried against the
//! call that the platform's manifest names for that.
//!
//! The settings file remembers everything but the key.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use latchkey_contract::{Environment, SecretText, keys::KeyKind, platforms::CreditUnit};
use latchkey_platform::{
    Clock, Entropy,
    manifest::{Manifest, Manifests},
};
use parking_lot::Mutex;
use reqwest::{
    StatusCode,
    header::{HeaderName, HeaderValue},
    redirect,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use url::{Host, Url};

use crate::{
    AppError,
    error::Fault,
    settings::SettingsFile,
    vault::{Account, Vault},
};

/// What a key may be at most, in bytes.
const LONGEST_KEY: usize = 512;
/// What one check may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How much of an answer is read.
const MOST_ANSWER: usize = 256 * 1024;
/// Characters of a name.
const LONGEST_NAME: usize = 100;

/// What a key may belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Recognised {
    /// Slug of the platform.
    pub platform: String,
    pub name: String,
    pub monogram: String,
    pub environment: Environment,
    pub kind: KeyKind,
    /// Where the platform itself serves its API.
    pub base_url: Option<String>,
}

/// A key of a platform elsewhere, without the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct KeyConnection {
    pub id: String,
    /// Slug of the platform.
    pub platform: String,
    pub platform_name: String,
    pub monogram: String,
    /// What the person calls it.
    pub name: String,
    pub environment: Environment,
    pub kind: KeyKind,
    pub prefix: String,
    pub last4: String,
    pub base_url: String,
    pub unit: CreditUnit,
    pub added_at: DateTime<Utc>,
    /// Whether the keychain has it; else it is there until the app ends.
    pub kept: bool,
    pub last_check: Option<KeyChecked>,
}

/// What came of trying a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct KeyChecked {
    pub at: DateTime<Utc>,
    pub outcome: CheckOutcome,
    /// What it means and what to do, one sentence.
    pub message: String,
    /// What can be spent, in the platform's unit, as it was told.
    pub balance: Option<String>,
    /// What else was told, the key's limits for instance.
    pub facts: Vec<KeyFact>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    Works,
    /// The platform does not take the key.
    Refused,
    /// No answer came.
    Unreachable,
    /// An answer that says nothing about the key.
    Unclear,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct KeyFact {
    pub title: String,
    pub value: String,
}

/// A key to be connected.
#[derive(Debug, Clone, Deserialize, Type)]
pub struct NewKeyConnection {
    pub key: SecretText,
    /// One of those it was recognised as.
    pub platform: String,
    /// 1 to 100 characters.
    pub name: String,
    /// The platform's own where absent.
    pub base_url: Option<String>,
}

/// The connected keys.
pub struct Elsewhere {
    manifests: Manifests,
    settings: Arc<SettingsFile>,
    vault: Vault,
    http: reqwest::Client,
    clock: Clock,
    entropy: Entropy,
    /// Keys that the keychain could not take, until the app ends.
    session_only: Mutex<HashMap<String, SecretText>>,
}

impl Elsewhere {
    /// # Errors
    /// Where the system gives no HTTP client.
    pub fn new(
        manifests: Manifests,
        settings: Arc<SettingsFile>,
        vault: Vault,
        clock: Clock,
        entropy: Entropy,
    ) -> anyhow::Result<Self> {
        // A redirect would carry the key to another address.
        let http = reqwest::Client::builder()
            .user_agent(concat!("Latchkey/", env!("CARGO_PKG_VERSION")))
            .timeout(PATIENCE)
            .redirect(redirect::Policy::none())
            .build()?;
        let session_only = Mutex::default();
        Ok(Self { manifests, settings, vault, http, clock, entropy, session_only })
    }

    /// The platforms whose keys begin like this one. Several share what theirs begin with.
    #[must_use]
    pub fn recognise(&self, key: &SecretText) -> Vec<Recognised> {
        let key = key.expose().trim();
        if !is_plausible(key) {
            return Vec::new();
        }
        self.manifests.iter().filter_map(|manifest| recognised(manifest, key)).collect()
    }

    /// Keeps a key and tries it.
    ///
    /// # Errors
    /// The field at fault; `settings_not_saved`.
    pub async fn add(&self, new: NewKeyConnection) -> Result<KeyConnection, AppError> {
        let key = SecretText::new(new.key.expose().trim().to_owned());
        let connection = self.checked(&new, &key)?;
        let account = Account::Connection { id: connection.id.clone() };
        let kept = self.vault.keep(&account, &key).await.is_ok();
        if !kept {
            self.session_only.lock().insert(connection.id.clone(), key.clone());
        }
        let last_check = Some(self.try_key(&connection, &key).await);
        let connection = KeyConnection { kept, last_check, ..connection };
        self.settings.change_connections(|all| all.push(connection.clone()))?;
        Ok(connection)
    }

    /// Tries a key again.
    ///
    /// # Errors
    /// `not_kept` where this computer no longer has it.
    pub async fn check(&self, id: &str) -> Result<KeyConnection, AppError> {
        let connection = self.find(id)?;
        let last_check = Some(self.try_key(&connection, &self.key(id).await?).await);
        let connection = KeyConnection { last_check, ..connection };
        self.settings.change_connections(|all| {
            if let Some(known) = all.iter_mut().find(|known| known.id == id) {
                known.clone_from(&connection);
            }
        })?;
        Ok(connection)
    }

    /// Removes a key from this computer. On the platform it goes on working.
    ///
    /// # Errors
    /// What the keychain says: the connection stays then, so that the key is not forgotten there.
    pub async fn remove(&self, id: &str) -> Result<(), AppError> {
        self.find(id)?;
        self.vault.delete(&Account::Connection { id: id.to_owned() }).await?;
        self.session_only.lock().remove(id);
        self.settings.change_connections(|all| all.retain(|known| known.id != id))
    }

    fn find(&self, id: &str) -> Result<KeyConnection, AppError> {
        let found = self.settings.connections().into_iter().find(|known| known.id == id);
        found.ok_or_else(|| Fault::NotKept.into())
    }

    async fn key(&self, id: &str) -> Result<SecretText, AppError> {
        let held = self.session_only.lock().get(id).cloned();
        match held {
            Some(key) => Ok(key),
            None => {
                let kept = self.vault.get(&Account::Connection { id: id.to_owned() }).await?;
                kept.ok_or_else(|| Fault::NotKept.into())
            }
        }
    }

    fn checked(&self, new: &NewKeyConnection, key: &SecretText) -> Result<KeyConnection, AppError> {
        let name = new.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Err(AppError::field("/name", "Give it a name of 1 to 100 characters."));
        }
        let manifest = self.manifests.get(&new.platform);
        let found =
            manifest.and_then(|manifest| Some((manifest, prefix_of(manifest, key.expose())?)));
        let Some((manifest, prefix)) = found.filter(|_| is_plausible(key.expose())) else {
            return Err(AppError::field("/key", "This is not a key of that platform."));
        };
        let base_url = match new.base_url.as_deref().map(str::trim).filter(|url| !url.is_empty()) {
            Some(text) => checked_base_url(text)?,
            None => manifest.public_url().ok_or_else(|| {
                AppError::field("/base_url", "The platform names no address; give it here.")
            })?,
        };
        let now = self.clock.now();
        let id: latchkey_contract::RequestId = self.entropy.id(now);
        Ok(KeyConnection {
            id: id.to_string().replacen("req_", "con_", 1),
            platform: manifest.slug.clone(),
            platform_name: manifest.name.clone(),
            monogram: manifest.monogram.clone(),
            name: name.to_owned(),
            environment: prefix.environment,
            kind: prefix.kind,
            prefix: prefix.prefix.clone(),
            last4: last4(key.expose()),
            base_url,
            unit: manifest.unit.clone(),
            added_at: now,
            kept: false,
            last_check: None,
        })
    }

    async fn try_key(&self, connection: &KeyConnection, key: &SecretText) -> KeyChecked {
        let (outcome, message, answer) = match self.manifests.get(&connection.platform) {
            Some(manifest) => self.call(manifest, &connection.base_url, key).await,
            None => (CheckOutcome::Unclear, "This app no longer knows the platform.".into(), None),
        };
        let check = self.manifests.get(&connection.platform).and_then(|m| m.key_check.as_ref());
        let told =
            |pointer: &str| answer.as_ref().and_then(|answer| plain(answer.pointer(pointer)?));
        let facts = check.iter().flat_map(|check| &check.facts).filter_map(|fact| {
            Some(KeyFact { title: fact.title.clone(), value: told(&fact.pointer)? })
        });
        KeyChecked {
            at: self.clock.now(),
            outcome,
            message,
            balance: check.and_then(|check| told(check.balance.as_ref()?)),
            facts: facts.collect(),
        }
    }

    /// Makes the call that shows whether a key works.
    async fn call(
        &self,
        manifest: &Manifest,
        base_url: &str,
        key: &SecretText,
    ) -> (CheckOutcome, String, Option<Value>) {
        use CheckOutcome::{Refused, Unclear, Unreachable, Works};
        let scheme = manifest.header_schemes.first();
        let (Some(check), Some(scheme)) = (&manifest.key_check, scheme) else {
            let message = format!("{} has no call that only tries a key.", manifest.name);
            return (Unclear, message, None);
        };
        let header = HeaderName::try_from(&scheme.header).ok();
        let value = HeaderValue::from_str(&format!("{}{}", scheme.prefix, key.expose())).ok();
        let (Some(header), Some(mut value)) = (header, value) else {
            return (Refused, "The key has characters that no key has.".into(), None);
        };
        value.set_sensitive(true);
        let url = format!("{base_url}{}", check.path);
        let answer = match self.http.get(url).header(header, value).send().await {
            Ok(answer) => answer,
            Err(error) => {
                let why =
                    if error.is_timeout() { "did not answer in 20 s" } else { "is not reached" };
                return (
                    Unreachable,
                    format!("{base_url} {why}. Check the address and try again."),
                    None,
                );
            }
        };
        match answer.status() {
            status if status.as_u16() == check.works => {
                (Works, format!("{} takes the key.", manifest.name), read_json(answer).await)
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let message = format!(
                    "{} does not take the key (HTTP {}). It may be revoked, paused or mistyped.",
                    manifest.name,
                    answer.status().as_u16()
                );
                (Refused, message, None)
            }
            StatusCode::TOO_MANY_REQUESTS => {
                (Unclear, "The key has made too many requests. Try again in a minute.".into(), None)
            }
            status => {
                let status = status.as_u16();
                let message = format!(
                    "{base_url} gave an answer that says nothing about the key (HTTP {status}). Check the address."
                );
                (Unclear, message, None)
            }
        }
    }
}

fn recognised(manifest: &Arc<Manifest>, key: &str) -> Option<Recognised> {
    let prefix = prefix_of(manifest, key)?;
    Some(Recognised {
        platform: manifest.slug.clone(),
        name: manifest.name.clone(),
        monogram: manifest.monogram.clone(),
        environment: prefix.environment,
        kind: prefix.kind,
        base_url: manifest.public_url(),
    })
}

/// The longest of the platform's prefixes that the key begins with.
fn prefix_of<'m>(
    manifest: &'m Manifest,
    key: &str,
) -> Option<&'m latchkey_contract::platforms::KeyPrefix> {
    let begun = |prefix: &str| key.len() > prefix.len() && key.starts_with(prefix);
    let prefixes = manifest.key_prefixes.iter().filter(|known| begun(&known.prefix));
    prefixes.max_by_key(|known| known.prefix.len())
}

/// Keys are one word of visible ASCII.
fn is_plausible(key: &str) -> bool {
    key.len() <= LONGEST_KEY && key.bytes().all(|byte| byte.is_ascii_graphic())
}

fn last4(key: &str) -> String {
    key.get(key.len().saturating_sub(4)..).unwrap_or_default().to_owned()
}

/// A key goes there, so it is either encrypted on its way or does not leave this computer.
fn checked_base_url(text: &str) -> Result<String, AppError> {
    let wrong = |detail: &str| AppError::field("/base_url", detail);
    let url = Url::parse(text)
        .map_err(|_| wrong("Write a whole address, such as https://api.example.com/v1."))?;
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(wrong("The address names no host.")),
    };
    let good = url.scheme() == "https" || (url.scheme() == "http" && local);
    if !good {
        return Err(wrong("The address must begin with https://, or be one of this computer."));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return Err(wrong("The address must have no user name and no question mark in it."));
    }
    Ok(url.as_str().split('#').next().unwrap_or_default().trim_end_matches('/').to_owned())
}

/// The body, where it is JSON of a sensible size.
async fn read_json(mut answer: reqwest::Response) -> Option<Value> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_ANSWER {
            return None;
        }
    }
    serde_json::from_slice(&body).ok()
}

/// A number or a text as it was told; nothing else is shown.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.chars().take(LONGEST_NAME).collect()),
        _ => None,
    }
}
