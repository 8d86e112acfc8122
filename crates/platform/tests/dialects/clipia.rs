//! Clipia, row by row.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use image::AnimationDecoder;
use latchkey_store::KeyChange;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    house::{Answer, House, Issued, LIVE, TEST, raw, send, until},
    receiver::{Received, Receiver},
};

const PLATFORM: &str = "clipia";
const NANO: &str = "/clipia/v1/models/nano-banana-2";
const KLING: &str = "/clipia/v1/models/kling-3";

fn get(house: &House, key: &Issued, path: &str) -> RequestBuilder {
    house.request(Method::GET, path).bearer_auth(&key.plain)
}

fn post(house: &House, key: &Issued, path: &str, body: &Value) -> RequestBuilder {
    house.request(Method::POST, path).bearer_auth(&key.plain).json(body)
}

fn image() -> Value {
    json!({ "input": { "prompt": "A red door, morning light" } })
}

#[track_caller]
fn assert_refused(answer: &Answer, status: u16, kind: &str, code: &str) {
    let error = &answer.body["error"];
    let told = (answer.status, error["type"].as_str(), error["code"].as_str());
    assert_eq!(told, (status, Some(kind), Some(code)), "{answer:?}");
    assert_eq!(fields(error), ["code", "message", "type"]);
    assert_eq!(fields(&answer.body), ["error"]);
    for header in ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"] {
        answer.number(header);
    }
}

fn fields(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn request_id(answer: &Answer) -> String {
    answer.body["request_id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

/// Polls the status until it is no longer under way, as often as it takes.
async fn finished(house: &House, key: &Issued, id: &str) -> Answer {
    house.limit(key, 100_000).await;
    let path = format!("/clipia/v1/requests/{id}/status");
    until(
        async || send(get(house, key, &path)).await,
        |answer| !["IN_QUEUE", "IN_PROGRESS"].contains(&answer.body["status"].as_str().unwrap()),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn three_schemes_are_equal_and_two_at_once_are_none() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, LIVE).await.plain;
    let ask = async |headers: &[(&str, String)]| {
        let mut request = house.request(Method::GET, "/clipia/v1/models");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        send(request).await
    };
    let bearer = ("Authorization", format!("Bearer {key}"));
    let word = ("Authorization", format!("Key {key}"));
    let header = ("X-Api-Key", key.clone());
    for scheme in [&bearer, &word, &header, &("authorization", format!("bearer {key}"))] {
        assert_eq!(ask(std::slice::from_ref(scheme)).await.status, 200, "{scheme:?}");
    }
    for both in [
        [bearer.clone(), header.clone()],
        [word.clone(), header.clone()],
        [bearer.clone(), word.clone()],
        [header.clone(), header.clone()],
        [("Authorization", "Bearer wrong".to_owned()), header.clone()],
    ] {
        assert_refused(&ask(&both).await, 400, "invalid_request_error", "invalid_request");
    }
    for none in [
        vec![],
        vec![("Authorization", key.clone())],
        vec![("Authorization", format!("Basic {key}"))],
        vec![("Authorization", "Bearer ".to_owned())],
        vec![("X-Api-Key", format!("Bearer {key}"))],
        vec![("X-Api-Key", key.replace("live", "test"))],
        vec![("X-Api-Key", "sk_live_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O503wscZ".to_owned())],
        vec![("X-Api-Key", "clipia_test_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O50iBz5W".to_owned())],
    ] {
        let refused = ask(&none).await;
        assert_refused(&refused, 401, "authentication_error", "invalid_api_key");
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn revocation_pausing_and_suspension_hold_from_the_next_request() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, LIVE).await;
    let ask = async || send(get(&house, &key, "/clipia/v1/models")).await;
    assert_eq!(ask().await.status, 200);
    house.pause(&key, true).await;
    assert_refused(&ask().await, 401, "authentication_error", "invalid_api_key");
    house.pause(&key, false).await;
    house.suspend(Some(house.context().clock.now())).await;
    assert_eq!(ask().await.status, 403);
    house.suspend(None).await;
    assert_eq!(ask().await.status, 200);
    house.revoke(&key).await;
    assert_refused(&ask().await, 401, "authentication_error", "invalid_api_key");
}

#[tokio::test(flavor = "multi_thread")]
async fn generate_gates_the_submit_alone_and_read_gates_nothing() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    let id = request_id(&send(post(&house, &key, NANO, &image())).await);
    let scopes = |scopes: &[&str]| KeyChange {
        scopes: Some(scopes.iter().map(ToString::to_string).collect()),
        ..KeyChange::default()
    };
    for lacking in [&["read"][..], &[]] {
        house.change(&key, scopes(lacking)).await;
        let refused = send(post(&house, &key, NANO, &image())).await;
        assert_refused(&refused, 403, "invalid_request_error", "insufficient_scope");
        let estimate = format!("{NANO}/estimate");
        assert_eq!(send(post(&house, &key, &estimate, &image())).await.status, 200);
        for (path, status) in [
            (format!("/clipia/v1/requests/{id}/status"), 200),
            (format!("/clipia/v1/requests/{id}"), 202),
            ("/clipia/v1/models".to_owned(), 200),
            (NANO.to_owned(), 200),
            ("/clipia/v1/account".to_owned(), 200),
            ("/clipia/v1/key".to_owned(), 200),
        ] {
            assert_eq!(send(get(&house, &key, &path)).await.status, status, "{path}");
        }
    }
    house.change(&key, scopes(&["generate"])).await;
    assert_eq!(send(post(&house, &key, NANO, &image())).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn live_images_are_queued_drawn_told_and_paid() {
    let house = House::with(0, 100).await;
    let receiver = Receiver::start().await;
    let secret = house.account_secret(PLATFORM).await;
    let key = house.key(PLATFORM, LIVE).await;
    let body = json!({
        "input": { "prompt": "Two doors", "num_images": 2, "aspect_ratio": "16:9" },
        "webhook_url": receiver.url("/done"),
    });

    let submitted = send(post(&house, &key, NANO, &body)).await;
    assert_eq!(submitted.status, 200, "{submitted:?}");
    assert_eq!(
        fields(&submitted.body),
        ["cost", "queue_position", "request_id", "response_url", "status", "status_url"]
    );
    let id = request_id(&submitted);
    assert!(uuid::Uuid::parse_str(&id).is_ok());
    assert_eq!(
        (&submitted.body["status"], &submitted.body["cost"]),
        (&json!("IN_QUEUE"), &json!(8))
    );
    assert_eq!(submitted.body["queue_position"], 0);
    let result_url = house.url(&format!("/clipia/v1/requests/{id}"));
    assert_eq!(submitted.body["response_url"], result_url);
    assert_eq!(submitted.body["status_url"], format!("{result_url}/status"));
    let behind = send(post(&house, &key, NANO, &image())).await;
    assert_eq!(behind.body["queue_position"], 1, "{behind:?}");
    assert_eq!(house.credits(PLATFORM).await, (88, 12));

    let waiting =
        send(house.http.get(format!("{result_url}/status")).bearer_auth(&key.plain)).await;
    assert_eq!(
        waiting.body,
        json!({"request_id": id, "status": "IN_QUEUE", "queue_position": 0, "progress": 0, "logs": []})
    );
    let running = send(house.http.get(&result_url).bearer_auth(&key.plain)).await;
    assert_eq!(running.status, 202);
    assert_eq!(
        (&running.body["output"], &running.body["completed_at"]),
        (&Value::Null, &Value::Null)
    );

    house.start_working();
    let done = finished(&house, &key, &id).await;
    assert_eq!((&done.body["status"], &done.body["progress"]), (&json!("COMPLETED"), &json!(100)));
    assert_eq!(done.body["queue_position"], Value::Null);
    let result = send(house.http.get(&result_url).bearer_auth(&key.plain)).await;
    assert_eq!(result.status, 200);
    assert_eq!(
        fields(&result.body),
        ["completed_at", "cost", "created_at", "model", "output", "request_id", "status"]
    );
    assert_eq!((&result.body["model"], &result.body["cost"]), (&json!("nano-banana-2"), &json!(8)));
    for time in ["created_at", "completed_at"] {
        assert!(result.body[time].as_str().unwrap().parse::<DateTime<Utc>>().is_ok());
    }
    let images = result.body["output"]["images"].as_array().unwrap();
    assert_eq!(images.len(), 2);
    assert_ne!(images[0]["url"], images[1]["url"]);
    for image in images {
        assert_eq!(fields(image), ["height", "url", "width"]);
        let (picture, kind) = fetch(&house, &image["url"]).await;
        assert_eq!(kind, "image/png");
        assert_eq!(
            (&image["width"], &image["height"]),
            (&json!(picture.width()), &json!(picture.height()))
        );
        assert!(picture.width() > picture.height(), "16:9");
    }

    let told = receiver.wait_for(1).await.remove(0);
    assert_eq!(told.path, "/done");
    check_signature(&told, secret.expose());
    let body: Value = serde_json::from_slice(&told.body).unwrap();
    let output = &result.body["output"];
    assert_eq!(
        body,
        json!({"request_id": id, "status": "OK",
               "payload": {"model": "nano-banana-2", "output": output, "cost": 8}})
    );
    finished(&house, &key, &request_id(&behind)).await;
    assert_eq!(house.credits(PLATFORM).await, (88, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_video_moves() {
    let house = House::open().await;
    let key = house.key(PLATFORM, LIVE).await;
    let body = json!({ "input": { "prompt": "A door opens", "duration": 5 } });
    let submitted = send(post(&house, &key, KLING, &body)).await;
    assert_eq!(submitted.body["cost"], 36, "{submitted:?}");
    let id = request_id(&submitted);
    finished(&house, &key, &id).await;
    let result = send(get(&house, &key, &format!("/clipia/v1/requests/{id}"))).await;
    let video = &result.body["output"]["video"];
    assert_eq!(fields(video), ["duration", "height", "url", "width"], "{result:?}");
    assert_eq!(video["duration"], 5);
    let gif = house.http.get(video["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(gif.headers()["content-type"], "image/gif");
    let gif = std::io::Cursor::new(gif.bytes().await.unwrap());
    let frames = image::codecs::gif::GifDecoder::new(gif).unwrap().into_frames();
    let frames = frames.collect_frames().unwrap();
    let shown: std::time::Duration =
        frames.iter().map(|frame| std::time::Duration::from(frame.delay())).sum();
    assert_eq!(shown, std::time::Duration::from_secs(5), "as long as it says");
    let (width, height) = frames[0].buffer().dimensions();
    assert_eq!((&video["width"], &video["height"]), (&json!(width), &json!(height)));
    assert_eq!(house.credits(PLATFORM).await, (64, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_generation_is_given_back_in_full() {
    let house = House::with(0, 100).await;
    let receiver = Receiver::start().await;
    let secret = house.account_secret(PLATFORM).await;
    let key = house.key(PLATFORM, LIVE).await;
    let body = json!({ "input": { "prompt": "x" }, "webhook_url": receiver.url("/") });
    let id = request_id(&send(post(&house, &key, KLING, &body)).await);
    assert_eq!(house.credits(PLATFORM).await, (64, 36));
    house.break_media();
    house.start_working();
    assert_eq!(finished(&house, &key, &id).await.body["status"], "FAILED");
    let result = send(get(&house, &key, &format!("/clipia/v1/requests/{id}"))).await;
    assert_eq!(result.status, 200, "FAILED too is terminal");
    assert_eq!(fields(&result.body["error"]), ["code", "message"], "{result:?}");
    assert_eq!(result.body["error"]["code"], "GENERATION_FAILED");
    assert_eq!(house.credits(PLATFORM).await, (100, 0));
    let told = receiver.wait_for(1).await.remove(0);
    check_signature(&told, secret.expose());
    let body: Value = serde_json::from_slice(&told.body).unwrap();
    let error = &result.body["error"];
    assert_eq!(body, json!({"request_id": id, "status": "ERROR", "error": error}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_submit_is_completed_at_once_with_a_sample() {
    let house = House::with(0, 0).await;
    let receiver = Receiver::start().await;
    let secret = house.account_secret(PLATFORM).await;
    let key = house.key(PLATFORM, TEST).await;
    for (path, medium, kind, cost) in
        [(NANO, "images", "image/png", 4), (KLING, "video", "image/gif", 36)]
    {
        let body = json!({ "input": { "prompt": "x" }, "webhook_url": receiver.url("/") });
        let submitted = send(post(&house, &key, path, &body)).await;
        assert_eq!(submitted.status, 200, "{submitted:?}");
        assert_eq!(submitted.body["status"], "COMPLETED");
        assert_eq!(
            (&submitted.body["queue_position"], &submitted.body["cost"]),
            (&json!(0), &json!(cost))
        );
        let id = request_id(&submitted);
        let status = finished(&house, &key, &id).await;
        assert_eq!(status.body["status"], "COMPLETED");
        let result = send(get(&house, &key, &format!("/clipia/v1/requests/{id}"))).await;
        let output = &result.body["output"];
        assert_eq!((result.status, output), (200, &submitted.body["output"]));
        let sample = output[medium].get(0).unwrap_or(&output[medium]);
        assert_eq!(fetch(&house, &sample["url"]).await.1, kind);
    }
    for told in receiver.wait_for(2).await {
        check_signature(&told, secret.expose());
        let body: Value = serde_json::from_slice(&told.body).unwrap();
        assert_eq!(fields(&body), ["payload", "request_id", "status"], "no environment is added");
    }
    assert_eq!(house.credits(PLATFORM).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn input_is_checked_against_the_models_schema() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    house.limit(&key, 1000).await;
    for (path, input, named) in [
        (NANO, json!({}), "input.prompt"),
        (NANO, json!({"prompt": null}), "input.prompt"),
        (NANO, json!({"prompt": 5}), "input.prompt"),
        (NANO, json!({"prompt": "  "}), "input.prompt"),
        (NANO, json!({"prompt": "x", "num_images": 0}), "input.num_images"),
        (NANO, json!({"prompt": "x", "num_images": 5}), "input.num_images"),
        (NANO, json!({"prompt": "x", "num_images": "2"}), "input.num_images"),
        (NANO, json!({"prompt": "x", "num_images": 1.5}), "input.num_images"),
        (NANO, json!({"prompt": "x", "aspect_ratio": "5:1"}), "input.aspect_ratio"),
        (NANO, json!({"prompt": "x", "image_url": "cat.png"}), "input.image_url"),
        (NANO, json!({"prompt": "x", "image_urls": "cat.png"}), "input.image_urls"),
        (NANO, json!({"prompt": "x", "image_urls": [1]}), "input.image_urls"),
        (KLING, json!({"prompt": "x", "duration": 7}), "input.duration"),
        (KLING, json!({"prompt": "x", "resolution": "4K"}), "input.resolution"),
    ] {
        let refused = send(post(&house, &key, path, &json!({ "input": input }))).await;
        assert_refused(&refused, 422, "invalid_request_error", "model_input_invalid");
        let message = refused.body["error"]["message"].as_str().unwrap();
        assert!(message.contains(&format!("`{named}`")), "{input}: {message}");
    }
    for body in [
        json!({}),
        json!({"input": "x"}),
        json!({"input": {"prompt": "x"}, "webhook_url": 5}),
        json!({"input": {"prompt": "x"}, "webhook_url": "nowhere"}),
        json!({"input": {"prompt": "x"}, "webhook_url": "ftp://example.com"}),
    ] {
        let refused = send(post(&house, &key, NANO, &body)).await;
        assert_refused(&refused, 400, "invalid_request_error", "invalid_request");
    }
    let seed = r#"{"input": {"prompt": "x", "seed": 123456789012345678901}}"#;
    let request = house.request(Method::POST, NANO).bearer_auth(&key.plain);
    let refused = send(raw(request, "application/json", seed)).await;
    assert_refused(&refused, 422, "invalid_request_error", "model_input_invalid");
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("`input.seed`"));
    let full = json!({"prompt": "x", "image_url": "https://example.com/a.png",
                      "image_urls": ["http://example.com/b.png"], "num_images": 4});
    assert_eq!(send(post(&house, &key, NANO, &json!({ "input": full }))).await.body["cost"], 16);
    let unknown = send(post(&house, &key, "/clipia/v1/models/sora", &image())).await;
    assert_refused(&unknown, 404, "invalid_request_error", "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn estimates_tell_the_price_of_a_submit() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    for (model, input, credits) in [
        ("nano-banana-2", json!({"prompt": "x"}), 4),
        ("nano-banana-2", json!({"num_images": 3}), 12),
        ("kling-3", json!({"prompt": "x", "duration": 5, "resolution": "720p"}), 36),
        ("kling-3", json!({"duration": 10}), 72),
        ("kling-3", json!({"resolution": "1080p"}), 54),
        ("kling-3", json!({"duration": 10, "resolution": "1080p"}), 108),
        ("seedance-2-fast", json!({}), 47),
        ("seedance-2-fast", json!({"resolution": "480p"}), 24),
    ] {
        let path = format!("/clipia/v1/models/{model}/estimate");
        let estimate = send(post(&house, &key, &path, &json!({ "input": input }))).await;
        assert_eq!(
            (estimate.status, &estimate.body),
            (200, &json!({"credits": credits})),
            "{input}"
        );
    }
    let path = format!("{KLING}/estimate");
    let wrong = send(post(&house, &key, &path, &json!({"input": {"duration": 6}}))).await;
    assert_refused(&wrong, 422, "invalid_request_error", "model_input_invalid");
    let absent = send(post(&house, &key, "/clipia/v1/models/x/estimate", &image())).await;
    assert_refused(&absent, 404, "invalid_request_error", "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_listed_and_described() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    let list = send(get(&house, &key, "/clipia/v1/models")).await;
    let models = list.body["data"].as_array().unwrap();
    let slugs: Vec<_> = models.iter().map(|model| model["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs, ["nano-banana-2", "kling-3", "seedance-2-fast"]);
    for (model, base) in models.iter().zip(["credits", "credits_base", "credits_base"]) {
        assert_eq!(fields(model), ["capabilities", "name", "pricing", "slug", "type"]);
        assert!(model["pricing"][base].is_u64(), "{model}");
        let path = format!("/clipia/v1/models/{}", model["slug"].as_str().unwrap());
        let mut detail = send(get(&house, &key, &path)).await.body;
        let schema = detail.as_object_mut().unwrap().remove("input_schema").unwrap();
        assert_eq!(&detail, model, "the same, and a schema");
        assert_eq!(schema["prompt"], json!({"type": "string", "required": true}));
    }
    let kling = send(get(&house, &key, KLING)).await.body;
    assert_eq!(
        kling["input_schema"]["duration"],
        json!({"type": "integer", "enum": [5, 10], "default": 5})
    );
    assert_eq!(kling["pricing"]["multipliers"]["resolution"], json!({"720p": 1, "1080p": 1.5}));
}

#[tokio::test(flavor = "multi_thread")]
async fn account_and_key_tell_what_was_used() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    house.limit(&key, 30).await;
    send(post(&house, &key, NANO, &image())).await;
    send(post(&house, &key, NANO, &json!({"input": {}}))).await;
    let account = send(get(&house, &key, "/clipia/v1/account")).await.body;
    assert_eq!(
        account,
        json!({"account_id": house.partner, "balance": {"credits": 96},
               "usage_30d": {"requests": 1, "credits_spent": 0}})
    );
    house.start_working();
    let spent = until(
        async || send(get(&house, &key, "/clipia/v1/account")).await,
        |answer| answer.body["usage_30d"]["credits_spent"] == 4,
    );
    // Asking counts too: the key is given more room.
    house.limit(&key, 100_000).await;
    spent.await;
    let told = send(get(&house, &key, "/clipia/v1/key")).await.body;
    assert_eq!(
        told,
        json!({"data": {"label": "A key", "usage": 4, "limit": null, "limit_remaining": null,
                        "rate_limit": {"requests": 100_000, "interval": "1m"}}})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_own_requests_of_an_environment_are_seen() {
    let house = House::with(0, 100).await;
    let (live, test) = (house.key(PLATFORM, LIVE).await, house.key(PLATFORM, TEST).await);
    let stranger = house.key_of(&house.second_partner().await, PLATFORM, LIVE).await;
    let id = request_id(&send(post(&house, &live, NANO, &image())).await);
    let unknown = uuid::Uuid::new_v4().to_string();
    for (key, id) in [(&stranger, &id), (&test, &id), (&live, &unknown)] {
        for path in
            [format!("/clipia/v1/requests/{id}"), format!("/clipia/v1/requests/{id}/status")]
        {
            let refused = send(get(&house, key, &path)).await;
            assert_refused(&refused, 404, "invalid_request_error", "not_found");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_credits_are_told() {
    let house = House::with(0, 40).await;
    let key = house.key(PLATFORM, LIVE).await;
    assert_eq!(send(post(&house, &key, KLING, &image())).await.status, 200);
    let refused = send(post(&house, &key, KLING, &image())).await;
    assert_refused(&refused, 402, "invalid_request_error", "insufficient_credits");
    assert_eq!(send(post(&house, &key, NANO, &image())).await.status, 200, "the rest is enough");
    assert_eq!(house.credits(PLATFORM).await, (0, 40));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_routes_and_methods_that_do_not_fit_get_the_envelope() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    let send_raw = async |content_type: &str, body: String| {
        send(raw(house.request(Method::POST, NANO).bearer_auth(&key.plain), content_type, body))
            .await
    };
    for (content_type, body) in
        [("application/json", "{"), ("application/json", "[]"), ("text/plain", "{}")]
    {
        let refused = send_raw(content_type, body.to_owned()).await;
        assert_refused(&refused, 400, "invalid_request_error", "invalid_request");
    }
    let large = format!(r#"{{"input":{{"prompt":"{}"}}}}"#, "x".repeat(1_100_000));
    let refused = send_raw("application/json", large).await;
    assert_refused(&refused, 413, "invalid_request_error", "invalid_request");
    for path in [
        "/clipia",
        "/clipia/",
        "/clipia/v1",
        "/clipia/v1/",
        "/clipia/v1/x",
        "/clipia/v1/requests/a/b",
    ] {
        let refused = send(get(&house, &key, path)).await;
        assert_refused(&refused, 404, "invalid_request_error", "not_found");
    }
    let refused = send(house.request(Method::PUT, NANO).bearer_auth(&key.plain)).await;
    assert_refused(&refused, 405, "invalid_request_error", "invalid_request");
    assert!(refused.header("allow").unwrap().contains("POST"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_does_not_hold_is_told_before_a_route_that_is_none() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    for path in ["/clipia/", "/clipia/v1/nothing"] {
        for request in [
            house.request(Method::GET, path),
            house.request(Method::GET, path).bearer_auth("clipia_test_wrong"),
        ] {
            assert_refused(&send(request).await, 401, "authentication_error", "invalid_api_key");
        }
    }
    assert_eq!(send(house.request(Method::PUT, NANO)).await.status, 401);
    house.revoke(&key).await;
    let refused = send(get(&house, &key, "/clipia/v1/nothing")).await;
    assert_refused(&refused, 401, "authentication_error", "invalid_api_key");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_production_the_host_names_the_platform() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    let request = house
        .request(Method::POST, "/v1/models/nano-banana-2")
        .header("Host", "api.clipia.ai")
        .bearer_auth(&key.plain)
        .json(&image());
    let submitted = send(request).await;
    let url = submitted.body["status_url"].as_str().unwrap_or_else(|| panic!("{submitted:?}"));
    assert!(url.starts_with("https://api.clipia.ai/v1/requests/"), "{url}");
    let sample = submitted.body["output"]["images"][0]["url"].as_str().unwrap();
    let path = sample.strip_prefix("https://media.clipia.ai").unwrap_or_else(|| panic!("{sample}"));
    let medium = house.request(Method::GET, path).header("Host", "media.clipia.ai");
    assert_eq!(send(medium).await.status, 200);
    let nothing = house.request(Method::GET, "/v1/nothing").header("Host", "api.clipia.ai");
    let refused = send(nothing.bearer_auth(&key.plain)).await;
    assert_refused(&refused, 404, "invalid_request_error", "not_found");
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("GET /v1/nothing"));
    let stranger = house.request(Method::GET, "/v1/models").header("Host", "example.com");
    assert_eq!(send(stranger.bearer_auth(&key.plain)).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submit_is_the_same_one_by_slug_and_by_host() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    let by_slug = post(&house, &key, NANO, &image());
    let by_host = post(&house, &key, "/v1/models/nano-banana-2", &image());
    let by_host = by_host.header("Host", "api.clipia.ai");
    let other = post(&house, &key, "/v1/models/kling-3", &image()).header("Host", "api.clipia.ai");
    let [first, again, other] = [by_slug, by_host, other].map(|r| r.header("Idempotency-Key", "k"));
    let first = request_id(&send(first).await);
    assert_eq!(request_id(&send(again).await), first);
    assert_eq!(send(other).await.status, 409);
    assert_eq!(house.credits(PLATFORM).await, (96, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn repetitions_within_24_hours_are_the_first_one() {
    let house = House::with(0, 100).await;
    let (key, sibling) = (house.key(PLATFORM, LIVE).await, house.key(PLATFORM, LIVE).await);
    let repeat_key = uuid::Uuid::new_v4().to_string();
    let submit = async |key: &Issued, path: &str, body: &Value| {
        send(post(&house, key, path, body).header("Idempotency-Key", &repeat_key)).await
    };
    let first = request_id(&submit(&key, NANO, &image()).await);
    let again = submit(&key, NANO, &image()).await;
    assert_eq!((again.status, request_id(&again)), (200, first.clone()));
    let other = json!({ "input": { "prompt": "Another" } });
    for (path, body) in [(NANO, &other), ("/clipia/v1/models/seedance-2-fast", &image())] {
        let refused = submit(&key, path, body).await;
        assert_refused(&refused, 409, "invalid_request_error", "idempotency_key_reuse");
    }
    assert_ne!(request_id(&submit(&sibling, NANO, &other).await), first, "the key's scope");
    house.pass(TimeDelta::hours(23));
    assert_eq!(request_id(&submit(&key, NANO, &image()).await), first);
    house.pass(TimeDelta::hours(2));
    assert_ne!(request_id(&submit(&key, NANO, &image()).await), first);
    assert_eq!(house.credits(PLATFORM).await, (88, 12));

    let bare = |value: String| post(&house, &key, NANO, &image()).header("Idempotency-Key", value);
    assert_eq!(send(bare("not a uuid".into())).await.status, 200);
    assert_eq!(send(bare("x".repeat(255))).await.status, 200);
    let refused = send(bare("x".repeat(256))).await;
    assert_refused(&refused, 400, "invalid_request_error", "invalid_request");
}

/// Fetches a medium as anyone would.
async fn fetch(house: &House, url: &Value) -> (image::DynamicImage, String) {
    let url = url.as_str().unwrap();
    assert!(url.starts_with(&house.url("/media/")), "{url}");
    let response = house.http.get(url).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    (image::load_from_memory(&response.bytes().await.unwrap()).unwrap(), kind)
}

fn check_signature(told: &Received, secret: &str) {
    assert!(secret.starts_with("whsec_"));
    assert!(uuid::Uuid::parse_str(told.header("x-clipia-webhook-id")).is_ok());
    let signature = told.header("x-clipia-signature");
    let (timestamp, hex_mac) = signature
        .strip_prefix("t=")
        .and_then(|rest| rest.split_once(",v1="))
        .unwrap_or_else(|| panic!("{signature}"));
    assert_eq!(told.header("x-clipia-timestamp"), timestamp);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{timestamp}.").as_bytes());
    mac.update(&told.body);
    assert_eq!(hex_mac, hex::encode(mac.finalize().into_bytes()));
}
