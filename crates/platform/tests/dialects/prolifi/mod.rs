//! Prolifi, row by row.

mod access;
mod addresses;
mod browser;
mod customers;
mod events;
mod repeats;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::house::{Answer, House, Issued, LIVE, TEST, send};

pub const PLATFORM: &str = "prolifi";

pub fn request(house: &House, method: Method, path: &str) -> RequestBuilder {
    house.request(method, &format!("/prolifi/api/v1/public{path}"))
}

pub async fn get(house: &House, key: &Issued, path: &str) -> Answer {
    send(request(house, Method::GET, path).bearer_auth(&key.plain)).await
}

pub fn posting(house: &House, key: &Issued, path: &str, body: &Value) -> RequestBuilder {
    request(house, Method::POST, path).bearer_auth(&key.plain).json(body)
}

pub async fn post(house: &House, key: &Issued, path: &str, body: &Value) -> Answer {
    send(posting(house, key, path, body)).await
}

pub async fn patch(house: &House, key: &Issued, path: &str, body: &Value) -> Answer {
    send(request(house, Method::PATCH, path).bearer_auth(&key.plain).json(body)).await
}

pub async fn delete(house: &House, key: &Issued, path: &str) -> Answer {
    send(request(house, Method::DELETE, path).bearer_auth(&key.plain)).await
}

/// A customer with an external id; answers its id.
pub async fn customer(house: &House, key: &Issued, external_id: &str) -> String {
    let body = json!({ "email": "ada@example.com", "name": "Ada", "external_id": external_id });
    let created = post(house, key, "/customers", &body).await;
    assert_eq!(created.status, 201, "{created:?}");
    created.body["data"]["id"].as_str().unwrap().to_owned()
}

pub fn fields(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[track_caller]
pub fn assert_refused(answer: &Answer, status: u16, kind: &str) {
    let error = &answer.body["error"];
    assert_eq!((answer.status, error["type"].as_str()), (status, Some(kind)), "{answer:?}");
    assert_eq!(fields(&answer.body), ["error"]);
    let known: &[&str] =
        if status == 422 { &["type", "message", "errors"] } else { &["type", "message"] };
    assert_eq!(fields(error), known);
    answer.number("x-ratelimit-limit");
    answer.number("x-ratelimit-remaining");
}

/// A refusal of one field.
#[track_caller]
pub fn assert_invalid(answer: &Answer, field: &str) {
    assert_refused(answer, 422, "validation_error");
    assert_eq!(answer.body["error"]["errors"][0]["field"], field, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_plans_exist_in_a_new_account_live_and_test_apart() {
    let house = House::with(0, 0).await;
    house.enable_live(&house.partner, PLATFORM).await;
    let (test, live) = (house.key(PLATFORM, TEST).await, house.key(PLATFORM, LIVE).await);
    let listed = get(&house, &test, "/plans").await;
    assert_eq!(listed.status, 200, "{listed:?}");
    assert_eq!(listed.number("x-ratelimit-limit"), 1000);
    assert_eq!(listed.number("x-ratelimit-remaining"), 999);
    assert_eq!(fields(&listed.body), ["data", "pagination"]);
    let page = json!({ "total": 2, "limit": 20, "offset": 0, "has_more": false });
    assert_eq!(listed.body["pagination"], page);
    let plan = &listed.body["data"][0];
    assert_eq!(
        fields(plan),
        ["id", "code", "name", "description", "status", "billing_cycles", "features", "created_at"]
    );
    assert_eq!(fields(&plan["billing_cycles"][0]), ["interval", "price", "currency"]);
    let feature = ["id", "name", "event_name", "is_unlimited", "limit"];
    assert_eq!(fields(&plan["features"][0]), feature);
    let path = format!("/plans/{}", plan["id"].as_str().unwrap());
    assert_eq!(get(&house, &test, &path).await.body, json!({ "data": plan }));
    assert_refused(&get(&house, &live, &path).await, 404, "not_found");
    assert_eq!(get(&house, &live, "/plans").await.body["pagination"]["total"], 2);
    assert_eq!(get(&house, &test, "/plans").await.body, listed.body, "there are no more of them");
    for (status, total) in [("active", 2), ("inactive", 0), ("archived", 0)] {
        let listed = get(&house, &test, &format!("/plans?status={status}")).await;
        assert_eq!(listed.body["pagination"]["total"], total);
    }
    assert_invalid(&get(&house, &test, "/plans?status=sold").await, "status");
    assert_refused(&get(&house, &test, "/plans/nothing").await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_by_offset() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.insert(0, customer(&house, &key, name).await);
        house.pass(chrono::TimeDelta::seconds(1));
    }
    let mut seen = Vec::new();
    for offset in 0..3 {
        let listed = get(&house, &key, &format!("/customers?limit=1&offset={offset}")).await;
        let page = json!({ "total": 3, "limit": 1, "offset": offset, "has_more": offset < 2 });
        assert_eq!(listed.body["pagination"], page);
        seen.push(listed.body["data"][0]["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen, ids, "the newest first");
    let beyond = get(&house, &key, "/customers?offset=7").await;
    assert_eq!(beyond.body["data"], json!([]));
    assert_eq!(beyond.body["pagination"]["has_more"], false);
    assert_eq!(get(&house, &key, "/customers?limit=100").await.status, 200);
    for list in ["/customers", "/plans"] {
        for wrong in ["0", "101", "-1", "ten", ""] {
            assert_invalid(&get(&house, &key, &format!("{list}?limit={wrong}")).await, "limit");
        }
        for wrong in ["-1", "x"] {
            assert_invalid(&get(&house, &key, &format!("{list}?offset={wrong}")).await, "offset");
        }
    }
}
