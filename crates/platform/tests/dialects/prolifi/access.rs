//! Who may do what.

use reqwest::Method;
use serde_json::json;

use super::{
    super::house::{House, LIVE, TEST, raw, send},
    PLATFORM, assert_refused, customer, get, post, request,
};

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_do_not_hold_are_unauthenticated() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    let neighbour = house.key("clipia", TEST).await;
    assert_refused(
        &send(request(&house, Method::GET, "/plans")).await,
        401,
        "authentication_error",
    );
    for wrong in ["", "sk_test_x", &key.plain.replace("test", "live"), &neighbour.plain] {
        let refused = send(request(&house, Method::GET, "/plans").bearer_auth(wrong)).await;
        assert_refused(&refused, 401, "authentication_error");
    }
    house.pause(&key, true).await;
    assert_refused(&get(&house, &key, "/plans").await, 401, "authentication_error");
    house.pause(&key, false).await;
    assert_eq!(get(&house, &key, "/plans").await.status, 200);
    house.revoke(&key).await;
    assert_refused(&get(&house, &key, "/plans").await, 401, "authentication_error");
}

#[tokio::test(flavor = "multi_thread")]
async fn live_mode_is_off_until_it_is_enabled() {
    let house = House::with(0, 0).await;
    let (live, public) = (house.key(PLATFORM, LIVE).await, house.public_key(PLATFORM, LIVE).await);
    for key in [&live, &public] {
        assert_refused(&get(&house, key, "/plans").await, 403, "permission_error");
    }
    house.enable_live(&house.partner, PLATFORM).await;
    for key in [&live, &public] {
        assert_eq!(get(&house, key, "/plans").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn public_keys_read_and_do_nothing_else() {
    let house = House::with(0, 0).await;
    let (secret, public) =
        (house.key(PLATFORM, TEST).await, house.public_key(PLATFORM, TEST).await);
    let id = customer(&house, &secret, "ada").await;
    for path in [
        "/plans".to_owned(),
        "/customers".to_owned(),
        format!("/customers/{id}"),
        format!("/customers/{id}/usage"),
        format!("/customers/{id}/entitlements"),
    ] {
        assert_eq!(get(&house, &public, &path).await.status, 200, "{path}");
    }
    for (method, path) in [
        (Method::POST, "/customers"),
        (Method::PATCH, "/customers/ada"),
        (Method::DELETE, "/customers/ada"),
        (Method::PUT, "/customers/ada"),
        (Method::POST, "/events"),
        (Method::POST, "/events/batch"),
        (Method::POST, "/entitlements/check"),
        (Method::POST, "/nowhere"),
        (Method::POST, "/plans"),
    ] {
        // Before anything else is looked at: neither body nor repeat key is right.
        let wrong = request(&house, method, path).bearer_auth(&public.plain);
        let wrong = wrong.header("Idempotency-Key", "k".repeat(300));
        assert_refused(&send(raw(wrong, "text/plain", "{")).await, 403, "permission_error");
    }
    assert_eq!(get(&house, &secret, "/customers/ada").await.body["data"]["status"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn live_and_test_and_partners_never_mix() {
    let house = House::with(0, 0).await;
    let other = house.second_partner().await;
    house.enable_live(&house.partner, PLATFORM).await;
    let (test, live) = (house.key(PLATFORM, TEST).await, house.key(PLATFORM, LIVE).await);
    let stranger = house.key_of(&other, PLATFORM, TEST).await;
    let id = customer(&house, &test, "ada").await;
    let event = json!({ "customer_id": "ada", "event_name": "api_call" });
    assert_eq!(post(&house, &test, "/events", &event).await.status, 201);
    let plans = get(&house, &test, "/plans").await;
    let plan = plans.body["data"][1]["id"].as_str().unwrap();
    for key in [&live, &stranger] {
        assert_eq!(get(&house, key, "/customers").await.body["pagination"]["total"], 0);
        for path in [
            format!("/customers/{id}"),
            "/customers/ada".to_owned(),
            "/customers/ada/usage".to_owned(),
            "/customers/ada/entitlements".to_owned(),
            format!("/plans/{plan}"),
        ] {
            assert_refused(&get(&house, key, &path).await, 404, "not_found");
        }
        for reference in [id.as_str(), "ada"] {
            let event = json!({ "customer_id": reference, "event_name": "api_call" });
            assert_refused(&post(&house, key, "/events", &event).await, 404, "not_found");
            let batch = json!({ "events": [event] });
            let batch = post(&house, key, "/events/batch", &batch).await;
            assert_eq!(batch.body["data"]["rejected"], 1, "{batch:?}");
            let check = json!({ "customer_id": reference, "feature_id": "api_calls" });
            let check = post(&house, key, "/entitlements/check", &check).await;
            assert_refused(&check, 404, "not_found");
            let path = format!("/customers/{reference}");
            assert_refused(&super::patch(&house, key, &path, &json!({})).await, 404, "not_found");
            assert_refused(&super::delete(&house, key, &path).await, 404, "not_found");
        }
        let foreign = json!({ "email": "a@b.c", "name": "A", "plan_id": plan });
        super::assert_invalid(&post(&house, key, "/customers", &foreign).await, "plan_id");
        // The same external id is free here, and its usage begins at nothing.
        customer(&house, key, "ada").await;
        let usage = get(&house, key, "/customers/ada/usage").await;
        assert_eq!(usage.body["data"], json!([]));
    }
    let usage = get(&house, &test, "/customers/ada/usage").await;
    assert_eq!(usage.body["data"][0]["count"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_error_is_reached() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    customer(&house, &key, "ada").await;
    let malformed = request(&house, Method::POST, "/customers").bearer_auth(&key.plain);
    let malformed = send(raw(malformed, "application/json", "{")).await;
    assert_refused(&malformed, 400, "invalid_request");
    let text = request(&house, Method::POST, "/customers").bearer_auth(&key.plain);
    assert_refused(&send(raw(text, "text/plain", "{}")).await, 400, "invalid_request");
    assert_refused(&get(&house, &key, "/nowhere").await, 404, "not_found");
    let put = request(&house, Method::PUT, "/customers/ada").bearer_auth(&key.plain);
    let put = send(put).await;
    assert_refused(&put, 405, "invalid_request");
    assert!(put.header("allow").unwrap().contains("PATCH"), "{put:?}");
    let brew = Method::from_bytes(b"BREW").unwrap();
    let brewed = send(request(&house, brew, "/plans").bearer_auth(&key.plain)).await;
    assert_refused(&brewed, 501, "internal_error");
    house.limit(&key, 1).await;
    let refused = get(&house, &key, "/plans").await;
    assert_refused(&refused, 429, "rate_limit_error");
    assert!((1..=60).contains(&refused.number("retry-after")));
    assert_eq!(refused.number("x-ratelimit-remaining"), 0);
    house.limit(&key, 1000).await;

    // A row that should not be like this.
    let file = house.dir.path().join("data/latchkey.db");
    let database = rusqlite::Connection::open(file).unwrap();
    database.execute("UPDATE billing_plans SET status = 'lost'", []).unwrap();
    let failed = get(&house, &key, "/plans").await;
    assert_refused(&failed, 500, "internal_error");
    assert!(!failed.body.to_string().contains("lost"), "{failed:?}");
}
