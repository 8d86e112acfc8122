//! A store in a folder of its own, and what most tests need in it.

use std::{
    ops::Deref,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{Amount, Environment, KeyId, PartnerId, PrefixedId, keys::KeyKind};
use latchkey_store::{
    Author, Caller, Charge, Charged, JobRow, MemberRow, NewAccount, NewEndpoint, NewIdempotency,
    NewJob, NewKey, NewMember, NewPartner, SealedSecret, SpendLimits, Store, StoreConfig,
};
use serde_json::json;
use tempfile::TempDir;

pub const RED: &str = "red";
pub const BLUE: &str = "blue";

/// A store that goes away with its folder.
pub struct TestStore {
    pub store: Store,
    pub dir: TempDir,
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl TestStore {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir).await;
        Self { store, dir }
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join("latchkey.db")
    }

    /// The file seen from outside.
    pub fn raw(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.path()).unwrap();
        connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
        connection
    }

    /// Every account's books agree with its ledger.
    pub async fn assert_balanced(&self) {
        for check in self.check_ledger().await.unwrap() {
            assert!(check.balanced(), "{check:?}");
        }
    }
}

pub async fn open(dir: &TempDir) -> Store {
    Store::open(&StoreConfig { data_dir: dir.path().to_path_buf() }).await.unwrap()
}

/// A fixed time; tests count from it.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_732_000_200, 123_456_000).unwrap()
}

pub fn after(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

/// Ids that never repeat and grow with every call.
pub fn new_id<T: PrefixedId>() -> T {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    T::from_parts(1_732_000_000_000, u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// A digest that belongs to a text.
pub fn digest(text: &str) -> [u8; 32] {
    let mut digest = [0; 32];
    for (index, byte) in text.bytes().enumerate() {
        digest[index % 32] ^= byte.rotate_left(u32::try_from(index / 32).unwrap());
    }
    digest[31] ^= u8::try_from(text.len() % 256).unwrap();
    digest
}

/// A partner with accounts of 100 credits on red and blue, and a live key on red.
pub struct Known {
    pub id: PartnerId,
    pub member: MemberRow,
    pub key: KeyId,
}

pub fn new_partner(email: &str) -> NewPartner {
    let account = |platform: &str| NewAccount {
        platform: platform.to_owned(),
        live_enabled: true,
        welcome: Some(Amount::from_credits(100)),
        endpoint: None,
    };
    NewPartner {
        id: new_id(),
        name: "Acme".to_owned(),
        member: NewMember {
            id: new_id(),
            email: email.to_owned(),
            password_hash: "$argon2id$hash".to_owned(),
        },
        accounts: vec![account(RED), account(BLUE)],
        author: Author::operator(),
        now: now(),
    }
}

pub async fn partner(store: &Store, email: &str) -> Known {
    let created = store.create_partner(new_partner(email)).await.unwrap();
    let id = created.partner.id;
    let key = store.create_key(new_key(&id, RED)).await.unwrap().id;
    Known { id, member: created.member, key }
}

pub fn new_key(partner_id: &PartnerId, platform: &str) -> NewKey {
    let id: KeyId = new_id();
    NewKey {
        digest: digest(id.as_str()),
        id,
        partner_id: partner_id.clone(),
        platform: platform.to_owned(),
        name: "Backend".to_owned(),
        kind: KeyKind::Secret,
        environment: Environment::Live,
        prefix: "sk_live_".to_owned(),
        last4: "wscZ".to_owned(),
        scopes: vec!["generate".to_owned(), "read".to_owned()],
        requests_per_minute: None,
        concurrent_limit: None,
        spend_limits: SpendLimits::default(),
        ip_rules: Vec::new(),
        expires_at: None,
        pair_id: None,
        created_by: "ada@example.com".to_owned(),
        now: now(),
    }
}

pub fn new_endpoint(partner_id: &PartnerId, platform: &str) -> NewEndpoint {
    NewEndpoint {
        id: new_id(),
        partner_id: partner_id.clone(),
        platform: platform.to_owned(),
        key_id: None,
        url: Some("https://example.com/hook".to_owned()),
        events: vec!["done".to_owned(), "failed".to_owned()],
        secret: SealedSecret { ciphertext: vec![1, 2, 3], nonce: vec![4, 5, 6] },
        secret_last4: "abcd".to_owned(),
        now: now(),
    }
}

/// Whoever runs the platform.
pub fn operator() -> Author {
    Author::operator()
}

pub fn caller() -> Caller {
    Caller { address: Some("127.0.0.1".into()), agent: Some("curl/8".into()) }
}

/// A live charge on red.
pub fn charge(partner: &Known, job: &str, price: Amount) -> Charge {
    Charge {
        now: now(),
        partner_id: partner.id.clone(),
        platform: Arc::from(RED),
        environment: Environment::Live,
        key_id: partner.key.clone(),
        operation: Arc::from("images.create"),
        price,
        limits: SpendLimits::default(),
        low_balance: None,
        job: NewJob {
            id: job.to_owned(),
            request: json!({"prompt": "a cat"}).to_string(),
            webhook_url: None,
            output: None,
        },
        idempotency: None,
        events: Vec::new(),
        caller: caller(),
    }
}

pub fn repeatable(mut charge: Charge, key: &str, payload: &str) -> Charge {
    charge.idempotency = Some(NewIdempotency {
        scope: charge.partner_id.to_string(),
        key: key.to_owned(),
        payload_digest: digest(payload),
        expires_at: after(48 * 3600),
    });
    charge
}

/// A charge that must be accepted.
pub async fn accept(store: &Store, charge: Charge) -> (JobRow, Amount) {
    match store.charge(charge).await.unwrap() {
        Charged::Accepted { job, balance } => (job, balance),
        other => panic!("{other:?}"),
    }
}
