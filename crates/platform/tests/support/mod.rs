//! A real server on a free port in a folder of its own, for every test that talks HTTP.
//!
//! ```ignore
//! let server = TestServer::start().await;
//! let partner = server.sign_up("Northwind").await;
//! let (key, plain) = partner.issue_key("clipia", Environment::Test).await;
//! ```
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod process;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta};
use latchkey_client::{Client, IdempotencyKey};
use latchkey_contract::{
    Amount, Environment, SecretText,
    keys::{CreateKey, Key, KeyKind},
    partners::CreatePartner,
    sessions::SessionTokens,
};
use latchkey_platform::{
    Clock, Config, Context, Entropy, Running, ServerKey, operator, start_with,
};
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

pub const PASSWORD: &str = "maple orbit canyon thirty";

/// The system's time, moved by hand.
#[derive(Clone, Default)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// Moves on, or back.
    pub fn jump(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }

    pub fn clock(&self) -> Clock {
        let (system, moved) = (Clock::system(), Arc::clone(&self.0));
        Clock::from_fn(move || {
            system.now() + TimeDelta::milliseconds(moved.load(Ordering::Relaxed))
        })
    }
}

pub struct TestServer {
    pub base: Url,
    /// Without a session.
    pub client: Client,
    pub http: reqwest::Client,
    pub clock: TestClock,
    config: Config,
    running: Option<Running>,
    data: Arc<TempDir>,
}

/// A signed-in partner.
pub struct TestPartner {
    pub client: Client,
    pub tokens: SessionTokens,
    pub email: String,
}

/// As the embedded server is set up, with one worker.
pub fn config(data_dir: &Path) -> Config {
    Config {
        welcome_grant: Amount::from_credits(100),
        job_workers: 1,
        ..Config::on_this_computer(data_dir.to_owned(), ServerKey::new([7; 32]))
    }
}

/// Looks until there is something to see; the test runner ends what never comes.
pub async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A client that knows how to speak TLS, as reqwest wants it.
pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().build().unwrap()
}

impl TestServer {
    pub async fn start() -> Self {
        Self::start_as(|_| {}).await
    }

    /// Starts a server whose configuration is changed first.
    pub async fn start_as(change: impl FnOnce(&mut Config)) -> Self {
        let data = Arc::new(TempDir::new().unwrap());
        let mut config = config(data.path());
        change(&mut config);
        Self::start_on(config, TestClock::default(), data).await
    }

    async fn start_on(config: Config, clock: TestClock, data: Arc<TempDir>) -> Self {
        let running = start_with(config.clone(), clock.clock(), Entropy::system()).await.unwrap();
        let base: Url = format!("http://{}", running.addr()).parse().unwrap();
        let http = http();
        let client = Client::new(http.clone(), base.clone());
        Self { base, client, http, clock, config, running: Some(running), data }
    }

    /// Stops the server and starts another on the same folder.
    pub async fn restart(mut self) -> Self {
        self.running.take().unwrap().shutdown().await;
        Self::start_on(self.config.clone(), self.clock.clone(), Arc::clone(&self.data)).await
    }

    pub async fn stop(mut self) {
        self.running.take().unwrap().shutdown().await;
    }

    pub fn context(&self) -> &Context {
        self.running.as_ref().unwrap().context()
    }

    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// The database, read beside the server.
    pub fn database(&self) -> rusqlite::Connection {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let file = self.data.path().join("latchkey.db");
        rusqlite::Connection::open_with_flags(file, flags).unwrap()
    }

    /// One value of the database.
    pub fn query<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.database().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// An address below the server's root: `url("/clipia/v1/models")`.
    pub fn url(&self, path: &str) -> Url {
        self.base.join(path).unwrap()
    }

    /// Does one of the operator's commands on the running server.
    pub async fn operate(&self, command: operator::Command) -> String {
        operator::run(self.context(), command).await.unwrap().message
    }

    /// Signs up a partner `name` with the member `<name>@example.com`.
    pub async fn sign_up(&self, name: &str) -> TestPartner {
        let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
        let request = CreatePartner {
            name: name.to_owned(),
            email: email.clone(),
            password: SecretText::new(PASSWORD.to_owned()),
        };
        let tokens = self.client.create_partner(&request).await.unwrap();
        let client = self.client.with_token(tokens.access_token.clone());
        TestPartner { client, tokens, email }
    }

    /// Every call of the admin API by its description: `GET /keys/{id}`.
    pub async fn calls(&self) -> Vec<String> {
        let document = self.http.get(self.url("/admin/v1/openapi.json")).send().await.unwrap();
        let document: Value = document.json().await.unwrap();
        let paths = document["paths"].as_object().unwrap();
        let calls = paths.iter().flat_map(|(path, calls)| {
            let path = path.strip_prefix("/admin/v1").unwrap();
            let methods = calls.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        });
        calls.collect()
    }

    /// A GET or POST of the admin API as a program without our client makes it.
    pub fn request(
        &self,
        method: reqwest::Method,
        path: &str,
        partner: Option<&TestPartner>,
    ) -> reqwest::RequestBuilder {
        let request = self.http.request(method, self.url(&format!("/admin/v1{path}")));
        match partner {
            Some(partner) => request.bearer_auth(partner.tokens.access_token.expose()),
            None => request,
        }
    }
}

impl TestPartner {
    /// Issues a key with the platform's defaults; answers it and its plain text.
    pub async fn issue_key(&self, platform: &str, environment: Environment) -> (Key, String) {
        let request = new_key(platform, environment);
        let issued = self.client.create_key(&request, &IdempotencyKey::random()).await.unwrap();
        (issued.key, issued.secret.unwrap().expose().to_owned())
    }
}

/// A key with the platform's defaults.
pub fn new_key(platform: &str, environment: Environment) -> CreateKey {
    CreateKey {
        platform: platform.to_owned(),
        name: format!("{platform} {}", environment.as_str()),
        environment,
        kind: KeyKind::Secret,
        scopes: None,
        requests_per_minute: None,
        concurrent_limit: None,
        daily_limit: None,
        credit_allowance: None,
        expires_at: None,
        ip_rules: None,
    }
}

/// The same JSON with everything that differs from run to run replaced: ids, times, digests,
/// tokens, ports, last four characters.
pub fn redacted(mut value: Value) -> Value {
    redact(&mut value, "");
    value
}

fn redact(value: &mut Value, name: &str) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                redact(value, name);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, name)),
        Value::String(text) => {
            if let Some(stand_in) = stand_in(text, name) {
                *text = stand_in;
            }
        }
        _ => {}
    }
}

fn stand_in(text: &str, name: &str) -> Option<String> {
    if name.ends_with("last4") || name.ends_with("_token") || name == "secret" {
        return Some(format!("[{name}]"));
    }
    if DateTime::parse_from_rfc3339(text).is_ok() {
        return Some("[time]".to_owned());
    }
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some("[digest]".to_owned());
    }
    if let Some((prefix, ulid)) = text.split_once('_')
        && ulid.len() == 26
        && prefix.len() == 3
    {
        return Some(format!("[{prefix} id]"));
    }
    let (before, after) = text.split_once("127.0.0.1:")?;
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    Some(format!("{before}127.0.0.1:[port]{rest}"))
}
