//! A session against a real server: kept and restored, refreshed by one task, ended.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "session/dashboards.rs"]
mod dashboards;
#[path = "session/elsewhere.rs"]
mod elsewhere;
#[path = "session/log.rs"]
mod log;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::TimeDelta;
use latchkey_contract::{SecretText, partners::CreatePartner, sessions::CreateSession};
use latchkey_desktop::{
    connection::{Connection, Server},
    notice::{Notice, Tell},
    vault::{Keychain, KeychainState, Vault, VaultError},
};
use latchkey_platform::{Clock, Config, Running, ServerKey};
use tempfile::TempDir;
use zeroize::Zeroizing;

const PASSWORD: &str = "mofa-tiru-keso-bane-lugi";

/// A keychain in memory, which can be locked.
#[derive(Clone, Default)]
struct Memory {
    entries: Arc<Mutex<HashMap<String, String>>>,
    locked: Arc<Mutex<bool>>,
}

impl Memory {
    fn check(&self) -> Result<(), VaultError> {
        if *self.locked.lock().unwrap() { Err(VaultError::Locked) } else { Ok(()) }
    }
}

impl Keychain for Memory {
    fn state(&mut self) -> KeychainState {
        self.check().map_or(KeychainState::Locked, |()| KeychainState::Present)
    }

    fn unlock(&mut self) -> Result<(), VaultError> {
        self.check()
    }

    fn set(&mut self, account: &str, secret: &str) -> Result<(), VaultError> {
        self.check()?;
        self.entries.lock().unwrap().insert(account.to_owned(), secret.to_owned());
        Ok(())
    }

    fn get(&mut self, account: &str) -> Result<Option<Zeroizing<String>>, VaultError> {
        self.check()?;
        Ok(self.entries.lock().unwrap().get(account).cloned().map(Zeroizing::new))
    }

    fn delete(&mut self, account: &str) -> Result<(), VaultError> {
        self.check()?;
        self.entries.lock().unwrap().remove(account);
        Ok(())
    }
}

/// A server, a keychain, and what the page was told.
struct House {
    server: Running,
    memory: Memory,
    told: Arc<Mutex<Vec<Notice>>>,
    _folder: TempDir,
}

impl House {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_owned();
        let config = Config::on_this_computer(data, ServerKey::new([7; 32]));
        let server = latchkey_platform::start(config).await.unwrap();
        Self { server, memory: Memory::default(), told: Arc::default(), _folder: folder }
    }

    /// A console whose clock is ahead of the server's.
    fn console(&self, ahead: TimeDelta) -> Connection {
        let memory = self.memory.clone();
        let vault =
            Vault::over(Arc::new(move || Box::new(memory.clone())), Duration::from_secs(30));
        let told = Arc::clone(&self.told);
        let tell: Tell = Arc::new(move |notice| told.lock().unwrap().push(notice));
        let system = Clock::system();
        let clock = Clock::from_fn(move || system.now() + ahead);
        let connection = Connection::new(http(), vault, clock, tell);
        let base = format!("http://{}", self.server.addr()).parse().unwrap();
        connection.use_server(Server { id: "test".to_owned(), base });
        connection
    }

    fn told(&self, is_it: impl Fn(&Notice) -> bool) -> bool {
        self.told.lock().unwrap().iter().any(is_it)
    }
}

#[expect(clippy::disallowed_methods, reason = "a test is an edge")]
fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

fn sign_up() -> CreatePartner {
    CreatePartner {
        name: "Fieldhouse Media".to_owned(),
        email: "ann@fieldhouse.example".to_owned(),
        password: SecretText::new(PASSWORD.to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_kept_restored_and_ended() {
    let house = House::start().await;
    let console = house.console(TimeDelta::zero());
    assert_eq!(console.restore().await, Ok(None));
    let me = console.create_partner(&sign_up()).await.unwrap();

    let again = house.console(TimeDelta::zero());
    assert_eq!(again.restore().await, Ok(Some(me)));
    again.call(|client| async move { client.get_me().await }).await.unwrap();
    again.end_session().await;
    assert_eq!(again.me(), None);
    let signed_out = again.call(|client| async move { client.get_me().await }).await.unwrap_err();
    assert_eq!(signed_out.code, "signed_out");
    assert_eq!(house.console(TimeDelta::zero()).restore().await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_calls_with_a_stale_token_refresh_it_without_ending_the_session() {
    let house = House::start().await;
    let console = house.console(TimeDelta::minutes(20));
    console.create_partner(&sign_up()).await.unwrap();
    for _ in 0..3 {
        let calls = (0..8).map(|_| {
            let console = console.clone();
            tokio::spawn(async move {
                console.call(|client| async move { client.get_me().await }).await
            })
        });
        for call in futures::future::join_all(calls).await {
            call.unwrap().unwrap();
        }
    }
    assert!(!house.told(|notice| matches!(notice, Notice::SignedOut)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_ended_elsewhere_is_told_and_forgotten() {
    let house = House::start().await;
    let here = house.console(TimeDelta::zero());
    here.create_partner(&sign_up()).await.unwrap();
    let elsewhere = house.console(TimeDelta::zero());
    let password = SecretText::new(PASSWORD.to_owned());
    let request = CreateSession { email: "ann@fieldhouse.example".to_owned(), password };
    elsewhere.create_session(&request).await.unwrap();
    let sessions =
        elsewhere.call(|client| async move { client.list_sessions().await }).await.unwrap();
    let other = sessions.data.iter().find(|session| !session.current).unwrap().id.clone();
    let other = &other;
    elsewhere.call(|client| async move { client.end_session(other).await }).await.unwrap();

    let lost = here.call(|client| async move { client.get_me().await }).await.unwrap_err();
    assert_eq!(lost.code, "signed_out");
    assert_eq!(here.me(), None);
    assert!(house.told(|notice| matches!(notice, Notice::SignedOut)));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_the_session_lasts_as_long_as_the_app() {
    let house = House::start().await;
    *house.memory.locked.lock().unwrap() = true;
    let console = house.console(TimeDelta::zero());
    console.create_partner(&sign_up()).await.unwrap();
    assert!(house.told(|notice| matches!(notice, Notice::Keychain(KeychainState::Locked))));
    console.call(|client| async move { client.get_me().await }).await.unwrap();
    assert!(house.memory.entries.lock().unwrap().is_empty());

    *house.memory.locked.lock().unwrap() = false;
    console.keep_session().await;
    assert!(house.console(TimeDelta::zero()).restore().await.unwrap().is_some());
}
