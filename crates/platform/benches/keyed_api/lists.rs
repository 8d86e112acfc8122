//! Lists of many keys, over HTTP.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use latchkey_client::{Client, IdempotencyKey};
use latchkey_contract::{
    Environment, SecretText,
    keys::{CreateKey, KeyKind, KeyQuery, KeySort},
    partners::CreatePartner,
};
use latchkey_platform::Entropy;

use crate::setting::{PLATFORM, Server};

const KEYS: u32 = 100_000;
const ROUNDS: usize = 200;

/// Every column that a copy of a key must have, its own ones first.
const COPIES: &str = "WITH RECURSIVE numbers (n) AS \
        (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2) \
    INSERT INTO api_keys (id, digest, name, name_folded, last_used_at, partner_id, platform, kind, \
        environment, prefix, last4, scopes, created_at, created_by, version) \
    SELECT printf('key_01JDB6QZ3V8M%014d', n), randomblob(32), 'Load ' || n, 'load ' || n, \
        created_at + n, partner_id, platform, kind, environment, prefix, last4, scopes, created_at, \
        created_by, version \
    FROM api_keys, numbers WHERE id = ?1";

/// How long the first page takes, and a page in the middle, each the median of many.
pub async fn measure(server: &Server) -> anyhow::Result<[(&'static str, Duration); 2]> {
    let client = sign_up(server).await?;
    let request = CreateKey {
        platform: PLATFORM.to_owned(),
        name: "First".to_owned(),
        environment: Environment::Live,
        kind: KeyKind::Secret,
        scopes: None,
        requests_per_minute: None,
        concurrent_limit: None,
        daily_limit: None,
        credit_allowance: None,
        expires_at: None,
        ip_rules: None,
    };
    let first = client.create_key(&request, &IdempotencyKey::random()).await?.key.id;
    let database = rusqlite::Connection::open(server.data_dir().join("latchkey.db"))?;
    database.busy_timeout(Duration::from_secs(10))?;
    database.execute(COPIES, rusqlite::params![first.to_string(), KEYS])?;
    let page = KeyQuery::default();
    let by_name = KeyQuery {
        sort: Some(KeySort::Name),
        cursor: Some(format!("load 5.{first}")),
        ..KeyQuery::default()
    };
    Ok([
        ("keys, first page of 100,000", median(&client, &page).await?),
        ("keys, a middle page of 100,000 by name", median(&client, &by_name).await?),
    ])
}

async fn median(client: &Client, query: &KeyQuery) -> anyhow::Result<Duration> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let page = client.list_keys(query).await?;
        anyhow::ensure!(page.data.len() == 50, "a page of {} keys", page.data.len());
        times.push(started.elapsed());
    }
    times.sort_unstable();
    times.get(ROUNDS / 2).copied().context("a median")
}

async fn sign_up(server: &Server) -> anyhow::Result<Client> {
    let http = reqwest::Client::builder().build()?;
    let client = Client::new(http, format!("http://{}", server.addr).parse()?);
    let request = CreatePartner {
        name: "Many keys".to_owned(),
        email: "many@latchkey.example".to_owned(),
        password: SecretText::new(STANDARD.encode(Entropy::system().bytes::<24>())),
    };
    let tokens = client.create_partner(&request).await?;
    Ok(client.with_token(tokens.access_token))
}
