use chrono::TimeDelta;
use latchkey_client::IdempotencyKey;
use latchkey_contract::{
    Amount, Environment, KeyIds,
    keys::{CreateKey, KeyCount, KeyKind, KeyQuery, KeyStatus, UpdateKey},
};
use latchkey_platform::{
    Clock,
    keys::{KeyDigest, PlainKey},
};

use crate::{
    support::{TestServer, new_key, redacted},
    told,
};

fn fresh() -> IdempotencyKey {
    IdempotencyKey::random()
}

#[tokio::test]
async fn a_key_is_issued_once_and_never_told_again() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let request = new_key("clipia", Environment::Test);
    let once = fresh();
    let issued = partner.client.create_key(&request, &once).await.unwrap();
    let plain = issued.secret.unwrap();
    assert!(plain.expose().starts_with("clipia_test_"));
    assert!(plain.expose().ends_with(&issued.key.last4));
    let parsed = PlainKey::parse(plain.expose(), ["clipia_test_"]).unwrap();
    assert_eq!(parsed.digest().to_hex(), issued.key.digest);

    let repeated = partner.client.create_key(&request, &once).await.unwrap();
    assert_eq!((repeated.key, repeated.secret), (issued.key.clone(), None));
    let other = CreateKey { name: "Another".to_owned(), ..request };
    let reused = told(partner.client.create_key(&other, &once).await);
    assert_eq!(reused, (409, "idempotency_key_reused".to_owned(), vec![]));

    let got = partner.client.get_key(&issued.key.id).await.unwrap();
    assert_eq!(got, issued.key);
    insta::assert_json_snapshot!(redacted(serde_json::to_value(got).unwrap()));
    assert_eq!(server.query::<i64>("SELECT count(*) FROM api_keys"), 1);
    let digest = server.query::<Vec<u8>>("SELECT digest FROM api_keys");
    assert_eq!(KeyDigest(digest.try_into().unwrap()).to_hex(), issued.key.digest);
    let kept = server.query::<String>("SELECT body FROM admin_idempotency");
    assert!(!kept.contains(plain.expose()), "a secret was kept for repetitions");
}

#[tokio::test]
async fn wrong_fields_are_told_all_at_once() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let request = CreateKey {
        name: "x".repeat(101),
        kind: KeyKind::Public,
        scopes: Some(vec!["generate".to_owned(), "fly".to_owned()]),
        requests_per_minute: Some(0),
        concurrent_limit: Some(10_001),
        daily_limit: Some(Amount::ZERO),
        credit_allowance: Some(Amount(-1)),
        expires_at: Some(Clock::system().now() - TimeDelta::seconds(1)),
        ..new_key("clipia", Environment::Live)
    };
    let (status, code, pointers) = told(partner.client.create_key(&request, &fresh()).await);
    assert_eq!((status, code.as_str()), (422, "invalid_input"));
    let expected = [
        "/name",
        "/requests_per_minute",
        "/concurrent_limit",
        "/daily_limit",
        "/credit_allowance",
        "/expires_at",
        "/kind",
        "/scopes/1",
    ];
    assert_eq!(pointers, expected);
    let unknown = new_key("nowhere", Environment::Live);
    let (_, _, pointers) = told(partner.client.create_key(&unknown, &fresh()).await);
    assert_eq!(pointers, ["/platform"]);
    assert_eq!(server.query::<i64>("SELECT count(*) FROM api_keys"), 0);
}

#[tokio::test]
async fn a_platform_without_test_keys_makes_none() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let platforms = partner.client.list_platforms().await.unwrap().data;
    let platform = platforms.iter().find(|one| one.slug == "deepcreative").unwrap();
    assert_eq!(platform.environments, [Environment::Live]);
    let request = new_key("deepcreative", Environment::Test);
    let (status, _, pointers) = told(partner.client.create_key(&request, &fresh()).await);
    assert_eq!((status, pointers), (422, vec!["/environment".to_owned()]));
    let (key, plain) = partner.issue_key("deepcreative", Environment::Live).await;
    assert!(plain.starts_with("sk_live_"));
    assert_eq!(key.scopes, ["predictions:write", "predictions:read", "account:read"]);
}

#[tokio::test]
async fn a_change_needs_the_version_it_was_made_for() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (key, _) = partner.issue_key("clipia", Environment::Test).await;
    let change = UpdateKey {
        name: Some("Renamed".to_owned()),
        scopes: Some(vec!["read".to_owned()]),
        requests_per_minute: Some(7),
        paused: Some(true),
        ..UpdateKey::default()
    };
    let changed = partner.client.update_key(&key.id, key.version, &change).await.unwrap();
    assert_eq!(changed.name, "Renamed");
    assert_eq!(changed.scopes, ["read"]);
    assert_eq!(changed.requests_per_minute, Some(7));
    assert_eq!(changed.status, KeyStatus::Paused);
    assert!(changed.version > key.version);

    let stale = told(partner.client.update_key(&key.id, key.version, &change).await);
    assert_eq!(stale, (412, "stale_version".to_owned(), vec![]));
    let change =
        UpdateKey { requests_per_minute: Some(0), paused: Some(false), ..UpdateKey::default() };
    let changed = partner.client.update_key(&key.id, changed.version, &change).await.unwrap();
    assert_eq!((changed.requests_per_minute, changed.status), (None, KeyStatus::Active));
    assert_eq!(changed.name, "Renamed");

    let path = format!("/keys/{}", key.id);
    let without = server.request(reqwest::Method::PATCH, &path, Some(&partner));
    let without = without.json(&change).send().await.unwrap();
    assert_eq!(without.status(), 428);
    let weak = format!("W/\"{}\"", changed.version);
    let padded = format!("\"0{}\"", changed.version);
    for (tag, status) in [
        ("*", 400),
        ("3", 400),
        ("\"1\", \"2\"", 400),
        ("\"another server's\"", 412),
        (weak.as_str(), 412),
        (padded.as_str(), 412),
    ] {
        let wrong = server.request(reqwest::Method::PATCH, &path, Some(&partner));
        let wrong = wrong.header("if-match", tag).json(&change).send().await.unwrap();
        assert_eq!(wrong.status(), status, "{tag}");
    }
}

#[tokio::test]
async fn a_key_has_limits_of_its_own_and_tells_what_is_used_of_them() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let request = CreateKey {
        concurrent_limit: Some(2),
        daily_limit: Some(Amount::from_credits(9)),
        ..new_key("clipia", Environment::Live)
    };
    let issued = partner.client.create_key(&request, &fresh()).await.unwrap();
    let (key, plain) = (issued.key, issued.secret.unwrap());
    let limits = (key.concurrent_limit, key.daily_limit, key.credit_allowance);
    assert_eq!(limits, (Some(2), Some(Amount::from_credits(9)), None));
    assert_eq!((key.spent_today, key.spent_in_all), (Some(Amount::ZERO), Some(Amount::ZERO)));
    let submit = server.http.post(server.url("/clipia/v1/models/nano-banana-2"));
    let submit = submit.bearer_auth(plain.expose());
    let submit = submit.json(&serde_json::json!({ "input": { "prompt": "x" } }));
    assert_eq!(submit.send().await.unwrap().status(), 200);
    let spent = Some(Amount::from_credits(4));
    let key = partner.client.get_key(&key.id).await.unwrap();
    assert_eq!((key.spent_today, key.spent_in_all), (spent, spent));

    let change = UpdateKey {
        concurrent_limit: Some(0),
        daily_limit: Some(Amount::ZERO),
        credit_allowance: Some(Amount::from_credits(5)),
        ..UpdateKey::default()
    };
    let key = partner.client.update_key(&key.id, key.version, &change).await.unwrap();
    let limits = (key.concurrent_limit, key.daily_limit, key.credit_allowance);
    assert_eq!(limits, (None, None, Some(Amount::from_credits(5))));
    assert_eq!(key.spent_in_all, spent, "what was spent before counts");
    let listed = partner.client.list_keys(&KeyQuery::default()).await.unwrap().data;
    assert_eq!(listed[0].spent_in_all, spent);

    let wrong = UpdateKey {
        concurrent_limit: Some(10_001),
        daily_limit: Some(Amount(-1)),
        credit_allowance: Some(Amount::from_credits(1_000_000_001)),
        ..UpdateKey::default()
    };
    let (_, _, pointers) = told(partner.client.update_key(&key.id, key.version, &wrong).await);
    assert_eq!(pointers, ["/concurrent_limit", "/daily_limit", "/credit_allowance"]);
    let free = UpdateKey { credit_allowance: Some(Amount::ZERO), ..UpdateKey::default() };
    let key = partner.client.update_key(&key.id, key.version, &free).await.unwrap();
    assert_eq!((key.spent_today, key.spent_in_all), (None, None), "nothing is limited");
}

#[tokio::test]
async fn a_revoked_key_stays_revoked() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (key, _) = partner.issue_key("clipia", Environment::Live).await;
    let revoked = partner.client.revoke_key(&key.id).await.unwrap();
    assert_eq!(revoked.status, KeyStatus::Revoked);
    assert_eq!(revoked.revoked_by.as_deref(), Some(partner.email.as_str()));
    let again = partner.client.revoke_key(&key.id).await.unwrap();
    assert_eq!(again.revoked_at, revoked.revoked_at);
    let change = UpdateKey { paused: Some(false), ..UpdateKey::default() };
    let refused = told(partner.client.update_key(&key.id, again.version, &change).await);
    assert_eq!(refused, (409, "key_revoked".to_owned(), vec![]));
}

#[tokio::test]
async fn changes_hold_from_the_next_request() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (key, plain) = partner.issue_key("clipia", Environment::Test).await;
    let call = async || {
        let request = server.http.get(server.url("/clipia/v1/account"));
        request.bearer_auth(&plain).send().await.unwrap().status().as_u16()
    };
    assert_eq!(call().await, 200);
    let pause = UpdateKey { paused: Some(true), ..UpdateKey::default() };
    let key = partner.client.update_key(&key.id, key.version, &pause).await.unwrap();
    assert_ne!(call().await, 200);
    let resume = UpdateKey { paused: Some(false), ..UpdateKey::default() };
    let key = partner.client.update_key(&key.id, key.version, &resume).await.unwrap();
    assert_eq!(call().await, 200);
    partner.client.revoke_key(&key.id).await.unwrap();
    assert_eq!(call().await, 401);
}

#[tokio::test]
async fn lists_come_in_pages_and_are_searched() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(partner.issue_key("clipia", Environment::Test).await.0.id);
    }
    partner.issue_key("proclubs", Environment::Live).await;
    let mut query =
        KeyQuery { platform: Some("clipia".to_owned()), limit: Some(2), ..KeyQuery::default() };
    let mut seen = Vec::new();
    loop {
        let page = partner.client.list_keys(&query).await.unwrap();
        seen.extend(page.data.into_iter().map(|key| key.id));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    ids.reverse();
    assert_eq!(seen, ids);
    let live = KeyQuery { environment: Some(Environment::Live), ..KeyQuery::default() };
    assert_eq!(partner.client.list_keys(&live).await.unwrap().data.len(), 1);
    let search = KeyQuery { search: Some("PROCLUBS".to_owned()), ..KeyQuery::default() };
    assert_eq!(partner.client.list_keys(&search).await.unwrap().data.len(), 1);

    let two = Some(KeyIds(vec![ids[1].clone(), ids[3].clone()]));
    let listed = KeyQuery { ids: two, ..KeyQuery::default() };
    let listed = partner.client.list_keys(&listed).await.unwrap().data;
    let listed: Vec<_> = listed.into_iter().map(|key| key.id).collect();
    assert_eq!(listed, [ids[1].clone(), ids[3].clone()]);

    let wrong = KeyQuery { limit: Some(0), ..KeyQuery::default() };
    assert_eq!(told(partner.client.list_keys(&wrong).await).2, ["?limit"]);
    let wrong = KeyQuery { cursor: Some("nonsense".to_owned()), ..KeyQuery::default() };
    assert_eq!(told(partner.client.list_keys(&wrong).await).2, ["?cursor"]);
    let wrong = KeyQuery { ids: Some(KeyIds(vec![ids[0].clone(); 101])), ..KeyQuery::default() };
    assert_eq!(told(partner.client.list_keys(&wrong).await).2, ["?ids"]);
}

#[tokio::test]
async fn keys_are_counted_by_platform_and_environment() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    for _ in 0..3 {
        partner.issue_key("clipia", Environment::Test).await;
    }
    let (revoked, _) = partner.issue_key("clipia", Environment::Test).await;
    partner.client.revoke_key(&revoked.id).await.unwrap();
    partner.issue_key("proclubs", Environment::Live).await;
    let count = |platform: &str, environment, kept, revoked| KeyCount {
        platform: platform.to_owned(),
        environment,
        kept,
        revoked,
    };
    let expected =
        [count("clipia", Environment::Test, 3, 1), count("proclubs", Environment::Live, 1, 0)];
    assert_eq!(partner.client.count_keys().await.unwrap().data, expected);
    let stranger = server.sign_up("Southwind").await;
    assert!(stranger.client.count_keys().await.unwrap().data.is_empty());
}

#[tokio::test]
async fn no_key_lives_beyond_the_years_that_can_be_told() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let until = |text: &str| CreateKey {
        expires_at: Some(text.parse().unwrap()),
        ..new_key("clipia", Environment::Test)
    };
    let refused = partner.client.create_key(&until("+10000-01-01T00:00:00Z"), &fresh()).await;
    assert_eq!(told(refused).2, ["/expires_at"]);
    partner.client.create_key(&until("9999-12-31T23:59:59Z"), &fresh()).await.unwrap();
}

#[tokio::test]
async fn an_expiry_is_moved_and_taken_away_and_holds_from_the_next_request() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (key, plain) = partner.issue_key("clipia", Environment::Test).await;
    let call = async || {
        let request = server.http.get(server.url("/clipia/v1/account"));
        request.bearer_auth(&plain).send().await.unwrap().status().as_u16()
    };
    let soon = Clock::system().now() + TimeDelta::minutes(1);
    let ends = UpdateKey { expires_at: Some(soon), ..UpdateKey::default() };
    let key = partner.client.update_key(&key.id, key.version, &ends).await.unwrap();
    assert_eq!(key.expires_at.unwrap().timestamp(), soon.timestamp());
    assert_eq!(call().await, 200);
    for (within, found) in [(TimeDelta::seconds(30), 0), (TimeDelta::minutes(2), 1)] {
        let before = Some(soon - TimeDelta::minutes(1) + within);
        let ending = KeyQuery { expires_before: before, ..KeyQuery::default() };
        assert_eq!(partner.client.list_keys(&ending).await.unwrap().data.len(), found);
    }
    server.clock.jump(TimeDelta::minutes(2));
    assert_eq!(call().await, 401);
    let key = partner.client.get_key(&key.id).await.unwrap();
    assert_eq!(key.status, KeyStatus::Expired);
    let both = UpdateKey { never_expires: Some(true), ..ends.clone() };
    let (_, _, pointers) = told(partner.client.update_key(&key.id, key.version, &both).await);
    assert_eq!(pointers, ["/expires_at", "/never_expires"], "the time is over by now");
    let never = UpdateKey { never_expires: Some(true), ..UpdateKey::default() };
    let key = partner.client.update_key(&key.id, key.version, &never).await.unwrap();
    assert_eq!((key.expires_at, key.status), (None, KeyStatus::Active));
    assert_eq!(call().await, 200);
    let listed = KeyQuery { status: Some(KeyStatus::Expired), ..KeyQuery::default() };
    assert!(partner.client.list_keys(&listed).await.unwrap().data.is_empty());
}
