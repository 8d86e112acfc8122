//! Submits at the same time: repeated ones, and more than are allowed at once.

use bytes::Bytes;
use futures::{StreamExt, channel::mpsc, future::join_all};
use reqwest::{Body, Method, RequestBuilder};
use serde_json::{Value, json};

use super::house::{Answer, House, Issued, LIVE, TEST, send, until};

const NANO: &str = "/clipia/v1/models/nano-banana-2";

fn submit(house: &House, key: &Issued) -> RequestBuilder {
    house.request(Method::POST, NANO).bearer_auth(&key.plain)
}

fn image() -> Value {
    json!({ "input": { "prompt": "x" } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_race_of_equal_submits_charges_once() {
    let house = House::with(0, 100).await;
    let key = house.key("proclubs", LIVE).await;
    let order = json!({
        "type": "player_card",
        "player": {
            "external_id": "p", "name": "A", "position": "GK", "number": 1, "skill_level": 1,
            "source_image_url": "https://example.com/1.jpg",
        },
        "style": { "preset": "pro_clubs_card" },
    });
    let race = (0..30).map(|_| {
        let request = house.request(Method::POST, "/proclubs/v1/images");
        send(request.header("X-API-Key", &key.plain).header("Idempotency-Key", "k").json(&order))
    });
    let answers = join_all(race).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (202, &answers[0].body));
    }
    assert_eq!(house.credits("proclubs").await, (99, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_while_the_first_is_being_accepted_may_come_again() {
    let house = House::with(0, 100).await;
    let key = house.key("clipia", LIVE).await;
    let keyed = || submit(&house, &key).header("Idempotency-Key", "k");
    let repeated = async || send(keyed().json(&image())).await;

    // The first one's body arrives slowly.
    let (mut body, rest) = mpsc::channel::<Bytes>(1);
    body.try_send(Bytes::from_static(b"{\"input\": ")).unwrap();
    let first = keyed()
        .header("Content-Type", "application/json")
        .body(Body::wrap_stream(rest.map(Ok::<_, std::io::Error>)));
    let first = tokio::spawn(send(first));
    let in_progress = |answer: &Answer| answer.body["error"]["code"] == "request_in_progress";
    // The one that gets in before the first takes the key would be the first itself, so ask with
    // a body that is refused until the key is taken.
    let early = async || send(keyed().json(&json!({}))).await;
    let refused = until(early, in_progress).await;
    assert_eq!(
        (refused.status, &refused.body["error"]["type"]),
        (409, &json!("invalid_request_error"))
    );
    assert!(in_progress(&repeated().await));

    body.try_send(Bytes::from_static(b"{\"prompt\": \"x\"}}")).unwrap();
    drop(body);
    let first = first.await.unwrap();
    assert_eq!(first.status, 200, "{first:?}");
    let again = repeated().await;
    assert_eq!((again.status, &again.body["request_id"]), (200, &first.body["request_id"]));
    assert_eq!(house.credits("clipia").await, (96, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_generations_of_a_key_are_under_way_at_once() {
    let house = House::with(0, 100).await;
    let (key, other) = (house.key("clipia", LIVE).await, house.key("clipia", LIVE).await);
    let test = house.key("clipia", TEST).await;
    let keyed = || submit(&house, &key).header("Idempotency-Key", "k").json(&image());
    let first = send(keyed()).await;
    let answers = join_all((0..14).map(|_| send(submit(&house, &key).json(&image())))).await;
    let accepted = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(accepted, 9);
    let repeated = send(keyed()).await;
    assert_eq!(
        (repeated.status, &repeated.body["request_id"]),
        (200, &first.body["request_id"]),
        "a repetition does nothing and needs no place"
    );
    let refused = answers.iter().find(|answer| answer.status != 200).unwrap();
    assert_eq!(
        (refused.status, &refused.body["error"]["code"]),
        (429, &json!("rate_limit_exceeded"))
    );
    assert!(refused.number("retry-after") >= 1);
    assert_eq!(send(submit(&house, &other).json(&image())).await.status, 200, "a key has its own");
    for _ in 0..12 {
        assert_eq!(
            send(submit(&house, &test).json(&image())).await.status,
            200,
            "test is over at once"
        );
    }
    house.start_working();
    until(async || send(submit(&house, &key).json(&image())).await, |answer| answer.status == 200)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_hangs_up_leaves_no_job_waiting() {
    let house = House::open().await;
    let key = house.key("clipia", LIVE).await;
    let hanging_up = || {
        let request = send(submit(&house, &key).json(&image()));
        tokio::time::timeout(std::time::Duration::from_micros(500), request)
    };
    for _ in 0..8 {
        let _ = hanging_up().await;
    }
    // Whatever was accepted is drawn and settled, and no place stays taken. The last of them may
    // still be on its way to the server: nothing must be held for a whole second.
    let started = tokio::time::Instant::now();
    let mut still_since = started;
    while still_since.elapsed() < std::time::Duration::from_secs(1) {
        assert!(started.elapsed() < std::time::Duration::from_secs(20));
        if house.credits("clipia").await.1 > 0 {
            still_since = tokio::time::Instant::now();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    house.limit(&key, 1000).await;
    let answers = join_all((0..10).map(|_| send(submit(&house, &key).json(&image())))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_submit_gives_its_place_back() {
    let house = House::with(0, 0).await;
    let key = house.key("clipia", LIVE).await;
    for _ in 0..12 {
        assert_eq!(send(submit(&house, &key).json(&image())).await.status, 402);
    }
}
