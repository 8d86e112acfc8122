use latchkey_client::IdempotencyKey;
use latchkey_contract::{
    page::PageQuery,
    platforms::WebhookTarget,
    webhooks::{
        CreateReplay, CreateWebhookEndpoint, DeliveryQuery, ReplayState, RotateSecret,
        UpdateWebhookEndpoint,
    },
};

use crate::{
    support::{TestServer, redacted, until},
    told,
};

fn endpoint(url: &str) -> CreateWebhookEndpoint {
    CreateWebhookEndpoint {
        platform: "proclubs".to_owned(),
        key_id: None,
        url: url.to_owned(),
        events: None,
    }
}

#[tokio::test]
async fn an_endpoint_lives_from_creation_to_deletion() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let once = IdempotencyKey::random();
    let request = endpoint("http://127.0.0.1:9/hook");
    let issued = partner.client.create_webhook_endpoint(&request, &once).await.unwrap();
    let secret = issued.secret.unwrap();
    assert!(secret.expose().starts_with("whsec_"));
    let id = issued.endpoint.id.clone();
    let repeated = partner.client.create_webhook_endpoint(&request, &once).await.unwrap();
    assert_eq!((repeated.endpoint.id, repeated.secret), (id.clone(), None));
    let second = partner.client.create_webhook_endpoint(&request, &IdempotencyKey::random()).await;
    assert_eq!(told(second), (409, "endpoint_limit_reached".to_owned(), vec![]));

    let revealed = partner.client.reveal_webhook_secret(&id).await.unwrap();
    assert_eq!(revealed.secret.as_ref(), Some(&secret));
    let got = partner.client.get_webhook_endpoint(&id).await.unwrap();
    insta::assert_json_snapshot!(redacted(serde_json::to_value(&got).unwrap()));

    let off = UpdateWebhookEndpoint { enabled: Some(false), ..UpdateWebhookEndpoint::default() };
    let changed = partner.client.update_webhook_endpoint(&id, got.version, &off).await.unwrap();
    assert!(!changed.enabled);
    let stale = partner.client.update_webhook_endpoint(&id, got.version, &off).await;
    assert_eq!(told(stale), (412, "stale_version".to_owned(), vec![]));
    let test = partner.client.test_webhook_endpoint(&id).await;
    assert_eq!(told(test), (409, "endpoint_off".to_owned(), vec![]));

    partner.client.delete_webhook_endpoint(&id).await.unwrap();
    assert_eq!(told(partner.client.get_webhook_endpoint(&id).await).0, 404);
}

#[tokio::test]
async fn wrong_fields_are_told_all_at_once() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let request = CreateWebhookEndpoint {
        events: Some(vec!["image.completed".to_owned(), "image.eaten".to_owned()]),
        ..endpoint("ftp://example.com/")
    };
    let refused = partner.client.create_webhook_endpoint(&request, &IdempotencyKey::random()).await;
    assert_eq!(told(refused).2, ["/url", "/events/1"]);
}

#[tokio::test]
async fn an_account_brings_the_endpoint_of_its_requests() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let endpoints =
        partner.client.list_webhook_endpoints(&PageQuery::default()).await.unwrap().data;
    let of_requests: Vec<_> =
        endpoints.iter().filter(|endpoint| endpoint.target == WebhookTarget::Request).collect();
    let manifests = server.context().manifests.iter();
    let platforms = manifests.filter(|one| one.webhooks.target == WebhookTarget::Request).count();
    assert_eq!(of_requests.len(), platforms);
    for endpoint in of_requests {
        assert_eq!(endpoint.url, None);
        let secret = partner.client.reveal_webhook_secret(&endpoint.id).await.unwrap().secret;
        assert!(secret.unwrap().expose().starts_with("whsec_"));
    }
}

#[tokio::test]
async fn a_test_ping_is_listed_with_its_attempts_and_sent_again() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    // Nobody listens on the discard port: the attempt fails, which is as good here.
    let request = endpoint("http://127.0.0.1:9/hook");
    let issued = partner.client.create_webhook_endpoint(&request, &IdempotencyKey::random()).await;
    let id = issued.unwrap().endpoint.id;
    let sent = partner.client.test_webhook_endpoint(&id).await.unwrap();
    let attempts = async |at_least: u32| {
        until(async || {
            let detail = partner.client.get_delivery(&sent.id).await.unwrap();
            (detail.delivery.attempts >= at_least).then_some(detail)
        })
        .await
    };
    let detail = attempts(1).await;
    assert!(detail.body.contains("test.ping"), "{}", detail.body);
    assert!(detail.attempts[0].error.is_some());
    let query = DeliveryQuery { endpoint_id: Some(id), ..DeliveryQuery::default() };
    let listed = partner.client.list_deliveries(&query).await.unwrap().data;
    assert_eq!(listed.len(), 1);
    partner.client.replay_delivery(&sent.id).await.unwrap();
    attempts(2).await;
}

#[tokio::test]
async fn a_list_comes_in_pages() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let request = endpoint("http://127.0.0.1:9/hook");
    partner.client.create_webhook_endpoint(&request, &IdempotencyKey::random()).await.unwrap();
    let page = async |cursor| {
        let query = PageQuery { cursor, limit: Some(1) };
        partner.client.list_webhook_endpoints(&query).await
    };
    let whole = partner.client.list_webhook_endpoints(&PageQuery::default()).await.unwrap().data;
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let one = page(cursor).await.unwrap();
        assert_eq!(one.data.len(), 1);
        seen.extend(one.data);
        cursor = one.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, whole);
    let bad = told(page(Some("nonsense".to_owned())).await);
    assert_eq!(bad, (422, "invalid_input".to_owned(), vec!["?cursor".to_owned()]));
}

#[tokio::test]
async fn a_rotated_secret_is_answered_once() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let request = endpoint("http://127.0.0.1:9/hook");
    let issued = partner.client.create_webhook_endpoint(&request, &IdempotencyKey::random()).await;
    let issued = issued.unwrap();
    let (id, once) = (&issued.endpoint.id, IdempotencyKey::random());
    let rotate = async |overlap_seconds, once: &IdempotencyKey| {
        partner.client.rotate_webhook_secret(id, &RotateSecret { overlap_seconds }, once).await
    };
    let rotated = rotate(None, &once).await.unwrap();
    let secret = rotated.secret.unwrap();
    assert_ne!(Some(&secret), issued.secret.as_ref());
    let until = rotated.endpoint.previous_secret_until.unwrap();
    assert_eq!((until - rotated.endpoint.created_at).num_hours(), 24);
    assert_eq!(rotated.endpoint.version, issued.endpoint.version + 1);
    let repeated = rotate(None, &once).await.unwrap();
    assert_eq!((repeated.secret, repeated.endpoint.version), (None, rotated.endpoint.version));
    let revealed = partner.client.reveal_webhook_secret(id).await.unwrap();
    assert_eq!(revealed.secret, Some(secret));
    let long = rotate(Some(604_801), &IdempotencyKey::random()).await;
    assert_eq!(told(long).2, ["/overlap_seconds"]);
}

#[tokio::test]
async fn a_range_is_counted_then_sent_and_listed() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let request = endpoint("http://127.0.0.1:9/hook");
    let issued = partner.client.create_webhook_endpoint(&request, &IdempotencyKey::random()).await;
    let id = issued.unwrap().endpoint.id;
    let sent = partner.client.test_webhook_endpoint(&id).await.unwrap();
    let at = sent.created_at;
    let range = CreateReplay {
        endpoint_id: Some(id),
        platform: None,
        environment: None,
        state: None,
        from: at,
        to: at + chrono::TimeDelta::seconds(1),
        per_second: None,
        dry_run: true,
    };
    let counted = partner.client.create_replay(&range, &IdempotencyKey::random()).await.unwrap();
    assert_eq!((counted.id, counted.total, counted.per_second), (None, 1, 10));
    let range = CreateReplay { dry_run: false, ..range };
    let once = IdempotencyKey::random();
    let started = partner.client.create_replay(&range, &once).await.unwrap();
    let repeated = partner.client.create_replay(&range, &once).await.unwrap();
    assert_eq!(started.id, repeated.id);
    let id = started.id.unwrap();
    let done = until(async || {
        let replay = partner.client.get_replay(&id).await.unwrap();
        (replay.state == ReplayState::Done).then_some(replay)
    })
    .await;
    assert_eq!((done.total, done.done), (1, 1));
    let listed = partner.client.list_replays(&PageQuery::default()).await.unwrap().data;
    assert_eq!(listed, std::slice::from_ref(&done));
    assert_eq!(partner.client.cancel_replay(&id).await.unwrap(), done, "it is over");
}
