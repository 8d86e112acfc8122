use std::sync::Arc;

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Amount, Environment, KeyId, PartnerId,
    usage::{Outcome, UsageGroup},
};
use latchkey_store::{SettledAs, Settlement, Tally, UsageFilter, UsageRow, UsageSpan, UsageTotals};
use serde_json::json;

use crate::common::{BLUE, Known, RED, TestStore, accept, after, caller, charge, partner};

/// The start of a quarter of an hour, and of an hour.
fn hour() -> DateTime<Utc> {
    DateTime::from_timestamp(1_732_000_200 - 1_732_000_200 % 3600, 0).unwrap()
}

fn at(seconds: i64) -> DateTime<Utc> {
    hour() + chrono::TimeDelta::seconds(seconds)
}

fn tally(partner: &Known, seconds: i64, outcome: Outcome) -> Tally {
    Tally {
        now: at(seconds),
        partner_id: partner.id.clone(),
        platform: Arc::from(RED),
        environment: Environment::Live,
        key_id: partner.key.clone(),
        operation: Arc::from("images.create"),
        outcome,
        requests: 1,
        credits: Amount::ZERO,
        last_used: None,
    }
}

fn range(span: UsageSpan) -> UsageFilter {
    UsageFilter {
        span,
        from: hour(),
        to: at(3600),
        environment: None,
        platform: None,
        key_id: None,
        operation: None,
        group_by: None,
    }
}

/// Waits until so many calls are counted.
async fn counted(store: &TestStore, partner_id: &PartnerId, requests: u64) -> UsageTotals {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        let totals = store.sum_usage(partner_id, &range(UsageSpan::QuarterHour)).await.unwrap();
        if totals.requests == requests {
            return totals;
        }
        assert!(std::time::Instant::now() < deadline, "{totals:?}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn calls_are_counted_in_both_spans() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    store.tally(vec![tally(&ada, 0, Outcome::Accepted), tally(&ada, 59, Outcome::Refused)]);
    store.tally(vec![tally(&ada, 60, Outcome::Accepted), tally(&ada, 900, Outcome::Accepted)]);
    let totals = counted(&store, &ada.id, 4).await;
    assert_eq!((totals.refused, totals.failed), (1, 0));
    let minutes = store.list_usage(&ada.id, &range(UsageSpan::Minute)).await.unwrap();
    let row = |seconds, requests, refused| UsageRow {
        bucket: at(seconds),
        environment: Environment::Live,
        group: None,
        requests,
        refused,
        failed: 0,
        credits: Amount::ZERO,
    };
    assert_eq!(minutes, [row(0, 2, 1), row(60, 1, 0), row(900, 1, 0)]);
    let quarters = store.list_usage(&ada.id, &range(UsageSpan::QuarterHour)).await.unwrap();
    assert_eq!(quarters, [row(0, 3, 1), row(900, 1, 0)]);
}

#[tokio::test]
async fn live_and_test_never_mix_and_groups_are_told_apart() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let other_key = KeyId::try_from("key_01JDB6QZ3V8M2K4T9XEWA7YHRC".to_owned()).unwrap();
    store.tally(vec![
        tally(&ada, 0, Outcome::Accepted),
        Tally { environment: Environment::Test, ..tally(&ada, 0, Outcome::Accepted) },
        Tally { platform: Arc::from(BLUE), ..tally(&ada, 0, Outcome::Accepted) },
        Tally {
            key_id: other_key.clone(),
            operation: Arc::from("images.read"),
            ..tally(&ada, 0, Outcome::Refused)
        },
    ]);
    counted(&store, &ada.id, 4).await;
    let listed = |filter: UsageFilter| {
        let (store, ada) = (store.store.clone(), ada.id.clone());
        async move {
            let rows = store.list_usage(&ada, &filter).await.unwrap();
            rows.into_iter()
                .map(|row| (row.environment, row.group, row.requests))
                .collect::<Vec<_>>()
        }
    };
    let all = range(UsageSpan::QuarterHour);
    let (live, test) = (Environment::Live, Environment::Test);
    assert_eq!(listed(all.clone()).await, [(live, None, 3), (test, None, 1)]);
    let by = |group| UsageFilter { group_by: Some(group), ..all.clone() };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        listed(by(UsageGroup::Platform)).await,
        [(live, text(BLUE), 1), (live, text(RED), 2), (test, text(RED), 1)]
    );
    assert_eq!(
        listed(by(UsageGroup::Operation)).await,
        [
            (live, text("images.create"), 2),
            (live, text("images.read"), 1),
            (test, text("images.create"), 1)
        ]
    );
    assert_eq!(listed(by(UsageGroup::Key)).await.len(), 3);
    assert_eq!(
        listed(UsageFilter { environment: Some(test), ..all.clone() }).await,
        [(test, None, 1)]
    );
    assert_eq!(
        listed(UsageFilter { platform: text(BLUE), ..all.clone() }).await,
        [(live, None, 1)]
    );
    assert_eq!(
        listed(UsageFilter { key_id: Some(other_key), ..all.clone() }).await,
        [(live, None, 1)]
    );
    assert!(listed(UsageFilter { from: at(900), ..all }).await.is_empty());
}

#[tokio::test]
async fn charges_and_settlements_count_themselves() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let submit = async |job: &str| {
        let mut charge = charge(&ada, job, Amount(10));
        charge.now = at(1);
        accept(&store, charge).await;
    };
    let end = |job: &str, result| Settlement {
        now: at(2),
        partner_id: ada.id.clone(),
        job_id: job.to_owned(),
        result,
        events: vec![],
    };
    submit("job-1").await;
    submit("job-2").await;
    submit("job-3").await;
    let output = json!({});
    store
        .settle(end("job-1", SettledAs::Succeeded { output, captured: Amount(10) }))
        .await
        .unwrap();
    let failed = SettledAs::Failed { code: "X".to_owned(), message: "x".to_owned() };
    store.settle(end("job-2", failed.clone())).await.unwrap();
    store.settle(end("job-2", failed)).await.unwrap();
    let totals = store.sum_usage(&ada.id, &range(UsageSpan::QuarterHour)).await.unwrap();
    assert_eq!(totals, UsageTotals { requests: 3, refused: 0, failed: 1, credits: Amount(10) });
}

#[tokio::test]
async fn usage_belongs_to_one_partner() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    store.tally(vec![tally(&ada, 0, Outcome::Accepted)]);
    counted(&store, &ada.id, 1).await;
    assert!(store.list_usage(&bob.id, &range(UsageSpan::Minute)).await.unwrap().is_empty());
    assert_eq!(
        store.sum_usage(&bob.id, &range(UsageSpan::QuarterHour)).await.unwrap(),
        UsageTotals::default()
    );
}

#[tokio::test]
async fn the_last_use_of_a_key_is_noted_and_its_version_stays() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    let used = |seconds, outcome| Tally {
        now: after(seconds),
        last_used: Some(caller()),
        ..tally(&ada, 0, outcome)
    };
    store.tally(vec![used(9, Outcome::Accepted), used(5, Outcome::Refused)]);
    let foreign = Tally { partner_id: bob.id.clone(), ..used(99, Outcome::Accepted) };
    store.tally(vec![foreign]);
    counted(&store, &bob.id, 1).await;
    let key = store.get_key(&ada.id, &ada.key).await.unwrap().unwrap();
    assert_eq!(key.version, 1);
    assert_eq!(
        key.last_used_address.as_deref(),
        None,
        "the last one was noted for another partner's key"
    );
    store.tally(vec![used(10, Outcome::Accepted)]);
    counted(&store, &ada.id, 3).await;
    let key = store.get_key(&ada.id, &ada.key).await.unwrap().unwrap();
    assert_eq!(
        (key.last_used_at, key.last_used_agent.as_deref()),
        (Some(after(10)), Some("curl/8"))
    );
}

#[tokio::test]
async fn a_charts_range_is_read_from_the_key_alone() {
    let store = TestStore::new().await;
    let plan: String = store
        .raw()
        .query_row(
            "EXPLAIN QUERY PLAN SELECT bucket, SUM(requests) FROM usage \
             WHERE partner_id = 'a' AND span_s = 900 AND bucket >= 0 AND bucket < 9 GROUP BY bucket",
            [],
            |row| row.get(3),
        )
        .unwrap();
    assert!(plan.contains("SEARCH usage USING PRIMARY KEY"), "{plan}");
}

#[tokio::test]
async fn hours_say_what_their_quarters_say() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let blue = |seconds| Tally {
        platform: Arc::from(BLUE),
        credits: Amount(5),
        ..tally(&ada, seconds, Outcome::Accepted)
    };
    store.tally(vec![
        tally(&ada, 0, Outcome::Accepted),
        tally(&ada, 900, Outcome::Refused),
        blue(1800),
        Tally { environment: Environment::Test, ..tally(&ada, 0, Outcome::Failed) },
    ]);
    store.tally(vec![blue(2700), tally(&ada, 3600, Outcome::Accepted)]);
    counted(&store, &ada.id, 4).await;
    assert_hours_agree(&store, &ada).await;
}

/// Hours and quarters give the same sums, whatever is asked.
async fn assert_hours_agree(store: &TestStore, ada: &Known) {
    let text = |text: &str| Some(text.to_owned());
    let groups = [
        None,
        Some(UsageGroup::Platform),
        Some(UsageGroup::Key),
        Some(UsageGroup::Operation),
        Some(UsageGroup::Outcome),
    ];
    for group_by in groups {
        for (platform, operation, key_id) in [
            (None, None, None),
            (text(BLUE), None, None),
            (None, text("images.create"), None),
            (None, None, Some(ada.key.clone())),
        ] {
            let asked = |span| UsageFilter {
                group_by,
                platform: platform.clone(),
                operation: operation.clone(),
                key_id: key_id.clone(),
                to: at(7200),
                ..range(span)
            };
            let sums = async |span| {
                let rows = store.list_usage(&ada.id, &asked(span)).await.unwrap();
                let mut sums = std::collections::BTreeMap::new();
                for row in rows {
                    let hour = row.bucket.timestamp() / 3600;
                    let sum: &mut [u64; 4] =
                        sums.entry((hour, row.environment.as_str(), row.group)).or_default();
                    let credits = u64::try_from(row.credits.0).unwrap();
                    let counts = [row.requests, row.refused, row.failed, credits];
                    sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
                }
                sums
            };
            let (hours, quarters) =
                (sums(UsageSpan::Hour).await, sums(UsageSpan::QuarterHour).await);
            assert!(!hours.is_empty());
            assert_eq!(hours, quarters, "{:?}", asked(UsageSpan::Hour));
            assert_eq!(
                store.sum_usage(&ada.id, &asked(UsageSpan::Hour)).await.unwrap(),
                store.sum_usage(&ada.id, &asked(UsageSpan::QuarterHour)).await.unwrap()
            );
        }
    }
}

#[tokio::test]
async fn what_was_counted_before_there_were_hours_is_in_them() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    store.tally(vec![
        tally(&ada, 0, Outcome::Accepted),
        Tally { platform: Arc::from(BLUE), ..tally(&ada, 900, Outcome::Refused) },
        tally(&ada, 3600, Outcome::Accepted),
    ]);
    counted(&store, &ada.id, 2).await;
    let raw = store.raw();
    let TestStore { store, dir } = store;
    store.close().await;
    // As a database of before was.
    raw.execute_batch(
        "DROP TABLE usage_hours; DROP TABLE requests; \
         DROP TABLE audit_heads; DROP TABLE audit_events; \
         ALTER TABLE admin_idempotency DROP COLUMN subject_id; \
         ALTER TABLE partners DROP COLUMN sample; \
         DELETE FROM seaql_migrations WHERE version >= 'm0009'",
    )
    .unwrap();
    drop(raw);
    let store = TestStore { store: crate::common::open(&dir).await, dir };
    assert_hours_agree(&store, &ada).await;
    store.rename_partner(&ada.id, "First on record", after(9)).await.unwrap();
    let log = store.list_audit_events(&ada.id, &Default::default()).await.unwrap().data;
    assert_eq!((log.len(), log[0].sequence), (1, 1), "its log begins with its next change");
}
