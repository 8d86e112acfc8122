//! Keys of platforms elsewhere: a partner of the real platform, whose admin API is not public, has
//! a key. It is recognised by what it begins with, kept in the keychain, and tried against the
//! call that the platform's manifest names for that.
//!
//! The settings file remembers everything but the key.

mod check;

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Environment, SecretText,
    keys::KeyKind,
    platforms::{CreditUnit, KeyPrefix},
};
use latchkey_platform::manifest::Manifest;
use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Elsewhere, address, checked_name, is_one_word, last4};
use crate::{AppError, error::Fault, vault::Account};

/// What a key may be at most, in bytes.
const LONGEST_KEY: usize = 512;

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
    /// Where it was created from here.
    #[serde(default)]
    pub issued_by: Option<IssuedBy>,
    pub last_check: Option<KeyChecked>,
}

/// A key that was created through a connected dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct IssuedBy {
    /// Id of the dashboard's connection.
    pub dashboard: String,
    /// What the platform knows the key by.
    pub key: String,
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

impl Elsewhere {
    /// The platforms whose keys begin like this one. Several share what theirs begin with.
    #[must_use]
    pub fn recognise(&self, key: &SecretText) -> Vec<Recognised> {
        let key = key.expose().trim();
        if !is_one_word(key, LONGEST_KEY) {
            return Vec::new();
        }
        self.manifests.iter().filter_map(|manifest| recognised(manifest, key)).collect()
    }

    /// Keeps a key and tries it.
    ///
    /// # Errors
    /// The field at fault; `settings_not_saved`.
    pub async fn add(&self, new: NewKeyConnection) -> Result<KeyConnection, AppError> {
        self.take_in(new, None).await
    }

    /// The same, of a key that may have been created from here.
    pub(super) async fn take_in(
        &self,
        new: NewKeyConnection,
        issued_by: Option<IssuedBy>,
    ) -> Result<KeyConnection, AppError> {
        let key = SecretText::new(new.key.expose().trim().to_owned());
        let connection = self.checked(&new, &key)?;
        let kept = self.safe.keep(account(&connection.id), &key).await;
        let last_check = Some(self.try_key(&connection, &key).await);
        let connection = KeyConnection { kept, issued_by, last_check, ..connection };
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
        self.safe.remove(&account(id)).await?;
        self.settings.change_connections(|all| all.retain(|known| known.id != id))
    }

    fn find(&self, id: &str) -> Result<KeyConnection, AppError> {
        let found = self.settings.connections().into_iter().find(|known| known.id == id);
        found.ok_or_else(|| Fault::NotKept.into())
    }

    /// The key itself, to be used or copied.
    ///
    /// # Errors
    /// `not_kept` where this computer no longer has it.
    pub async fn key(&self, id: &str) -> Result<SecretText, AppError> {
        self.safe.get(&account(id)).await?.ok_or_else(|| Fault::NotKept.into())
    }

    fn checked(&self, new: &NewKeyConnection, key: &SecretText) -> Result<KeyConnection, AppError> {
        let name = checked_name(&new.name)?;
        let manifest = self.manifests.get(&new.platform);
        let found =
            manifest.and_then(|manifest| Some((manifest, prefix_of(manifest, key.expose())?)));
        let Some((manifest, prefix)) = found.filter(|_| is_one_word(key.expose(), LONGEST_KEY))
        else {
            return Err(AppError::field("/key", "This is not a key of that platform."));
        };
        let base_url = address::base_url(new.base_url.as_deref(), manifest.public_url())?;
        Ok(KeyConnection {
            id: self.draw_id("con_"),
            platform: manifest.slug.clone(),
            platform_name: manifest.name.clone(),
            monogram: manifest.monogram.clone(),
            name,
            environment: prefix.environment,
            kind: prefix.kind,
            prefix: prefix.prefix.clone(),
            last4: last4(key.expose()),
            base_url,
            unit: manifest.unit.clone(),
            added_at: self.clock.now(),
            kept: false,
            issued_by: None,
            last_check: None,
        })
    }
}

fn account(id: &str) -> Account {
    Account::Connection { id: id.to_owned() }
}

fn recognised(manifest: &Manifest, key: &str) -> Option<Recognised> {
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
pub(super) fn prefix_of<'m>(manifest: &'m Manifest, key: &str) -> Option<&'m KeyPrefix> {
    let begun = |prefix: &str| key.len() > prefix.len() && key.starts_with(prefix);
    let prefixes = manifest.key_prefixes.iter().filter(|known| begun(&known.prefix));
    prefixes.max_by_key(|known| known.prefix.len())
}
