//! The servers that the bench measures: a bare one, and ours with keys and credits.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    panic::resume_unwind,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use latchkey_client::{Client, IdempotencyKey};
use latchkey_contract::{
    Environment, SecretText,
    keys::{CreateKey, KeyKind},
    partners::CreatePartner,
};
use latchkey_platform::{
    Entropy,
    pictures::{Card, Fonts},
};

use crate::load::MakeRequest;

/// Keys in use, so that no key's own limit is what gets measured.
const KEYS: usize = 64;
pub const PLATFORM: &str = "proclubs";

/// A bare axum server in a process of its own.
pub struct Hello {
    pub addr: SocketAddr,
    child: Child,
}

impl Hello {
    pub fn start() -> anyhow::Result<Self> {
        let addr = free_addr()?;
        let child = Command::new(std::env::current_exe()?)
            .args(["hello", &addr.to_string()])
            .stdin(Stdio::null())
            .spawn()?;
        wait_until_open(addr)?;
        Ok(Self { addr, child })
    }
}

impl Drop for Hello {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The other side of [`Hello`]; takes webhooks too.
pub fn serve_hello() -> anyhow::Result<()> {
    let addr: SocketAddr = std::env::args().nth(2).context("an address")?.parse()?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let router = axum::Router::new().route("/", axum::routing::any(|| async { "hello" }));
        Ok(axum::serve(tokio::net::TcpListener::bind(addr).await?, router).await?)
    })
}

/// `latchkey-platform serve` with its job workers paused, a rich partner and its live keys.
pub struct Server {
    pub addr: SocketAddr,
    child: Child,
    client: Client,
    keys: Arc<Vec<SecretText>>,
    image: String,
    data: tempfile::TempDir,
}

impl Server {
    pub async fn start() -> anyhow::Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (addr, data) = (free_addr()?, tempfile::tempdir()?);
        let child = Command::new(env!("CARGO_BIN_EXE_latchkey-platform"))
            .args(["serve", "--allow-sign-up", "--job-workers", "0"])
            .args(["--welcome-grant", "1000000000", "--listen", &addr.to_string(), "--data"])
            .arg(data.path())
            .env("LATCHKEY_SERVER_KEY", STANDARD.encode(Entropy::system().bytes::<32>()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        wait_until_open(addr)?;
        let client = sign_up(addr).await?;
        let mut server =
            Self { addr, child, client, keys: Arc::default(), image: String::new(), data };
        server.keys = Arc::new(server.issue_keys(PLATFORM, Environment::Live).await?);
        server.image = submit_one(addr, &server.keys[0]).await?;
        Ok(server)
    }

    /// Keys that no limit of their own hinders.
    pub async fn issue_keys(
        &self,
        platform: &str,
        environment: Environment,
    ) -> anyhow::Result<Vec<SecretText>> {
        let mut keys = Vec::with_capacity(KEYS);
        for n in 0..KEYS {
            let request = CreateKey {
                platform: platform.to_owned(),
                name: format!("Load {n}"),
                environment,
                kind: KeyKind::Secret,
                scopes: None,
                requests_per_minute: Some(100_000),
                concurrent_limit: Some(10_000),
                daily_limit: None,
                credit_allowance: None,
                expires_at: None,
                ip_rules: None,
            };
            let issued = self.client.create_key(&request, &IdempotencyKey::random()).await?;
            keys.push(issued.secret.context("a key")?);
        }
        Ok(keys)
    }

    /// The folder that its database lies in.
    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// Reads the status of an image that waits.
    pub fn status(&self) -> MakeRequest {
        let requests: Vec<_> = self
            .keys
            .iter()
            .map(|key| {
                format!(
                    "GET /{PLATFORM}/v1/images/{} HTTP/1.1\r\nhost: bench\r\nx-api-key: {}\r\n\r\n",
                    self.image,
                    key.expose()
                )
            })
            .collect();
        Arc::new(move |connection, request| {
            request.extend_from_slice(requests[connection % KEYS].as_bytes());
        })
    }

    /// Submits a card with a fresh idempotency key.
    pub fn charge(&self) -> MakeRequest {
        let keys = self.keys.clone();
        let (run, sent) = (u64::from_le_bytes(Entropy::system().bytes()), AtomicU64::new(0));
        let body = card_body().to_string();
        Arc::new(move |connection, request| {
            use std::io::Write as _;
            let key = keys[connection % KEYS].expose();
            // Spread like random ones: the golden ratio visits every number once.
            let n = sent.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let _ = write!(
                request,
                "POST /{PLATFORM}/v1/images HTTP/1.1\r\nhost: bench\r\nx-api-key: {key}\r\n\
                 idempotency-key: {n:016x}-{run:016x}\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            );
        })
    }

    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Mebibytes of a server's process that are in memory, as the kernel counts them.
pub fn resident_mib(server: &Server) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id()))
        .context("memory is read from /proc, which is Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

async fn sign_up(addr: SocketAddr) -> anyhow::Result<Client> {
    let http = reqwest::Client::builder().build()?;
    let client = Client::new(http, format!("http://{addr}").parse()?);
    let passphrase = STANDARD.encode(Entropy::system().bytes::<24>());
    let tokens = client
        .create_partner(&CreatePartner {
            name: "Bench".to_owned(),
            email: "bench@latchkey.example".to_owned(),
            password: SecretText::new(passphrase),
        })
        .await?;
    Ok(client.with_token(tokens.access_token))
}

async fn submit_one(addr: SocketAddr, key: &SecretText) -> anyhow::Result<String> {
    let answer: serde_json::Value = reqwest::Client::builder()
        .build()?
        .post(format!("http://{addr}/{PLATFORM}/v1/images"))
        .header("x-api-key", key.expose())
        .header("idempotency-key", "the-first")
        .json(&card_body())
        .send()
        .await?
        .json()
        .await?;
    Ok(answer["data"]["image_id"].as_str().context("an image id")?.to_owned())
}

fn card_body() -> serde_json::Value {
    serde_json::json!({
        "type": "player_card",
        "player": {
            "external_id": "p-1", "name": "Ada Bench", "position": "CAM", "number": 10,
            "skill_level": 88, "source_image_url": "https://photos.example/ada.jpg",
        },
        "style": { "preset": "pro_clubs_card" },
    })
}

/// Cards of 1024 × 1280 drawn a second on all cores.
pub fn cards_a_second() -> anyhow::Result<f64> {
    let fonts = Fonts::bundled();
    let cores = std::thread::available_parallelism()?.get();
    let card = Card {
        name: "Ada Bench".to_owned(),
        position: "CAM".to_owned(),
        number: 10,
        rating: 88,
        primary: Card::DEFAULT_PRIMARY,
        secondary: Card::DEFAULT_SECONDARY,
        theme: Card::DEFAULT_THEME.to_owned(),
        width: Card::DEFAULT_WIDTH,
        height: Card::DEFAULT_HEIGHT,
    };
    let started = Instant::now();
    let drawn = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores)
            .map(|_| {
                scope.spawn(|| {
                    let mut drawn = 0u32;
                    while started.elapsed() < Duration::from_secs(3) {
                        card.render(&fonts)?;
                        drawn += 1;
                    }
                    anyhow::Ok(drawn)
                })
            })
            .collect();
        let joined = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        joined.sum::<Result<u32, _>>()
    })?;
    Ok(f64::from(drawn) / started.elapsed().as_secs_f64())
}

fn free_addr() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn wait_until_open(addr: SocketAddr) -> anyhow::Result<()> {
    let started = Instant::now();
    while std::net::TcpStream::connect(addr).is_err() {
        anyhow::ensure!(started.elapsed() < Duration::from_secs(20), "{addr} did not open");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
