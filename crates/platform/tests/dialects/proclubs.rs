//! Pro Clubs Studio, row by row.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    house::{Answer, House, Issued, LIVE, TEST, raw, send, until},
    receiver::{Received, Receiver},
};

const PLATFORM: &str = "proclubs";
const IMAGES: &str = "/proclubs/v1/images";

fn order() -> Value {
    json!({
        "type": "player_card",
        "player": {
            "external_id": "p-7",
            "name": "Zoë Strand",
            "position": "ST",
            "number": 7,
            "skill_level": 88,
            "source_image_url": "https://example.com/7.jpg",
        },
        "style": { "preset": "pro_clubs_card" },
    })
}

/// The order with one field set, or removed where the value is `Null`.
fn with(pointer: &str, value: Value) -> Value {
    let mut order = order();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    for object in ["/branding"] {
        if parent == object {
            order["branding"] = json!({});
        }
    }
    let parent = order.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(field);
    } else {
        parent.insert(field.to_owned(), value);
    }
    order
}

fn submit(house: &House, key: &Issued, repeat_key: &str, body: &Value) -> RequestBuilder {
    house
        .request(Method::POST, IMAGES)
        .header("X-API-Key", &key.plain)
        .header("Idempotency-Key", repeat_key)
        .json(body)
}

fn poll(house: &House, key: &Issued, id: &str) -> RequestBuilder {
    house.request(Method::GET, &format!("{IMAGES}/{id}")).header("X-API-Key", &key.plain)
}

fn image_id(answer: &Answer) -> String {
    answer.body["data"]["image_id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

#[track_caller]
fn assert_refused(answer: &Answer, status: u16, code: &str) {
    let error = &answer.body["error"];
    assert_eq!((answer.status, error["code"].as_str()), (status, Some(code)), "{answer:?}");
    assert_eq!((&answer.body["success"], &answer.body["data"]), (&json!(false), &Value::Null));
    assert!(error["request_id"].as_str().unwrap().starts_with("req_"), "{answer:?}");
    assert!(!error["message"].as_str().unwrap().is_empty());
    let page = format!("https://platform.proclubsstudio.com/docs/errors/{code}");
    assert_eq!(error["docs_url"], page);
    assert_eq!(fields(error), ["code", "docs_url", "message", "request_id"]);
    assert_eq!(fields(&answer.body), ["data", "error", "success"]);
}

fn fields(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_a_malformed_and_a_dead_key_are_told_alike() {
    let house = House::open().await;
    let live = house.key(PLATFORM, LIVE).await;
    let edited = house.key(PLATFORM, TEST).await.plain.replace("test", "live");
    let other_platform = house.key("clipia", TEST).await.plain;
    let revoked = house.key(PLATFORM, LIVE).await;
    let path = format!("{IMAGES}/img_1");
    let ask = |name: &'static str, value: String| {
        let request = house.request(Method::GET, &path).header(name, value);
        async move { send(request).await }
    };
    assert_eq!(ask("X-API-Key", revoked.plain.clone()).await.status, 404, "works before");
    house.revoke(&revoked).await;
    let mut typo = live.plain.clone();
    typo.replace_range(20..21, if &typo[20..21] == "a" { "b" } else { "a" });

    for (name, value) in [
        ("X-Other", live.plain.clone()),
        ("Authorization", format!("Bearer {}", live.plain)),
        ("X-API-Key", String::new()),
        ("X-API-Key", "sk_live_short".to_owned()),
        ("X-API-Key", typo),
        ("X-API-Key", edited),
        ("X-API-Key", other_platform),
        ("X-API-Key", "sk_live_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O503wscZ".to_owned()),
        ("X-API-Key", revoked.plain),
    ] {
        assert_refused(&ask(name, value).await, 401, "INVALID_API_KEY");
    }
    assert_eq!(ask("x-api-key", live.plain.clone()).await.status, 404, "any case of the name");
}

#[tokio::test(flavor = "multi_thread")]
async fn pausing_expiry_and_suspension_hold_from_the_next_request() {
    let house = House::open().await;
    let key = house.key(PLATFORM, LIVE).await;
    let short = house.short_lived_key(PLATFORM).await;
    let ask = async |key: &Issued| send(poll(&house, key, "img_1")).await;

    house.pause(&key, true).await;
    assert_refused(&ask(&key).await, 401, "INVALID_API_KEY");
    house.pause(&key, false).await;
    assert_refused(&ask(&key).await, 404, "IMAGE_NOT_FOUND");

    house.suspend(Some(house.context().clock.now())).await;
    assert_refused(&ask(&key).await, 403, "PARTNER_SUSPENDED");
    assert_refused(&ask(&short).await, 403, "PARTNER_SUSPENDED");
    house.suspend(None).await;
    assert_refused(&ask(&key).await, 404, "IMAGE_NOT_FOUND");

    house.pass(TimeDelta::hours(2));
    assert_refused(&ask(&short).await, 401, "INVALID_API_KEY");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_card_is_held_drawn_told_and_paid() {
    let house = House::open().await;
    let receiver = Receiver::start().await;
    let secret = house.endpoint(PLATFORM, &receiver.url("/hook")).await;
    let key = house.key(PLATFORM, LIVE).await;
    house.limit(&key, 100_000).await;
    let order = with("/metadata", json!({ "order": 5, "tags": ["a"] }));

    let submitted = send(submit(&house, &key, "one", &order)).await;
    assert_eq!(submitted.status, 202, "{submitted:?}");
    let data = &submitted.body["data"];
    let id = image_id(&submitted);
    assert!(id.starts_with("img_") && id.len() == 30, "{id}");
    assert!(id[4..].bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()));
    assert_eq!(
        fields(data),
        ["created_at", "eta_seconds", "image_id", "poll_url", "status"],
        "{submitted:?}"
    );
    assert_eq!(data["status"], "processing");
    assert_eq!(data["poll_url"], format!("/v1/images/{id}"));
    assert!(data["eta_seconds"].is_u64());
    let created: DateTime<Utc> = data["created_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        (&submitted.body["success"], &submitted.body["error"]),
        (&json!(true), &Value::Null)
    );

    let done = until(
        async || send(poll(&house, &key, &id)).await,
        |answer| answer.body["data"]["status"] != "processing",
    )
    .await;
    let data = &done.body["data"];
    assert_eq!(fields(data), ["image_id", "result", "status", "usage"], "{done:?}");
    assert_eq!(
        (&data["status"], &data["usage"]),
        (&json!("completed"), &json!({"credits_used": 1}))
    );
    let result = &data["result"];
    assert_eq!((&result["width"], &result["height"]), (&json!(1024), &json!(1280)));
    assert_eq!(result["content_type"], "image/png");
    let expires: DateTime<Utc> = result["expires_at"].as_str().unwrap().parse().unwrap();
    assert!((expires - created - TimeDelta::days(91)).abs() < TimeDelta::minutes(2), "{result}");
    assert_eq!(picture_size(&house, result["image_url"].as_str().unwrap()).await, (1024, 1280));
    assert_eq!(house.credits(PLATFORM).await, (99, 0));

    let told = receiver.wait_for(1).await.remove(0);
    check_signature(&told, secret.expose());
    assert_eq!(told.header("x-proclubs-event"), "image.completed");
    let body: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(
        fields(&body),
        ["environment", "event", "image_id", "metadata", "result", "status", "timestamp", "usage"]
    );
    assert_eq!((&body["event"], &body["image_id"]), (&json!("image.completed"), &json!(id)));
    assert_eq!((&body["status"], &body["environment"]), (&json!("completed"), &json!("live")));
    assert_eq!((&body["result"], &body["usage"]), (result, &json!({"credits_used": 1})));
    assert_eq!(body["metadata"], json!({ "order": 5, "tags": ["a"] }));
    assert!(body["timestamp"].as_str().unwrap().parse::<DateTime<Utc>>().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_card_is_given_back() {
    let house = House::with(0, 100).await;
    let receiver = Receiver::start().await;
    let secret = house.endpoint(PLATFORM, &receiver.url("/hook")).await;
    let key = house.key(PLATFORM, LIVE).await;
    house.limit(&key, 100_000).await;
    let id = image_id(&send(submit(&house, &key, "one", &order())).await);
    let waiting = send(poll(&house, &key, &id)).await;
    assert_eq!(
        waiting.body["data"],
        json!({"image_id": id, "status": "processing", "progress": null})
    );
    assert_eq!(house.credits(PLATFORM).await, (99, 1), "held while it waits");

    house.break_media();
    house.start_working();
    let failed = until(
        async || send(poll(&house, &key, &id)).await,
        |answer| answer.body["data"]["status"] != "processing",
    )
    .await;
    let data = &failed.body["data"];
    assert_eq!(fields(data), ["failure", "image_id", "status"], "{failed:?}");
    assert_eq!(data["status"], "failed");
    assert_eq!(fields(&data["failure"]), ["code", "message"]);
    assert_eq!(data["failure"]["code"], "IMAGE_PROCESSING_FAILED");
    assert_eq!(house.credits(PLATFORM).await, (100, 0));

    let told = receiver.wait_for(1).await.remove(0);
    check_signature(&told, secret.expose());
    assert_eq!(told.header("x-proclubs-event"), "image.failed");
    let body: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(
        fields(&body),
        ["environment", "event", "failure", "image_id", "metadata", "status", "timestamp"]
    );
    assert_eq!((&body["event"], &body["metadata"]), (&json!("image.failed"), &Value::Null));
    assert_eq!(body["failure"], data["failure"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_card_is_a_mock_and_costs_nothing() {
    let house = House::with(0, 100).await;
    let receiver = Receiver::start().await;
    let secret = house.endpoint(PLATFORM, &receiver.url("/hook")).await;
    let key = house.key(PLATFORM, TEST).await;

    let submitted = send(submit(&house, &key, "one", &order())).await;
    assert_eq!(
        (submitted.status, &submitted.body["data"]["status"]),
        (202, &json!("processing")),
        "{submitted:?}"
    );
    let id = image_id(&submitted);
    let done = send(poll(&house, &key, &id)).await;
    let data = &done.body["data"];
    assert_eq!(fields(data), ["image_id", "result", "status", "usage"], "{done:?}");
    assert_eq!(
        (&data["status"], &data["usage"]),
        (&json!("completed"), &json!({"credits_used": 0}))
    );
    let result = &data["result"];
    assert_eq!(
        fields(result),
        ["content_type", "expires_at", "height", "image_url", "width"],
        "{result}"
    );
    let (width, height) = picture_size(&house, result["image_url"].as_str().unwrap()).await;
    assert_eq!((&result["width"], &result["height"]), (&json!(width), &json!(height)));
    assert_eq!(house.credits(PLATFORM).await, (100, 0));

    let told = receiver.wait_for(1).await.remove(0);
    check_signature(&told, secret.expose());
    let body: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!((&body["environment"], &body["status"]), (&json!("test"), &json!("completed")));
    assert_eq!(&body["result"], result);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_is_checked_and_named() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, TEST).await;
    house.limit(&key, 1000).await;
    let long = |length: usize| json!("é".repeat(length));
    for (pointer, value, named) in [
        ("/type", Value::Null, "type"),
        ("/type", json!("team_card"), "type"),
        ("/type", json!(5), "type"),
        ("/player", Value::Null, "player"),
        ("/player", json!("x"), "player"),
        ("/player/external_id", Value::Null, "player.external_id"),
        ("/player/external_id", json!(5), "player.external_id"),
        ("/player/external_id", long(256), "player.external_id"),
        ("/player/name", Value::Null, "player.name"),
        ("/player/name", json!(""), "player.name"),
        ("/player/name", long(101), "player.name"),
        ("/player/position", Value::Null, "player.position"),
        ("/player/position", json!("st"), "player.position"),
        ("/player/position", json!("LWB"), "player.position"),
        ("/player/number", Value::Null, "player.number"),
        ("/player/number", json!(0), "player.number"),
        ("/player/number", json!(100), "player.number"),
        ("/player/number", json!(7.5), "player.number"),
        ("/player/number", json!("7"), "player.number"),
        ("/player/skill_level", Value::Null, "player.skill_level"),
        ("/player/skill_level", json!(-1), "player.skill_level"),
        ("/player/skill_level", json!(100), "player.skill_level"),
        ("/player/source_image_url", Value::Null, "player.source_image_url"),
        ("/player/source_image_url", json!(5), "player.source_image_url"),
        ("/style", Value::Null, "style"),
        ("/style/preset", Value::Null, "style.preset"),
        ("/style/preset", json!("other"), "style.preset"),
        ("/style/width", json!(511), "style.width"),
        ("/style/width", json!(2049), "style.width"),
        ("/style/width", json!("1024"), "style.width"),
        ("/style/height", json!(511), "style.height"),
        ("/style/height", json!(2049), "style.height"),
        ("/style/background_theme", json!(1), "style.background_theme"),
        ("/branding", json!([]), "branding"),
        ("/branding/club_badge_url", json!("badge.png"), "branding.club_badge_url"),
        ("/branding/primary_color", json!("red"), "branding.primary_color"),
        ("/branding/primary_color", json!("#12345"), "branding.primary_color"),
        ("/branding/secondary_color", json!("#12345G"), "branding.secondary_color"),
        ("/metadata", json!("x"), "metadata"),
    ] {
        let refused = send(submit(&house, &key, "never", &with(pointer, value.clone()))).await;
        assert_refused(&refused, 400, "INVALID_REQUEST");
        let message = refused.body["error"]["message"].as_str().unwrap();
        assert!(message.contains(&format!("`{named}`")), "{pointer} = {value}: {message}");
    }
    // What is echoed in webhooks is echoed digit by digit, or not taken at all.
    let order = with("/metadata", json!({ "order": "?" })).to_string();
    let order = order.replace("\"?\"", "18446744073709551616");
    let request = house.request(Method::POST, "/proclubs/v1/images");
    let request = request.header("X-API-Key", &key.plain).header("Idempotency-Key", "never");
    assert_refused(&send(raw(request, "application/json", order)).await, 400, "INVALID_REQUEST");
    for source in ["http://example.com/7.jpg", "ftp://example.com/7.jpg", "7.jpg", ""] {
        let order = with("/player/source_image_url", json!(source));
        let refused = send(submit(&house, &key, "never", &order)).await;
        assert_refused(&refused, 422, "UNSUPPORTED_IMAGE_SOURCE");
    }
    let mut at_the_limits = with(
        "/branding",
        json!({
            "club_badge_url": "https://example.com/b.png",
            "primary_color": "#aAbBcC",
            "secondary_color": "#001122",
        }),
    );
    at_the_limits["player"]["external_id"] = long(255);
    at_the_limits["player"]["name"] = long(100);
    at_the_limits["player"]["position"] = json!("GK");
    at_the_limits["player"]["number"] = json!(99);
    at_the_limits["player"]["skill_level"] = json!(1);
    at_the_limits["style"] = json!({
        "preset": "pro_clubs_card", "width": 512, "height": 2048,
        "background_theme": "stadium_night",
    });
    let accepted = send(submit(&house, &key, "never", &at_the_limits)).await;
    assert_eq!(accepted.status, 202, "refused calls took no repeat key: {accepted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_drawn_in_the_size_asked_for() {
    let house = House::open().await;
    let key = house.key(PLATFORM, LIVE).await;
    house.limit(&key, 100_000).await;
    let mut order = order();
    order["style"] = json!({ "preset": "pro_clubs_card", "width": 640, "height": 512 });
    let id = image_id(&send(submit(&house, &key, "one", &order)).await);
    let done = until(
        async || send(poll(&house, &key, &id)).await,
        |answer| answer.body["data"]["status"] == "completed",
    )
    .await;
    let url = done.body["data"]["result"]["image_url"].as_str().unwrap();
    assert_eq!(picture_size(&house, url).await, (640, 512));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_routes_and_methods_that_do_not_fit_get_the_envelope() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, TEST).await;
    let post = || {
        house
            .request(Method::POST, IMAGES)
            .header("X-API-Key", &key.plain)
            .header("Idempotency-Key", "one")
    };
    for (content_type, body) in [
        ("application/json", "{"),
        ("application/json", ""),
        ("application/json", "[]"),
        ("application/json", "null"),
        ("text/plain", r#"{"type":"player_card"}"#),
        ("application/x-www-form-urlencoded", "type=player_card"),
    ] {
        let refused = send(raw(post(), content_type, body)).await;
        assert_refused(&refused, 400, "INVALID_REQUEST");
    }
    let mut bytes = br#"{"type": "\xff"}"#.to_vec();
    bytes[10] = 0xff;
    let refused = send(raw(post(), "application/json", bytes)).await;
    assert_refused(&refused, 400, "INVALID_REQUEST");
    let large = format!(r#"{{"type":"{}"}}"#, "x".repeat(1_100_000));
    assert_refused(&send(raw(post(), "application/json", large)).await, 413, "INVALID_REQUEST");
    let accepted = raw(post(), "application/json; charset=utf-8", order().to_string());
    assert_eq!(send(accepted).await.status, 202);

    let ask = async |method: Method, path: &str| {
        send(house.request(method, path).header("X-API-Key", &key.plain)).await
    };
    for path in ["/proclubs/v1/pictures", "/proclubs/v1/images/a/b", "/proclubs/v2/images"] {
        assert_refused(&ask(Method::GET, path).await, 404, "IMAGE_NOT_FOUND");
    }
    for (method, path) in [(Method::GET, IMAGES), (Method::DELETE, "/proclubs/v1/images/img_1")] {
        let refused = ask(method, path).await;
        assert_refused(&refused, 405, "INVALID_REQUEST");
        assert!(refused.header("allow").is_some(), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_own_images_of_an_environment_are_seen() {
    let house = House::with(0, 100).await;
    let (live, test) = (house.key(PLATFORM, LIVE).await, house.key(PLATFORM, TEST).await);
    let second_key = house.key(PLATFORM, LIVE).await;
    let stranger = house.key_of(&house.second_partner().await, PLATFORM, LIVE).await;
    let id = image_id(&send(submit(&house, &live, "one", &order())).await);

    assert_eq!(send(poll(&house, &second_key, &id)).await.status, 200, "any key of the partner");
    let unknown = send(poll(&house, &live, "img_01ARZ3NDEKTSV4RRFFQ69G5FAV")).await;
    assert_refused(&unknown, 404, "IMAGE_NOT_FOUND");
    for key in [&stranger, &test] {
        assert_refused(&send(poll(&house, key, &id)).await, 404, "IMAGE_NOT_FOUND");
    }
    assert_refused(&send(poll(&house, &live, "%ff")).await, 404, "IMAGE_NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_credits_are_told_and_nothing_is_kept() {
    let house = House::with(0, 1).await;
    let key = house.key(PLATFORM, LIVE).await;
    let accepted = send(submit(&house, &key, "one", &order())).await;
    assert_eq!(accepted.status, 202);
    assert_refused(&send(submit(&house, &key, "two", &order())).await, 402, "INSUFFICIENT_CREDITS");
    assert_eq!(house.credits(PLATFORM).await, (0, 1));
    let repeated = send(submit(&house, &key, "one", &order())).await;
    assert_eq!((repeated.status, image_id(&repeated)), (202, image_id(&accepted)));
    let test = house.key(PLATFORM, TEST).await;
    assert_eq!(send(submit(&house, &test, "one", &order())).await.status, 202, "test is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn repetitions_within_48_hours_are_the_first_one() {
    let house = House::with(0, 100).await;
    let (key, sibling) = (house.key(PLATFORM, LIVE).await, house.key(PLATFORM, LIVE).await);
    let first = send(submit(&house, &key, "one", &order())).await;
    let repeated = send(submit(&house, &sibling, "one", &order())).await;
    assert_eq!((repeated.status, &repeated.body), (202, &first.body), "the partner's scope");
    let other = with("/player/number", json!(8));
    let code = "IDEMPOTENCY_KEY_REUSED_WITH_DIFFERENT_PAYLOAD";
    assert_refused(&send(submit(&house, &key, "one", &other)).await, 409, code);

    let test = house.key(PLATFORM, TEST).await;
    let apart = send(submit(&house, &test, "one", &other)).await;
    assert_ne!((apart.status, image_id(&apart)), (202, image_id(&first)), "never mixed");
    let stranger = house.key_of(&house.second_partner().await, PLATFORM, LIVE).await;
    assert_eq!(send(submit(&house, &stranger, "one", &other)).await.status, 202);

    house.pass(TimeDelta::hours(47));
    assert_eq!(image_id(&send(submit(&house, &key, "one", &order())).await), image_id(&first));
    house.pass(TimeDelta::hours(2));
    let anew = send(submit(&house, &key, "one", &order())).await;
    assert_ne!(image_id(&anew), image_id(&first));
    assert_eq!(house.credits(PLATFORM).await, (98, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submit_needs_a_repeat_key() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    let post =
        || house.request(Method::POST, IMAGES).header("X-API-Key", &key.plain).json(&order());
    for request in [
        post(),
        post().header("Idempotency-Key", ""),
        post().header("Idempotency-Key", "x".repeat(256)),
    ] {
        let refused = send(request).await;
        assert_refused(&refused, 400, "INVALID_REQUEST");
        let message = refused.body["error"]["message"].as_str().unwrap();
        assert!(message.contains("Idempotency-Key"), "{message}");
    }
    let longest = send(post().header("Idempotency-Key", "x".repeat(255))).await;
    assert_eq!(longest.status, 202);
}

/// Fetches a picture as anyone would and reads its size.
async fn picture_size(house: &House, url: &str) -> (u32, u32) {
    assert!(url.starts_with(&house.url("/media/")), "{url}");
    let response = house.http.get(url).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"image/png".parse().unwrap())
    );
    let bytes = response.bytes().await.unwrap();
    let picture = image::load_from_memory(&bytes).unwrap();
    (picture.width(), picture.height())
}

fn check_signature(told: &Received, secret: &str) {
    let timestamp = told.header("x-proclubs-timestamp");
    assert!(timestamp.parse::<i64>().is_ok());
    assert!(told.header("x-request-id").starts_with("req_"));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{timestamp}.").as_bytes());
    mac.update(&told.body);
    let wanted = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    assert_eq!(told.header("x-proclubs-signature"), wanted);
}
