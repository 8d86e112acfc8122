//! What arrives is signed as the platforms' pages say, checked by code that is not ours.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use latchkey_contract::{
    SecretText,
    webhooks::{DeliveryState, RotateSecret},
};
use latchkey_platform::{
    Clock,
    webhooks::{SystemNames, Targets, deliveries, endpoints},
};
use latchkey_store::Author;
use sha2::Sha256;
use standardwebhooks::Webhook;

use crate::{
    house::{BY_ACCOUNT, BY_REQUEST, House, quick},
    receiver::{Received, Receiver, status},
};

/// HMAC-SHA256 of `{timestamp}.{body}` in lower-case hex, the secret's text as the key.
fn by_hand(secret: &str, timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{timestamp}.{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

fn check_standard(secret: &str, received: &Received) {
    Webhook::new(secret).unwrap().verify(&received.body, &received.headers).unwrap();
    let stranger = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    assert!(Webhook::new(stranger).unwrap().verify(&received.body, &received.headers).is_err());
}

#[tokio::test]
async fn an_accounts_endpoint_gets_both_signatures() {
    let (house, receiver) = (House::open().await, Receiver::start().await);
    let issued = house.endpoint(&receiver.url("/hook")).await;
    let secret = issued.secret.unwrap();
    assert!(secret.expose().starts_with("whsec_"));
    assert!(secret.expose().ends_with(&issued.endpoint.secret_last4));
    house.dispatch();
    let id = house.tell_one().await;
    let received = receiver.wait_for(1).await.remove(0);

    check_standard(secret.expose(), &received);
    let timestamp = received.header("X-ProClubs-Timestamp");
    let expected = by_hand(secret.expose(), timestamp, received.text());
    assert_eq!(received.header("X-ProClubs-Signature"), format!("sha256={expected}"));
    assert_eq!(timestamp, received.header("webhook-timestamp"));
    assert_eq!(received.header("X-ProClubs-Event"), "image.completed");
    assert_eq!(received.header("X-Request-Id"), id.to_string().replace("dlv_", "req_"));
    assert!(received.header("webhook-id").starts_with("evt_"));
    assert_eq!(received.header("User-Agent"), "Latchkey-Webhooks/0.1");
    assert_eq!(received.header("Content-Type"), "application/json");
    assert_eq!(received.path, "/hook");
    assert_eq!(received.text(), r#"{"event":"image.completed","name":"Zoë"}"#);
}

#[tokio::test]
async fn a_requests_url_gets_the_accounts_signature_and_a_steady_id() {
    let house = House::open().await;
    let receiver = Receiver::answering(|call| status(if call == 1 { 500 } else { 204 })).await;
    // The one endpoint of the account holds the secret.
    let id = house.endpoints_of(&house.partner, BY_REQUEST).await[0].id.clone();
    let revealed = endpoints::reveal_secret(&house.context, &house.partner, &id).await.unwrap();
    let secret = revealed.secret.unwrap();

    // The manifest's own schedule starts with seconds, so the retry is asked for by hand.
    house.dispatch();
    let url = receiver.url("/requests/7");
    let told = house.tell(BY_REQUEST, "request.completed", Some(&url)).await;
    house.until(&told[0], |detail| detail.attempts.len() == 1).await;
    deliveries::replay(&house.context, &house.partner, &told[0]).await.unwrap();
    house.until_state(&told[0], DeliveryState::Delivered).await;

    let received = receiver.seen();
    for message in &received {
        check_standard(secret.expose(), message);
        let timestamp = message.header("X-Clipia-Timestamp");
        let expected = by_hand(secret.expose(), timestamp, message.text());
        let signature = message.header("X-Clipia-Signature");
        assert_eq!(signature, format!("t={timestamp},v1={expected}"));
    }
    let ids: Vec<_> = received.iter().map(|m| m.header("X-Clipia-Webhook-Id")).collect();
    assert_eq!(ids[0], ids[1]);
    assert_eq!(uuid::Uuid::parse_str(ids[0]).unwrap().get_version_num(), 4);
    assert_eq!(received[0].header("webhook-id"), received[1].header("webhook-id"));
}

#[tokio::test]
async fn a_test_ping_is_signed_like_any_event() {
    let (house, receiver) = (House::open().await, Receiver::start().await);
    let issued = house.endpoint(&receiver.url("/")).await;
    house.dispatch();
    let (context, partner) = (&house.context, &house.partner);
    let sent = endpoints::send_test(context, partner, &issued.endpoint.id).await.unwrap();
    assert_eq!((sent.event_type.as_str(), sent.platform.as_str()), ("test.ping", BY_ACCOUNT));
    let received = receiver.wait_for(1).await.remove(0);
    check_standard(issued.secret.unwrap().expose(), &received);
    let body: serde_json::Value = serde_json::from_slice(&received.body).unwrap();
    assert_eq!((&body["event"], &body["environment"]), (&"test.ping".into(), &"test".into()));
    chrono::DateTime::parse_from_rfc3339(body["timestamp"].as_str().unwrap()).unwrap();
    house.until_state(&sent.id, DeliveryState::Delivered).await;
}

#[tokio::test]
async fn after_a_rotation_both_secrets_sign_until_the_overlap_is_over() {
    let mut house = House::with(quick(), Targets::Any, Arc::new(SystemNames)).await;
    let minutes = Arc::new(AtomicI64::new(0));
    let ahead = Arc::clone(&minutes);
    house.context.clock = Clock::from_fn(move || {
        Clock::system().now() + TimeDelta::minutes(ahead.load(Ordering::Relaxed))
    });
    let receiver = Receiver::start().await;
    let issued = house.endpoint(&receiver.url("/")).await;
    let (context, partner, endpoint) = (&house.context, &house.partner, &issued.endpoint.id);
    let first = issued.secret.unwrap();
    let author = Author::operator();
    let rotate = async |overlap_seconds| {
        let request = RotateSecret { overlap_seconds };
        endpoints::rotate_secret(context, partner, &author, endpoint, &request).await.unwrap()
    };
    let rotated = rotate(Some(3600)).await;
    let second = rotated.secret.unwrap();
    assert_ne!(first, second);
    let until = rotated.endpoint.previous_secret_until.unwrap();
    assert!((3590..=3600).contains(&(until - context.clock.now()).num_seconds()), "{until}");
    house.dispatch();

    let check = async |signers: &[&SecretText], others: &[&SecretText]| {
        let before = receiver.seen().len();
        house.tell_one().await;
        let received = receiver.wait_for(before + 1).await.remove(before);
        let list: Vec<_> = received.header("webhook-signature").split(' ').collect();
        let id = received.header("webhook-id");
        let at = received.header("webhook-timestamp").parse().unwrap();
        let verified = |secret: &SecretText| {
            // Signed anew: `verify` would go by the wall clock.
            let webhook = Webhook::new(secret.expose()).unwrap();
            list.contains(&webhook.sign(id, at, &received.body).unwrap().as_str())
        };
        assert!(signers.iter().all(|secret| verified(secret)));
        assert!(!others.iter().any(|secret| verified(secret)));
        assert_eq!(list.len(), signers.len());
        // The platform's own header has room for one: the newest secret's.
        let timestamp = received.header("X-ProClubs-Timestamp");
        let own = by_hand(signers[0].expose(), timestamp, received.text());
        assert_eq!(received.header("X-ProClubs-Signature"), format!("sha256={own}"));
    };
    check(&[&second, &first], &[]).await;
    // A second rotation drops the oldest at once.
    let third = rotate(Some(3600)).await.secret.unwrap();
    check(&[&third, &second], &[&first]).await;
    minutes.store(61, Ordering::Relaxed);
    check(&[&third], &[&second]).await;
    let fourth = rotate(Some(0)).await;
    assert_eq!(fourth.endpoint.previous_secret_until, None);
    check(&[&fourth.secret.unwrap()], &[&third]).await;

    let long = RotateSecret { overlap_seconds: Some(604_801) };
    let refused = endpoints::rotate_secret(context, partner, &author, endpoint, &long).await;
    assert!(matches!(refused, Err(endpoints::EndpointError::Invalid(_))));
}
