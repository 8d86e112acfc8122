//! What keys may spend: no more than their limits, whatever comes at once, and what is not spent is
//! given back.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use latchkey_contract::Amount;
use latchkey_store::{
    Charge, Charged, KeyChange, KeySpend, Settled, SettledAs, Settlement, SpendLimit, SpendLimits,
    Store, Updated,
};
use proptest::prelude::*;
use serde_json::json;

use crate::common::{Known, TestStore, accept, charge, now, partner, repeatable};

/// The first moment of the day after [`now`], UTC.
fn midnight() -> DateTime<Utc> {
    (now().date_naive() + Days::new(1)).and_time(NaiveTime::MIN).and_utc()
}

fn limits(daily: Option<i64>, allowance: Option<i64>) -> SpendLimits {
    SpendLimits { daily_limit: daily.map(Amount), credit_allowance: allowance.map(Amount) }
}

/// Gives Ada's key its limits at `at`.
async fn limit(store: &Store, ada: &Known, limits: SpendLimits, at: DateTime<Utc>) {
    let key = store.get_key(&ada.id, &ada.key).await.unwrap().unwrap();
    let change = KeyChange {
        daily_limit: Some(limits.daily_limit),
        credit_allowance: Some(limits.credit_allowance),
        ..KeyChange::default()
    };
    let changed = store.update_key(&ada.id, &ada.key, key.version, change, at).await.unwrap();
    assert!(matches!(changed, Updated::Changed(key) if key.spend_limits == limits));
}

async fn spend(store: &Store, ada: &Known) -> KeySpend {
    let found = store.list_key_spend(&ada.id, std::slice::from_ref(&ada.key)).await.unwrap();
    found.get(&ada.key).copied().unwrap_or_default()
}

/// Spent today and in all, in millionths.
async fn spent(store: &Store, ada: &Known, at: DateTime<Utc>) -> (i64, i64) {
    let spend = spend(store, ada).await;
    (spend.today(at).0, spend.in_all.0)
}

fn limited(ada: &Known, job: &str, price: i64, limits: SpendLimits, at: DateTime<Utc>) -> Charge {
    Charge { limits, now: at, ..charge(ada, job, Amount(price)) }
}

async fn settle(store: &Store, ada: &Known, job: &str, result: SettledAs) {
    let settlement = Settlement {
        now: now(),
        partner_id: ada.id.clone(),
        job_id: job.to_owned(),
        result,
        events: vec![],
    };
    assert!(matches!(store.settle(settlement).await.unwrap(), Settled::Done { .. }));
}

fn done(captured: i64) -> SettledAs {
    SettledAs::Succeeded { output: json!({}), captured: Amount(captured) }
}

fn over(limit: SpendLimit, left: i64) -> Charged {
    Charged::OverLimit { limit, left: Amount(left) }
}

#[tokio::test]
async fn a_hold_counts_at_once_and_what_is_not_spent_is_given_back() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let both = limits(Some(10), Some(15));
    limit(&store, &ada, both, now()).await;
    accept(&store, limited(&ada, "failed", 6, both, now())).await;
    assert_eq!(spent(&store, &ada, now()).await, (6, 6));
    let again = || limited(&ada, "other", 5, both, now());
    assert_eq!(store.charge(again()).await.unwrap(), over(SpendLimit::Daily, 4));
    let failure = SettledAs::Failed { code: "X".to_owned(), message: "x".to_owned() };
    settle(&store, &ada, "failed", failure).await;
    assert_eq!(spent(&store, &ada, now()).await, (0, 0));
    accept(&store, again()).await;
    settle(&store, &ada, "other", done(2)).await;
    assert_eq!(spent(&store, &ada, now()).await, (2, 2), "less was captured than held");
    accept(&store, limited(&ada, "canceled", 8, both, now())).await;
    settle(&store, &ada, "canceled", SettledAs::Canceled).await;
    accept(&store, limited(&ada, "whole", 8, both, now())).await;
    settle(&store, &ada, "whole", done(8)).await;
    assert_eq!(spent(&store, &ada, now()).await, (10, 10));
    store.assert_balanced().await;
}

#[tokio::test]
async fn the_limit_in_all_is_told_before_the_one_a_day_and_nothing_is_written() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    for (set, told) in [
        (limits(None, Some(4)), over(SpendLimit::Allowance, 4)),
        (limits(Some(4), None), over(SpendLimit::Daily, 4)),
        (limits(Some(3), Some(4)), over(SpendLimit::Allowance, 4)),
        (limits(Some(4), Some(9)), over(SpendLimit::Daily, 4)),
    ] {
        limit(&store, &ada, set, now()).await;
        let dear = repeatable(limited(&ada, "job-1", 5, set, now()), "k", "x");
        assert_eq!(store.charge(dear).await.unwrap(), told);
        assert_eq!(spent(&store, &ada, now()).await, (0, 0));
    }
    let free = repeatable(limited(&ada, "job-1", 4, limits(Some(4), None), now()), "k", "y");
    accept(&store, free).await;
    store.assert_balanced().await;
}

#[tokio::test]
async fn an_account_without_credits_spends_nothing_of_the_keys_limits() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let full = Amount::from_credits(100);
    let wide = limits(Some(full.0 * 2), Some(full.0 * 2));
    limit(&store, &ada, wide, now()).await;
    let refused = store.charge(limited(&ada, "job-1", full.0 + 1, wide, now())).await.unwrap();
    assert_eq!(refused, Charged::InsufficientCredits { balance: full });
    assert_eq!(spent(&store, &ada, now()).await, (0, 0));
}

#[tokio::test]
async fn the_day_ends_at_midnight_utc() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let daily = limits(Some(10), None);
    limit(&store, &ada, daily, now()).await;
    let last = midnight() - TimeDelta::microseconds(1);
    accept(&store, limited(&ada, "evening", 10, daily, last)).await;
    assert_eq!(
        store.charge(limited(&ada, "late", 1, daily, last)).await.unwrap(),
        over(SpendLimit::Daily, 0)
    );
    assert_eq!(spent(&store, &ada, midnight()).await, (0, 10));
    accept(&store, limited(&ada, "morning", 7, daily, midnight())).await;
    settle(&store, &ada, "evening", SettledAs::Canceled).await;
    assert_eq!(spent(&store, &ada, midnight()).await, (7, 7), "given back to the day it was on");
    let stray = limited(&ada, "stray", 4, daily, last);
    let refused = store.charge(stray).await.unwrap();
    assert_eq!(refused, over(SpendLimit::Daily, 3), "written after midnight, it counts there");
    accept(&store, limited(&ada, "stray", 3, daily, last)).await;
    assert_eq!(spent(&store, &ada, midnight()).await, (10, 10));
}

#[tokio::test]
async fn a_new_limit_knows_what_was_spent_before_it() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let none = SpendLimits::default();
    accept(&store, limited(&ada, "captured", 5, none, now())).await;
    settle(&store, &ada, "captured", done(4)).await;
    accept(&store, limited(&ada, "open", 3, none, now())).await;
    let tomorrow = limited(&ada, "tomorrow", 2, none, midnight());
    accept(&store, tomorrow).await;
    assert_eq!(spend(&store, &ada).await, KeySpend::default(), "nothing is counted without one");
    limit(&store, &ada, limits(None, Some(20)), midnight()).await;
    assert_eq!(spent(&store, &ada, midnight()).await, (2, 9));
    settle(&store, &ada, "open", SettledAs::Canceled).await;
    assert_eq!(spent(&store, &ada, midnight()).await, (2, 6));
    settle(&store, &ada, "tomorrow", SettledAs::Canceled).await;
    assert_eq!(spent(&store, &ada, midnight()).await, (0, 4));
    let bob = partner(&store, "bob@example.com").await;
    let foreign = store.list_key_spend(&bob.id, std::slice::from_ref(&ada.key)).await.unwrap();
    assert!(foreign.is_empty(), "another partner's key");
}

/// One step of a key's life: what it asks for, how many seconds after [`now`], and how the job ends.
#[derive(Debug, Clone)]
struct Step {
    price: i64,
    at: i64,
    captured: Option<i64>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let day = 86_400_i64;
    let step = (1..60_i64, 0..3 * day, prop::option::weighted(0.6, 0..60_i64))
        .prop_map(|(price, at, captured)| Step { price, at, captured });
    prop::collection::vec(step, 1..40).prop_map(|mut steps| {
        steps.sort_by_key(|step| step.at);
        steps
    })
}

/// Against the plainest bookkeeping there is.
async fn live_through(steps: Vec<Step>, daily: Option<i64>, allowance: i64) {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let set = limits(daily, Some(allowance));
    limit(&store, &ada, set, now()).await;
    let (mut in_all, mut days) = (0, HashMap::<_, i64>::new());
    for (number, step) in steps.into_iter().enumerate() {
        let at = now() + TimeDelta::seconds(step.at);
        let today = days.entry(at.date_naive()).or_default();
        let fits = in_all + step.price <= allowance
            && daily.is_none_or(|limit| *today + step.price <= limit);
        let job = format!("job-{number}");
        let charged = store.charge(limited(&ada, &job, step.price, set, at)).await.unwrap();
        assert_eq!(matches!(charged, Charged::Accepted { .. }), fits, "{charged:?}");
        if fits {
            let captured = step.captured.unwrap_or(0).min(step.price);
            let end = if step.captured.is_some() { done(captured) } else { SettledAs::Canceled };
            settle(&store, &ada, &job, end).await;
            in_all += captured;
            *today += captured;
        }
        assert_eq!(spent(&store, &ada, at).await, (*today, in_all));
    }
}

/// Everything at once, at both sides of midnight.
async fn race(prices: Vec<(i64, bool)>, daily: i64, allowance: i64) {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let set = limits(Some(daily), Some(allowance));
    limit(&store, &ada, set, now()).await;
    let racing = prices.into_iter().enumerate().map(|(number, (price, late))| {
        let at = if late { midnight() } else { midnight() - TimeDelta::microseconds(1) };
        let charge = limited(&ada, &format!("job-{number}"), price, set, at);
        let store = store.store.clone();
        tokio::spawn(async move {
            let charged = store.charge(charge).await.unwrap();
            if matches!(charged, Charged::Accepted { .. }) { price } else { 0 }
        })
    });
    let held = futures::future::join_all(racing).await.into_iter().map(Result::unwrap);
    let held: i64 = held.sum();
    let (today, in_all) = spent(&store, &ada, midnight()).await;
    assert_eq!(held, in_all);
    assert!(in_all <= allowance && in_all <= 2 * daily && today <= daily, "{today} of {in_all}");
    store.assert_balanced().await;
}

fn block_on(work: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().unwrap().block_on(work);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_key_spends_to_its_limits_and_not_beyond(
        steps in steps(), daily in prop::option::of(20..150_i64), allowance in 50..400_i64
    ) {
        block_on(live_through(steps, daily, allowance));
    }

    #[test]
    fn charges_at_once_never_exceed_a_limit(
        prices in prop::collection::vec((1..30_i64, any::<bool>()), 1..64), daily in 1..200_i64, allowance in 1..300_i64
    ) {
        block_on(race(prices, daily, allowance));
    }
}
