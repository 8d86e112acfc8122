//! Another partner's things are as if they were not there.

use chrono::DateTime;
use latchkey_client::IdempotencyKey;
use latchkey_contract::{
    Environment,
    usage::RequestQuery,
    webhooks::{CreateReplay, CreateWebhookEndpoint},
};
use reqwest::Method;
use serde_json::json;

use crate::support::{TestServer, until};

/// How a call is tried with another partner's ids.
enum Trial<'i> {
    /// The id in its path is another's: it is as if there were none, and so is an unknown one.
    Foreign(&'i str),
    /// A list, or an answer about oneself, asked with this query: nothing of another's is in it.
    Own(String),
    /// Takes no id and shows nothing: why.
    NoIds(&'static str),
}

/// Every call of the API must be in `trials` below.
#[tokio::test]
async fn every_call_with_another_partners_ids_is_tried() {
    use Trial::{Foreign, NoIds, Own};
    let server = TestServer::start().await;
    let owner = server.sign_up("Northwind").await;
    let stranger = server.sign_up("Southwind").await;
    let (key, plain) = owner.issue_key("clipia", Environment::Test).await;
    let request = CreateWebhookEndpoint {
        platform: "proclubs".to_owned(),
        key_id: None,
        url: "http://127.0.0.1:9/".to_owned(),
        events: None,
    };
    let endpoint = owner.client.create_webhook_endpoint(&request, &IdempotencyKey::random()).await;
    let endpoint = endpoint.unwrap().endpoint.id.to_string();
    let delivery = owner.client.test_webhook_endpoint(&endpoint.parse().unwrap()).await.unwrap().id;
    let (key, delivery) = (key.id.to_string(), delivery.to_string());
    let session = owner.tokens.session_id.to_string();
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
    let replay = replay.id.unwrap().to_string();
    // A call of the owner's, so that there is one to be hidden.
    let call = server.http.get(server.url("/clipia/v1/account")).bearer_auth(&plain);
    assert_eq!(call.send().await.unwrap().status(), 200);
    let logged = async || {
        let page = owner.client.list_requests(&RequestQuery::default()).await.unwrap();
        page.data.first().map(|request| request.id.to_string())
    };
    let call = until(logged).await;
    let of_key = || Own(format!("key_id={key}"));
    let span = "from=2020-01-01T00:00:00Z&to=2030-01-01T00:00:00Z&interval=day&group_by=key";

    let trials = [
        ("POST", "/partners", NoIds("signs up")),
        ("POST", "/sessions", NoIds("signs in")),
        ("POST", "/sessions/refresh", NoIds("takes a token that nobody else has")),
        ("GET", "/events", NoIds("tells of topics; tests/admin/events.rs")),
        ("GET", "/me", Own(String::new())),
        ("PATCH", "/me", NoIds("changes the member that asks")),
        ("GET", "/sessions", Own(String::new())),
        ("DELETE", "/sessions/{id}", Foreign(&session)),
        ("GET", "/platforms", Own(String::new())),
        ("POST", "/keys", NoIds("makes a new one")),
        ("GET", "/keys", Own(format!("ids={key}"))),
        ("GET", "/keys/counts", Own(String::new())),
        ("GET", "/keys/{id}", Foreign(&key)),
        ("PATCH", "/keys/{id}", Foreign(&key)),
        ("POST", "/keys/{id}/revoke", Foreign(&key)),
        ("POST", "/keys/{id}/rotate", Foreign(&key)),
        ("POST", "/keys/{id}/end-grace", Foreign(&key)),
        ("GET", "/keys/{id}/cut-over", Foreign(&key)),
        ("POST", "/webhook-endpoints", NoIds("makes a new one")),
        ("GET", "/webhook-endpoints", Own(String::new())),
        ("GET", "/webhook-endpoints/{id}", Foreign(&endpoint)),
        ("PATCH", "/webhook-endpoints/{id}", Foreign(&endpoint)),
        ("DELETE", "/webhook-endpoints/{id}", Foreign(&endpoint)),
        ("POST", "/webhook-endpoints/{id}/test", Foreign(&endpoint)),
        ("POST", "/webhook-endpoints/{id}/reveal-secret", Foreign(&endpoint)),
        ("POST", "/webhook-endpoints/{id}/rotate-secret", Foreign(&endpoint)),
        ("GET", "/deliveries", Own(format!("endpoint_id={endpoint}"))),
        ("GET", "/deliveries/{id}", Foreign(&delivery)),
        ("POST", "/deliveries/{id}/replay", Foreign(&delivery)),
        ("POST", "/replays", NoIds("tests/webhooks/replays.rs")),
        ("GET", "/replays", Own(String::new())),
        ("GET", "/replays/{id}", Foreign(&replay)),
        ("POST", "/replays/{id}/cancel", Foreign(&replay)),
        ("GET", "/usage", Own(format!("{span}&key_id={key}"))),
        ("GET", "/requests", of_key()),
        ("GET", "/credits", Own(String::new())),
        ("GET", "/credits/entries", Own(String::new())),
        ("POST", "/credits/top-ups", NoIds("buys for the partner that asks")),
        ("GET", "/credits/top-ups", Own("platform=proclubs".to_owned())),
        ("PATCH", "/platforms/{slug}/account", NoIds("a slug is nobody's")),
        ("GET", "/audit-events", Own(format!("subject_id={key}"))),
    ];

    for call in server.calls().await {
        let tried = trials.iter().any(|(method, path, _)| call == format!("{method} {path}"));
        assert!(
            tried,
            "{call} is missing here: add to `trials` how it is tried with another partner's ids"
        );
    }
    let of_owner = [
        &*owner.tokens.me.partner.id.to_string(),
        &owner.email,
        &session,
        &key,
        &endpoint,
        &delivery,
        &call,
    ]
    .map(str::to_owned);
    let mut lists = Vec::new();
    for (method, path, trial) in &trials {
        let method: Method = method.parse().unwrap();
        match trial {
            Foreign(id) => {
                let unknown = id.replace(&id[id.len() - 3..], "ZZZ");
                for id in [*id, &unknown] {
                    let path = path.replace("{id}", id);
                    let call = server.request(method.clone(), &path, Some(&stranger));
                    let call = call.header("if-match", "\"1\"").json(&json!({}));
                    assert_eq!(call.send().await.unwrap().status(), 404, "{method} {path}");
                }
            }
            Own(query) => {
                lists.push((*path).to_owned());
                lists.push(format!("{path}?{query}"));
            }
            NoIds(why) => assert!(!why.is_empty()),
        }
    }
    for path in lists.iter().filter(|path| !path.starts_with("/usage") || path.contains("from=")) {
        let answer = server.request(Method::GET, path, Some(&stranger)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let body = answer.text().await.unwrap();
        for id in &of_owner {
            assert!(!body.contains(id.as_str()), "{path} shows {id}: {body}");
        }
    }
    // Nothing was touched.
    owner.client.get_me().await.unwrap();
    assert_eq!(owner.client.get_key(&key.parse().unwrap()).await.unwrap().revoked_at, None);
    owner.client.get_webhook_endpoint(&endpoint.parse().unwrap()).await.unwrap();
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
