//! How often a key may call, and what it is told.

use std::time::Duration;

use reqwest::Method;

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
