//! What arrives is signed as the platforms' pages say, checked by code that is not ours.

use hmac::{Hmac, KeyInit, Mac};
use latchkey_contract::webhooks::DeliveryState;
use latchkey_platform::webhooks::{deliveries, endpoints};
use sha2::Sha256;
use standardwebhooks::Webhook;

use crate::{
    house::{BY_ACCOUNT, BY_REQUEST, House},
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
