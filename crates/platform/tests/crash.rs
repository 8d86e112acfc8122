//! Killed twenty times under load, the server loses nothing and does nothing twice.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use latchkey_client::{Client, IdempotencyKey};
use latchkey_contract::{
    Amount, Environment, SecretText, keys::CreateKey, partners::CreatePartner,
    webhooks::CreateWebhookEndpoint,
};
use parking_lot::Mutex;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};
use url::Url;

use crate::support::{
    PASSWORD, http, new_key,
    process::{ServerProcess, run, said},
    until,
};

const KILLS: usize = 20;
/// New submits of each environment and run: live ones are drawn, so they are few. Repetitions keep
/// the load up until the kill.
const A_ROUND: [(Environment, usize); 2] = [(Environment::Live, 1), (Environment::Test, 5)];
const OPTIONS: [&str; 4] =
    ["--job-workers", "2", "--allow-private-webhook-targets", "--allow-sign-up"];

/// What the partner's program knows.
#[derive(Default)]
struct Ledger {
    /// Idempotency key → the image it was acknowledged as.
    acknowledged: HashMap<String, String>,
    /// Sent, and no answer seen: to be repeated.
    unanswered: HashSet<String>,
}

/// The partner's program: submits with one key until the server goes away.
struct Program {
    environment: Environment,
    a_round: usize,
    key: String,
    http: reqwest::Client,
    known: Mutex<Ledger>,
}

impl Program {
    fn new(environment: Environment, a_round: usize, key: String) -> Arc<Self> {
        Arc::new(Self { environment, a_round, key, http: http(), known: Mutex::default() })
    }

    fn acknowledged(&self) -> usize {
        self.known.lock().acknowledged.len()
    }

    /// Repeats what was unanswered, submits anew, then repeats what was answered over and over;
    /// ends when an answer does not come.
    async fn work(self: Arc<Self>, base: Url) {
        let open: Vec<String> = self.known.lock().unanswered.iter().cloned().collect();
        let fresh = std::iter::repeat_with(|| uuid::Uuid::new_v4().to_string()).take(self.a_round);
        for key in open.into_iter().chain(fresh) {
            if self.try_key(&base, key).await.is_err() {
                return;
            }
        }
        let done: Vec<String> = self.known.lock().acknowledged.keys().cloned().collect();
        for key in done.into_iter().cycle() {
            if self.try_key(&base, key).await.is_err() {
                return;
            }
        }
    }

    async fn try_key(&self, base: &Url, key: String) -> reqwest::Result<()> {
        self.known.lock().unanswered.insert(key.clone());
        let image = self.submit(base, &key).await?;
        let mut known = self.known.lock();
        known.unanswered.remove(&key);
        let first = known.acknowledged.entry(key).or_insert_with(|| image.clone());
        assert_eq!(*first, image, "one idempotency key, two images");
        Ok(())
    }

    async fn submit(&self, base: &Url, key: &str) -> reqwest::Result<String> {
        let url = base.join("/proclubs/v1/images").unwrap();
        let request = self.http.post(url).header("x-api-key", &self.key);
        let request = request.header("idempotency-key", key).json(&card());
        let answer = request.send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        assert_eq!(status, 202, "{body}");
        Ok(body["data"]["image_id"].as_str().unwrap().to_owned())
    }
}

fn card() -> Value {
    json!({
        "type": "player_card",
        "player": {
            "external_id": "p-1", "name": "Ada Keane", "position": "ST", "number": 9,
            "skill_level": 90, "source_image_url": "https://example.com/ada.jpg"
        },
        "style": { "preset": "pro_clubs_card", "width": 512, "height": 640 }
    })
}

/// By image, the ids of the webhooks that told of it.
type Told = Arc<Mutex<HashMap<String, HashSet<String>>>>;

/// Takes webhooks; remembers of which images it was told, and under which ids.
async fn receiver() -> (Url, Told) {
    let told = Told::default();
    let take = async |State(told): State<Told>, headers: HeaderMap, Json(body): Json<Value>| {
        let image = body["image_id"].as_str().unwrap_or_default().to_owned();
        let id = headers["webhook-id"].to_str().unwrap_or_default().to_owned();
        told.lock().entry(image).or_default().insert(id);
        StatusCode::NO_CONTENT
    };
    let app = Router::new().route("/hook", post(take)).with_state(Arc::clone(&told));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, told)
}

/// Signs up, tells where webhooks go, and issues a key an environment.
async fn prepare(base: &Url, hook: &Url) -> Vec<Arc<Program>> {
    let client = Client::new(http(), base.clone());
    let request = CreatePartner {
        name: "Northwind".to_owned(),
        email: "jane@example.com".to_owned(),
        password: SecretText::new(PASSWORD.to_owned()),
    };
    let tokens = client.create_partner(&request).await.unwrap();
    let client = client.with_token(tokens.access_token);
    let endpoint = CreateWebhookEndpoint {
        platform: "proclubs".to_owned(),
        key_id: None,
        url: hook.to_string(),
        events: None,
    };
    client.create_webhook_endpoint(&endpoint, &IdempotencyKey::random()).await.unwrap();
    let mut programs = Vec::new();
    for (environment, a_round) in A_ROUND {
        let request =
            CreateKey { requests_per_minute: Some(100_000), ..new_key("proclubs", environment) };
        let issued = client.create_key(&request, &IdempotencyKey::random()).await.unwrap();
        let plain = issued.secret.unwrap().expose().to_owned();
        programs.push(Program::new(environment, a_round, plain));
    }
    programs
}

#[tokio::test]
async fn killed_under_load_nothing_is_lost_and_nothing_done_twice() {
    let data = TempDir::new().unwrap();
    let (hook, told) = receiver().await;
    let server = ServerProcess::start(data.path(), &OPTIONS);
    let programs = prepare(&server.base, &hook).await;
    drop(server);
    said(&run(
        data.path(),
        &["account", "grant-credits", "jane@example.com", "proclubs", "100000"],
        "",
    ));

    for _ in 0..KILLS {
        let server = ServerProcess::start(data.path(), &OPTIONS);
        let mut work = JoinSet::new();
        for program in &programs {
            for _ in 0..2 {
                work.spawn(Arc::clone(program).work(server.base.clone()));
            }
        }
        let goals: Vec<_> = programs
            .iter()
            .zip(A_ROUND)
            .map(|(program, (_, more))| (program, program.acknowledged() + more))
            .collect();
        until(async || goals.iter().all(|(p, goal)| p.acknowledged() >= *goal).then_some(())).await;
        server.kill();
        while let Some(ended) = work.join_next().await {
            ended.unwrap();
        }
    }

    // A last run: what is open is repeated, drawn, and told.
    let server = ServerProcess::start(data.path(), &OPTIONS);
    for program in &programs {
        let open: Vec<String> = program.known.lock().unanswered.drain().collect();
        for key in open {
            let image = program.submit(&server.base, &key).await.unwrap();
            let first = program.known.lock().acknowledged.insert(key, image.clone());
            assert!(first.is_none_or(|first| first == image));
        }
    }
    let images: HashSet<String> = programs
        .iter()
        .flat_map(|program| program.known.lock().acknowledged.values().cloned().collect::<Vec<_>>())
        .collect();
    until(async || images.iter().all(|image| told.lock().contains_key(image)).then_some(())).await;
    server.kill();
    // However often a kill made one go out again, it is the same event.
    assert!(told.lock().values().all(|ids| ids.len() == 1), "one image, two events");
    check(data.path(), &programs, &images);
}

fn check(data: &std::path::Path, programs: &[Arc<Program>], images: &HashSet<String>) {
    let database = Connection::open(data.join("latchkey.db")).unwrap();
    let number = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let text =
        |sql: &str, of: &str| -> i64 { database.query_row(sql, [of], |row| row.get(0)).unwrap() };

    let keys: usize = programs.iter().map(|program| program.acknowledged()).sum();
    assert_eq!(images.len(), keys, "every idempotency key has an image of its own");
    assert_eq!(number("SELECT count(*) FROM jobs"), i64::try_from(keys).unwrap(), "no job twice");
    for image in images {
        assert_eq!(
            text("SELECT count(*) FROM jobs WHERE id = $1 AND finished_at IS NOT NULL", image),
            1
        );
        assert_eq!(text("SELECT count(*) FROM events WHERE subject = $1", image), 1, "{image}");
    }
    let live = programs.iter().find(|program| program.environment == Environment::Live).unwrap();
    for image in live.known.lock().acknowledged.values() {
        let entries = "SELECT count(*) FROM ledger WHERE job_id = $1 AND kind = ";
        assert_eq!(text(&format!("{entries}'hold'"), image), 1, "{image}");
        assert_eq!(text(&format!("{entries}'capture'"), image), 1, "{image}");
    }
    let unbalanced = "SELECT count(*) FROM accounts a WHERE balance <> (SELECT coalesce(sum(amount), 0) \
                      FROM ledger l WHERE l.partner_id = a.partner_id AND l.platform = a.platform)";
    assert_eq!(number(unbalanced), 0, "sum(ledger) = balance");
    let spent = i64::try_from(live.acknowledged()).unwrap() * Amount::PER_CREDIT;
    let balance = number("SELECT balance FROM accounts WHERE platform = 'proclubs'");
    assert_eq!(balance, 100_000 * Amount::PER_CREDIT - spent);
    assert_eq!(
        number("SELECT count(*) FROM events"),
        number("SELECT count(DISTINCT subject) FROM events")
    );
}
