//! How often a key may call, and what it is told.

use std::time::Duration;

use chrono::{Days, NaiveTime};
use latchkey_contract::Amount;
use latchkey_store::KeyChange;
use reqwest::Method;
use serde_json::{Value, json};

use super::house::{Answer, House, Issued, LIVE, TEST, send};

async fn ask(house: &House, key: &Issued) -> Answer {
    let request = house.request(Method::GET, "/clipia/v1/models");
    send(request.header("X-Api-Key", &key.plain)).await
}

fn standing(answer: &Answer) -> (u32, u32) {
    assert!(answer.number("ratelimit-reset") <= 60, "{answer:?}");
    (answer.number("ratelimit-limit"), answer.number("ratelimit-remaining"))
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_documented_number_passes_and_every_answer_counts_down() {
    let house = House::with(0, 0).await;
    let (key, other) = (house.key("clipia", LIVE).await, house.key("clipia", TEST).await);
    for left in (0..120).rev() {
        let answer = ask(&house, &key).await;
        assert_eq!((answer.status, standing(&answer)), (200, (120, left)));
    }
    let refused = ask(&house, &key).await;
    assert_eq!((refused.status, standing(&refused)), (429, (120, 0)));
    let retry_after = refused.number("retry-after");
    assert!((1..=60).contains(&retry_after), "{refused:?}");
    assert_eq!(refused.number("ratelimit-reset"), retry_after);
    assert_eq!(refused.body["error"]["type"], "rate_limit_error");
    assert_eq!(refused.body["error"]["code"], "rate_limit_exceeded");
    assert_eq!(standing(&ask(&house, &other).await), (120, 119), "another key has its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_clock_opens_no_window() {
    let house = House::with(0, 0).await;
    let key = house.key("clipia", LIVE).await;
    house.limit(&key, 1).await;
    assert_eq!(ask(&house, &key).await.status, 200);
    house.pass(chrono::TimeDelta::days(2));
    assert_eq!(ask(&house, &key).await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_limit_holds_from_the_next_request() {
    let house = House::with(0, 0).await;
    let key = house.key("clipia", LIVE).await;
    assert_eq!(standing(&ask(&house, &key).await), (120, 119));
    house.limit(&key, 3).await;
    assert_eq!(standing(&ask(&house, &key).await), (3, 1));
    assert_eq!(standing(&ask(&house, &key).await), (3, 0));
    assert_eq!(ask(&house, &key).await.status, 429);
    house.limit(&key, 5).await;
    assert_eq!(standing(&ask(&house, &key).await), (5, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_platform_tells_no_numbers_but_when_to_come_back() {
    let house = House::with(0, 0).await;
    let key = house.key("proclubs", LIVE).await;
    let poll =
        || house.request(Method::GET, "/proclubs/v1/images/img_1").header("X-API-Key", &key.plain);
    for _ in 0..60 {
        assert_eq!(send(poll()).await.status, 404);
    }
    let refused = send(poll()).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.body["error"]["code"], "RATE_LIMIT_EXCEEDED");
    assert!((1..=60).contains(&refused.number("retry-after")), "{refused:?}");
    assert!(refused.header("ratelimit-limit").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_counted_by_operation_and_outcome() {
    let house = House::with(0, 0).await;
    let key = house.key("clipia", LIVE).await;
    house.limit(&key, 2).await;
    for _ in 0..3 {
        ask(&house, &key).await;
    }
    let store = &house.context().store;
    let started = tokio::time::Instant::now();
    loop {
        let now = house.context().clock.now();
        let filter = latchkey_store::UsageFilter {
            span: latchkey_store::UsageSpan::Minute,
            from: now - chrono::TimeDelta::hours(1),
            to: now + chrono::TimeDelta::hours(1),
            environment: Some(LIVE),
            platform: Some("clipia".into()),
            key_id: Some(key.id.clone()),
            operation: None,
            group_by: None,
        };
        let sum = store.sum_usage(&house.partner, &filter).await.unwrap();
        if (sum.requests, sum.refused) == (3, 1) {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{sum:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let row = store.get_key(&house.partner, &key.id).await.unwrap().unwrap();
    assert!(row.last_used_at.is_some());
    assert_eq!(row.last_used_address.as_deref(), Some("127.0.0.1"));
}

/// A live picture of four credits.
async fn submit(house: &House, key: &Issued) -> Answer {
    let request = house.request(Method::POST, "/clipia/v1/models/nano-banana-2");
    send(request.bearer_auth(&key.plain).json(&json!({ "input": { "prompt": "x" } }))).await
}

fn at_once(limit: Option<u32>) -> KeyChange {
    KeyChange { concurrent_limit: Some(limit), ..KeyChange::default() }
}

fn daily(limit: Option<i64>) -> KeyChange {
    KeyChange { daily_limit: Some(limit.map(Amount::from_credits)), ..KeyChange::default() }
}

fn in_all(limit: Option<i64>) -> KeyChange {
    KeyChange { credit_allowance: Some(limit.map(Amount::from_credits)), ..KeyChange::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keys_own_concurrency_goes_before_the_platforms() {
    let house = House::with(0, 1000).await;
    let key = house.key("clipia", LIVE).await;
    house.change(&key, at_once(Some(2))).await;
    assert_eq!([submit(&house, &key).await.status, submit(&house, &key).await.status], [200; 2]);
    let refused = submit(&house, &key).await;
    assert_eq!((refused.status, refused.number("retry-after")), (429, 1), "{refused:?}");
    house.change(&key, at_once(Some(3))).await;
    assert_eq!(submit(&house, &key).await.status, 200);
    house.change(&key, at_once(Some(1))).await;
    assert_eq!(submit(&house, &key).await.status, 429);
    house.change(&key, at_once(None)).await;
    for _ in 3..10 {
        assert_eq!(submit(&house, &key).await.status, 200);
    }
    assert_eq!(submit(&house, &key).await.status, 429, "the platform's ten");
}

#[tokio::test(flavor = "multi_thread")]
async fn spend_limits_hold_from_the_next_request_and_the_day_ends_at_midnight() {
    let house = House::with(0, 100).await;
    let (key, other) = (house.key("clipia", LIVE).await, house.key("clipia", LIVE).await);
    house.change(&key, daily(Some(8))).await;
    assert_eq!([submit(&house, &key).await.status, submit(&house, &key).await.status], [200; 2]);
    let refused = submit(&house, &key).await;
    assert_eq!(refused.status, 402, "{refused:?}");
    assert_eq!(refused.body["error"]["code"], "insufficient_credits");
    let message = refused.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("0 credits left of its daily limit"), "{message}");
    assert_eq!(submit(&house, &other).await.status, 200, "another key has no limit");
    assert_eq!(house.credits("clipia").await, (88, 12), "a refused call costs nothing");

    let now = house.context().clock.now();
    let midnight = (now.date_naive() + Days::new(1)).and_time(NaiveTime::MIN).and_utc();
    house.pass(midnight - now + chrono::TimeDelta::seconds(1));
    assert_eq!(submit(&house, &key).await.status, 200, "a new day");
    house.change(&key, in_all(Some(12))).await;
    let refused = submit(&house, &key).await;
    let message = refused.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("0 credits left of its allowance"), "{message}");
    house.change(&key, in_all(Some(16))).await;
    assert_eq!(submit(&house, &key).await.status, 200);
    house.change(&key, in_all(None)).await;
    house.change(&key, daily(None)).await;
    assert_eq!(submit(&house, &key).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_tells_its_allowance_and_what_is_left_of_it() {
    let house = House::with(0, 100).await;
    let key = house.key("clipia", LIVE).await;
    let ask = async || {
        let request = house.request(Method::GET, "/clipia/v1/key").bearer_auth(&key.plain);
        let data = send(request).await.body["data"].take();
        (data["limit"].clone(), data["limit_remaining"].clone())
    };
    assert_eq!(ask().await, (Value::Null, Value::Null));
    house.change(&key, in_all(Some(10))).await;
    assert_eq!(ask().await, (json!(10), json!(10)));
    submit(&house, &key).await;
    assert_eq!(ask().await, (json!(10), json!(6)));
    house.change(&key, in_all(Some(3))).await;
    assert_eq!(ask().await, (json!(3), json!(0)), "lowered below what is spent");
    assert_eq!(submit(&house, &key).await.status, 402);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_platform_has_its_own_word_for_a_spent_limit() {
    let house = House::with(0, 100).await;
    let key = house.key("proclubs", LIVE).await;
    house
        .change(&key, KeyChange { credit_allowance: Some(Some(Amount(1))), ..KeyChange::default() })
        .await;
    let request = house.request(Method::POST, "/proclubs/v1/images");
    let request = request.header("X-API-Key", &key.plain).header("Idempotency-Key", "k");
    let body = house.context().manifests.get("proclubs").unwrap().sample.body.clone().unwrap();
    let refused = send(request.header("Content-Type", "application/json").body(body)).await;
    assert_eq!(refused.status, 402, "{refused:?}");
    assert_eq!(refused.body["error"]["code"], "INSUFFICIENT_CREDITS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_bound_to_addresses_is_refused_from_elsewhere() {
    let house = House::with(0, 0).await;
    let bound = |rule: &str| KeyChange {
        ip_rules: Some(vec!["2001:db8::/32".to_owned(), rule.to_owned()]),
        ..KeyChange::default()
    };
    for (platform, path, error) in [
        ("clipia", "/clipia/v1/account", json!({ "code": "insufficient_scope" })),
        ("proclubs", "/proclubs/v1/images/img_1", json!({ "code": "PARTNER_SUSPENDED" })),
        (
            "deepcreative",
            "/deepcreative/v1/account",
            json!({ "type": "permission_error", "code": "insufficient_permissions" }),
        ),
    ] {
        let key = house.key(platform, LIVE).await;
        let ask = async |path: &str| {
            let scheme = &house.context().manifests.get(platform).unwrap().header_schemes[0];
            let value = format!("{}{}", scheme.prefix, key.plain);
            send(house.request(Method::GET, path).header(&scheme.header, value)).await
        };
        house.change(&key, bound("203.0.113.0/24")).await;
        let refused = ask(path).await;
        assert_eq!(refused.status, 403, "{platform}: {refused:?}");
        for (name, value) in error.as_object().unwrap() {
            assert_eq!(&refused.body["error"][name], value, "{platform}: {refused:?}");
        }
        let message = refused.body["error"]["message"].as_str().unwrap();
        assert!(message.contains("from 127.0.0.1"), "{platform}: {message}");
        // Also at an address that is none.
        assert_eq!(ask(&format!("/{platform}/nothing")).await.status, 403, "{platform}");
        house.change(&key, bound("127.0.0.0/8")).await;
        assert_ne!(ask(path).await.status, 403, "{platform}");
    }
}
