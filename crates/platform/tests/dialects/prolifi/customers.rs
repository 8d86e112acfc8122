//! Customers.

use latchkey_contract::EventId;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::{
    super::{
        house::{House, TEST},
        receiver::Receiver,
    },
    PLATFORM, assert_invalid, assert_refused, customer, delete, fields, get, patch, post,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_made_read_changed_and_archived() {
    let house = House::with(0, 0).await;
    let receiver = Receiver::start().await;
    let secret = house.endpoint(PLATFORM, &receiver.url("/")).await;
    let key = house.key(PLATFORM, TEST).await;
    let body = json!({
        "email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace",
        "company_name": "Engines Ltd", "external_id": "crm 7",
    });
    let created = post(&house, &key, "/customers", &body).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(fields(&created.body), ["data"]);
    let data = &created.body["data"];
    assert_eq!(
        fields(data),
        [
            "id",
            "external_id",
            "type",
            "name",
            "first_name",
            "last_name",
            "company_name",
            "email",
            "plan_id",
            "status",
            "created_at",
            "updated_at",
            "archived_at"
        ]
    );
    assert_eq!(data["type"], "business");
    assert_eq!(data["name"], "Ada Lovelace");
    assert_eq!(data["status"], "active");
    let plans = get(&house, &key, "/plans").await;
    assert_eq!(data["plan_id"], plans.body["data"][0]["id"], "the first plan unless told");
    let id = data["id"].as_str().unwrap();
    assert_eq!((id.len(), &id[14..15]), (36, "4"), "a UUID");
    for reference in [id, "crm%207"] {
        let read = get(&house, &key, &format!("/customers/{reference}")).await;
        assert_eq!((read.status, &read.body), (200, &created.body));
    }
    let path = format!("/customers/{id}");
    let growth = plans.body["data"][1]["id"].clone();
    let change = json!({ "company_name": null, "email": "ada@engines.example", "plan_id": growth });
    let changed = patch(&house, &key, "/customers/crm%207", &change).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let data = &changed.body["data"];
    assert_eq!((&data["type"], &data["plan_id"]), (&json!("individual"), &growth));
    assert_eq!(data["email"], "ada@engines.example");
    assert_eq!(data["first_name"], "Ada", "what is absent stays");
    let named = patch(&house, &key, &path, &json!({ "name": "Countess" })).await;
    assert_eq!(named.body["data"]["name"], "Countess");
    let in_parts = json!({ "first_name": "Grace", "last_name": "Hopper" });
    let renamed = patch(&house, &key, &path, &in_parts).await;
    assert_eq!(renamed.body["data"]["name"], "Grace Hopper");

    let archived = delete(&house, &key, &path).await;
    assert_eq!((archived.status, &archived.body["data"]["status"]), (200, &json!("archived")));
    assert!(archived.body["data"]["archived_at"].is_string());
    assert_eq!(delete(&house, &key, &path).await.body, archived.body, "once more tells the same");
    assert_eq!(get(&house, &key, &path).await.body, archived.body, "it can still be read");
    assert_eq!(get(&house, &key, "/customers").await.body["pagination"]["total"], 0);
    let listed = get(&house, &key, "/customers?status=archived").await;
    assert_eq!(listed.body["data"][0], archived.body["data"]);
    assert_refused(&patch(&house, &key, &path, &json!({ "name": "B" })).await, 409, "conflict");
    let event = json!({ "customer_id": id, "event_name": "api_call" });
    assert_refused(&post(&house, &key, "/events", &event).await, 409, "conflict");

    let told = receiver.wait_for(2).await;
    let mut bodies = Vec::new();
    for told in &told {
        Webhook::new(secret.expose()).unwrap().verify(&told.body, &told.headers).unwrap();
        assert!(told.headers["webhook-id"].to_str().unwrap().parse::<EventId>().is_ok());
        bodies.push(serde_json::from_slice::<Value>(&told.body).unwrap());
    }
    for (event, data) in
        [("customer.created", &created.body["data"]), ("customer.archived", &archived.body["data"])]
    {
        let told = bodies.iter().find(|body| body["type"] == event).unwrap();
        assert_eq!(fields(told), ["type", "timestamp", "data"]);
        assert_eq!(&told["data"], data);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_customers_are_told_with_their_field() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    let long = "x".repeat(256);
    for (body, field) in [
        (json!({}), "email"),
        (json!({ "name": "Ada" }), "email"),
        (json!({ "email": "ada", "name": "Ada" }), "email"),
        (json!({ "email": 7, "name": "Ada" }), "email"),
        (json!({ "email": "a@b.c" }), "name"),
        (json!({ "email": "a@b.c", "name": " " }), "name"),
        (json!({ "email": "a@b.c", "name": long }), "name"),
        (json!({ "email": "a@b.c", "first_name": "Ada" }), "last_name"),
        (json!({ "email": "a@b.c", "last_name": "Lovelace" }), "first_name"),
        (json!({ "email": "a@b.c", "name": "Ada", "company_name": 1 }), "company_name"),
        (json!({ "email": "a@b.c", "name": "Ada", "external_id": "" }), "external_id"),
        (json!({ "email": "a@b.c", "name": "Ada", "plan_id": "none" }), "plan_id"),
    ] {
        assert_invalid(&post(&house, &key, "/customers", &body).await, field);
    }
    let all = json!({ "name": 7, "last_name": "", "external_id": [] });
    let refused = post(&house, &key, "/customers", &all).await;
    assert_refused(&refused, 422, "validation_error");
    let errors = refused.body["error"]["errors"].as_array().unwrap();
    let at_fault: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(at_fault, ["external_id", "email", "name", "last_name"], "all at once");
    assert_eq!(fields(&errors[3]), ["field", "message"]);
    assert_eq!(get(&house, &key, "/customers").await.body["pagination"]["total"], 0);
    let individual = json!({ "email": "a@b.c", "name": "Ada" });
    let individual = post(&house, &key, "/customers", &individual).await;
    assert_eq!(individual.body["data"]["type"], "individual");
    let id = individual.body["data"]["id"].as_str().unwrap();
    for (body, field) in [
        (json!({ "email": "nowhere" }), "email"),
        (json!({ "email": null }), "email"),
        (json!({ "name": "\n" }), "name"),
        (json!({ "plan_id": "none" }), "plan_id"),
    ] {
        assert_invalid(&patch(&house, &key, &format!("/customers/{id}"), &body).await, field);
    }
    for path in ["/customers/nobody", "/customers/nobody/usage", "/customers/nobody/entitlements"] {
        assert_refused(&get(&house, &key, path).await, 404, "not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_external_id_is_one_customers_archived_ones_included() {
    let house = House::with(0, 0).await;
    let key = house.key(PLATFORM, TEST).await;
    let first = customer(&house, &key, "one").await;
    let second = customer(&house, &key, "two").await;
    let taken = json!({ "email": "a@b.c", "name": "Ada", "external_id": "one" });
    assert_refused(&post(&house, &key, "/customers", &taken).await, 409, "conflict");
    let path = format!("/customers/{second}");
    let rename = json!({ "external_id": "one" });
    assert_refused(&patch(&house, &key, &path, &rename).await, 409, "conflict");
    delete(&house, &key, "/customers/one").await;
    assert_refused(&post(&house, &key, "/customers", &taken).await, 409, "conflict");
    assert_eq!(patch(&house, &key, &path, &json!({ "external_id": null })).await.status, 200);
    assert_refused(&get(&house, &key, "/customers/two").await, 404, "not_found");
    // An id goes before an external id that looks like it.
    let pretender = customer(&house, &key, &first).await;
    let read = get(&house, &key, &format!("/customers/{first}")).await;
    assert_eq!(read.body["data"]["id"], json!(first));
    assert_ne!(first, pretender);
}
