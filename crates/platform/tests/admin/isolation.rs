//! Another partner's things are as if they were not there.

use chrono::DateTime;
use latchkey_client::IdempotencyKey;
use latchkey_contract::{
    Environment,
    keys::KeyQuery,
    page::PageQuery,
    webhooks::{CreateReplay, CreateWebhookEndpoint, DeliveryQuery},
};
use reqwest::Method;
use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn every_call_with_another_partners_id_is_404() {
    let server = TestServer::start().await;
    let owner = server.sign_up("Northwind").await;
    let stranger = server.sign_up("Southwind").await;
    let (key, _) = owner.issue_key("clipia", Environment::Test).await;
    let request = CreateWebhookEndpoint {
        platform: "proclubs".to_owned(),
        key_id: None,
        url: "http://127.0.0.1:9/".to_owned(),
        events: None,
    };
    let endpoint = owner.client.create_webhook_endpoint(&request, &IdempotencyKey::random()).await;
    let endpoint = endpoint.unwrap().endpoint.id;
    let delivery = owner.client.test_webhook_endpoint(&endpoint).await.unwrap().id;
    let range = CreateReplay {
        endpoint_id: None,
        platform: None,
        environment: None,
        state: None,
        from: DateTime::UNIX_EPOCH,
        to: DateTime::from_timestamp(1, 0).unwrap(),
        per_second: None,
        dry_run: false,
    };
    let replay = owner.client.create_replay(&range, &IdempotencyKey::random()).await.unwrap();
    let replay = replay.id.unwrap();
    let session = &owner.tokens.session_id;
    let (key, none) = (&key.id, json!({}));
    let calls = [
        (Method::GET, format!("/keys/{key}")),
        (Method::PATCH, format!("/keys/{key}")),
        (Method::POST, format!("/keys/{key}/revoke")),
        (Method::POST, format!("/keys/{key}/rotate")),
        (Method::POST, format!("/keys/{key}/end-grace")),
        (Method::GET, format!("/keys/{key}/cut-over")),
        (Method::GET, format!("/webhook-endpoints/{endpoint}")),
        (Method::PATCH, format!("/webhook-endpoints/{endpoint}")),
        (Method::DELETE, format!("/webhook-endpoints/{endpoint}")),
        (Method::POST, format!("/webhook-endpoints/{endpoint}/test")),
        (Method::POST, format!("/webhook-endpoints/{endpoint}/reveal-secret")),
        (Method::POST, format!("/webhook-endpoints/{endpoint}/rotate-secret")),
        (Method::GET, format!("/deliveries/{delivery}")),
        (Method::POST, format!("/deliveries/{delivery}/replay")),
        (Method::GET, format!("/replays/{replay}")),
        (Method::POST, format!("/replays/{replay}/cancel")),
        (Method::DELETE, format!("/sessions/{session}")),
    ];
    for (method, path) in calls {
        let unknown = path.replace(&path[path.len() - 3..], "ZZZ");
        for path in [path, unknown] {
            let call = server.request(method.clone(), &path, Some(&stranger));
            let answer = call.header("if-match", "\"1\"").json(&none).send().await.unwrap();
            assert_eq!(answer.status(), 404, "{method} {path}");
        }
    }
    // Nothing was touched, and lists hold one's own alone.
    owner.client.get_me().await.unwrap();
    assert_eq!(owner.client.get_key(key).await.unwrap().revoked_at, None);
    owner.client.get_webhook_endpoint(&endpoint).await.unwrap();
    assert!(stranger.client.list_keys(&KeyQuery::default()).await.unwrap().data.is_empty());
    let deliveries = stranger.client.list_deliveries(&DeliveryQuery::default()).await.unwrap();
    assert!(deliveries.data.is_empty());
    let endpoints = stranger.client.list_webhook_endpoints(&PageQuery::default()).await.unwrap();
    assert!(endpoints.data.iter().all(|found| found.id != endpoint));
    assert_eq!(stranger.client.list_sessions().await.unwrap().data.len(), 1);
}

#[tokio::test]
async fn one_idempotency_key_of_two_partners_is_two() {
    let server = TestServer::start().await;
    let once = IdempotencyKey::from("the-same".to_owned());
    let request = crate::support::new_key("clipia", Environment::Test);
    for name in ["Northwind", "Southwind"] {
        let partner = server.sign_up(name).await;
        let issued = partner.client.create_key(&request, &once).await.unwrap();
        assert!(issued.secret.is_some());
    }
}
