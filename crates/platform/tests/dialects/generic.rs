//! A platform that is described by its manifest alone.

use latchkey_client::IdempotencyKey;
use latchkey_contract::webhooks::CreateWebhookEndpoint;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    house::{Answer, LIVE, TEST, send, until},
    receiver::Receiver,
    support::{TestPartner, TestServer},
};

const SLUG: &str = "posterworks";
const MANIFEST: &str = include_str!("posterworks.toml");

/// A server with a sixth platform, and the folder its manifest lies in.
async fn open(job_workers: usize) -> (TestServer, TestPartner, TempDir) {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("posterworks.toml"), MANIFEST).unwrap();
    let server = TestServer::start_as(|config| {
        config.platforms_dir = Some(folder.path().to_owned());
        config.job_workers = job_workers;
    })
    .await;
    let partner = server.sign_up("Northwind").await;
    (server, partner, folder)
}

fn call(server: &TestServer, method: Method, path: &str, key: &str) -> RequestBuilder {
    let url = server.url(&format!("/{SLUG}/api/v2{path}"));
    server.http.request(method, url).header("X-Poster-Key", key)
}

async fn create(server: &TestServer, key: &str, body: &Value) -> Answer {
    send(call(server, Method::POST, "/posters", key).json(body)).await
}

async fn balance(partner: &TestPartner) -> (String, String) {
    let platforms = partner.client.list_platforms().await.unwrap().data;
    let account = platforms.into_iter().find(|platform| platform.slug == SLUG).unwrap().account;
    (account.balance.to_string(), account.held.to_string())
}

#[tokio::test]
async fn it_is_listed_as_its_manifest_describes_it() {
    let (_server, partner, _folder) = open(1).await;
    let platforms = partner.client.list_platforms().await.unwrap().data;
    let platform = platforms.into_iter().find(|platform| platform.slug == SLUG).unwrap();
    assert!(platform.base_url.ends_with("/posterworks/api/v2"), "{}", platform.base_url);
    assert_eq!((platform.name.as_str(), platform.monogram.as_str()), ("Posterworks", "PW"));
    assert_eq!(platform.scopes.len(), 2);
    assert_eq!(platform.header_schemes[0].header, "X-Poster-Key");
    assert_eq!(platform.account.balance.whole_credits(), 100);
}

#[tokio::test]
async fn a_live_call_holds_draws_captures_and_tells() {
    let (server, partner, _folder) = open(1).await;
    let receiver = Receiver::start().await;
    let endpoint = CreateWebhookEndpoint {
        platform: SLUG.into(),
        key_id: None,
        url: receiver.url("/hook"),
        events: None,
    };
    let repeat = IdempotencyKey::random();
    partner.client.create_webhook_endpoint(&endpoint, &repeat).await.unwrap();
    let (_, plain) = partner.issue_key(SLUG, LIVE).await;

    let created = create(&server, &plain, &json!({ "prompt": "Dusk", "size": "A3" })).await;
    assert_eq!(created.status, 202, "{created:?}");
    assert_eq!(created.header("x-ratelimit-limit"), Some("90"));
    assert_eq!(created.body["input"], json!({ "prompt": "Dusk", "size": "A3" }));
    assert_eq!(created.body["cost"], "3", "the manifest's 2, times 1.5 for A3");
    let id = created.body["id"].as_str().unwrap().to_owned();

    let ask = async || send(call(&server, Method::GET, &format!("/posters/{id}"), &plain)).await;
    let ready = until(ask, |answer| answer.body["status"] == "succeeded").await;
    let output = &ready.body["output"][0];
    let picture = server.http.get(output["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], output["content_type"].as_str().unwrap());
    assert!(picture.bytes().await.unwrap().starts_with(b"\x89PNG"));
    assert_eq!(balance(&partner).await, ("97".to_owned(), "0".to_owned()));

    let told = receiver.wait_for(1).await.remove(0);
    let told: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(told["type"], "poster.ready");
    assert_eq!(told["data"]["id"], id.as_str());
    assert_eq!(told["data"]["output"], ready.body["output"]);
}

#[tokio::test]
async fn a_test_call_is_answered_at_once_and_costs_nothing() {
    let (server, partner, _folder) = open(0).await;
    let (_, plain) = partner.issue_key(SLUG, TEST).await;
    let created = create(&server, &plain, &json!({ "prompt": "Dusk" })).await;
    assert_eq!(created.status, 202);
    assert_eq!(created.body["status"], "succeeded");
    assert_eq!(created.body["cost"], "0");
    assert_eq!(created.body["input"]["size"], "A4", "the manifest's default");
    assert!(created.body["output"][0]["url"].is_string());
    assert_eq!(balance(&partner).await, ("100".to_owned(), "0".to_owned()));
}

#[tokio::test]
async fn a_repeat_key_submits_once_and_a_cancel_gives_back() {
    let (server, partner, _folder) = open(0).await;
    let (_, plain) = partner.issue_key(SLUG, LIVE).await;
    let submit = async |prompt: &str| {
        let request = call(&server, Method::POST, "/posters", &plain);
        send(request.header("Idempotency-Key", "once").json(&json!({ "prompt": prompt }))).await
    };
    let (first, second) = (submit("Dusk").await, submit("Dusk").await);
    assert_eq!((first.status, second.status), (202, 202));
    assert_eq!(first.body["id"], second.body["id"]);
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(submit("Dawn").await.body["error"]["code"], "idempotency_key_reused");
    assert_eq!(balance(&partner).await, ("98".to_owned(), "2".to_owned()));

    let path = format!("/posters/{}/cancel", first.body["id"].as_str().unwrap());
    for _ in 0..2 {
        let canceled = send(call(&server, Method::POST, &path, &plain)).await;
        assert_eq!((canceled.status, &canceled.body["status"]), (200, &json!("canceled")));
    }
    assert_eq!(balance(&partner).await, ("100".to_owned(), "0".to_owned()));
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_field() {
    let (server, partner, _folder) = open(0).await;
    let (key, plain) = partner.issue_key(SLUG, LIVE).await;
    for (body, status, code, field) in [
        (json!({}), 422, "invalid_field", "prompt"),
        (json!({ "prompt": 7 }), 422, "invalid_field", "prompt"),
        (json!({ "prompt": "Dusk", "size": "A0" }), 422, "invalid_field", "size"),
    ] {
        let answer = create(&server, &plain, &body).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.body["error"]["code"], code);
        assert_eq!(answer.body["error"]["field"], field);
        assert!(answer.body["error"]["request_id"].as_str().unwrap().starts_with("req_"));
    }
    // Two at once, as the manifest says.
    for status in [202, 202, 429] {
        let answer = create(&server, &plain, &json!({ "prompt": "Dusk" })).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    let account = send(call(&server, Method::GET, "/account", &plain)).await;
    assert_eq!(account.body["balance"], "96");
    assert_eq!(account.body["held"], "4");

    let missing = send(call(&server, Method::GET, "/posters/job_0", &plain)).await;
    assert_eq!((missing.status, &missing.body["error"]["code"]), (404, &json!("not_found")));
    let none = send(server.http.get(server.url(&format!("/{SLUG}/api/v2/account")))).await;
    assert_eq!(none.body["error"]["code"], "missing_api_key");

    partner.client.revoke_key(&key.id).await.unwrap();
    let revoked = create(&server, &plain, &json!({ "prompt": "Dusk" })).await;
    assert_eq!((revoked.status, &revoked.body["error"]["code"]), (401, &json!("api_key_revoked")));
}
