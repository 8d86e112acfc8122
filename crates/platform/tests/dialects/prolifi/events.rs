//! Usage events, usage and entitlements.

use chrono::{DateTime, Datelike, Days, Months, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    super::{
        house::{House, Issued, TEST},
        receiver::Receiver,
    },
    PLATFORM, assert_invalid, assert_refused, customer, delete, fields, get, post,
};

/// Usage of one kind of event.
async fn used(house: &House, key: &Issued, query: &str) -> Value {
    get(house, key, &format!("/customers/ada/usage{query}")).await.body["data"].take()
}

/// Moves to the middle of the next month, so that a day more or less changes nothing.
fn to_mid_month(house: &House) -> DateTime<Utc> {
    let now = house.context().clock.now();
    let next = now.date_naive().with_day(15).unwrap() + Months::new(1);
    house.pass(next.and_hms_opt(12, 0, 0).unwrap().and_utc() - now);
    house.context().clock.now()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_recorded_with_what_it_was_sent_or_with_defaults() {
    let house = House::with(0, 0).await;
    let receiver = Receiver::start().await;
    house.endpoint(PLATFORM, &receiver.url("/")).await;
    let key = house.key(PLATFORM, TEST).await;
    let id = customer(&house, &key, "ada").await;
    to_mid_month(&house);
    let event = json!({ "customer_id": "ada", "event_name": "api_call" });
    let recorded = post(&house, &key, "/events", &event).await;
    assert_eq!(recorded.status, 201, "{recorded:?}");
    assert_eq!(fields(&recorded.body), ["data"]);
    let data = &recorded.body["data"];
    assert_eq!(
        fields(data),
        [
            "id",
            "customer_id",
            "event_name",
            "subscription_id",
            "timestamp",
            "properties",
            "idempotency_key",
            "created_at"
        ]
    );
    assert_eq!((&data["customer_id"], &data["properties"]), (&json!(id), &json!({ "count": 1 })));
    assert_eq!(data["timestamp"], data["created_at"]);
    let at = (house.context().clock.now() - TimeDelta::seconds(90)).format("%FT%T.000Z");
    let full = json!({
        "customer_id": id, "event_name": "api_call", "subscription_id": "sub_1",
        "timestamp": at.to_string(), "properties": { "region": "eu", "count": 4 },
        "idempotency_key": "once",
    });
    let first = post(&house, &key, "/events", &full).await;
    assert_eq!(first.status, 201, "{first:?}");
    for field in ["event_name", "subscription_id", "timestamp", "properties", "idempotency_key"] {
        assert_eq!(first.body["data"][field], full[field], "{field}");
    }
    let again = post(&house, &key, "/events", &full).await;
    assert_eq!((again.status, &again.body), (201, &first.body), "recorded once, for good");
    let usage = get(&house, &key, "/customers/ada/usage").await;
    assert_eq!(fields(&usage.body), ["data", "pagination"]);
    let row = &usage.body["data"][0];
    assert_eq!(fields(row), ["event_name", "count", "last_event_at"]);
    assert_eq!((&row["count"], &row["last_event_at"]), (&json!(5), &data["timestamp"]));

    let mut told = Vec::new();
    for received in receiver.wait_for(3).await {
        let body: Value = serde_json::from_slice(&received.body).unwrap();
        told.push((body["type"].clone(), body["data"]["id"].clone()));
    }
    for event in [&recorded, &first] {
        let told_of = (json!("usage.recorded"), event.body["data"]["id"].clone());
        assert_eq!(told.iter().filter(|told| **told == told_of).count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_events_are_told_with_their_field() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    customer(&house, &key, "ada").await;
    let far = (house.context().clock.now() + TimeDelta::minutes(6)).to_rfc3339();
    let with = |field: &str, value: Value| {
        let mut event = json!({ "customer_id": "ada", "event_name": "api_call" });
        event[field] = value;
        event
    };
    for (event, field) in [
        (json!({}), "customer_id"),
        (json!({ "customer_id": "ada" }), "event_name"),
        (with("event_name", json!(" ")), "event_name"),
        (with("timestamp", json!("yesterday")), "timestamp"),
        (with("timestamp", json!(far)), "timestamp"),
        (with("properties", json!([])), "properties"),
        (with("properties", json!({ "count": -1 })), "properties.count"),
        (with("properties", json!({ "count": 1.5 })), "properties.count"),
        (with("subscription_id", json!(7)), "subscription_id"),
        (with("idempotency_key", json!("")), "idempotency_key"),
    ] {
        assert_invalid(&post(&house, &key, "/events", &event).await, field);
    }
    let nobody = with("customer_id", json!("nobody"));
    assert_refused(&post(&house, &key, "/events", &nobody).await, 404, "not_found");
    assert_eq!(used(&house, &key, "").await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_takes_each_event_on_its_own() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    customer(&house, &key, "ada").await;
    customer(&house, &key, "gone").await;
    delete(&house, &key, "/customers/gone").await;
    let good = json!({ "customer_id": "ada", "event_name": "api_call" });
    let known = json!({ "customer_id": "ada", "event_name": "api_call", "idempotency_key": "k" });
    let events = json!([
        good,
        { "customer_id": "nobody", "event_name": "api_call" },
        known,
        7,
        known,
        { "customer_id": "ada" },
        { "customer_id": "gone", "event_name": "api_call" },
        { "customer_id": "ada", "event_name": "export_created", "properties": { "count": 3 } },
    ]);
    let answer = post(&house, &key, "/events/batch", &json!({ "events": events })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let data = &answer.body["data"];
    assert_eq!(fields(data), ["accepted", "rejected", "errors"]);
    assert_eq!((&data["accepted"], &data["rejected"]), (&json!(4), &json!(4)));
    let errors: Vec<_> = data["errors"].as_array().unwrap().iter().collect();
    assert_eq!(fields(errors[0]), ["index", "field", "message"]);
    let told: Vec<_> = errors.iter().map(|one| (&one["index"], &one["field"])).collect();
    assert_eq!(
        told,
        [
            (&json!(1), &json!("customer_id")),
            (&json!(3), &json!("event")),
            (&json!(5), &json!("event_name")),
            (&json!(6), &json!("customer_id")),
        ]
    );
    let usage = used(&house, &key, "").await;
    assert_eq!((&usage[0]["count"], &usage[1]["count"]), (&json!(2), &json!(3)));

    let many = |count: usize| json!({ "events": vec![good.clone(); count] });
    let full = post(&house, &key, "/events/batch", &many(1000)).await;
    assert_eq!(full.body["data"]["accepted"], 1000, "{full:?}");
    assert_eq!(used(&house, &key, "?event_name=api_call").await[0]["count"], 1002);
    for wrong in [many(0), many(1001), json!({}), json!({ "events": good })] {
        assert_invalid(&post(&house, &key, "/events/batch", &wrong).await, "events");
    }
    let none = json!({ "events": [{}] });
    let none = post(&house, &key, "/events/batch", &none).await;
    assert_eq!((none.status, &none.body["data"]["rejected"]), (200, &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_counts_the_days_asked_for_both_included() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    customer(&house, &key, "ada").await;
    let today = to_mid_month(&house).date_naive();
    let day = |before: u64| today - Days::new(before);
    for (before, name, count) in [(0, "a", 1), (3, "a", 2), (3, "b", 4), (4, "a", 8), (40, "a", 16)]
    {
        let event = json!({
            "customer_id": "ada", "event_name": name, "properties": { "count": count },
            "timestamp": format!("{}T10:00:00Z", day(before)),
        });
        assert_eq!(post(&house, &key, "/events", &event).await.status, 201);
    }
    for (query, counts) in [
        (String::new(), json!([["a", 11], ["b", 4]])),
        (format!("?start_date={}&end_date={}", day(3), day(3)), json!([["a", 2], ["b", 4]])),
        (format!("?start_date={}&end_date={}", day(4), day(3)), json!([["a", 10], ["b", 4]])),
        (format!("?start_date={}", day(40)), json!([["a", 27], ["b", 4]])),
        (format!("?end_date={}&start_date={}", day(30), day(50)), json!([["a", 16]])),
        ("?event_name=b".to_owned(), json!([["b", 4]])),
        ("?event_name=c".to_owned(), json!([])),
    ] {
        let rows = used(&house, &key, &query).await;
        let told = rows.as_array().unwrap().iter().map(|r| json!([r["event_name"], r["count"]]));
        assert_eq!(json!(told.collect::<Vec<_>>()), counts, "{query}");
    }
    let range = format!("?start_date={}&end_date={}&event_name=a", day(50), day(1));
    let last = used(&house, &key, &range).await[0]["last_event_at"].clone();
    assert_eq!(last, json!(format!("{}T10:00:00.000Z", day(3))));
    let page = get(&house, &key, "/customers/ada/usage?limit=1&offset=1").await;
    assert_eq!(page.body["data"][0]["event_name"], "b");
    let all = json!({ "total": 2, "limit": 1, "offset": 1, "has_more": false });
    assert_eq!(page.body["pagination"], all);
    let ahead = format!("?start_date={}", today + Days::new(1));
    assert_eq!(used(&house, &key, &ahead).await, json!([]), "nothing yet");
    for (query, field) in [
        ("?start_date=soon", "start_date"),
        ("?end_date=2026-02-30", "end_date"),
        ("?start_date=2026-02-02&end_date=2026-02-01", "end_date"),
    ] {
        let path = format!("/customers/ada/usage{query}");
        assert_invalid(&get(&house, &key, &path).await, field);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn entitlements_count_down_and_begin_anew_each_month() {
    let house = House::with(0, 0).await;
    let receiver = Receiver::start().await;
    house.endpoint(PLATFORM, &receiver.url("/")).await;
    let key = house.key(PLATFORM, TEST).await;
    let id = customer(&house, &key, "ada").await;
    let now = to_mid_month(&house);
    let check = async |feature: &str, quantity: u32| {
        let body = json!({
            "customer_id": "ada", "feature_id": feature, "requested_quantity": quantity,
        });
        let answer = post(&house, &key, "/entitlements/check", &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["data"].clone()
    };
    let report = async |name: &str, count: u32| {
        let properties = json!({ "count": count });
        let event = json!({ "customer_id": "ada", "event_name": name, "properties": properties });
        assert_eq!(post(&house, &key, "/events", &event).await.status, 201);
    };
    let standing = |entitled: bool, limit: u32, used: u32, remaining: u32| {
        json!({
            "entitled": entitled, "limit": limit, "current_usage": used, "remaining": remaining,
        })
    };
    assert_eq!(check("reports", 10).await, standing(true, 10, 0, 10));
    assert_eq!(check("reports", 11).await, standing(false, 10, 0, 10));
    report("report_created", 10).await;
    assert_eq!(check("reports", 1).await, standing(false, 10, 10, 0));
    report("report_created", 2).await;
    report("report_created", 1).await;
    assert_eq!(check("reports", 1).await, standing(false, 10, 13, 0));
    assert_eq!(check("exports", 1).await, standing(false, 0, 0, 0), "not in its plan");
    let listed = get(&house, &key, "/customers/ada/entitlements").await;
    assert_eq!(fields(&listed.body), ["data", "pagination"]);
    let next = (now.date_naive().with_day(1).unwrap() + Months::new(1)).to_string();
    let reset_at = format!("{next}T00:00:00.000Z");
    assert_eq!(
        listed.body["data"],
        json!([
            { "feature_id": "api_calls", "name": "API calls", "is_unlimited": false,
              "limit": 1000, "current_usage": 0, "remaining": 1000, "reset_at": reset_at },
            { "feature_id": "reports", "name": "Reports", "is_unlimited": false,
              "limit": 10, "current_usage": 13, "remaining": 0, "reset_at": reset_at },
        ])
    );

    // Told once, by the event that passed the limit.
    let told = receiver.wait_for(5).await;
    let told = told.iter().map(|told| serde_json::from_slice::<Value>(&told.body).unwrap());
    let exceeded: Vec<_> = told.filter(|told| told["type"] == "entitlement.exceeded").collect();
    assert_eq!(exceeded.len(), 1, "{exceeded:?}");
    assert_eq!(
        exceeded[0]["data"],
        json!({ "customer_id": id, "feature_id": "reports", "limit": 10, "current_usage": 12,
                "reset_at": reset_at })
    );

    let plans = get(&house, &key, "/plans").await;
    let growth = json!({ "plan_id": plans.body["data"][1]["id"] });
    super::patch(&house, &key, "/customers/ada", &growth).await;
    let unlimited = check("reports", 1_000_000).await;
    let none = Value::Null;
    assert_eq!(
        (&unlimited["entitled"], &unlimited["limit"], &unlimited["remaining"]),
        (&json!(true), &none, &none)
    );
    let listed = get(&house, &key, "/customers/ada/entitlements").await;
    let reports = &listed.body["data"][1];
    assert_eq!((&reports["is_unlimited"], &reports["remaining"]), (&json!(true), &none));

    report("export_created", 100).await;
    assert_eq!(check("exports", 1).await, standing(false, 100, 100, 0));
    house.pass(TimeDelta::days(31));
    assert_eq!(check("exports", 100).await, standing(true, 100, 0, 100), "a new month");
    delete(&house, &key, "/customers/ada").await;
    assert_eq!(check("exports", 1).await["entitled"], false, "archived");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_checks_are_told_with_their_field() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    customer(&house, &key, "ada").await;
    for (body, field) in [
        (json!({ "feature_id": "reports" }), "customer_id"),
        (json!({ "customer_id": "ada" }), "feature_id"),
        (
            json!({ "customer_id": "ada", "feature_id": "reports", "requested_quantity": 0 }),
            "requested_quantity",
        ),
    ] {
        assert_invalid(&post(&house, &key, "/entitlements/check", &body).await, field);
    }
    for body in [
        json!({ "customer_id": "nobody", "feature_id": "reports" }),
        json!({ "customer_id": "ada", "feature_id": "teleport" }),
    ] {
        let refused = post(&house, &key, "/entitlements/check", &body).await;
        assert_refused(&refused, 404, "not_found");
    }
}
