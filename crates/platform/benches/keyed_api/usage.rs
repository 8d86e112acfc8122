//! How long a month of usage takes, by the hour: in the store, and over HTTP.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use latchkey_client::Client;
use latchkey_contract::{KeyId, PartnerId, PrefixedId, SecretText, partners::CreatePartner};
use latchkey_platform::{Config, Entropy, Running, ServerKey, start};
use latchkey_store::{UsageFilter, UsageSpan};

/// Four keys on each of five platforms, live and test in turn.
const PLATFORMS: usize = 5;
const KEYS_A_PLATFORM: usize = 4;
const QUARTERS: i64 = 30 * 96;
/// Calls of a key in a quarter of an hour: ten millions in all.
const CALLS: i64 = 10_000_000 / (30 * 96 * 20);
const TIMES: usize = 60;

/// A server with ten million calls on record, of one partner on all platforms.
pub struct Month {
    running: Running,
    partner_id: PartnerId,
    token: SecretText,
    from: DateTime<Utc>,
    http: reqwest::Client,
    _data: tempfile::TempDir,
}

impl Month {
    pub async fn start() -> anyhow::Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let data = tempfile::tempdir()?;
        let key = ServerKey::new(Entropy::system().bytes());
        let config = Config::on_this_computer(data.path().to_owned(), key);
        let running = start(config).await?;
        let http = reqwest::Client::builder().build()?;
        let client = Client::new(http.clone(), format!("http://{}", running.addr()).parse()?);
        let request = CreatePartner {
            name: "Bench".to_owned(),
            email: "bench@latchkey.example".to_owned(),
            password: SecretText::new(STANDARD.encode(Entropy::system().bytes::<24>())),
        };
        let tokens = client.create_partner(&request).await?;
        let partner_id = tokens.me.partner.id.clone();
        let until = running.context().clock.now().timestamp();
        let from = DateTime::from_timestamp(until - until % 3600, 0).context("a time")?
            - TimeDelta::days(30);
        let month = Self {
            running,
            partner_id,
            token: tokens.access_token.clone(),
            from,
            http,
            _data: data,
        };
        month.seed()?;
        Ok(month)
    }

    /// Writes the roll-up as the grouped writer would have.
    fn seed(&self) -> anyhow::Result<()> {
        let keys: Vec<(String, KeyId)> = (0..PLATFORMS * KEYS_A_PLATFORM)
            .map(|n| (format!("platform-{}", n % PLATFORMS), KeyId::from_parts(0, n as u128)))
            .collect();
        let path = self.running.context().config.data_dir.join("latchkey.db");
        let mut database = rusqlite::Connection::open(path)?;
        let tx = database.transaction()?;
        {
            let mut add = tx.prepare(
                "INSERT INTO usage (partner_id, span_s, bucket, platform, environment, key_id, \
                 operation, outcome, requests, credits) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'bench', ?7, ?8, ?8) ON CONFLICT DO NOTHING",
            )?;
            for quarter in 0..QUARTERS {
                let bucket = self.from.timestamp() + quarter * 900;
                for (number, (slug, key)) in keys.iter().enumerate() {
                    let environment =
                        if (number / PLATFORMS).is_multiple_of(2) { "live" } else { "test" };
                    for (outcome, calls) in
                        [("accepted", CALLS - CALLS / 10), ("refused", CALLS / 10)]
                    {
                        add.execute(rusqlite::params![
                            self.partner_id.as_str(),
                            900,
                            bucket,
                            slug,
                            environment,
                            key.as_str(),
                            outcome,
                            calls
                        ])?;
                    }
                }
            }
        }
        for platform in ["platform", "''"] {
            tx.execute_batch(&format!(
                "INSERT INTO usage_hours \
                 (partner_id, platform, hour, environment, accepted, refused, failed, credits) \
                 SELECT partner_id, {platform} AS of_platform, bucket - bucket % 3600 AS hour, \
                 environment, SUM(requests) FILTER (WHERE outcome = 'accepted'), \
                 SUM(requests) FILTER (WHERE outcome = 'refused'), 0, SUM(credits) FROM usage \
                 GROUP BY partner_id, of_platform, bucket - bucket % 3600, environment"
            ))?;
        }
        tx.commit()?;
        Ok(())
    }

    /// The median in the store.
    pub async fn in_store(&self) -> anyhow::Result<Duration> {
        let filter = UsageFilter {
            span: UsageSpan::Hour,
            from: self.from,
            to: self.from + TimeDelta::days(30),
            environment: None,
            platform: None,
            key_id: None,
            operation: None,
            group_by: None,
        };
        let store = &self.running.context().store;
        let rows = store.list_usage(&self.partner_id, &filter).await?;
        let calls: u64 = rows.iter().map(|row| row.requests).sum();
        anyhow::ensure!(rows.len() == 2 * 720, "{} rows", rows.len());
        anyhow::ensure!(calls > 9_900_000, "{calls} calls");
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            let begun = Instant::now();
            store.list_usage(&self.partner_id, &filter).await?;
            times.push(begun.elapsed());
        }
        Ok(median(times))
    }

    /// The median over HTTP, until the last byte is there.
    pub async fn over_http(&self) -> anyhow::Result<Duration> {
        let text = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let (from, to) = (text(self.from), text(self.from + TimeDelta::days(30)));
        let addr = self.running.addr();
        let url = format!("http://{addr}/admin/v1/usage?from={from}&to={to}&interval=hour");
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            let begun = Instant::now();
            let call = self.http.get(&url).bearer_auth(self.token.expose());
            let answer = call.send().await?.error_for_status()?.bytes().await?;
            times.push(begun.elapsed());
            anyhow::ensure!(answer.len() > 20_000, "{} bytes", answer.len());
        }
        Ok(median(times))
    }

    pub async fn stop(self) {
        self.running.shutdown().await;
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
