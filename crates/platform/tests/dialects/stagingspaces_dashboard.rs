//! StagingSpaces, row by row: what its members do with an identity token.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use latchkey_contract::keys::{CreateKey, KeyKind};
use latchkey_platform::{
    OpenIdIssuer, keys,
    sessions::{authenticate, open_session},
};
use latchkey_store::{Caller, LedgerCheck};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    house::{Answer, House, Issued, LIVE, TEST, send},
    issuer::{Issuer, Signer},
    receiver::{Received, Receiver},
    stagingspaces::{PLATFORM, assert_refused, fields, stage},
};

pub const KEYS: &str = "/stagingspaces/api/v1/keys";
const CLAIM: &str = "/stagingspaces/api/v1/claim";
const PREVIEW: &str = "/stagingspaces/api/v1/claim/preview";
const USAGE: &str = "/stagingspaces/api/v1/usage";
const AUDIENCE: &str = "staging-app";

/// An access token of a session.
pub async fn sign_in(house: &House, email: &str) -> String {
    let context = house.context();
    let member = context.store.get_member_by_email(email).await.unwrap().unwrap();
    let partner = context.store.get_partner(&member.partner_id).await.unwrap().unwrap();
    let tokens = open_session(context, partner, member, Caller::default()).await.unwrap();
    tokens.access_token.expose().to_owned()
}

pub fn call(house: &House, token: &str, method: Method, path: &str) -> RequestBuilder {
    house.request(method, path).bearer_auth(token)
}

pub async fn get(house: &House, token: &str, path: &str) -> Answer {
    send(call(house, token, Method::GET, path)).await
}

async fn post(house: &House, token: &str, path: &str, body: Value) -> Answer {
    send(call(house, token, Method::POST, path).json(&body)).await
}

async fn create_key(house: &House, token: &str, name: &str, environment: &str) -> Answer {
    post(house, token, KEYS, json!({ "name": name, "environment": environment })).await
}

fn is_time(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<DateTime<Utc>>().is_ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_have_whole_numbers_also_those_of_the_console() {
    let house = House::with(0, 100).await;
    let token = sign_in(&house, "one@example.com").await;
    let console = house.key(PLATFORM, LIVE).await;
    house.key("proclubs", LIVE).await;
    let created = create_key(&house, &token, "CI", "test").await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(
        fields(&created.body),
        ["created_at", "environment", "id", "key", "last4", "name", "prefix"]
    );
    assert_eq!(created.header("cache-control"), Some("no-store"));
    let body = &created.body;
    let plain = body["key"].as_str().unwrap().to_owned();
    assert!(plain.starts_with("sk_test_") && plain.ends_with(body["last4"].as_str().unwrap()));
    assert_eq!(
        (&body["id"], &body["name"], &body["environment"], &body["prefix"]),
        (&json!(2), &json!("CI"), &json!("test"), &json!("sk_test_"))
    );
    assert!(is_time(&body["created_at"]));

    let listed = get(&house, &token, KEYS).await;
    assert_eq!((listed.status, fields(&listed.body)), (200, vec!["keys"]));
    let keys = listed.body["keys"].as_array().unwrap();
    assert_eq!(keys.iter().map(|key| key["id"].as_i64().unwrap()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(
        fields(&keys[0]),
        [
            "created_at",
            "environment",
            "id",
            "last4",
            "last_used_at",
            "name",
            "prefix",
            "revoked_at"
        ]
    );
    assert!(!listed.body.to_string().contains(&plain));

    let credits = "/stagingspaces/api/v1/credits";
    for (key, number) in [(plain.as_str(), 2), (console.plain.as_str(), 1)] {
        assert_eq!(get(&house, key, credits).await.status, 200);
        for _ in 0..2 {
            let path = format!("{KEYS}/{number}");
            let gone = send(call(&house, &token, Method::DELETE, &path)).await;
            assert_eq!((gone.status, &gone.body), (204, &json!("")), "{gone:?}");
        }
        assert_refused(&get(&house, key, credits).await, 401, "unauthorized");
    }
    let listed = get(&house, &token, KEYS).await;
    assert!(listed.body["keys"].as_array().unwrap().iter().all(|key| is_time(&key["revoked_at"])));
    assert_eq!(create_key(&house, &token, "Another", "live").await.body["id"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_are_told_with_their_field() {
    let house = House::with(0, 100).await;
    let token = sign_in(&house, "one@example.com").await;
    for (path, body, told) in [
        (KEYS, json!({}), "`name` is missing"),
        (KEYS, json!({"name": "x"}), "`environment` is missing"),
        (
            KEYS,
            json!({"name": "x", "environment": "prod"}),
            "`environment` must be one of live, test",
        ),
        (KEYS, json!({"name": " ", "environment": "live"}), "`name` must have 1 to 100"),
        (KEYS, json!({"name": 3, "environment": "live"}), "`name` must be a string"),
        (CLAIM, json!({}), "`code` is missing"),
        (PREVIEW, json!({"code": "12345"}), "`code` must be `SS-`"),
        (KEYS, json!([]), "The body is not valid JSON"),
    ] {
        let refused = post(&house, &token, path, body).await;
        assert_refused(&refused, 400, "invalid_request");
        assert!(refused.body["message"].as_str().unwrap().starts_with(told), "{refused:?}");
    }
    create_key(&house, &token, "CI", "test").await;
    for id in ["99", "x", "-1", "01", "+1"] {
        let unknown = send(call(&house, &token, Method::DELETE, &format!("{KEYS}/{id}"))).await;
        assert_refused(&unknown, 404, "not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_takes_its_own_credential() {
    let house = House::with(0, 100).await;
    let (token, key) = (sign_in(&house, "one@example.com").await, house.key(PLATFORM, LIVE).await);
    for path in [KEYS, USAGE] {
        for wrong in [key.plain.as_str(), "", "nothing", "a.b.c"] {
            assert_refused(&get(&house, wrong, path).await, 401, "unauthorized");
        }
        let bare = send(house.request(Method::GET, path)).await;
        assert_refused(&bare, 401, "unauthorized");
        assert_eq!(get(&house, &token, path).await.status, 200);
    }
    let told = get(&house, &key.plain, KEYS).await;
    assert!(told.body["message"].as_str().unwrap().contains("an API key was sent"), "{told:?}");
    let told = get(&house, "a.b.c", KEYS).await;
    assert!(told.body["message"].as_str().unwrap().contains("trusts no issuer"), "{told:?}");
    assert_refused(
        &get(&house, &token, "/stagingspaces/api/v1/credits").await,
        401,
        "unauthorized",
    );
    let nowhere = get(&house, &token, "/stagingspaces/api/v1/nowhere").await;
    assert_refused(&nowhere, 404, "not_found");
    let patched = send(call(&house, &token, Method::PATCH, KEYS)).await;
    assert_refused(&patched, 405, "method_not_allowed");
    house.pass(TimeDelta::minutes(16));
    assert_refused(&get(&house, &token, KEYS).await, 401, "unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_partners_keys_are_not_there() {
    let house = House::with(0, 100).await;
    house.second_partner().await;
    let (own, other) =
        (sign_in(&house, "one@example.com").await, sign_in(&house, "two@example.com").await);
    assert_eq!(create_key(&house, &own, "Mine", "live").await.body["id"], 1);
    assert_eq!(get(&house, &other, KEYS).await.body, json!({ "keys": [] }));
    let path = format!("{KEYS}/1");
    assert_refused(&send(call(&house, &other, Method::DELETE, &path)).await, 404, "not_found");
    assert_eq!(
        create_key(&house, &other, "Theirs", "live").await.body["id"],
        1,
        "each counts anew"
    );
    assert_eq!(send(call(&house, &other, Method::DELETE, &path)).await.status, 204);
    assert_eq!(get(&house, &own, KEYS).await.body["keys"][0]["revoked_at"], Value::Null);
    assert_eq!(get(&house, &other, USAGE).await.body["live"], json!({"requests": 0, "credits": 0}));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_key_ever_grants_ten_credits_whoever_makes_it() {
    let house = House::with(0, 0).await;
    let token = sign_in(&house, "one@example.com").await;
    let balance = async |partner| {
        let account = house.context().store.get_account(partner, PLATFORM).await.unwrap();
        account.unwrap().balance.whole_credits()
    };
    for environment in ["test", "live"] {
        assert_eq!(create_key(&house, &token, "CI", environment).await.status, 201);
        assert_eq!(balance(&house.partner).await, 10);
    }
    let gone = send(call(&house, &token, Method::DELETE, &format!("{KEYS}/1"))).await;
    assert_eq!(gone.status, 204);
    create_key(&house, &token, "Again", "live").await;
    assert_eq!(balance(&house.partner).await, 10);

    let second = house.second_partner().await;
    let context = house.context();
    let member = context.store.get_member_by_email("two@example.com").await.unwrap().unwrap();
    let partner = context.store.get_partner(&second).await.unwrap().unwrap();
    let tokens = open_session(context, partner, member, Caller::default()).await.unwrap();
    let by = authenticate(context, &tokens.access_token, &Caller::default()).await.unwrap();
    for (platform, granted) in [("proclubs", 0), (PLATFORM, 10), (PLATFORM, 10)] {
        let request = CreateKey {
            platform: platform.to_owned(),
            name: "Of the console".to_owned(),
            environment: LIVE,
            kind: KeyKind::Secret,
            scopes: None,
            requests_per_minute: None,
            concurrent_limit: None,
            daily_limit: None,
            credit_allowance: None,
            expires_at: None,
            ip_rules: None,
        };
        keys::issue_key(context, &by, request).await.unwrap();
        assert_eq!(balance(&second).await, granted);
    }
    assert!(context.store.check_ledger().await.unwrap().iter().all(LedgerCheck::balanced));
}

async fn claim_code(house: &House, key: &Issued) -> String {
    stage(house, key).await.body["claim_code"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_redeems_a_code_once() {
    let house = House::open().await;
    house.second_partner().await;
    let key = house.key(PLATFORM, LIVE).await;
    let agent = sign_in(&house, "two@example.com").await;
    let staged = stage(&house, &key).await;
    let code = staged.body["claim_code"].as_str().unwrap();
    let preview = async || post(&house, &agent, PREVIEW, json!({ "code": code })).await;
    let shown = preview().await;
    assert_eq!(
        fields(&shown.body),
        ["code", "days_until_expiry", "expires_at", "image_count", "is_claimed", "valid"]
    );
    let told = (&shown.body["valid"], &shown.body["is_claimed"], &shown.body["image_count"]);
    assert_eq!(told, (&json!(true), &json!(false), &json!(1)));
    assert_eq!((&shown.body["code"], &shown.body["days_until_expiry"]), (&json!(code), &json!(30)));
    assert!(is_time(&shown.body["expires_at"]));
    house.pass(TimeDelta::minutes(10));

    let lower = json!({ "code": code.to_lowercase() });
    let redeemed = post(&house, &agent, CLAIM, lower).await;
    assert_eq!(redeemed.status, 200, "{redeemed:?}");
    assert_eq!(fields(&redeemed.body), ["claimed_at", "code", "image_count", "images", "success"]);
    let image = json!({
        "image_url": staged.body["image_url"], "style": "modern", "room_type": "living_room",
    });
    assert_eq!(redeemed.body["images"], json!([image]));
    assert_eq!(house.credits(PLATFORM).await, (99, 0), "redeeming is free");

    let again = post(&house, &agent, CLAIM, json!({ "code": code })).await;
    assert_refused(&again, 409, "already_claimed");
    let shown = preview().await;
    assert_eq!((&shown.body["valid"], &shown.body["is_claimed"]), (&json!(false), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_thirty_days() {
    let house = House::open().await;
    let key = house.key(PLATFORM, LIVE).await;
    let code = claim_code(&house, &key).await;
    house.pass(TimeDelta::days(30) - TimeDelta::hours(1));
    let token = sign_in(&house, "one@example.com").await;
    let preview = async |token: &str| post(&house, token, PREVIEW, json!({ "code": code })).await;
    assert_eq!(preview(&token).await.body["days_until_expiry"], 1);
    house.pass(TimeDelta::hours(2));
    let token = sign_in(&house, "one@example.com").await;
    let shown = preview(&token).await;
    assert_eq!(
        (&shown.body["valid"], &shown.body["days_until_expiry"]),
        (&json!(false), &json!(0))
    );
    let late = post(&house, &token, CLAIM, json!({ "code": code })).await;
    assert_refused(&late, 410, "claim_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_code_is_told_and_nobody_tries_many() {
    let house = House::with(0, 100).await;
    let token = sign_in(&house, "one@example.com").await;
    let unknown = json!({ "code": "SS-ZZZZZZ" });
    let shown = post(&house, &token, PREVIEW, unknown.clone()).await;
    assert_eq!(
        shown.body,
        json!({"valid": false, "code": "SS-ZZZZZZ", "image_count": 0, "is_claimed": false,
               "expires_at": null, "days_until_expiry": null})
    );
    assert_refused(&post(&house, &token, CLAIM, unknown.clone()).await, 404, "not_found");
    let mut refused = 0;
    for _ in 0..70 {
        let answer = post(&house, &token, CLAIM, unknown.clone()).await;
        if answer.status == 429 {
            assert_refused(&answer, 429, "rate_limit_exceeded");
            assert!(answer.number("retry-after") >= 1);
            refused += 1;
        }
    }
    assert!(refused > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_a_picture_that_was_not_made_is_none() {
    let house = House::open().await;
    let key = house.key(PLATFORM, LIVE).await;
    house.break_media();
    assert_eq!(stage(&house, &key).await.status, 500);
    let database = house.dir.path().join("data/latchkey.db");
    let database = rusqlite::Connection::open(database).unwrap();
    let code: String = database.query_row("SELECT code FROM claims", [], |row| row.get(0)).unwrap();
    let token = sign_in(&house, "one@example.com").await;
    let shown = post(&house, &token, PREVIEW, json!({ "code": code })).await;
    assert_eq!(shown.body["valid"], false);
    assert_refused(&post(&house, &token, CLAIM, json!({ "code": code })).await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_tells_live_and_test_apart() {
    let house = House::open().await;
    let (live, test) = (house.key(PLATFORM, LIVE).await, house.key(PLATFORM, TEST).await);
    stage(&house, &live).await;
    stage(&house, &live).await;
    stage(&house, &test).await;
    let token = sign_in(&house, "one@example.com").await;
    let told = super::house::until(
        async || get(&house, &token, USAGE).await,
        |told| told.body["live"]["credits"] == 2,
    )
    .await;
    assert_eq!(fields(&told.body), ["daily", "from", "live", "test", "to"]);
    assert_eq!(told.body["live"], json!({ "requests": 2, "credits": 2 }));
    assert_eq!(told.body["test"], json!({ "requests": 1, "credits": 0 }));
    let daily = told.body["daily"].as_array().unwrap();
    assert_eq!((daily.len(), fields(&daily[29])), (30, vec!["date", "live", "test"]));
    let sum = |environment: &str| {
        daily.iter().map(|day| day[environment]["requests"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!((sum("live"), sum("test")), (2, 1));
}

pub async fn put_webhook(house: &House, token: &str, number: i64, body: Value) -> Answer {
    let path = format!("{KEYS}/{number}/webhook");
    send(call(house, token, Method::PUT, &path).json(&body)).await
}

/// As the platform's page tells receivers to check it.
pub fn assert_signed(told: &Received, secret: &str) -> Value {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&told.body);
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    assert_eq!(told.header("x-webhook-signature"), signature);
    assert!(told.header("webhook-id").starts_with("evt_"));
    let body: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(fields(&body), ["data", "event", "timestamp"]);
    assert!(is_time(&body["timestamp"]));
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn each_key_has_a_webhook_of_its_own() {
    let house = House::open().await;
    house.second_partner().await;
    let receiver = Receiver::start().await;
    let token = sign_in(&house, "one@example.com").await;
    let (first, second) = (house.key(PLATFORM, LIVE).await, house.key(PLATFORM, LIVE).await);
    get(&house, &token, KEYS).await;
    let path = |number: i64| format!("{KEYS}/{number}/webhook");
    let none = json!({ "url": null, "enabled": false, "secret": null });
    assert_eq!(get(&house, &token, &path(1)).await.body, none);
    let untold = post(&house, &token, &format!("{}/test", path(1)), json!({})).await;
    assert_refused(&untold, 409, "no_webhook");

    let body = json!({ "url": receiver.url("/one"), "enabled": true });
    let put = put_webhook(&house, &token, 1, body.clone()).await;
    assert_eq!((put.status, fields(&put.body)), (200, vec!["enabled", "secret", "url"]), "{put:?}");
    assert_eq!(put.header("cache-control"), Some("no-store"));
    let secret = put.body["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() > 40);
    let masked = format!("whsec_…{}", &secret[secret.len() - 4..]);
    for again in
        [put_webhook(&house, &token, 1, body.clone()).await, get(&house, &token, &path(1)).await]
    {
        assert_eq!(again.body["secret"], masked.as_str());
        assert_eq!((&again.body["url"], &again.body["enabled"]), (&body["url"], &json!(true)));
    }
    let two = json!({ "url": receiver.url("/two"), "enabled": true });
    put_webhook(&house, &token, 2, two).await;

    let pinged = send(call(&house, &token, Method::POST, &format!("{}/test", path(1)))).await;
    assert_eq!((pinged.status, &pinged.body), (200, &json!({ "success": true })));
    let told = receiver.wait_for(1).await;
    assert_eq!(
        (told[0].path.as_str(), &assert_signed(&told[0], &secret)["event"]),
        ("/one", &json!("test.ping"))
    );

    let staged = stage(&house, &first).await;
    let told = receiver.wait_for(2).await.remove(1);
    let body = assert_signed(&told, &secret);
    assert_eq!((told.path.as_str(), &body["event"]), ("/one", &json!("staging.complete")));
    assert_eq!(
        body["data"],
        json!({"image_url": staged.body["image_url"], "claim_code": staged.body["claim_code"],
               "style": "modern", "room_type": "living_room",
               "credits_used": 1, "credits_remaining": 99})
    );

    let agent = sign_in(&house, "two@example.com").await;
    let code = json!({ "code": staged.body["claim_code"] });
    assert_eq!(post(&house, &agent, CLAIM, code).await.status, 200);
    let told = receiver.wait_for(3).await.remove(2);
    let body = assert_signed(&told, &secret);
    assert_eq!((told.path.as_str(), &body["event"]), ("/one", &json!("claim.redeemed")));
    assert_eq!(
        body["data"],
        json!({"claim_code": staged.body["claim_code"], "claimed_by_email": "two@example.com"})
    );

    let off =
        put_webhook(&house, &token, 1, json!({"url": receiver.url("/one"), "enabled": false}));
    assert_eq!(off.await.body["enabled"], false);
    let refused = post(&house, &token, &format!("{}/test", path(1)), json!({})).await;
    assert_refused(&refused, 409, "webhook_disabled");
    stage(&house, &second).await;
    let told = receiver.wait_for(4).await.remove(3);
    assert_eq!(told.path, "/two", "the other key's own");

    for (body, told) in [
        (json!({}), "`url` is missing"),
        (json!({"url": "nowhere"}), "`url` "),
        (json!({"url": receiver.url("/"), "enabled": "yes"}), "`enabled` must be true or false"),
    ] {
        let refused = put_webhook(&house, &token, 1, body).await;
        assert_refused(&refused, 400, "invalid_request");
        assert!(refused.body["message"].as_str().unwrap().starts_with(told), "{refused:?}");
    }
    // Of many at once each is done, and the first alone is told the secret.
    let many = (0..12).map(|n| {
        let url = receiver.url(&format!("/many/{}", n / 2));
        put_webhook(&house, &token, 3, json!({ "url": url, "enabled": n % 2 == 0 }))
    });
    house.key(PLATFORM, LIVE).await;
    get(&house, &token, KEYS).await;
    let many = futures::future::join_all(many).await;
    assert!(many.iter().all(|answer| answer.status == 200), "{many:?}");
    let whole = |answer: &&Answer| !answer.body["secret"].as_str().unwrap().contains('…');
    assert_eq!(many.iter().filter(whole).count(), 1);

    house.key(PLATFORM, LIVE).await;
    get(&house, &token, KEYS).await;
    send(call(&house, &token, Method::DELETE, &format!("{KEYS}/4"))).await;
    let late = json!({ "url": receiver.url("/late") });
    let refused = put_webhook(&house, &token, 4, late).await;
    assert_refused(&refused, 400, "invalid_request");
    assert!(
        refused.body["message"].as_str().unwrap().starts_with("`id` is of a key that is revoked")
    );

    for path in [path(9), path(1)] {
        assert_refused(&get(&house, &agent, &path).await, 404, "not_found");
        let put = call(&house, &agent, Method::PUT, &path).json(&body);
        assert_refused(&send(put).await, 404, "not_found");
        let test = call(&house, &agent, Method::POST, &format!("{path}/test"));
        assert_refused(&send(test).await, 404, "not_found");
    }
}

async fn trusting(issuer: &Issuer) -> House {
    let openid = OpenIdIssuer { issuer: issuer.url.clone(), audience: AUDIENCE.to_owned() };
    House::configured(|config| config.openid = Some(openid)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_issuer_stands_for_the_member_with_its_address() {
    let (elliptic, rsa) = (Signer::elliptic("one"), Signer::rsa("two"));
    let issuer = Issuer::start(&[&elliptic, &rsa]).await;
    let house = trusting(&issuer).await;
    house.second_partner().await;
    let own = sign_in(&house, "one@example.com").await;
    create_key(&house, &own, "Mine", "live").await;
    for (signer, email, keys) in [
        (&elliptic, "One@Example.com", 1),
        (&rsa, "one@example.com", 1),
        (&rsa, "two@example.com", 0),
    ] {
        let told = get(&house, &signer.sign(&issuer.claims(AUDIENCE, email)), KEYS).await;
        assert_eq!(told.body["keys"].as_array().map(Vec::len), Some(keys), "{told:?}");
    }
    assert_eq!(issuer.asked(), 1, "keys are remembered");
    let mut several = issuer.claims(AUDIENCE, "one@example.com");
    several["aud"] = json!(["others", AUDIENCE]);
    several["email_verified"] = json!("true");
    assert_eq!(get(&house, &rsa.sign(&several), KEYS).await.status, 200);
    let created = create_key(&house, &rsa.sign(&several), "By token", "test").await;
    assert_eq!((created.status, &created.body["id"]), (201, &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_wrong_in_anything_is_refused() {
    let (signer, stranger) = (Signer::rsa("one"), Signer::elliptic("one"));
    let issuer = Issuer::start(&[&signer]).await;
    let house = trusting(&issuer).await;
    let good = issuer.claims(AUDIENCE, "one@example.com");
    let now = latchkey_platform::Clock::system().now().timestamp();
    let with = |field: &str, value: Value| {
        let mut claims = good.clone();
        claims[field] = value;
        signer.sign(&claims)
    };
    let mut tokens = vec![
        ("another key", stranger.sign(&good)),
        ("a shared secret", Signer::shared("one").sign(&good)),
        ("issuer", with("iss", json!("http://elsewhere"))),
        ("audience", with("aud", json!("elsewhere"))),
        ("expired", with("exp", json!(now - 120))),
        ("expiry as text", with("exp", json!((now + 60).to_string()))),
        ("not yet", with("nbf", json!(now + 600))),
        ("not yet as text", with("nbf", json!((now + 600).to_string()))),
        ("unverified", with("email_verified", json!(false))),
        ("nobody's address", with("email", json!("three@example.com"))),
        ("no subject", with("sub", json!(""))),
    ];
    for field in ["iss", "aud", "exp", "sub", "email", "email_verified"] {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(field);
        tokens.push((field, signer.sign(&claims)));
    }
    let whole = signer.sign(&good);
    let (head, signature) = whole.rsplit_once('.').unwrap();
    tokens.push(("no signature", format!("{head}.")));
    tokens.push(("cut signature", format!("{head}.{}", &signature[..signature.len() - 4])));
    let none = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        r#"{"alg":"none","typ":"JWT"}"#,
    );
    tokens.push(("no algorithm", format!("{none}.{}.", whole.split('.').nth(1).unwrap())));
    for (what, token) in tokens {
        let refused = get(&house, &token, KEYS).await;
        assert_eq!(refused.status, 401, "{what}: {refused:?}");
        assert_refused(&refused, 401, "unauthorized");
    }
    assert_eq!(get(&house, &whole, KEYS).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_of_the_issuer_is_found_and_guessed_names_are_not_looked_for() {
    let (old, new) = (Signer::rsa("old"), Signer::elliptic("new"));
    let issuer = Issuer::start(&[&old]).await;
    let house = trusting(&issuer).await;
    let claims = issuer.claims(AUDIENCE, "one@example.com");
    assert_eq!(get(&house, &old.sign(&claims), KEYS).await.status, 200);
    issuer.publish(&[&new]);
    assert_eq!(get(&house, &new.sign(&claims), KEYS).await.status, 200);
    assert_eq!(get(&house, &old.sign(&claims), KEYS).await.status, 401, "taken away");
    for guess in 0..30 {
        let guessed = Signer::elliptic(&format!("guess-{guess}")).sign(&claims);
        assert_eq!(get(&house, &guessed, KEYS).await.status, 401);
    }
    assert!(issuer.asked() <= 7, "asked {} times", issuer.asked());
    assert_eq!(get(&house, &new.sign(&claims), KEYS).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_cannot_be_reached_is_no_wrong_token() {
    let signer = Signer::elliptic("one");
    let issuer = Issuer::start(&[&signer]).await;
    let nowhere =
        OpenIdIssuer { issuer: "http://127.0.0.1:9".to_owned(), audience: AUDIENCE.to_owned() };
    let house = House::configured(|config| config.openid = Some(nowhere)).await;
    let token = signer.sign(&issuer.claims(AUDIENCE, "one@example.com"));
    assert_refused(&get(&house, &token, KEYS).await, 503, "unavailable");
}
