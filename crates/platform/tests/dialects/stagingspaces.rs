//! StagingSpaces, row by row: what its keys may do.

use std::{io::Cursor, sync::LazyLock};

use axum::{body::to_bytes, http::Method as Verb};
use image::{DynamicImage, ImageFormat, RgbImage};
use latchkey_contract::{Amount, PrefixedId, RequestId, platforms::CreditUnit};
use latchkey_platform::{dialects, gateway::Refusal, manifest::Manifests, pictures::room::Style};
use latchkey_store::{KeyChange, SpendLimit};
use reqwest::{
    Method, RequestBuilder,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use super::house::{Answer, House, Issued, LIVE, TEST, raw, send, until};

pub const PLATFORM: &str = "stagingspaces";
const STAGE: &str = "/stagingspaces/api/v1/stage";
const ENHANCE: &str = "/stagingspaces/api/v1/enhance";
const PLACE: &str = "/stagingspaces/api/v1/place-products";
const CREDITS: &str = "/stagingspaces/api/v1/credits";

/// A photo of 300 × 200 pixels, as JPEG.
static PHOTO: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let photo = RgbImage::from_fn(300, 200, |x, y| {
        image::Rgb([120 + (x / 4) as u8, 110 + (y / 3) as u8, 90 + ((x + y) / 8) as u8])
    });
    encoded(&DynamicImage::ImageRgb8(photo), ImageFormat::Jpeg)
});

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn file(bytes: impl Into<std::borrow::Cow<'static, [u8]>>) -> Part {
    Part::bytes(bytes).file_name("room.jpg").mime_str("image/jpeg").unwrap()
}

fn photo() -> Form {
    Form::new().part("image", file(PHOTO.clone()))
}

pub fn staging() -> Form {
    photo().text("style", "modern").text("room_type", "living_room")
}

fn post(house: &House, key: &Issued, path: &str, form: Form) -> RequestBuilder {
    house.request(Method::POST, path).bearer_auth(&key.plain).multipart(form)
}

pub async fn stage(house: &House, key: &Issued) -> Answer {
    send(post(house, key, STAGE, staging())).await
}

async fn read_credits(house: &House, key: &Issued) -> Answer {
    send(house.request(Method::GET, CREDITS).bearer_auth(&key.plain)).await
}

pub fn fields(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[track_caller]
pub fn assert_refused(answer: &Answer, status: u16, error: &str) {
    let told = (answer.status, answer.body["error"].as_str());
    assert_eq!(told, (status, Some(error)), "{answer:?}");
    let wanted: &[&str] = match status {
        402 => &["credits_available", "credits_remaining", "credits_required", "error", "message"],
        _ => &["error", "message"],
    };
    assert_eq!(fields(&answer.body), wanted);
}

async fn picture(house: &House, answer: &Answer) -> RgbImage {
    let url = answer.body["image_url"].as_str().unwrap_or_else(|| panic!("{answer:?}"));
    let response = house.http.get(url).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/jpeg");
    image::load_from_memory(&response.bytes().await.unwrap()).unwrap().into_rgb8()
}

fn uploads(house: &House) -> usize {
    std::fs::read_dir(house.dir.path().join("data/uploads")).unwrap().count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_staged_while_the_caller_waits() {
    let house = House::open().await;
    let key = house.key(PLATFORM, LIVE).await;
    let staged = stage(&house, &key).await;
    assert_eq!(staged.status, 200, "{staged:?}");
    assert_eq!(fields(&staged.body), ["claim_code", "image_url", "success"]);
    assert_eq!(staged.body["success"], true);
    let code = staged.body["claim_code"].as_str().unwrap().strip_prefix("SS-").unwrap();
    let form = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit();
    assert!(code.len() == 6 && code.bytes().all(form), "{code}");
    assert_eq!(house.credits(PLATFORM).await, (99, 0));
    let made = picture(&house, &staged).await;
    assert_eq!(made.dimensions(), (300, 200));
    assert_eq!(uploads(&house), 0, "the upload goes once it was worked on");

    let other = send(post(
        &house,
        &key,
        STAGE,
        photo().text("style", "industrial").text("room_type", "living_room"),
    ))
    .await;
    assert_ne!(picture(&house, &other).await, made);
    assert_ne!(other.body["claim_code"], staged.body["claim_code"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_style_is_taken() {
    let house = House::with(1, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    for word in Style::words() {
        let form = photo().text("style", word).text("room_type", "bedroom");
        assert_eq!(send(post(&house, &key, STAGE, form)).await.status, 200, "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enhanced_photo_is_4k_and_a_placed_product_is_free() {
    let house = House::open().await;
    let key = house.key(PLATFORM, LIVE).await;
    // Four to one: the least that 3840 pixels across can be, for drawing them takes a while here.
    let wide = DynamicImage::ImageRgb8(RgbImage::from_pixel(240, 60, image::Rgb([90, 120, 150])));
    let wide = Form::new().part("image", file(encoded(&wide, ImageFormat::Jpeg)));
    let enhanced = send(post(&house, &key, ENHANCE, wide)).await;
    assert_eq!((enhanced.status, fields(&enhanced.body)), (200, vec!["image_url", "success"]));
    assert_eq!(picture(&house, &enhanced).await.dimensions(), (3840, 960));
    assert_eq!(house.credits(PLATFORM).await, (99, 0));

    let plain = send(post(&house, &key, PLACE, photo())).await;
    assert_eq!((plain.status, fields(&plain.body)), (200, vec!["image_url", "success"]));
    let product = DynamicImage::ImageRgb8(RgbImage::from_pixel(90, 90, image::Rgb([200, 20, 20])));
    let form = photo().part("product", file(encoded(&product, ImageFormat::Png)));
    let with_product = send(post(&house, &key, PLACE, form)).await;
    assert_ne!(picture(&house, &plain).await, picture(&house, &with_product).await);
    assert_eq!(house.credits(PLATFORM).await, (99, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_key_does_the_same_for_nothing() {
    let house = House::with(1, 0).await;
    let (test, live) = (house.key(PLATFORM, TEST).await, house.key(PLATFORM, LIVE).await);
    let staged = stage(&house, &test).await;
    assert_eq!(staged.status, 200, "{staged:?}");
    assert_eq!(fields(&staged.body), ["claim_code", "image_url", "success"]);
    let marked = picture(&house, &staged).await;
    let refused = stage(&house, &live).await;
    assert_refused(&refused, 402, "insufficient_credits");
    assert_eq!(refused.body["credits_remaining"], 0);
    assert_eq!(refused.body["credits_required"], 1);
    assert_eq!(refused.body["credits_available"], 0);
    assert_eq!(uploads(&house), 0, "a refused upload goes at once");

    let house = House::open().await;
    let live = house.key(PLATFORM, LIVE).await;
    let plain = picture(&house, &stage(&house, &live).await).await;
    assert_ne!(plain, marked, "it is labelled as development");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credits_are_told() {
    let house = House::open().await;
    let key = house.key(PLATFORM, LIVE).await;
    stage(&house, &key).await;
    let told = read_credits(&house, &key).await;
    assert_eq!(told.status, 200);
    assert_eq!(
        fields(&told.body),
        ["credits", "has_payment_method", "total_purchased", "total_used"]
    );
    assert_eq!((&told.body["credits"], &told.body["total_used"]), (&json!(99), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_breaks_off_costs_nothing() {
    let house = House::open().await;
    let key = house.key(PLATFORM, LIVE).await;
    let whole = encoded(&image::load_from_memory(&PHOTO).unwrap(), ImageFormat::Png);
    let half = file(whole[..whole.len() / 2].to_vec());
    let form = Form::new().part("image", half).text("style", "modern").text("room_type", "bedroom");
    let failed = send(post(&house, &key, STAGE, form)).await;
    let known = vec!["error", "message", "success"];
    assert_eq!((failed.status, fields(&failed.body)), (400, known));
    let told = (&failed.body["success"], &failed.body["error"]);
    assert_eq!(told, (&json!(false), &json!("unreadable_image")));
    assert!(failed.body["message"].as_str().unwrap().contains("`image`"), "{failed:?}");
    assert_eq!((house.credits(PLATFORM).await, uploads(&house)), ((100, 0), 0));

    house.break_media();
    let failed = stage(&house, &key).await;
    assert_eq!((failed.status, &failed.body["success"]), (500, &json!(false)), "{failed:?}");
    assert_eq!((house.credits(PLATFORM).await, uploads(&house)), ((100, 0), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_hangs_up_is_settled_all_the_same() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    house.limit(&key, 100_000).await;
    let calling = tokio::spawn(post(&house, &key, STAGE, staging()).send());
    until(async || read_credits(&house, &key).await, |told| told.body["credits"] == 99).await;
    calling.abort();
    assert_eq!((house.credits(PLATFORM).await, uploads(&house)), ((99, 1), 1));
    house.start_working();
    until(async || read_credits(&house, &key).await, |told| told.body["total_used"] == 1).await;
    assert_eq!((house.credits(PLATFORM).await, uploads(&house)), ((99, 0), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_are_told_with_their_field() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    house.limit(&key, 1000).await;
    let staged = |part: Part| {
        Form::new().part("image", part).text("style", "modern").text("room_type", "bedroom")
    };
    let gif = encoded(&DynamicImage::new_rgb8(64, 64), ImageFormat::Gif);
    let tiny = encoded(&DynamicImage::new_rgb8(9, 9), ImageFormat::Png);
    for (form, told) in [
        (photo().text("room_type", "bedroom"), "`style` is missing"),
        (photo().text("style", "modern"), "`room_type` is missing"),
        (
            photo().text("style", "gothic").text("room_type", "bedroom"),
            "`style` must be one of modern, ",
        ),
        (
            photo().text("style", "modern").text("room_type", "attic"),
            "`room_type` must be one of living_room, ",
        ),
        (Form::new().text("style", "modern").text("room_type", "bedroom"), "`image` is missing"),
        (Form::new().text("image", "room.jpg"), "`image` must be a file"),
        (staging().part("image", file(PHOTO.clone())), "`image` is there twice"),
        (staged(file(gif)), "`image` is no JPEG or PNG picture"),
        (staged(file(Vec::new())), "`image` is no JPEG or PNG picture"),
        (staged(file(&b"%PDF-1.7"[..])), "`image` is no JPEG or PNG picture"),
        (staged(file(tiny)), "`image` has 9 × 9 pixels; at least 32"),
        (photo().text("style", "x".repeat(5000)), "`style` is longer than"),
    ] {
        let refused = send(post(&house, &key, STAGE, form)).await;
        assert_refused(&refused, 400, "invalid_request");
        let message = refused.body["message"].as_str().unwrap();
        assert!(message.starts_with(told), "{message}");
    }
    let bad_product = photo().part("product", file(&b"nothing"[..]));
    let refused = send(post(&house, &key, PLACE, bad_product)).await;
    assert!(
        refused.body["message"].as_str().unwrap().starts_with("`product` is no"),
        "{refused:?}"
    );

    let no_form = house.request(Method::POST, STAGE).bearer_auth(&key.plain);
    let refused = send(no_form.json(&json!({ "image": "room.jpg" }))).await;
    assert_refused(&refused, 400, "invalid_request");
    assert!(refused.body["message"].as_str().unwrap().contains("multipart/form-data"));
    let broken = house.request(Method::POST, STAGE).bearer_auth(&key.plain);
    let broken = send(raw(broken, "multipart/form-data; boundary=x", "--x\r\nno end")).await;
    assert_refused(&broken, 400, "invalid_request");
    assert_refused(&send(post(&house, &key, CREDITS, photo())).await, 405, "method_not_allowed");
    let nowhere = house.request(Method::GET, "/stagingspaces/api/v1/nowhere");
    assert_refused(&send(nowhere.bearer_auth(&key.plain)).await, 404, "not_found");
    assert_eq!((house.credits(PLATFORM).await, uploads(&house)), ((100, 0), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_may_have_20_megabytes_and_no_more() {
    let house = House::open().await;
    let key = house.key(PLATFORM, LIVE).await;
    let padded = |size: usize| {
        // What follows the end of a JPEG picture is not looked at.
        let mut bytes = PHOTO.clone();
        bytes.resize(size, 0);
        Form::new().part("image", file(bytes)).text("style", "modern").text("room_type", "bedroom")
    };
    let refused = send(post(&house, &key, STAGE, padded(20_000_001))).await;
    assert_refused(&refused, 413, "payload_too_large");
    assert!(refused.body["message"].as_str().unwrap().starts_with("`image` is larger"));
    let larger = send(post(&house, &key, STAGE, padded(45_000_000))).await;
    assert_refused(&larger, 413, "payload_too_large");
    let staged = send(post(&house, &key, STAGE, padded(20_000_000))).await;
    assert_eq!(staged.status, 200, "{staged:?}");
    assert_eq!((house.credits(PLATFORM).await, uploads(&house)), ((99, 0), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_at_once_and_sixty_a_minute() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    let calling: Vec<_> =
        (0..10).map(|_| tokio::spawn(post(&house, &key, STAGE, staging()).send())).collect();
    until(async || read_credits(&house, &key).await, |told| told.body["credits"] == 90).await;
    let refused = stage(&house, &key).await;
    assert_refused(&refused, 429, "too_many_jobs");
    assert_eq!(refused.number("retry-after"), 1);
    house.start_working();
    for call in calling {
        assert_eq!(call.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!((house.credits(PLATFORM).await, uploads(&house)), ((90, 0), 0));
    house.limit(&key, 1).await;
    let refused = read_credits(&house, &key).await;
    assert_refused(&refused, 429, "rate_limit_exceeded");
    assert!((1..=60).contains(&refused.number("retry-after")));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_key_that_holds_is_told_so() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    let neighbour = house.key("proclubs", TEST).await;
    for wrong in ["", "sk_live_x", &key.plain.replace("live", "test"), &neighbour.plain, "a.b.c"] {
        let refused = send(house.request(Method::GET, CREDITS).bearer_auth(wrong)).await;
        assert_refused(&refused, 401, "unauthorized");
    }
    let bare = send(house.request(Method::GET, CREDITS)).await;
    assert_refused(&bare, 401, "unauthorized");
    house.pause(&key, true).await;
    assert_refused(&read_credits(&house, &key).await, 401, "unauthorized");
    house.pause(&key, false).await;
    house.suspend(Some(house.context().clock.now())).await;
    assert_refused(&read_credits(&house, &key).await, 403, "forbidden");
    house.suspend(None).await;
    assert_eq!(read_credits(&house, &key).await.status, 200);
    house.revoke(&key).await;
    assert_refused(&read_credits(&house, &key).await, 401, "unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keys_own_limits_hold() {
    let house = House::with(1, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    let one = Some(Some(Amount::from_credits(1)));
    house.change(&key, KeyChange { credit_allowance: one, ..KeyChange::default() }).await;
    assert_eq!(stage(&house, &key).await.status, 200);
    let refused = stage(&house, &key).await;
    assert_refused(&refused, 402, "insufficient_credits");
    assert_eq!(refused.body["credits_remaining"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_needs_no_credential() {
    let house = House::with(0, 0).await;
    let told = send(house.request(Method::GET, "/stagingspaces/api/health")).await;
    assert_eq!((told.status, &told.body), (200, &json!({ "status": "ok" })));
}

/// Every refusal of the gateway: its status, its word, and nothing but the documented fields.
#[tokio::test]
async fn every_refusal_has_its_row() {
    let manifests = Manifests::built_in().unwrap();
    let dialect = dialects::find(manifests.get(PLATFORM).unwrap()).unwrap();
    let credit = Amount::from_credits(1);
    let unit = || CreditUnit { name: "credits".to_owned(), decimals: 0 };
    let text = || "x".to_owned();
    let header = || "x".to_owned();
    let rows = [
        (Refusal::NoKey(text()), 401, "unauthorized"),
        (Refusal::TwoSchemes(text()), 401, "unauthorized"),
        (Refusal::MalformedKey, 401, "unauthorized"),
        (Refusal::UnknownKey, 401, "unauthorized"),
        (Refusal::Revoked, 401, "unauthorized"),
        (Refusal::Expired, 401, "unauthorized"),
        (Refusal::Paused, 401, "unauthorized"),
        (Refusal::Unidentified("none was sent"), 401, "unauthorized"),
        (Refusal::Suspended, 403, "forbidden"),
        (Refusal::LiveDisabled, 403, "forbidden"),
        (Refusal::PublicKey, 403, "forbidden"),
        (Refusal::MissingScope(text()), 403, "forbidden"),
        (Refusal::IpNotAllowed { address: [192, 0, 2, 1].into() }, 403, "forbidden"),
        (Refusal::TooManyRequests { limit: 1, retry_after: 2 }, 429, "rate_limit_exceeded"),
        (Refusal::TooManyAtOnce { limit: 1 }, 429, "too_many_jobs"),
        (Refusal::IdempotencyKeyMissing { header: header() }, 400, "invalid_request"),
        (Refusal::IdempotencyKeyInvalid { header: header(), max: 1 }, 400, "invalid_request"),
        (Refusal::IdempotencyKeyReused { job_id: text() }, 409, "conflict"),
        (Refusal::IdempotencyInProgress, 409, "conflict"),
        (
            Refusal::InsufficientCredits { needed: credit, balance: Amount::ZERO, unit: unit() },
            402,
            "insufficient_credits",
        ),
        (
            Refusal::OverSpendLimit {
                limit: SpendLimit::Daily,
                needed: credit,
                left: Amount::ZERO,
                unit: unit(),
            },
            402,
            "insufficient_credits",
        ),
        (Refusal::MalformedJson(text()), 400, "invalid_request"),
        (Refusal::NotJson, 400, "invalid_request"),
        (Refusal::MalformedForm(text()), 400, "invalid_request"),
        (Refusal::BodyTooLarge, 413, "payload_too_large"),
        (Refusal::FileTooLarge { field: text(), limit: 1 }, 413, "payload_too_large"),
        (Refusal::BodyUnread, 400, "invalid_request"),
        (Refusal::invalid("x", "y"), 400, "invalid_request"),
        (Refusal::unprocessable("x", "y"), 400, "invalid_request"),
        (Refusal::NotFound { what: "key", id: text() }, 404, "not_found"),
        (Refusal::NoSuchRoute { method: Verb::GET, path: text() }, 404, "not_found"),
        (Refusal::MethodNotAllowed { method: Verb::GET, path: text() }, 405, "method_not_allowed"),
        (Refusal::Unavailable { cause: text() }, 503, "unavailable"),
        (Refusal::Internal { cause: text() }, 500, "internal_error"),
    ];
    for (refusal, status, word) in rows {
        let response = dialect.refuse(&refusal, &RequestId::from_parts(1, 1));
        let (parts, body) = response.into_parts();
        let body = serde_json::from_slice(&to_bytes(body, 10_000).await.unwrap()).unwrap();
        let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body };
        assert_refused(&answer, status, word);
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}
