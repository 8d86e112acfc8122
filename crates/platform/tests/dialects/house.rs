//! A running server with partners, and a program that calls it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use latchkey_contract::{
    Amount, Environment, KeyId, PartnerId, SecretText, keys::KeyKind,
    webhooks::CreateWebhookEndpoint,
};
use latchkey_platform::{
    Clock, Config, Context, Entropy, Running, ServerKey,
    keys::{KeyDigest, PlainKey},
    server::start_with,
    webhooks::endpoints,
};
use latchkey_store::{
    Author, KeyChange, NewAccount, NewKey, NewMember, NewPartner, SpendLimits, Updated,
};
use reqwest::{
    Client, Method, RequestBuilder,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde_json::Value;
use tempfile::TempDir;

pub const LIVE: Environment = Environment::Live;
pub const TEST: Environment = Environment::Test;

pub struct House {
    pub running: Running,
    pub partner: PartnerId,
    pub http: Client,
    ahead: Arc<AtomicI64>,
    pub dir: TempDir,
}

/// An issued key.
#[derive(Clone)]
pub struct Issued {
    pub id: KeyId,
    pub plain: String,
    digest: KeyDigest,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// A number in a header.
    pub fn number(&self, name: &str) -> u32 {
        let text = self.header(name).unwrap_or_else(|| panic!("no {name} in {self:?}"));
        text.parse().unwrap()
    }
}

impl House {
    /// With one worker and 100 credits on each platform.
    pub async fn open() -> Self {
        Self::with(1, 100).await
    }

    pub async fn with(job_workers: usize, credits: i64) -> Self {
        Self::configured(|config| {
            config.job_workers = job_workers;
            config.welcome_grant = Amount::from_credits(credits);
        })
        .await
    }

    /// Like [`House::open`], with a configuration that is changed first.
    pub async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        let dir = TempDir::new().unwrap();
        let mut config = Config {
            allow_sign_up: false,
            welcome_grant: Amount::from_credits(100),
            job_workers: 1,
            ..Config::on_this_computer(dir.path().join("data"), ServerKey::new([7; 32]))
        };
        change(&mut config);
        let ahead = Arc::new(AtomicI64::new(0));
        let seconds = Arc::clone(&ahead);
        let clock = Clock::from_fn(move || {
            Clock::system().now() + TimeDelta::seconds(seconds.load(Ordering::Relaxed))
        });
        let running = start_with(config, clock, Entropy::system()).await.unwrap();
        let partner = sign_up(running.context(), "one@example.com").await;
        let http = Client::builder().no_proxy().build().unwrap();
        Self { running, partner, http, ahead, dir }
    }

    pub fn context(&self) -> &Context {
        self.running.context()
    }

    /// Moves the server's clock.
    pub fn pass(&self, time: TimeDelta) {
        self.ahead.fetch_add(time.num_seconds(), Ordering::Relaxed);
    }

    pub async fn second_partner(&self) -> PartnerId {
        sign_up(self.context(), "two@example.com").await
    }

    pub async fn key(&self, platform: &str, environment: Environment) -> Issued {
        self.key_of(&self.partner, platform, environment).await
    }

    pub async fn key_of(
        &self,
        partner: &PartnerId,
        platform: &str,
        environment: Environment,
    ) -> Issued {
        self.issue(partner, platform, (environment, KeyKind::Secret), None).await
    }

    /// A key that may be shown to browsers.
    pub async fn public_key(&self, platform: &str, environment: Environment) -> Issued {
        self.issue(&self.partner, platform, (environment, KeyKind::Public), None).await
    }

    /// Lets live keys work on a platform where they do not from the start.
    pub async fn enable_live(&self, partner: &PartnerId, platform: &str) {
        let context = self.context();
        let since = Some(context.clock.now());
        let by = (&Author::operator(), context.clock.now());
        context.store.set_account_live(partner, platform, since, by).await.unwrap();
        context.keys.forget_partner(partner);
    }

    /// A key that expires in an hour.
    pub async fn short_lived_key(&self, platform: &str) -> Issued {
        let soon = self.context().clock.now() + TimeDelta::hours(1);
        self.issue(&self.partner, platform, (TEST, KeyKind::Secret), Some(soon)).await
    }

    async fn issue(
        &self,
        partner: &PartnerId,
        platform: &str,
        (environment, kind): (Environment, KeyKind),
        expires_at: Option<chrono::DateTime<Utc>>,
    ) -> Issued {
        let context = self.context();
        let manifest = context.manifests.get(platform).unwrap();
        let prefix = manifest.prefix(environment, kind).unwrap();
        let plain = PlainKey::issue(prefix, &context.entropy);
        let now = context.clock.now();
        let new = NewKey {
            id: context.entropy.id(now),
            partner_id: partner.clone(),
            platform: platform.into(),
            name: "A key".into(),
            kind,
            environment,
            prefix: prefix.into(),
            last4: plain.last4().into(),
            digest: plain.digest().0,
            scopes: manifest.default_scopes(),
            requests_per_minute: None,
            concurrent_limit: None,
            spend_limits: SpendLimits::default(),
            ip_rules: Vec::new(),
            expires_at,
            pair_id: None,
            created_by: "one@example.com".into(),
            now,
        };
        let row = context.store.create_key(new).await.unwrap();
        Issued { id: row.id, plain: plain.expose().to_owned(), digest: plain.digest() }
    }

    pub async fn change(&self, key: &Issued, change: KeyChange) {
        let context = self.context();
        let row = context.store.get_key(&self.partner, &key.id).await.unwrap().unwrap();
        let updated = context
            .store
            .update_key(&self.partner, &key.id, row.version, change, context.clock.now())
            .await
            .unwrap();
        assert!(matches!(updated, Updated::Changed(_)));
        context.keys.forget_key(&key.digest);
    }

    pub async fn limit(&self, key: &Issued, requests_per_minute: u32) {
        let requests_per_minute = Some(Some(requests_per_minute));
        self.change(key, KeyChange { requests_per_minute, ..KeyChange::default() }).await;
    }

    pub async fn pause(&self, key: &Issued, paused: bool) {
        let paused_at = Some(paused.then(|| self.context().clock.now()));
        self.change(key, KeyChange { paused_at, ..KeyChange::default() }).await;
    }

    pub async fn revoke(&self, key: &Issued) {
        let context = self.context();
        let now = context.clock.now();
        context.store.revoke_key(&self.partner, &key.id, "one@example.com", now).await.unwrap();
        context.keys.forget_key(&key.digest);
    }

    pub async fn suspend(&self, since: Option<chrono::DateTime<Utc>>) {
        let context = self.context();
        context
            .store
            .set_partner_suspension(&self.partner, since, context.clock.now())
            .await
            .unwrap();
        context.keys.forget_partner(&self.partner);
    }

    /// An endpoint for all events of a platform; answers with its signing secret.
    pub async fn endpoint(&self, platform: &str, url: &str) -> SecretText {
        let request = CreateWebhookEndpoint {
            platform: platform.into(),
            key_id: None,
            url: url.into(),
            events: None,
        };
        let issued = endpoints::create(self.context(), &self.partner, request).await.unwrap();
        issued.secret.unwrap()
    }

    /// The signing secret of a platform whose requests name their own URL.
    pub async fn account_secret(&self, platform: &str) -> SecretText {
        let context = self.context();
        let rows = context.store.list_endpoints(&self.partner, Some(platform)).await.unwrap();
        let issued = endpoints::reveal_secret(context, &self.partner, &rows[0].id).await.unwrap();
        issued.secret.unwrap()
    }

    /// What can be spent, in credits, and what is held.
    pub async fn credits(&self, platform: &str) -> (i64, i64) {
        let account = self.context().store.get_account(&self.partner, platform).await.unwrap();
        let account = account.unwrap();
        (account.balance.whole_credits(), account.held.whole_credits())
    }

    /// Lets a server that was started without workers draw what waits, with one.
    pub fn start_working(&self) {
        let mut context = self.context().clone();
        let config = Config { job_workers: 1, ..(*context.config).clone() };
        context.config = Arc::new(config);
        drop(latchkey_platform::jobs::Runner::start(context));
    }

    /// Puts something in the way of every picture.
    pub fn break_media(&self) {
        let media = self.dir.path().join("data/media");
        std::fs::remove_dir_all(&media).unwrap();
        std::fs::write(media, "not a folder").unwrap();
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.addr())
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }
}

/// Sends a request and reads the answer; a body that is no JSON becomes a string.
pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, headers, body }
}

/// A body as a client without a JSON library would send it.
pub fn raw(
    request: RequestBuilder,
    content_type: &str,
    body: impl Into<reqwest::Body>,
) -> RequestBuilder {
    request.header(CONTENT_TYPE, content_type).body(body)
}

/// Asks again until the answer is as wanted.
pub async fn until(
    mut ask: impl AsyncFnMut() -> Answer,
    wanted: impl Fn(&Answer) -> bool,
) -> Answer {
    let started = tokio::time::Instant::now();
    loop {
        let answer = ask().await;
        if wanted(&answer) {
            return answer;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "still: {answer:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn sign_up(context: &Context, email: &str) -> PartnerId {
    let now = context.clock.now();
    let id: PartnerId = context.entropy.id(now);
    let accounts = context.manifests.iter().map(|manifest| NewAccount {
        platform: manifest.slug.clone(),
        live_enabled: manifest.live_from_start,
        welcome: Some(context.config.welcome_grant).filter(|grant| *grant > Amount::ZERO),
        endpoint: endpoints::request_endpoint(context, &id, manifest).unwrap(),
    });
    let new = NewPartner {
        id: id.clone(),
        name: "A partner".into(),
        member: NewMember {
            id: context.entropy.id(now),
            email: email.into(),
            password_hash: String::new(),
        },
        accounts: accounts.collect(),
        author: Author::operator(),
        now,
    };
    context.store.create_partner(new).await.unwrap();
    id
}
