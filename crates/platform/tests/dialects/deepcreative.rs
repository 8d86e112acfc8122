//! Deep Creative Labs, row by row.

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{Amount, EventId};
use latchkey_store::KeyChange;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::{
    house::{Answer, House, Issued, LIVE, raw, send, until},
    receiver::Receiver,
};

const PLATFORM: &str = "deepcreative";
const FLUX: &str = "/deepcreative/v1/black-forest-labs/flux-kontext-max/predictions";
const FLUX_TOO: &str = "/deepcreative/v1/models/black-forest-labs/flux-kontext-max/predictions";
const ACCOUNT: &str = "/deepcreative/v1/account";

fn get(house: &House, key: &Issued, path: &str) -> RequestBuilder {
    house.request(Method::GET, path).bearer_auth(&key.plain)
}

fn post(house: &House, key: &Issued, path: &str, body: &Value) -> RequestBuilder {
    house.request(Method::POST, path).bearer_auth(&key.plain).json(body)
}

fn image() -> Value {
    json!({ "input": { "prompt": "A red door" } })
}

async fn submit(house: &House, key: &Issued) -> Answer {
    send(post(house, key, FLUX, &image())).await
}

async fn cancel(house: &House, key: &Issued, id: &str) -> Answer {
    let path = format!("/deepcreative/v1/cancel/{id}");
    send(house.request(Method::POST, &path).bearer_auth(&key.plain)).await
}

async fn status(house: &House, key: &Issued, id: &str) -> Answer {
    send(get(house, key, &format!("/deepcreative/v1/status/{id}"))).await
}

async fn finished(house: &House, key: &Issued, id: &str) -> Answer {
    house.limit(key, 100_000).await;
    until(async || status(house, key, id).await, |answer| answer.body["status"] != "processing")
        .await
}

fn job_id(answer: &Answer) -> String {
    answer.body["job_id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

fn fields(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[track_caller]
fn assert_refused(answer: &Answer, status: u16, kind: &str, code: &str) {
    let error = &answer.body["error"];
    let told = (answer.status, error["type"].as_str(), error["code"].as_str());
    assert_eq!(told, (status, Some(kind), Some(code)), "{answer:?}");
    assert_eq!(fields(&answer.body), ["error"]);
    let known = ["code", "details", "message", "type"];
    assert!(fields(error).iter().all(|field| known.contains(field)), "{answer:?}");
    for header in ["x-ratelimit-limit", "x-ratelimit-remaining"] {
        answer.number(header);
    }
}

/// Balance and what is held, in millionths of a dollar.
async fn money(house: &House) -> (i64, i64) {
    let store = &house.context().store;
    let account = store.get_account(&house.partner, PLATFORM).await.unwrap().unwrap();
    (account.balance.0, account.held.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prediction_is_made_told_and_paid_in_cents() {
    let house = House::with(0, 100).await;
    let receiver = Receiver::start().await;
    let secret = house.account_secret(PLATFORM).await;
    let key = house.key(PLATFORM, LIVE).await;
    let body = json!({
        "provider": "black-forest-labs", "model": "flux-kontext-max", "image_count": 2,
        "input": { "prompt": "Two doors", "aspect_ratio": "16:9" },
        "webhook": receiver.url("/done"),
    });
    let created = send(post(&house, &key, FLUX, &body)).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(fields(&created.body), ["created_at", "job_id", "model", "status", "urls"]);
    let id = job_id(&created);
    assert!(id.starts_with("pred_"), "{id}");
    assert_eq!(created.body["status"], "processing");
    assert_eq!(created.body["model"], "black-forest-labs/flux-kontext-max");
    let url = |what: &str| house.url(&format!("/deepcreative/v1/{what}/{id}"));
    assert_eq!(created.body["urls"], json!({"get": url("status"), "cancel": url("cancel")}));
    assert_eq!(created.number("x-ratelimit-limit"), 60);
    assert_eq!(created.number("x-ratelimit-remaining"), 59);
    assert!(created.header("x-ratelimit-reset").is_none());
    assert_eq!(money(&house).await, (99_760_000, 240_000));
    let waiting = status(&house, &key, &id).await;
    assert_eq!((waiting.status, &waiting.body), (200, &created.body));

    house.start_working();
    let done = finished(&house, &key, &id).await;
    assert_eq!(
        fields(&done.body),
        [
            "completed_at",
            "created_at",
            "credits_used",
            "job_id",
            "metrics",
            "model",
            "output",
            "status",
            "urls"
        ]
    );
    assert_eq!(
        (&done.body["status"], &done.body["credits_used"]),
        (&json!("succeeded"), &json!("0.24"))
    );
    assert!(done.body["metrics"]["predict_time"].as_f64().unwrap() >= 0.0);
    for time in ["created_at", "completed_at"] {
        assert!(done.body[time].as_str().unwrap().parse::<DateTime<Utc>>().is_ok());
    }
    let output = done.body["output"].as_array().unwrap();
    assert_eq!(output.len(), 2);
    for url in output {
        let picture = house.http.get(url.as_str().unwrap()).send().await.unwrap();
        assert_eq!(
            (picture.status().as_u16(), &picture.headers()["content-type"]),
            (200, &"image/png".parse().unwrap())
        );
    }
    assert_eq!(money(&house).await, (99_760_000, 0));

    let told = receiver.wait_for(1).await.remove(0);
    assert_eq!(told.path, "/done");
    Webhook::new(secret.expose()).unwrap().verify(&told.body, &told.headers).unwrap();
    assert!(told.headers["webhook-id"].to_str().unwrap().parse::<EventId>().is_ok());
    assert_eq!(serde_json::from_slice::<Value>(&told.body).unwrap(), done.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_addresses_make_the_same_prediction_at_each_models_price() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    let base = "/deepcreative/v1/";
    let mut left = 100_000_000;
    for (path, body, price) in [
        (FLUX.to_owned(), image(), 120_000),
        (FLUX_TOO.to_owned(), image(), 120_000),
        (
            format!("{base}google/nano-banana/predictions"),
            json!({"input": {"prompt": "x"}, "image_count": 3}),
            120_000,
        ),
        (
            format!("{base}models/openai/sora-2/predictions"),
            json!({"input": {"prompt": "x", "seconds": 8}}),
            800_000,
        ),
    ] {
        let created = send(post(&house, &key, &path, &body)).await;
        assert_eq!(created.status, 201, "{created:?}");
        left -= price;
        assert_eq!(money(&house).await.0, left, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_prediction_is_refunded_and_never_drawn() {
    let house = House::with(0, 100).await;
    let receiver = Receiver::start().await;
    let key = house.key(PLATFORM, LIVE).await;
    let body = json!({ "input": { "prompt": "x" }, "webhook": receiver.url("/") });
    let id = job_id(&send(post(&house, &key, FLUX, &body)).await);
    let canceled = cancel(&house, &key, &id).await;
    assert_eq!(
        (canceled.status, &canceled.body["status"]),
        (200, &json!("canceled")),
        "{canceled:?}"
    );
    assert_eq!(
        fields(&canceled.body),
        ["completed_at", "created_at", "credits_used", "job_id", "model", "status", "urls"]
    );
    assert_eq!(canceled.body["credits_used"], "0.00");
    assert_eq!(money(&house).await, (100_000_000, 0));
    let again = cancel(&house, &key, &id).await;
    assert_eq!((again.status, &again.body), (200, &canceled.body), "once more tells the same");
    let told = receiver.wait_for(1).await.remove(0);
    assert_eq!(serde_json::from_slice::<Value>(&told.body).unwrap(), canceled.body);

    house.start_working();
    let next = job_id(&submit(&house, &key).await);
    assert_eq!(finished(&house, &key, &next).await.body["status"], "succeeded");
    assert_eq!(status(&house, &key, &id).await.body, canceled.body);
    assert_eq!(money(&house).await, (99_880_000, 0));
    let late = cancel(&house, &key, &next).await;
    assert_refused(&late, 400, "invalid_request_error", "invalid_request");
    assert!(late.body["error"]["message"].as_str().unwrap().contains("succeeded already"));
    assert_eq!(money(&house).await, (99_880_000, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_prediction_gives_its_place_back() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(job_id(&submit(&house, &key).await));
    }
    let refused = submit(&house, &key).await;
    assert_refused(&refused, 429, "rate_limit_error", "concurrency_limit_exceeded");
    assert_eq!(refused.number("retry-after"), 1);
    for _ in 0..2 {
        assert_eq!(cancel(&house, &key, &ids[0]).await.status, 200);
    }
    assert_eq!(submit(&house, &key).await.status, 201);
    assert_eq!(submit(&house, &key).await.status, 429, "a second cancel frees no second place");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_prediction_is_refunded() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    let id = job_id(&submit(&house, &key).await);
    house.break_media();
    house.start_working();
    let failed = finished(&house, &key, &id).await;
    assert_eq!(
        (&failed.body["status"], &failed.body["credits_used"]),
        (&json!("failed"), &json!("0.00"))
    );
    assert_eq!(fields(&failed.body["error"]), ["code", "message"], "{failed:?}");
    assert_eq!(money(&house).await, (100_000_000, 0));
    assert_eq!(cancel(&house, &key, &id).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_refused_with_the_first_ones_id() {
    let house = House::with(0, 100).await;
    let (key, other) = (house.key(PLATFORM, LIVE).await, house.key(PLATFORM, LIVE).await);
    let keyed =
        |key: &Issued, body: &Value| post(&house, key, FLUX, body).header("Idempotency-Key", "k");
    let first = send(keyed(&key, &image())).await;
    assert_eq!(first.status, 201, "{first:?}");
    let other_body = json!({ "input": { "prompt": "another" } });
    for body in [image(), other_body] {
        let refused = send(keyed(&key, &body)).await;
        assert_refused(&refused, 409, "idempotency_error", "idempotency_key_reused");
        assert_eq!(refused.body["error"]["details"], json!({ "job_id": job_id(&first) }));
    }
    assert_eq!(send(keyed(&other, &image())).await.status, 201, "each key has its own");
    assert_eq!(money(&house).await, (99_760_000, 240_000));
    house.pass(TimeDelta::hours(25));
    assert_eq!(send(keyed(&key, &image())).await.status, 201, "forgotten after a day");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_tells_where_the_calling_key_stands() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    let account = async || send(get(&house, &key, ACCOUNT)).await.body;
    let partner = house.partner.to_string();
    assert_eq!(
        account().await,
        json!({"account_id": partner, "credits_balance": "100.00", "rate_limit_per_minute": 60,
               "concurrent_limit": 5, "daily_limit": null, "spent_today": "0.00"})
    );
    let change = KeyChange {
        concurrent_limit: Some(Some(2)),
        daily_limit: Some(Some(Amount(300_000))),
        credit_allowance: Some(Some(Amount(1_000_000))),
        ..KeyChange::default()
    };
    house.change(&key, change).await;
    submit(&house, &key).await;
    assert_eq!(
        account().await,
        json!({"account_id": partner, "credits_balance": "0.88", "rate_limit_per_minute": 60,
               "concurrent_limit": 2, "daily_limit": "0.30", "spent_today": "0.12"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn too_little_money_is_told_in_dollars() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, LIVE).await;
    let refused = submit(&house, &key).await;
    assert_refused(&refused, 402, "payment_error", "INSUFFICIENT_CREDITS");
    let message = refused.body["error"]["message"].as_str().unwrap();
    assert_eq!(message, "Insufficient credits: $0.12 required, $0.00 available. Add credits.");

    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    let daily = |limit| KeyChange { daily_limit: Some(limit), ..KeyChange::default() };
    let in_all = |limit| KeyChange { credit_allowance: Some(limit), ..KeyChange::default() };
    house.change(&key, daily(Some(Amount(200_000)))).await;
    assert_eq!(submit(&house, &key).await.status, 201);
    let refused = submit(&house, &key).await;
    assert_refused(&refused, 402, "payment_error", "INSUFFICIENT_CREDITS");
    let message = refused.body["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("Insufficient credits: $0.12 required, $0.08 available within"),
        "{message}"
    );
    house.pass(TimeDelta::days(1));
    assert_eq!(submit(&house, &key).await.status, 201, "the day is over");
    house.change(&key, in_all(Some(Amount(300_000)))).await;
    house.change(&key, daily(None)).await;
    let refused = submit(&house, &key).await;
    assert_refused(&refused, 402, "payment_error", "INSUFFICIENT_CREDITS");
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_are_scopes() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    let id = job_id(&submit(&house, &key).await);
    let status_path = format!("/deepcreative/v1/status/{id}");
    let allowed = [
        ("predictions:write", [201, 403, 403]),
        ("predictions:read", [403, 200, 403]),
        ("account:read", [403, 403, 200]),
    ];
    for (scope, statuses) in allowed {
        let scopes = Some(vec![scope.to_owned()]);
        house.change(&key, KeyChange { scopes, ..KeyChange::default() }).await;
        let answers = [
            submit(&house, &key).await,
            send(get(&house, &key, &status_path)).await,
            send(get(&house, &key, ACCOUNT)).await,
        ];
        for (answer, status) in answers.iter().zip(statuses) {
            assert_eq!(answer.status, status, "{scope}: {answer:?}");
            if status == 403 {
                assert_refused(answer, 403, "permission_error", "insufficient_permissions");
            }
        }
    }
    assert_eq!(cancel(&house, &key, &id).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_are_told_with_their_field() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    house.limit(&key, 1000).await;
    let input = json!({ "prompt": "x" });
    for (body, param, kind) in [
        (json!({}), "input", "missing_field"),
        (json!({"input": {}}), "input.prompt", "missing_field"),
        (json!({"input": "x"}), "input", "invalid_field"),
        (
            json!({"input": {"prompt": "x", "aspect_ratio": "4:3"}}),
            "input.aspect_ratio",
            "invalid_field",
        ),
        (
            json!({"input": {"prompt": "x", "input_image": "cat.png"}}),
            "input.input_image",
            "invalid_field",
        ),
        (json!({"input": input, "image_count": 0}), "image_count", "invalid_field"),
        (json!({"input": input, "image_count": 5}), "image_count", "invalid_field"),
        (json!({"input": input, "webhook": "nowhere"}), "webhook", "invalid_field"),
        (json!({"input": input, "provider": "openai"}), "provider", "invalid_field"),
        (json!({"input": input, "model": "sora-2"}), "model", "invalid_field"),
    ] {
        let refused = send(post(&house, &key, FLUX, &body)).await;
        assert_refused(&refused, 400, "invalid_request_error", "invalid_request");
        let details = &refused.body["error"]["details"];
        assert_eq!(details, &json!({"param": param, "type": kind}), "{body}");
    }
    let full =
        json!({"input": input, "model": "black-forest-labs/flux-kontext-max", "image_count": 4});
    assert_eq!(send(post(&house, &key, FLUX, &full)).await.status, 201);
    let video = json!({"input": input, "image_count": 2});
    let refused =
        send(post(&house, &key, "/deepcreative/v1/openai/sora-2/predictions", &video)).await;
    assert_refused(&refused, 400, "invalid_request_error", "invalid_request");
    let malformed = house.request(Method::POST, FLUX).bearer_auth(&key.plain);
    let malformed = send(raw(malformed, "application/json", "{")).await;
    assert_refused(&malformed, 400, "invalid_request_error", "invalid_request");
    for path in
        ["/deepcreative/v1/openai/sora-9/predictions", "/deepcreative/v1/models/x/y/predictions"]
    {
        let unknown = send(post(&house, &key, path, &image())).await;
        assert_refused(&unknown, 400, "invalid_request_error", "INVALID_MODEL");
    }
    for path in ["/deepcreative/v1/status/pred_1", "/deepcreative/v1/nowhere"] {
        assert_refused(&send(get(&house, &key, path)).await, 404, "not_found_error", "NOT_FOUND");
    }
    assert_refused(&cancel(&house, &key, "pred_1").await, 404, "not_found_error", "NOT_FOUND");
    let method = send(get(&house, &key, FLUX)).await;
    assert_refused(&method, 405, "invalid_request_error", "invalid_request");
    assert_eq!(money(&house).await, (99_520_000, 480_000), "the one that was right");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_live_keys_of_the_own_partner_see_a_prediction() {
    let house = House::with(0, 100).await;
    let key = house.key(PLATFORM, LIVE).await;
    let id = job_id(&submit(&house, &key).await);
    let stranger = house.key_of(&house.second_partner().await, PLATFORM, LIVE).await;
    assert_eq!(status(&house, &stranger, &id).await.status, 404);
    assert_eq!(cancel(&house, &stranger, &id).await.status, 404);
    let neighbour = house.key("proclubs", LIVE).await;
    for wrong in ["", "sk_live_x", &key.plain.replace("live", "test"), &neighbour.plain] {
        let refused = send(house.request(Method::GET, ACCOUNT).bearer_auth(wrong)).await;
        assert_refused(&refused, 401, "authentication_error", "invalid_api_key");
    }
    let header = house.request(Method::GET, ACCOUNT).header("X-Api-Key", &key.plain);
    assert_refused(&send(header).await, 401, "authentication_error", "invalid_api_key");
    for _ in 0..58 {
        send(get(&house, &key, ACCOUNT)).await;
    }
    assert_eq!(send(get(&house, &key, ACCOUNT)).await.status, 200);
    let refused = send(get(&house, &key, ACCOUNT)).await;
    assert_refused(&refused, 429, "rate_limit_error", "rate_limit_exceeded");
    assert!((1..=60).contains(&refused.number("retry-after")));
    house.revoke(&key).await;
    assert_eq!(send(get(&house, &key, ACCOUNT)).await.status, 401);
}
