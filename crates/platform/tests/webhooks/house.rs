//! A server's insides without its outside: a database, a partner, webhooks at a quick pace.

use std::{sync::Arc, time::Duration};

use latchkey_contract::{
    DeliveryId, Environment, KeyId, PartnerId,
    keys::KeyKind,
    page::PageQuery,
    webhooks::{
        CreateWebhookEndpoint, DeliveryDetail, DeliveryQuery, DeliveryState, IssuedEndpoint,
        WebhookEndpoint,
    },
};
use latchkey_platform::{
    Clock, Config, Context, Entropy, ServerKey,
    keys::PlainKey,
    manifest::{Manifest, Manifests},
    server::open_context,
    webhooks::{
        DeliveryPolicy, Dispatcher, Occurred, SystemNames, Targets, Webhooks, deliveries,
        deliveries_for, endpoints,
    },
};
use latchkey_store::{Author, NewAccount, NewEvent, NewKey, NewMember, NewPartner, SpendLimits};
use reqwest::dns::Resolve;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use url::Url;

/// A platform whose account has one endpoint, and one where each request names its URL.
pub const BY_ACCOUNT: &str = "proclubs";
pub const BY_REQUEST: &str = "clipia";
/// A platform whose endpoints belong to keys, where [`House::open_by_key`] has it.
pub const BY_KEY: &str = "bykey";

pub struct House {
    pub context: Context,
    pub partner: PartnerId,
    _dir: TempDir,
}

/// Retries after milliseconds; a slow receiver is given half a second.
pub fn quick() -> DeliveryPolicy {
    DeliveryPolicy {
        pauses: vec![Duration::from_millis(20); 3],
        attempt_timeout: Duration::from_millis(500),
        rest: Duration::from_millis(5),
        ..DeliveryPolicy::default()
    }
}

impl House {
    pub async fn open() -> Self {
        Self::with(quick(), Targets::Any, Arc::new(SystemNames)).await
    }

    pub async fn with(policy: DeliveryPolicy, targets: Targets, names: Arc<dyn Resolve>) -> Self {
        let dir = TempDir::new().unwrap();
        let config = Config {
            allow_private_webhook_targets: targets == Targets::Any,
            ..Config::on_this_computer(dir.path().to_owned(), ServerKey::new([7; 32]))
        };
        let mut context = open_context(config, Clock::system(), Entropy::system()).await.unwrap();
        let key = &context.config.server_key;
        context.webhooks = Webhooks::new(key, targets, policy, names).unwrap();
        let partner = sign_up(&context, "one@example.com").await;
        Self { context, partner, _dir: dir }
    }

    pub fn dispatch(&self) -> JoinHandle<()> {
        Dispatcher::start(&self.context)
    }

    /// Creates the account's endpoint for all events.
    pub async fn endpoint(&self, url: &str) -> IssuedEndpoint {
        self.endpoint_for(url, None).await.unwrap()
    }

    pub async fn endpoint_for(
        &self,
        url: &str,
        events: Option<Vec<String>>,
    ) -> Result<IssuedEndpoint, endpoints::EndpointError> {
        let request = CreateWebhookEndpoint {
            platform: BY_ACCOUNT.into(),
            key_id: None,
            url: url.into(),
            events,
        };
        endpoints::create(&self.context, &self.partner, request).await
    }

    /// As [`House::open`], with [`BY_KEY`] beside the other platforms.
    pub async fn open_by_key() -> Self {
        let (dir, mut house) = (TempDir::new().unwrap(), Self::open().await);
        let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/manifests/");
        let mut text = std::fs::read_to_string(format!("{built_in}{BY_ACCOUNT}.toml")).unwrap();
        for (old, new) in [
            ("slug = \"proclubs\"", "slug = \"bykey\"\ndialect = \"proclubs\""),
            ("hosts = [\"api.proclubsstudio.com\"]", ""),
            ("target = \"account\"", "target = \"key\""),
        ] {
            assert!(text.contains(old), "{old}");
            text = text.replace(old, new);
        }
        std::fs::write(dir.path().join("bykey.toml"), text).unwrap();
        house.context.manifests = Arc::new(Manifests::with_dir(dir.path()).unwrap());
        house.partner = sign_up(&house.context, "keys@example.com").await;
        house
    }

    /// A key of [`BY_KEY`].
    pub async fn key(&self) -> KeyId {
        let (context, now) = (&self.context, self.context.clock.now());
        let plain = PlainKey::issue("pc_test_sk_", &context.entropy);
        let new = NewKey {
            id: context.entropy.id(now),
            partner_id: self.partner.clone(),
            platform: BY_KEY.into(),
            name: "Till".into(),
            kind: KeyKind::Secret,
            environment: Environment::Test,
            prefix: "pc_test_sk_".into(),
            last4: "abcd".into(),
            digest: Sha256::digest(plain.expose()).into(),
            scopes: vec![],
            requests_per_minute: None,
            concurrent_limit: None,
            spend_limits: SpendLimits::default(),
            ip_rules: vec![],
            pair_id: None,
            expires_at: None,
            created_by: "one@example.com".into(),
            now,
        };
        context.store.create_key(new).await.unwrap().id
    }

    /// Creates the endpoint of a key for all events.
    pub async fn endpoint_of_key(
        &self,
        key: Option<&KeyId>,
        url: &str,
    ) -> Result<IssuedEndpoint, endpoints::EndpointError> {
        let request = CreateWebhookEndpoint {
            platform: BY_KEY.into(),
            key_id: key.cloned(),
            url: url.into(),
            events: None,
        };
        endpoints::create(&self.context, &self.partner, request).await
    }

    /// Writes an event of a platform as the gateway and the jobs do.
    pub async fn tell(
        &self,
        platform: &str,
        event_type: &str,
        to: Option<&str>,
    ) -> Vec<DeliveryId> {
        let to = to.map(|url| Url::parse(url).unwrap());
        let occurred = Occurred {
            partner: &self.partner,
            platform,
            event_type,
            key: None,
            request_url: to.as_ref(),
        };
        self.tell_of(occurred).await
    }

    /// Writes an event that a key caused.
    pub async fn tell_of_key(&self, key: &KeyId) -> Vec<DeliveryId> {
        let occurred = Occurred {
            partner: &self.partner,
            platform: BY_KEY,
            event_type: "image.completed",
            key: Some(key),
            request_url: None,
        };
        self.tell_of(occurred).await
    }

    async fn tell_of(&self, occurred: Occurred<'_>) -> Vec<DeliveryId> {
        let (context, now) = (&self.context, self.context.clock.now());
        let Occurred { platform, event_type, .. } = occurred;
        let told = deliveries_for(context, occurred).await.unwrap();
        let ids = told.iter().map(|delivery| delivery.id.clone()).collect();
        let event = NewEvent {
            id: context.entropy.id(now),
            event_type: event_type.into(),
            environment: Environment::Live,
            subject: "img_1".into(),
            body: format!(r#"{{"event":"{event_type}","name":"Zoë"}}"#),
            deliveries: told,
        };
        context.store.create_event(&self.partner, platform, event, now).await.unwrap();
        deliveries::announce(context, &self.partner, platform);
        ids
    }

    /// One event of the account's platform to its endpoint.
    pub async fn tell_one(&self) -> DeliveryId {
        let ids = self.tell(BY_ACCOUNT, "image.completed", None).await;
        ids.into_iter().next().expect("an endpoint that listens")
    }

    /// A partner's endpoints on a platform.
    pub async fn endpoints_of(&self, partner: &PartnerId, platform: &str) -> Vec<WebhookEndpoint> {
        let page = endpoints::list(&self.context, partner, &PageQuery::default()).await.unwrap();
        page.data.into_iter().filter(|endpoint| endpoint.platform == platform).collect()
    }

    pub async fn delivery(&self, id: &DeliveryId) -> DeliveryDetail {
        deliveries::get(&self.context, &self.partner, id).await.unwrap().unwrap()
    }

    /// Waits until a delivery is as `wanted`.
    pub async fn until(
        &self,
        id: &DeliveryId,
        wanted: impl Fn(&DeliveryDetail) -> bool,
    ) -> DeliveryDetail {
        let started = tokio::time::Instant::now();
        loop {
            let detail = self.delivery(id).await;
            if wanted(&detail) {
                return detail;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "still: {detail:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub async fn until_state(&self, id: &DeliveryId, state: DeliveryState) -> DeliveryDetail {
        self.until(id, |detail| detail.delivery.state == state).await
    }

    pub async fn all_deliveries(&self) -> usize {
        let query = DeliveryQuery { limit: Some(200), ..DeliveryQuery::default() };
        let page = deliveries::list(&self.context, &self.partner, &query).await.unwrap();
        page.data.len()
    }
}

/// A partner with an account on every platform.
pub async fn sign_up(context: &Context, email: &str) -> PartnerId {
    let now = context.clock.now();
    let id: PartnerId = context.entropy.id(now);
    let account = |manifest: &Arc<Manifest>| NewAccount {
        platform: manifest.slug.clone(),
        live_enabled: true,
        welcome: None,
        endpoint: endpoints::request_endpoint(context, &id, manifest).unwrap(),
    };
    let new = NewPartner {
        id: id.clone(),
        name: "One".into(),
        member: NewMember {
            id: context.entropy.id(now),
            email: email.into(),
            password_hash: String::new(),
        },
        accounts: context.manifests.iter().map(account).collect(),
        author: Author::operator(),
        now,
    };
    context.store.create_partner(new).await.unwrap();
    id
}
