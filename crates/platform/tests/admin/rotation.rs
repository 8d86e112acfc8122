//! Rotation of keys: two work for a while, then one; who calls with which.

use chrono::{DateTime, TimeDelta};
use latchkey_client::IdempotencyKey;
use latchkey_contract::{
    Amount, Environment, KeyId,
    keys::{CreateKey, Key, KeyStatus, RotateKey, RotatedKey, UpdateKey},
};
use proptest::{prelude::*, test_runner::TestRunner};
use reqwest::header::HeaderMap;
use serde_json::json;

use crate::{
    support::{TestPartner, TestServer, new_key, until},
    told,
};

const DAY: i64 = 86_400;

fn fresh() -> IdempotencyKey {
    IdempotencyKey::random()
}

fn grace(seconds: u32) -> RotateKey {
    RotateKey { grace_seconds: Some(seconds), force: None }
}

fn forced(seconds: u32) -> RotateKey {
    RotateKey { force: Some(true), ..grace(seconds) }
}

/// A call with a key: its status and headers.
async fn call(server: &TestServer, plain: &str) -> (u16, HeaderMap) {
    let request = server.http.get(server.url("/clipia/v1/account"));
    let answer = request.bearer_auth(plain).send().await.unwrap();
    (answer.status().as_u16(), answer.headers().clone())
}

async fn status(server: &TestServer, plain: &str) -> u16 {
    call(server, plain).await.0
}

async fn rotate(partner: &TestPartner, id: &KeyId, request: &RotateKey) -> (RotatedKey, String) {
    let rotated = partner.client.rotate_key(id, request, &fresh()).await.unwrap();
    let plain = rotated.secret.clone().unwrap().expose().to_owned();
    (rotated, plain)
}

/// Lets time pass; sessions do not last as long.
async fn wait(server: &TestServer, partner: &mut TestPartner, seconds: i64) {
    server.clock.jump(TimeDelta::seconds(seconds));
    let tokens = server.client.refresh_session(&partner.tokens.refresh_token).await.unwrap();
    partner.client = server.client.with_token(tokens.access_token.clone());
    partner.tokens = tokens;
}

#[tokio::test]
async fn a_rotated_key_works_beside_the_new_one_until_its_grace_ends() {
    let server = TestServer::start().await;
    let mut partner = server.sign_up("Northwind").await;
    let request = CreateKey {
        scopes: Some(vec!["read".to_owned()]),
        requests_per_minute: Some(77),
        concurrent_limit: Some(3),
        daily_limit: Some(Amount::from_credits(9)),
        ip_rules: Some(vec!["127.0.0.1".to_owned(), "2001:db8::/32".to_owned()]),
        ..new_key("clipia", Environment::Live)
    };
    let issued = partner.client.create_key(&request, &fresh()).await.unwrap();
    let (first, plain) = (issued.key, issued.secret.unwrap());
    assert!(call(&server, plain.expose()).await.1.get("deprecation").is_none());

    let once = fresh();
    let asked = RotateKey::default();
    let rotated = partner.client.rotate_key(&first.id, &asked, &once).await.unwrap();
    let (new, old) = (rotated.key.clone(), rotated.old.clone());
    let secret = rotated.secret.unwrap();
    assert!(secret.expose().starts_with(&first.prefix) && secret.expose().ends_with(&new.last4));
    let settings = |key: &Key| Key {
        id: first.id.clone(),
        status: KeyStatus::Active,
        last4: String::new(),
        digest: String::new(),
        created_at: first.created_at,
        first_used_at: None,
        last_used_at: None,
        last_used_address: None,
        last_used_agent: None,
        replaces: None,
        replaced_by: None,
        grace_ends_at: None,
        version: 0,
        ..key.clone()
    };
    assert_eq!(settings(&new), settings(&first), "all settings are the old one's");
    assert_eq!((new.replaces.as_ref(), old.replaced_by.as_ref()), (Some(&old.id), Some(&new.id)));
    assert_eq!((new.status, old.status), (KeyStatus::Active, KeyStatus::Retiring));
    let ends_at = old.grace_ends_at.unwrap();
    assert_eq!(ends_at - new.created_at, TimeDelta::days(1), "a day unless told");
    assert!(old.version > first.version);

    let repeated = partner.client.rotate_key(&first.id, &asked, &once).await.unwrap();
    assert_eq!((repeated.key, repeated.secret), (new.clone(), None));
    let kept = server.query::<String>("SELECT group_concat(body) FROM admin_idempotency");
    assert!(!kept.contains(secret.expose()), "a secret was kept for repetitions");

    let (status_of_old, headers) = call(&server, plain.expose()).await;
    assert_eq!((status_of_old, status(&server, secret.expose()).await), (200, 200));
    let deprecation = headers["deprecation"].to_str().unwrap();
    assert_eq!(deprecation, format!("@{}", new.created_at.timestamp()));
    let sunset = DateTime::parse_from_rfc2822(headers["sunset"].to_str().unwrap()).unwrap();
    assert_eq!(sunset.timestamp(), ends_at.timestamp());
    assert!(headers["sunset"].to_str().unwrap().ends_with(" GMT"));
    assert!(call(&server, secret.expose()).await.1.get("deprecation").is_none());
    let refused = server.http.get(server.url("/clipia/v1/nothing")).bearer_auth(plain.expose());
    assert!(refused.send().await.unwrap().headers().contains_key("deprecation"));

    wait(&server, &mut partner, DAY + 1).await;
    let (status_of_old, headers) = call(&server, plain.expose()).await;
    assert_eq!((status_of_old, status(&server, secret.expose()).await), (401, 200));
    assert!(!headers.contains_key("deprecation") && !headers.contains_key("sunset"));
    assert_eq!(partner.client.get_key(&old.id).await.unwrap().status, KeyStatus::Expired);
}

#[tokio::test]
async fn a_grace_ends_early_from_the_next_request() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (key, plain) = partner.issue_key("clipia", Environment::Test).await;
    let refused = told(partner.client.end_grace(&key.id).await);
    assert_eq!(refused, (409, "not_rotated".to_owned(), vec![]));
    let (rotated, new) = rotate(&partner, &key.id, &grace(600)).await;
    assert_eq!(status(&server, &plain).await, 200);
    // By the id of either.
    let ended = partner.client.end_grace(&rotated.key.id).await.unwrap();
    assert_eq!((&ended.id, ended.status), (&key.id, KeyStatus::Expired));
    assert_eq!((status(&server, &plain).await, status(&server, &new).await), (401, 200));
    let again = partner.client.end_grace(&key.id).await.unwrap();
    assert_eq!((again.grace_ends_at, again.version), (ended.grace_ends_at, ended.version));
    let (_, newest) = rotate(&partner, &rotated.key.id, &grace(0)).await;
    assert_eq!((status(&server, &new).await, status(&server, &newest).await), (401, 200));
}

#[tokio::test]
async fn a_second_rotation_during_grace_takes_force() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (first, first_plain) = partner.issue_key("clipia", Environment::Test).await;
    let (second, second_plain) = rotate(&partner, &first.id, &grace(600)).await;
    for id in [&first.id, &second.key.id] {
        let refused = told(partner.client.rotate_key(id, &grace(600), &fresh()).await);
        assert_eq!(refused, (409, "rotation_in_progress".to_owned(), vec![]));
    }
    // Either id stands for the rotation: the newer key is the one that is rotated.
    let (third, third_plain) = rotate(&partner, &first.id, &forced(600)).await;
    assert_eq!(third.old.id, second.key.id);
    let mut works = Vec::new();
    for plain in [&first_plain, &second_plain, &third_plain] {
        works.push(status(&server, plain).await);
    }
    assert_eq!(works, [401, 200, 200]);
}

#[tokio::test]
async fn what_cannot_be_rotated_says_why() {
    let server = TestServer::start().await;
    let mut partner = server.sign_up("Northwind").await;
    let (key, _) = partner.issue_key("clipia", Environment::Test).await;
    let wrong = told(partner.client.rotate_key(&key.id, &grace(604_801), &fresh()).await);
    assert_eq!(wrong, (422, "invalid_input".to_owned(), vec!["/grace_seconds".to_owned()]));
    let (rotated, new_plain) = rotate(&partner, &key.id, &grace(604_800)).await;
    partner.client.revoke_key(&rotated.key.id).await.unwrap();
    let revoked = told(partner.client.rotate_key(&rotated.key.id, &grace(0), &fresh()).await);
    assert_eq!(revoked.1, "key_revoked");
    // A replacement that was revoked is none: the old key works on and gets another.
    let (again, plain) = rotate(&partner, &key.id, &grace(60)).await;
    assert_eq!(again.old.id, key.id);
    assert_eq!((status(&server, &new_plain).await, status(&server, &plain).await), (401, 200));
    wait(&server, &mut partner, 61).await;
    let ended = told(partner.client.rotate_key(&key.id, &forced(0), &fresh()).await);
    assert_eq!(ended.1, "key_expired");
}

#[tokio::test]
async fn a_paused_key_gets_a_successor_that_works() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (key, plain) = partner.issue_key("clipia", Environment::Test).await;
    let pause = UpdateKey { paused: Some(true), ..UpdateKey::default() };
    partner.client.update_key(&key.id, key.version, &pause).await.unwrap();
    let (rotated, new) = rotate(&partner, &key.id, &grace(600)).await;
    assert_eq!((rotated.old.status, rotated.key.status), (KeyStatus::Paused, KeyStatus::Active));
    assert_eq!((status(&server, &plain).await, status(&server, &new).await), (401, 200));
    let resume = UpdateKey { paused: Some(false), ..UpdateKey::default() };
    partner.client.update_key(&key.id, rotated.old.version, &resume).await.unwrap();
    assert_eq!(status(&server, &plain).await, 200);
}

#[tokio::test]
async fn a_rotation_is_no_way_round_an_allowance() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let request = CreateKey {
        credit_allowance: Some(Amount::from_credits(9)),
        ..new_key("clipia", Environment::Live)
    };
    let issued = partner.client.create_key(&request, &fresh()).await.unwrap();
    let (key, plain) = (issued.key, issued.secret.unwrap().expose().to_owned());
    let submit = async |plain: &str| {
        let request = server.http.post(server.url("/clipia/v1/models/nano-banana-2"));
        let body = json!({ "input": { "prompt": "x" } });
        request.bearer_auth(plain).json(&body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(submit(&plain).await, 200);
    let (rotated, new) = rotate(&partner, &key.id, &grace(600)).await;
    assert_eq!(rotated.key.spent_in_all, Some(Amount::from_credits(4)));
    assert_eq!(submit(&plain).await, 200, "four of nine were left over");
    assert_eq!((submit(&plain).await, submit(&new).await), (402, 402), "one is, for both");
    let spent = partner.client.get_key(&rotated.key.id).await.unwrap().spent_in_all;
    assert_eq!(spent, Some(Amount::from_credits(8)));
}

#[tokio::test]
async fn the_cut_over_tells_old_calls_from_new_and_when_it_is_safe() {
    let server = TestServer::start().await;
    let mut partner = server.sign_up("Northwind").await;
    let (key, plain) = partner.issue_key("clipia", Environment::Test).await;
    let none = told(partner.client.get_cut_over(&key.id).await);
    assert_eq!(none, (409, "not_rotated".to_owned(), vec![]));
    let (rotated, new) = rotate(&partner, &key.id, &grace(3600)).await;
    let before = partner.client.get_cut_over(&key.id).await.unwrap();
    assert_eq!((before.minutes.len(), before.old_calls.len()), (60, 60));
    assert_eq!((before.new_last_success_at, before.safe_to_end), (None, false));

    for plain in [&plain, &plain, &new] {
        assert_eq!(status(&server, plain).await, 200);
    }
    let told = until(async || {
        let told = partner.client.get_cut_over(&rotated.key.id).await.unwrap();
        let calls = (told.old_calls.iter().sum::<u32>(), told.new_calls.iter().sum::<u32>());
        (calls == (2, 1) && told.old_last_call_at.is_some()).then_some(told)
    });
    let told = told.await;
    assert_eq!((&told.old.id, &told.new.id), (&key.id, &rotated.key.id));
    assert!(told.new_last_success_at.unwrap() >= rotated.key.created_at);
    assert!(!told.safe_to_end, "the old key was used a moment ago");
    wait(&server, &mut partner, told.silent_for_seconds.into()).await;
    let told = partner.client.get_cut_over(&key.id).await.unwrap();
    assert!(told.safe_to_end, "{told:?}");
    let used = partner.client.get_key(&key.id).await.unwrap();
    assert!(used.first_used_at.unwrap() <= used.last_used_at.unwrap());
    // Long after, calls with the new key are known from the roll-up that is kept.
    wait(&server, &mut partner, 4 * 3600).await;
    let context = server.context();
    context.store.prune(context.clock.now(), 1000).await.unwrap();
    let told = partner.client.get_cut_over(&key.id).await.unwrap();
    assert_eq!(told.old_calls.iter().chain(&told.new_calls).sum::<u32>(), 0);
    assert!(told.new_last_success_at.is_some());
}

#[derive(Debug, Clone)]
enum Step {
    Rotate { key: prop::sample::Index, grace: u32, force: bool },
    EndGrace { key: prop::sample::Index },
    Revoke { key: prop::sample::Index },
    Wait { seconds: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let key = any::<prop::sample::Index>;
    prop_oneof![
        4 => (key(), 0u32..90, any::<bool>())
            .prop_map(|(key, grace, force)| Step::Rotate { key, grace, force }),
        1 => key().prop_map(|key| Step::EndGrace { key }),
        1 => key().prop_map(|key| Step::Revoke { key }),
        2 => (1i64..60).prop_map(|seconds| Step::Wait { seconds }),
    ]
}

/// The keys of a chain of rotations, the newest last.
type Chain = Vec<(KeyId, String)>;

async fn take(server: &TestServer, partner: &mut TestPartner, chain: &mut Chain, step: &Step) {
    // What is refused changes nothing; that is what the invariants are about.
    match step {
        Step::Rotate { key, grace, force } => {
            let request = RotateKey { grace_seconds: Some(*grace), force: Some(*force) };
            let id = &key.get(chain).0;
            if let Ok(rotated) = partner.client.rotate_key(id, &request, &fresh()).await {
                let plain = rotated.secret.unwrap().expose().to_owned();
                chain.push((rotated.key.id, plain));
            }
        }
        Step::EndGrace { key } => drop(partner.client.end_grace(&key.get(chain).0).await),
        Step::Revoke { key } => drop(partner.client.revoke_key(&key.get(chain).0).await),
        Step::Wait { seconds } => wait(server, partner, *seconds).await,
    }
}

async fn check(server: &TestServer, partner: &TestPartner, chain: &Chain) {
    let mut working = 0;
    let mut newest_works = true;
    for (id, plain) in chain {
        let standing = partner.client.get_key(id).await.unwrap().status;
        let (status, headers) = call(server, plain).await;
        let works = matches!(standing, KeyStatus::Active | KeyStatus::Retiring);
        assert_eq!(status == 200, works, "{standing:?} is told and {status} answered");
        let retires = standing == KeyStatus::Retiring;
        assert_eq!(headers.contains_key("deprecation"), retires, "{standing:?}");
        assert_eq!(headers.contains_key("sunset"), retires, "{standing:?}");
        working += usize::from(works);
        newest_works = standing == KeyStatus::Active || standing == KeyStatus::Revoked;
    }
    assert!(working <= 2, "{working} keys of one chain work");
    assert!(newest_works, "the newest key works unless it is revoked");
}

#[test]
fn however_a_chain_is_rotated_two_keys_work_at_most_and_the_newest_always() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (server, partner) = runtime.block_on(async {
        let server = TestServer::start().await;
        let partner = server.sign_up("Northwind").await;
        (server, partner)
    });
    let partner = std::cell::RefCell::new(partner);
    let config = ProptestConfig { cases: 12, failure_persistence: None, ..Default::default() };
    let steps = prop::collection::vec(step(), 1..9);
    let checked = TestRunner::new(config).run(&steps, |steps| {
        let mut partner = partner.borrow_mut();
        runtime.block_on(async {
            let (key, plain) = partner.issue_key("clipia", Environment::Test).await;
            let mut chain = vec![(key.id, plain)];
            for step in &steps {
                take(&server, &mut partner, &mut chain, step).await;
                check(&server, &partner, &chain).await;
            }
        });
        Ok(())
    });
    checked.unwrap();
}
