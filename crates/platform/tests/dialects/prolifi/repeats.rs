//! Repeat keys: what was done is told again, and done once.

use chrono::TimeDelta;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    super::house::{Answer, House, Issued, LIVE, TEST, raw, send},
    PLATFORM, assert_refused, customer, get, posting, request,
};

async fn keyed(house: &House, key: &Issued, path: &str, body: &Value, repeat: &str) -> Answer {
    send(posting(house, key, path, body).header("Idempotency-Key", repeat)).await
}

#[track_caller]
fn assert_replay(answer: &Answer, first: &Answer) {
    assert_eq!((answer.status, &answer.body), (first.status, &first.body));
    assert_eq!(answer.header("idempotent-replayed"), Some("true"));
    assert!(first.header("idempotent-replayed").is_none());
    answer.number("x-ratelimit-remaining");
}

fn named(name: &str) -> Value {
    json!({ "email": "ada@example.com", "name": name })
}

async fn total(house: &House, key: &Issued) -> Value {
    get(house, key, "/customers").await.body["pagination"]["total"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_tells_the_first_answer_whatever_the_body() {
    let house = House::with(0, 0).await;
    let (key, second) = (house.key(PLATFORM, TEST).await, house.key(PLATFORM, TEST).await);
    let first = keyed(&house, &key, "/customers", &named("Ada"), "k").await;
    assert_eq!(first.status, 201, "{first:?}");
    for (key, body) in
        [(&key, named("Ada")), (&key, named("Grace")), (&key, json!({})), (&second, named("Ada"))]
    {
        assert_replay(&keyed(&house, key, "/customers", &body, "k").await, &first);
    }
    let broken = request(&house, Method::POST, "/customers").bearer_auth(&key.plain);
    let broken = raw(broken.header("Idempotency-Key", "k"), "text/plain", "{");
    assert_replay(&send(broken).await, &first);
    assert_eq!(total(&house, &key).await, 1);

    house.enable_live(&house.partner, PLATFORM).await;
    let live = house.key(PLATFORM, LIVE).await;
    let stranger = house.key_of(&house.second_partner().await, PLATFORM, TEST).await;
    for other in [&live, &stranger] {
        let answer = keyed(&house, other, "/customers", &named("Ada"), "k").await;
        assert_eq!(answer.status, 201);
        assert!(answer.header("idempotent-replayed").is_none(), "modes and partners are apart");
        assert_ne!(answer.body, first.body);
    }
    house.pass(TimeDelta::hours(24) + TimeDelta::seconds(1));
    let later = keyed(&house, &key, "/customers", &named("Ada"), "k").await;
    assert!(later.header("idempotent-replayed").is_none(), "forgotten after a day");
    assert_eq!(total(&house, &key).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_has_its_replay_and_reading_has_none() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    customer(&house, &key, "ada").await;
    let event = json!({ "customer_id": "ada", "event_name": "api_call" });
    for (number, (method, path, body)) in (0..).zip([
        (Method::PATCH, "/customers/ada", json!({ "name": "Grace" })),
        (Method::POST, "/events", event.clone()),
        (Method::POST, "/events/batch", json!({ "events": [event] })),
        (
            Method::POST,
            "/entitlements/check",
            json!({ "customer_id": "ada", "feature_id": "api_calls" }),
        ),
        (Method::DELETE, "/customers/ada", json!({})),
    ]) {
        let send_it = async || {
            let request = request(&house, method.clone(), path).bearer_auth(&key.plain);
            send(request.json(&body).header("Idempotency-Key", format!("k{number}"))).await
        };
        let first = send_it().await;
        assert!(first.status < 300, "{first:?}");
        assert_replay(&send_it().await, &first);
    }
    let usage = get(&house, &key, "/customers/ada/usage").await;
    assert_eq!(usage.body["data"][0]["count"], 2, "each recorded once");
    let read = request(&house, Method::GET, "/customers/ada").bearer_auth(&key.plain);
    let read = send(read.header("Idempotency-Key", "k0")).await;
    assert_eq!((read.status, &read.body["data"]["status"]), (200, &json!("archived")));
    assert!(read.header("idempotent-replayed").is_none());
    let long = request(&house, Method::GET, "/plans").bearer_auth(&key.plain);
    assert_eq!(send(long.header("Idempotency-Key", "k".repeat(300))).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_too_long_is_refused_before_anything_is_done() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    let longest = "k".repeat(255);
    assert_eq!(keyed(&house, &key, "/customers", &named("A"), &longest).await.status, 201);
    let refused = keyed(&house, &key, "/customers", &named("B"), &"k".repeat(256)).await;
    assert_refused(&refused, 400, "invalid_request");
    assert_eq!(total(&house, &key).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_leaves_its_key_free() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    for wrong in [json!({}), json!({ "email": "ada" })] {
        assert_eq!(keyed(&house, &key, "/customers", &wrong, "k").await.status, 422);
    }
    let done = keyed(&house, &key, "/customers", &named("Ada"), "k").await;
    assert_eq!(done.status, 201);
    assert!(done.header("idempotent-replayed").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_race_does_its_work_once() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    customer(&house, &key, "ada").await;
    let event = json!({ "customer_id": "ada", "event_name": "api_call" });
    let race = (0..20).map(|_| keyed(&house, &key, "/events", &event, "k"));
    let answers = join_all(race).await;
    for answer in &answers {
        match answer.status {
            201 => {}
            _ => assert_refused(answer, 409, "conflict"),
        }
    }
    let done = answers.iter().filter(|answer| answer.status == 201);
    assert_eq!(done.filter(|one| one.header("idempotent-replayed").is_none()).count(), 1);
    let usage = get(&house, &key, "/customers/ada/usage").await;
    assert_eq!(usage.body["data"][0]["count"], 1);
}
