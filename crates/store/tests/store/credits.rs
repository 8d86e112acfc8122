//! Grants, books and the ledger, and a property: whatever happens in whatever order, they agree.

use std::collections::HashSet;

use latchkey_contract::{
    Amount, PartnerId,
    credits::{CreditSummary, EntryKind, EntryQuery, TopUpRule, TopUpTrigger},
};
use latchkey_store::{
    Charged, Moved, Movement, Settled, SettledAs, Settlement, Store, StoreError, Wanted,
};
use proptest::prelude::*;
use serde_json::json;

use crate::common::{
    BLUE, Known, RED, TestStore, accept, after, charge, new_id, now, operator, partner,
};
use crate::top_ups::{booked, purchase, set_rule};

fn grant(partner_id: &PartnerId, amount: i64, operation: &str) -> Movement {
    Movement {
        partner_id: partner_id.clone(),
        platform: RED.to_owned(),
        amount: Amount(amount),
        operation: operation.to_owned(),
        note: None,
        now: now(),
    }
}

fn end(partner: &Known, job: &str, result: SettledAs) -> Settlement {
    Settlement {
        now: after(5),
        partner_id: partner.id.clone(),
        job_id: job.to_owned(),
        result,
        events: vec![],
    }
}

fn done(captured: i64) -> SettledAs {
    SettledAs::Succeeded { output: json!({"url": "x"}), captured: Amount(captured) }
}

#[tokio::test]
async fn a_grant_is_given_once() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let before = Amount::from_credits(100);
    let first = store.grant_credits(grant(&ada.id, 7, "op-1"), &operator()).await.unwrap();
    assert_eq!(first, Moved::Done(before + Amount(7)));
    let again = store.grant_credits(grant(&ada.id, 7, "op-1"), &operator()).await.unwrap();
    assert_eq!(again, Moved::Repeated(before + Amount(7)));
    assert_eq!(
        store.grant_credits(grant(&new_id(), 7, "op-2"), &operator()).await.unwrap(),
        Moved::NoAccount
    );
    store.assert_balanced().await;
}

#[tokio::test]
async fn a_grant_must_be_positive_and_fit() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    for amount in [0, -1, i64::MAX] {
        let refused = store.grant_credits(grant(&ada.id, amount, "op-1"), &operator()).await;
        assert!(matches!(refused, Err(StoreError::AmountOutOfRange)), "{amount}");
    }
    store.assert_balanced().await;
}

#[tokio::test]
async fn a_summary_adds_up() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    accept(&store, charge(&ada, "spent", Amount(10))).await;
    accept(&store, charge(&ada, "held", Amount(20))).await;
    accept(&store, charge(&ada, "failed", Amount(40))).await;
    store.settle(end(&ada, "spent", done(10))).await.unwrap();
    let failed = SettledAs::Failed { code: "BROKEN".to_owned(), message: "It broke.".to_owned() };
    store.settle(end(&ada, "failed", failed)).await.unwrap();
    let granted = Amount::from_credits(100);
    let red = CreditSummary {
        platform: RED.to_owned(),
        from: None,
        opening: Amount::ZERO,
        granted,
        purchased: Amount::ZERO,
        adjusted: Amount::ZERO,
        captured: Amount(10),
        held: Amount(20),
        balance: granted - Amount(30),
        recomputed: granted - Amount(30),
        agrees: true,
    };
    let summaries = store.credit_summaries(&ada.id, None, after(9)).await.unwrap();
    assert_eq!(summaries.len(), 2);
    assert!(summaries.contains(&red), "{summaries:?}");
    store.assert_balanced().await;
}

#[tokio::test]
async fn what_is_not_captured_goes_back() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    accept(&store, charge(&ada, "job-1", Amount(10))).await;
    let Settled::Done { job, balance } = store.settle(end(&ada, "job-1", done(4))).await.unwrap()
    else {
        panic!("not settled")
    };
    assert_eq!((job.captured, balance), (Amount(4), Amount::from_credits(100) - Amount(4)));
    store.assert_balanced().await;
}

#[tokio::test]
async fn entries_are_listed_newest_first_and_paged() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    accept(&store, charge(&bob, "bobs", Amount(1))).await;
    for number in 1..=3 {
        let mut charge = charge(&ada, &format!("job-{number}"), Amount(number));
        charge.now = after(number);
        accept(&store, charge).await;
    }
    store.settle(end(&ada, "job-1", done(1))).await.unwrap();
    let mut query =
        EntryQuery { platform: Some(RED.to_owned()), limit: Some(2), ..EntryQuery::default() };
    let mut seen = Vec::new();
    loop {
        let page = store.list_credit_entries(&ada.id, &query).await.unwrap();
        seen.extend(page.data);
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    let kinds: Vec<_> =
        seen.iter().map(|entry| (entry.kind, entry.amount.0, entry.settled.0)).collect();
    let welcome = Amount::from_credits(100).0;
    let expected = [
        (EntryKind::Capture, 0, 1),
        (EntryKind::Hold, -3, 0),
        (EntryKind::Hold, -2, 0),
        (EntryKind::Hold, -1, 0),
        (EntryKind::Grant, welcome, 0),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(seen.iter().map(|entry| &entry.id).collect::<HashSet<_>>().len(), 5);
    assert_eq!(seen[0].job_id.as_deref(), Some("job-1"));
    query.cursor = Some("nonsense".to_owned());
    assert!(matches!(store.list_credit_entries(&ada.id, &query).await, Err(StoreError::BadCursor)));
    let blue = EntryQuery { platform: Some(BLUE.to_owned()), ..EntryQuery::default() };
    assert_eq!(store.list_credit_entries(&ada.id, &blue).await.unwrap().data.len(), 1);
}

/// One step of somebody's program.
#[derive(Debug, Clone)]
enum Step {
    Charge { job: u8, price: i64, key: Option<u8> },
    Settle { job: u8, captured: i64 },
    Fail { job: u8 },
    Cancel { job: u8 },
    Grant { operation: u8, amount: i64 },
    Adjust { operation: u8, amount: i64 },
    Buy { wanted: Wanted },
    Pay { amount: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let job = 0..24_u8;
    let step = prop_oneof![
        6 => (job.clone(), 0..40_000_000_i64, prop::option::of(0..6_u8))
            .prop_map(|(job, price, key)| Step::Charge { job, price, key }),
        3 => (job.clone(), -5..40_000_000_i64).prop_map(|(job, captured)| Step::Settle { job, captured }),
        2 => job.clone().prop_map(|job| Step::Fail { job }),
        1 => job.prop_map(|job| Step::Cancel { job }),
        1 => (0..4_u8, 1..30_000_000_i64).prop_map(|(operation, amount)| Step::Grant { operation, amount }),
        1 => (0..8_u8, -60_000_000..20_000_000_i64).prop_map(|(operation, amount)| Step::Adjust { operation, amount }),
        2 => wanted().prop_map(|wanted| Step::Buy { wanted }),
        1 => (1..30_000_000_i64).prop_map(|amount| Step::Pay { amount }),
    ];
    prop::collection::vec(step, 1..40)
}

fn wanted() -> impl Strategy<Value = Wanted> {
    prop_oneof![
        (1..30_000_000_i64).prop_map(|amount| Wanted::Exactly(Amount(amount))),
        Just(Wanted::ByRule),
        (1..40_000_000_i64).prop_map(|needed| Wanted::ByRuleFor(Amount(needed))),
    ]
}

/// What the account of the property may owe, and may have bought by its rule.
const LINE: Amount = Amount::from_credits(40);
const RULE: TopUpRule = TopUpRule {
    enabled: true,
    threshold: Amount::from_credits(60),
    amount: Amount(7_000_001),
    monthly_ceiling: Amount::from_credits(25),
    cooldown_seconds: 0,
};

/// Takes a step; answers the job it settled, if it did.
async fn take(store: &Store, ada: &Known, step: Step) -> Option<String> {
    let name = |job: u8| format!("job-{job}");
    let result = match step {
        Step::Charge { job, price, key } => {
            let mut charge = charge(ada, &name(job), Amount(price));
            if let Some(key) = key {
                charge =
                    crate::common::repeatable(charge, &format!("{key}"), &format!("{job} {price}"));
            }
            // A job's id that came before is refused by its index: an error for this one alone.
            if let Ok(Charged::Accepted { balance, .. }) = store.charge(charge).await {
                assert!(balance >= Amount::ZERO);
            }
            return None;
        }
        Step::Grant { operation, amount } => {
            store
                .grant_credits(grant(&ada.id, amount, &format!("{operation}")), &operator())
                .await
                .unwrap();
            return None;
        }
        Step::Adjust { operation, amount } => {
            let adjustment = Movement {
                partner_id: ada.id.clone(),
                platform: RED.to_owned(),
                amount: Amount(amount),
                operation: format!("{operation}"),
                note: None,
                now: after(3),
            };
            // Of nothing it is refused.
            let _ = store.adjust_credits(adjustment, &operator()).await;
            return None;
        }
        Step::Buy { wanted } => {
            purchase(store, &ada.id, wanted, after(4)).await;
            return None;
        }
        Step::Pay { amount } => {
            store
                .record_payment(&ada.id, RED, Amount(amount), (&operator(), after(4)))
                .await
                .unwrap();
            return None;
        }
        Step::Settle { job, captured } => (job, done(captured)),
        Step::Fail { job } => {
            (job, SettledAs::Failed { code: "X".to_owned(), message: "x".to_owned() })
        }
        Step::Cancel { job } => (job, SettledAs::Canceled),
    };
    let settled = store.settle(end(ada, &name(result.0), result.1)).await;
    matches!(settled, Ok(Settled::Done { .. })).then(|| name(result.0))
}

async fn interleave(tasks: Vec<Vec<Step>>) {
    let store = TestStore::new().await;
    let ada = std::sync::Arc::new(partner(&store, "ada@example.com").await);
    store.set_credit_line(&ada.id, RED, LINE, (&operator(), now())).await.unwrap();
    set_rule(&store, &ada.id, RULE).await;
    let running = tasks.into_iter().map(|steps| {
        let (store, ada) = (store.store.clone(), ada.clone());
        tokio::spawn(async move {
            let mut settled = Vec::new();
            for step in steps {
                settled.extend(take(&store, &ada, step).await);
            }
            settled
        })
    });
    let settled: Vec<String> =
        futures::future::join_all(running).await.into_iter().flat_map(Result::unwrap).collect();
    let once: HashSet<_> = settled.iter().collect();
    assert_eq!(once.len(), settled.len(), "a job settles once");
    store.assert_balanced().await;
    let account = store.get_account(&ada.id, RED).await.unwrap().unwrap();
    assert!(account.balance >= Amount::ZERO);
    assert!((Amount::ZERO..=LINE).contains(&account.owed), "{:?}", account.owed);
    let by_rule = booked(&store, &ada.id, Some(TopUpTrigger::Rule)).await;
    assert!(by_rule <= RULE.monthly_ceiling, "{by_rule}");
    assert_eq!(booked(&store, &ada.id, None).await, account.purchased);
    for line in store.credit_summaries(&ada.id, Some(after(2)), after(9)).await.unwrap() {
        assert!(line.agrees && line.recomputed == line.balance, "{line:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn books_and_ledger_agree_whatever_happens(tasks in prop::collection::vec(steps(), 2..6)) {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
            .block_on(interleave(tasks));
    }
}
