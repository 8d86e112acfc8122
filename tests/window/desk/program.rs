//! The partner's own program: a plain HTTP client with a key.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use reqwest::{Client, RequestBuilder, Response, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use super::{app::LIMIT, page::until};

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.png");

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

/// A program that calls platforms.
pub struct Program {
    http: Client,
}

impl Program {
    pub fn new() -> Self {
        let http = Client::builder().timeout(LIMIT).user_agent("partner/1.0").build().unwrap();
        Self { http }
    }

    pub async fn get(&self, url: &str, header: (&str, &str)) -> Answer {
        answer(self.http.get(url).header(header.0, header.1)).await
    }

    /// Orders a player card.
    pub async fn order_card(&self, base: &str, key: &str, once: &str) -> Answer {
        let order = self.http.post(format!("{base}/images")).header("X-API-Key", key);
        answer(order.header("Idempotency-Key", once).json(&card())).await
    }

    /// Orders a picture from a model.
    pub async fn order_picture(&self, base: &str, key: &str, webhook: Option<&str>) -> Answer {
        let url = format!("{base}/models/nano-banana-2");
        let mut order = json!({ "input": { "prompt": "A red door, morning light" } });
        if let Some(webhook) = webhook {
            order["webhook_url"] = webhook.into();
        }
        answer(self.http.post(url).bearer_auth(key).json(&order)).await
    }

    /// Asks until the answer is as wanted.
    pub async fn poll(
        &self,
        url: &str,
        header: (&str, &str),
        done: impl Fn(&Answer) -> bool,
    ) -> Answer {
        until(&format!("a finished {url}"), LIMIT * 2, async || {
            let answer = self.get(url, header).await;
            if done(&answer) {
                return Some(answer);
            }
            // Well below the limit of 60 requests a minute.
            tokio::time::sleep(Duration::from_millis(400)).await;
            None
        })
        .await
    }

    /// Width and height of the PNG at a URL.
    pub async fn png_size(&self, url: &str) -> (u32, u32) {
        let answer = self.http.get(url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{url}");
        let bytes = answer.bytes().await.unwrap();
        assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"), "{url} is a PNG");
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        (number(16), number(20))
    }
}

async fn answer(request: RequestBuilder) -> Answer {
    let answer: Response = request.send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let text = answer.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, headers, body }
}

fn card() -> Value {
    json!({
        "type": "player_card",
        "player": {
            "external_id": "player-7", "name": "Alex Morgan", "position": "ST", "number": 7,
            "skill_level": 88, "source_image_url": "https://example.com/alex.jpg"
        },
        "style": { "preset": "pro_clubs_card" },
        "metadata": { "order": "first" }
    })
}

/// Runs a snippet as one would after pasting it, with the key in its variable and the picture that
/// it may send beside it; nothing where the machine has no such program.
pub fn run_snippet(language: &str, snippet: &str, variable: &str, key: &str) -> Option<String> {
    let (program, flag) = match language {
        "curl" => ("sh", "-c"),
        "Python" => ("python3", "-c"),
        _ => ("node", "-e"),
    };
    let needs = if language == "curl" { "curl" } else { program };
    let quiet = || Command::new(needs).arg("--version").stdout(Stdio::null()).status();
    if !quiet().is_ok_and(|status| status.success()) {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(PICTURE, folder.path().join("room.jpg")).unwrap();
    let output = Command::new(program)
        .args([flag, snippet])
        .current_dir(folder.path())
        .env(variable, key)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{language}: {complaint}\n{snippet}");
    Some(String::from_utf8(output.stdout).unwrap())
}
