//! Keys of platforms elsewhere, tried against this server's dialects.

use std::sync::Arc;

use chrono::TimeDelta;
use latchkey_client::IdempotencyKey;
use latchkey_contract::{
    Environment, SecretText,
    keys::{CreateKey, Key, KeyKind},
};
use latchkey_desktop::{
    connection::Connection,
    elsewhere::{CheckOutcome, Elsewhere, NewKeyConnection},
    settings::SettingsFile,
    vault::Vault,
};
use latchkey_platform::{Clock, Entropy, manifest::Manifests};
use tempfile::TempDir;

use super::{House, sign_up};

/// A signed-in console with connections of its own.
pub struct Desk {
    pub house: House,
    console: Connection,
    pub elsewhere: Elsewhere,
    pub settings: Arc<SettingsFile>,
    folder: TempDir,
}

impl Desk {
    pub async fn open() -> Self {
        let house = House::start().await;
        let console = house.console(TimeDelta::zero());
        console.create_partner(&sign_up()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let settings = Arc::new(SettingsFile::open(folder.path().join("settings.json")));
        let memory = house.memory.clone();
        let vault = Vault::over(
            Arc::new(move || Box::new(memory.clone())),
            std::time::Duration::from_secs(30),
        );
        let manifests = Manifests::built_in().unwrap();
        let known = Arc::clone(&settings);
        let elsewhere =
            Elsewhere::new(manifests, known, vault, Clock::system(), Entropy::system()).unwrap();
        Self { house, console, elsewhere, settings, folder }
    }

    async fn key(&self, platform: &str, environment: Environment) -> (Key, SecretText) {
        let request = &CreateKey {
            platform: platform.to_owned(),
            name: "Website".to_owned(),
            environment,
            kind: KeyKind::Secret,
            scopes: None,
            requests_per_minute: None,
            concurrent_limit: None,
            daily_limit: None,
            credit_allowance: None,
            expires_at: None,
            ip_rules: None,
        };
        let repeat = &IdempotencyKey::random();
        let call = |client: latchkey_client::Client| async move {
            client.create_key(request, repeat).await
        };
        let issued = self.console.call(call).await.unwrap();
        (issued.key, issued.secret.unwrap())
    }

    /// Where this server serves a platform.
    pub fn base(&self, platform: &str) -> String {
        let manifests = Manifests::built_in().unwrap();
        let origin = format!("http://{}", self.house.server.addr());
        manifests.get(platform).unwrap().base_url(&origin)
    }

    /// The settings file as it is on disk.
    pub fn settings_text(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("settings.json")).unwrap()
    }

    fn request(
        &self,
        key: &SecretText,
        platform: &str,
        base_url: Option<String>,
    ) -> NewKeyConnection {
        let (platform, name) = (platform.to_owned(), "Production".to_owned());
        NewKeyConnection { key: key.clone(), platform, name, base_url }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_key_is_recognised_kept_and_tried_on_every_platform() {
    let desk = Desk::open().await;
    let manifests = Manifests::built_in().unwrap();
    for manifest in manifests.iter().filter(|manifest| manifest.key_check.is_some()) {
        let environment = if manifest.environments().contains(&Environment::Test) {
            Environment::Test
        } else {
            Environment::Live
        };
        let (key, secret) = desk.key(&manifest.slug, environment).await;
        let pasted = SecretText::new(format!("  {}\n", secret.expose()));
        let recognised = desk.elsewhere.recognise(&pasted);
        let own = recognised.iter().find(|one| one.platform == manifest.slug).unwrap();
        assert_eq!((own.environment, own.kind), (environment, KeyKind::Secret));
        assert_eq!(own.base_url, manifest.public_url());

        let new = desk.request(&pasted, &manifest.slug, Some(desk.base(&manifest.slug)));
        let connection = desk.elsewhere.add(new).await.unwrap();
        assert!(connection.kept);
        assert_eq!(connection.last4, key.last4);
        let check = connection.last_check.unwrap();
        assert_eq!(check.outcome, CheckOutcome::Works, "{}: {}", manifest.slug, check.message);
        let told = manifest.key_check.as_ref().unwrap();
        assert_eq!(check.balance.is_some(), told.balance.is_some(), "{}", manifest.slug);

        let revoked = &key.id;
        desk.console.call(|client| async move { client.revoke_key(revoked).await }).await.unwrap();
        let check = desk.elsewhere.check(&connection.id).await.unwrap().last_check.unwrap();
        assert_eq!(check.outcome, CheckOutcome::Refused, "{}: {}", manifest.slug, check.message);
        assert_eq!(check.balance, None);

        let file = desk.settings_text();
        assert!(file.contains(&connection.id) && !file.contains(secret.expose()));
        desk.elsewhere.remove(&connection.id).await.unwrap();
    }
    assert!(desk.settings.connections().is_empty());
    let left = desk.house.memory.entries.lock().unwrap();
    assert!(left.keys().all(|name| !name.starts_with("connection/")), "{:?}", left.keys());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_key_or_no_address_is_told_with_its_field() {
    let desk = Desk::open().await;
    let (_, secret) = desk.key("clipia", Environment::Test).await;
    for text in ["", "clipia_test_", "hello", "clipia_test_a b", &"clipia_test_x".repeat(60)] {
        assert!(desk.elsewhere.recognise(&SecretText::new(text.to_owned())).is_empty(), "{text}");
    }
    for (platform, base_url, pointer) in [
        ("proclubs", None, "/key"),
        ("nobody", None, "/key"),
        ("clipia", Some("api.clipia.ai"), "/base_url"),
        ("clipia", Some("http://api.clipia.ai/v1"), "/base_url"),
        ("clipia", Some("https://user@api.clipia.ai/v1"), "/base_url"),
        ("clipia", Some("ftp://127.0.0.1/v1"), "/base_url"),
    ] {
        let new = desk.request(&secret, platform, base_url.map(str::to_owned));
        let error = desk.elsewhere.add(new).await.unwrap_err();
        assert_eq!(error.fields[0].pointer, pointer, "{base_url:?}");
    }
    let unnamed = NewKeyConnection { name: " ".into(), ..desk.request(&secret, "clipia", None) };
    assert_eq!(desk.elsewhere.add(unnamed).await.unwrap_err().fields[0].pointer, "/name");
    assert!(desk.settings.connections().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_address_and_a_locked_keychain_lose_nothing() {
    let desk = Desk::open().await;
    let (_, secret) = desk.key("clipia", Environment::Test).await;
    *desk.house.memory.locked.lock().unwrap() = true;
    let nobody = "http://127.0.0.1:1/v1".to_owned();
    let connection =
        desk.elsewhere.add(desk.request(&secret, "clipia", Some(nobody))).await.unwrap();
    assert!(!connection.kept, "it is there until the app ends");
    assert_eq!(connection.last_check.unwrap().outcome, CheckOutcome::Unreachable);
    let again = desk.elsewhere.check(&connection.id).await.unwrap();
    assert_eq!(again.last_check.unwrap().outcome, CheckOutcome::Unreachable);
    // What the keychain may still hold is not forgotten.
    assert_eq!(desk.elsewhere.remove(&connection.id).await.unwrap_err().code, "keychain_locked");
    *desk.house.memory.locked.lock().unwrap() = false;
    desk.elsewhere.remove(&connection.id).await.unwrap();
    assert_eq!(desk.elsewhere.check(&connection.id).await.unwrap_err().code, "not_kept");
}
