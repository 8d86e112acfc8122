use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use latchkey_contract::{Amount, Environment, PrefixedId, usage::Outcome};
use latchkey_store::{AdminRequest, NewSession, NewTokens, Pruned, Tally, TokenDigest};

use crate::common::{
    TestStore, accept, after, caller, charge, digest, new_id, now, partner, repeatable,
};

const HOUR: i64 = 3600;

#[tokio::test]
async fn old_minutes_go_and_quarters_stay() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let tally = |seconds| Tally {
        now: after(seconds),
        partner_id: ada.id.clone(),
        platform: Arc::from("red"),
        environment: Environment::Live,
        key_id: ada.key.clone(),
        operation: Arc::from("images.create"),
        outcome: Outcome::Accepted,
        requests: 1,
        credits: Amount::ZERO,
        last_used: None,
    };
    store.tally((0..5).map(|minute| tally(minute * 60)).chain([tally(3 * HOUR)]).collect());
    let spans = || -> Vec<(i64, i64)> {
        let raw = store.raw();
        let mut rows = raw
            .prepare("SELECT span_s, COUNT(*) FROM usage GROUP BY span_s ORDER BY span_s <> 60")
            .unwrap();
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    };
    let deadline = Instant::now() + Duration::from_secs(10);
    while spans().is_empty() {
        assert!(Instant::now() < deadline, "the counts were not written");
        tokio::task::yield_now().await;
    }
    assert_eq!(spans()[0], (60, 6));
    let kept_for_good = spans().split_off(1);
    assert_eq!(kept_for_good.len(), 1, "quarters");
    let pruned = store.prune(after(3 * HOUR + 180), 2).await.unwrap();
    assert_eq!(
        pruned,
        Pruned { minute_buckets: 2, ..Pruned::default() },
        "at most as many as told"
    );
    store.prune(after(3 * HOUR + 180), 2).await.unwrap();
    assert_eq!(spans()[0], (60, 3));
    assert_eq!(spans()[1..], kept_for_good);
}

#[tokio::test]
async fn expired_repeat_keys_go_a_window_at_a_time() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    for number in 0..7 {
        let mut charge = repeatable(
            charge(&ada, &format!("job-{number}"), Amount(1)),
            &format!("{number}"),
            "x",
        );
        if let Some(repeat) = &mut charge.idempotency {
            repeat.expires_at = after(if number % 2 == 0 { HOUR } else { 48 * HOUR });
        }
        accept(&store, charge).await;
    }
    let mut pruned = 0;
    for _ in 0..3 {
        let step = store.prune(after(2 * HOUR), 3).await.unwrap().idempotency;
        assert!(step <= 3);
        pruned += step;
    }
    assert_eq!(pruned, 4);
    for number in 0..7 {
        let found =
            store.get_idempotency(ada.id.as_str(), &format!("{number}"), now()).await.unwrap();
        assert_eq!(found.is_some(), number % 2 == 1, "{number}");
    }
    assert_eq!(store.prune(after(2 * HOUR), 3).await.unwrap(), Pruned::default());
}

#[tokio::test]
async fn admin_keys_and_the_tokens_of_dead_sessions_go() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    for (key, expires) in [("short", HOUR), ("long", 48 * HOUR)] {
        let request = AdminRequest {
            scope: "ptn".to_owned(),
            key: key.to_owned(),
            payload_digest: digest("x"),
            now: now(),
            expires_at: after(expires),
        };
        store.begin_admin_request(&request).await.unwrap();
    }
    let token = |name: &str| TokenDigest { digest: digest(name), expires_at: after(HOUR) };
    let tokens = |name: &str| NewTokens {
        access: token(&format!("{name}a")),
        refresh: token(&format!("{name}r")),
    };
    let session = NewSession {
        id: new_id(),
        partner_id: ada.id.clone(),
        member_id: ada.member.id.clone(),
        tokens: tokens("1"),
        caller: caller(),
        now: now(),
    };
    store.create_session(session).await.unwrap();
    store.refresh_session(&digest("1r"), tokens("2"), &caller(), now()).await.unwrap();
    assert_eq!(store.prune(now(), 10).await.unwrap(), Pruned::default());
    let pruned = store.prune(after(2 * HOUR), 10).await.unwrap();
    assert_eq!(pruned, Pruned { admin_idempotency: 1, refresh_tokens: 1, ..Pruned::default() });
}
