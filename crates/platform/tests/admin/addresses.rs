//! Where calls come from: IP rules, and proxies that are believed.

use latchkey_client::IdempotencyKey;
use latchkey_contract::{
    Environment,
    audit::AuditQuery,
    keys::{CreateKey, UpdateKey},
    platforms::{IpEntry, UpdateAccount},
};
use latchkey_platform::proxies::{TrustedProxies, parse_proxy};
use serde_json::{Value, json};

use crate::{
    support::{PASSWORD, TestServer, new_key, until},
    told,
};

const CLIENT: &str = "203.0.113.7";

async fn call(server: &TestServer, plain: &str, forwarded_for: &str) -> u16 {
    let request = server.http.get(server.url("/clipia/v1/account")).bearer_auth(plain);
    let answer = request.header("x-forwarded-for", forwarded_for).send().await.unwrap();
    answer.status().as_u16()
}

fn rules(rules: &[&str]) -> Option<Vec<String>> {
    Some(rules.iter().map(|rule| (*rule).to_owned()).collect())
}

#[tokio::test]
async fn ip_rules_are_kept_in_one_form_and_hold_from_the_next_request() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let request = CreateKey {
        ip_rules: rules(&["127.0.0.9/8", "::FFFF:198.51.100.1", "2001:DB8::/32", "127.0.0.0/8"]),
        ..new_key("clipia", Environment::Test)
    };
    let issued = partner.client.create_key(&request, &IdempotencyKey::random()).await.unwrap();
    let (key, plain) = (issued.key, issued.secret.unwrap());
    assert_eq!(key.ip_rules, ["127.0.0.0/8", "198.51.100.1", "2001:db8::/32"]);
    assert_eq!(call(&server, plain.expose(), CLIENT).await, 200);
    let elsewhere = UpdateKey { ip_rules: rules(&["203.0.113.0/24"]), ..UpdateKey::default() };
    let key = partner.client.update_key(&key.id, key.version, &elsewhere).await.unwrap();
    assert_eq!(call(&server, plain.expose(), CLIENT).await, 403, "nobody's word is taken");
    let wrong = UpdateKey {
        ip_rules: rules(&["127.0.0.1", "127.0.0.1/40", "here"]),
        ..UpdateKey::default()
    };
    let (status, _, pointers) = told(partner.client.update_key(&key.id, key.version, &wrong).await);
    assert_eq!((status, pointers), (422, vec!["/ip_rules/1".into(), "/ip_rules/2".into()]));
    let anywhere = UpdateKey { ip_rules: rules(&[]), ..UpdateKey::default() };
    let key = partner.client.update_key(&key.id, key.version, &anywhere).await.unwrap();
    assert!(key.ip_rules.is_empty());
    assert_eq!(call(&server, plain.expose(), CLIENT).await, 200);
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_clients_address_counts_everywhere() {
    let server = TestServer::start_as(|config| {
        let loopback = parse_proxy("127.0.0.0/8").unwrap();
        config.trusted_proxies = TrustedProxies::new(vec![loopback]);
    });
    let server = server.await;
    let partner = server.sign_up("Northwind").await;
    let request = CreateKey { ip_rules: rules(&[CLIENT]), ..new_key("clipia", Environment::Test) };
    let issued = partner.client.create_key(&request, &IdempotencyKey::random()).await.unwrap();
    let plain = issued.secret.unwrap();
    for (said, status) in [
        (CLIENT, 200),
        ("203.0.113.7, 127.0.0.2", 200),
        ("203.0.113.7, 198.51.100.1", 403),
        ("198.51.100.1", 403),
    ] {
        assert_eq!(call(&server, plain.expose(), said).await, status, "{said}");
    }
    assert_eq!(call(&server, plain.expose(), CLIENT).await, 200);
    until(async || {
        let key = partner.client.get_key(&issued.key.id).await.unwrap();
        (key.last_used_address.as_deref() == Some(CLIENT)).then_some(())
    })
    .await;

    // Sessions tell it, and guesses at a password are counted by it.
    let sign_in = async |password: &str, client: &str| {
        let request = server.request(reqwest::Method::POST, "/sessions", None);
        let body = json!({ "email": partner.email, "password": password });
        let request = request.header("x-forwarded-for", client).json(&body);
        request.send().await.unwrap()
    };
    let signed_in: Value = sign_in(PASSWORD, CLIENT).await.json().await.unwrap();
    let sessions = partner.client.list_sessions().await.unwrap().data;
    let session =
        sessions.iter().find(|one| signed_in["session_id"] == one.id.to_string()).unwrap();
    assert_eq!(session.address.as_deref(), Some(CLIENT));
    while sign_in("wrong", CLIENT).await.status() != 429 {}
    assert_eq!(sign_in(PASSWORD, "203.0.113.8").await.status(), 201, "another address may try");
}

#[tokio::test]
async fn an_accounts_entries_are_set_like_its_other_settings() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let account = async || {
        let platforms = partner.client.list_platforms().await.unwrap().data;
        platforms.into_iter().find(|platform| platform.ip_entries).unwrap()
    };
    let platform = account().await;
    let (slug, version) = (platform.slug.as_str(), platform.account.version);
    let entry = |rule: &str| IpEntry {
        environment: Environment::Test,
        rule: rule.to_owned(),
        active: true,
        note: " office ".to_owned(),
    };
    let entries = |rules: &[&str]| UpdateAccount {
        ip_entries: Some(rules.iter().map(|rule| entry(rule)).collect()),
        ..UpdateAccount::default()
    };
    let home = entries(&["192.0.2.9/24"]);
    let changed = partner.client.update_account(slug, version, &home).await.unwrap();
    let kept = IpEntry { note: "office".to_owned(), ..entry("192.0.2.0/24") };
    assert_eq!((changed.version, &changed.ip_entries), (version + 1, &vec![kept.clone()]));
    let stale = told(partner.client.update_account(slug, version, &home).await);
    assert_eq!((stale.0, stale.1.as_str()), (412, "stale_version"));
    let wrong = entries(&["192.0.2.1", "nowhere"]);
    let (status, _, pointers) =
        told(partner.client.update_account(slug, version + 1, &wrong).await);
    assert_eq!((status, pointers), (422, vec!["/ip_entries/1/rule".to_owned()]));
    assert_eq!(account().await.account.ip_entries, [kept]);
    let logged = partner.client.list_audit_events(&AuditQuery::default()).await.unwrap();
    let change = &logged.data[0];
    assert_eq!(change.action, "account.ip_entries_changed");
    assert_eq!(change.changes[0].after.as_deref(), Some("test 192.0.2.0/24"));
    let anywhere = entries(&[]);
    let open = partner.client.update_account(slug, version + 1, &anywhere).await.unwrap();
    assert!(open.ip_entries.is_empty());
}
