use std::collections::HashSet;

use latchkey_contract::{
    Amount, DeliveryId, EndpointId, Environment, PartnerId, webhooks::DisabledReason,
};
use latchkey_store::{
    Charge, Charged, JobState, NewDelivery, NewEvent, Settled, SettledAs, Settlement, Store,
    WriteError,
};
use serde_json::json;

use crate::common::{
    BLUE, RED, TestStore, accept, after, charge, new_endpoint, new_id, now, partner, repeatable,
};

const FULL: Amount = Amount::from_credits(100);

async fn balance(store: &Store, partner_id: &PartnerId) -> Amount {
    store.get_account(partner_id, RED).await.unwrap().unwrap().balance
}

fn rows(store: &TestStore, table: &str) -> i64 {
    store.raw().query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

fn end(partner_id: &PartnerId, job: &str, result: SettledAs) -> Settlement {
    Settlement {
        now: after(5),
        partner_id: partner_id.clone(),
        job_id: job.to_owned(),
        result,
        events: vec![],
    }
}

fn done(captured: i64) -> SettledAs {
    SettledAs::Succeeded { output: json!({"url": "x"}), captured: Amount(captured) }
}

fn event(endpoint: &EndpointId) -> (NewEvent, DeliveryId) {
    let id: DeliveryId = new_id();
    let url = "https://example.com/hook".to_owned();
    let delivery = NewDelivery { id: id.clone(), endpoint_id: endpoint.clone(), url, at: now() };
    let event = NewEvent {
        id: new_id(),
        event_type: "done".to_owned(),
        environment: Environment::Live,
        subject: "job-1".to_owned(),
        body: "{}".to_owned(),
        deliveries: vec![delivery],
    };
    (event, id)
}

#[tokio::test]
async fn a_charge_holds_its_price_and_keeps_the_job() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    let (job, left) = accept(&store, charge(&ada, "job-1", Amount(7))).await;
    assert_eq!((job.state, job.price, left), (JobState::Queued, Amount(7), FULL - Amount(7)));
    assert_eq!(store.get_job(&ada.id, RED, "job-1").await.unwrap(), Some(job));
    let account = store.get_account(&ada.id, RED).await.unwrap().unwrap();
    assert_eq!((account.balance, account.held), (FULL - Amount(7), Amount(7)));
    assert_eq!(store.get_account(&ada.id, BLUE).await.unwrap().unwrap().balance, FULL);
    assert_eq!(balance(&store, &bob.id).await, FULL);
    store.assert_balanced().await;
}

#[tokio::test]
async fn too_few_credits_leave_nothing_behind() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let dear = || repeatable(charge(&ada, "job-1", FULL + Amount(1)), "k", "x");
    let refused = store.charge(dear()).await.unwrap();
    assert_eq!(refused, Charged::InsufficientCredits { balance: FULL });
    assert_eq!(
        (rows(&store, "jobs"), rows(&store, "idempotency"), rows(&store, "usage")),
        (0, 0, 0)
    );
    assert_eq!(store.charge(dear()).await.unwrap(), refused, "the key is free again");
    accept(&store, repeatable(charge(&ada, "job-1", FULL), "k", "y")).await;
    assert_eq!(balance(&store, &ada.id).await, Amount::ZERO);
    store.assert_balanced().await;
}

#[tokio::test]
async fn without_an_account_there_are_no_credits() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let mut elsewhere = charge(&ada, "job-1", Amount(1));
    elsewhere.platform = "green".into();
    let refused = store.charge(elsewhere).await.unwrap();
    assert_eq!(refused, Charged::InsufficientCredits { balance: Amount::ZERO });
}

#[tokio::test]
async fn nothing_costs_nothing() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let entries = rows(&store, "ledger");
    let mut test = charge(&ada, "job-1", Amount::ZERO);
    test.environment = Environment::Test;
    test.job.output = Some(json!({"url": "mock"}));
    let (job, _) = accept(&store, test).await;
    assert_eq!((job.state, job.finished_at), (JobState::Succeeded, Some(now())));
    assert_eq!(store.get_job(&ada.id, RED, "job-1").await.unwrap(), Some(job));
    assert_eq!(rows(&store, "ledger"), entries);
    assert_eq!(balance(&store, &ada.id).await, FULL);
}

#[tokio::test]
async fn impossible_amounts_are_refused() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let negative = charge(&ada, "job-1", Amount(-1));
    let mut finished = charge(&ada, "job-1", Amount(1));
    finished.job.output = Some(json!({}));
    for wrong in [negative, finished] {
        assert_eq!(store.charge(wrong).await, Err(WriteError::AmountOutOfRange));
    }
    accept(&store, charge(&ada, "job-1", Amount(5))).await;
    for captured in [-1, 6, i64::MAX, i64::MIN] {
        let refused = store.settle(end(&ada.id, "job-1", done(captured))).await;
        assert_eq!(refused, Err(WriteError::AmountOutOfRange), "{captured}");
    }
    assert_eq!(
        store.get_job(&ada.id, RED, "job-1").await.unwrap().unwrap().state,
        JobState::Queued
    );
    store.assert_balanced().await;
}

#[tokio::test]
async fn a_repeated_key_gives_the_first_job_as_it_is_now() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let again = |job: &str, payload: &str| {
        store.charge(repeatable(charge(&ada, job, Amount(5)), "k", payload))
    };
    again("job-1", "x").await.unwrap();
    store.settle(end(&ada.id, "job-1", done(5))).await.unwrap();
    let Charged::Replayed { job } = again("job-2", "x").await.unwrap() else {
        panic!("not replayed")
    };
    assert_eq!(
        (job.id.as_str(), job.state, job.captured),
        ("job-1", JobState::Succeeded, Amount(5))
    );
    let reused = Charged::KeyReused { job_id: "job-1".to_owned() };
    assert_eq!(again("job-3", "y").await.unwrap(), reused);
    assert_eq!(rows(&store, "jobs"), 1);
    assert_eq!(balance(&store, &ada.id).await, FULL - Amount(5));
}

#[tokio::test]
async fn a_key_belongs_to_its_scope_and_may_be_used_anew_when_it_expired() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    accept(&store, repeatable(charge(&ada, "job-1", Amount(5)), "k", "x")).await;
    accept(&store, repeatable(charge(&bob, "job-2", Amount(5)), "k", "x")).await;
    let mut late = repeatable(charge(&ada, "job-3", Amount(5)), "k", "other");
    late.now = after(48 * 3600);
    if let Some(repeat) = &mut late.idempotency {
        repeat.expires_at = after(96 * 3600);
    }
    accept(&store, late).await;
    let mut later = repeatable(charge(&ada, "job-4", Amount(5)), "k", "other");
    later.now = after(50 * 3600);
    let Charged::Replayed { job } = store.charge(later).await.unwrap() else {
        panic!("not replayed")
    };
    assert_eq!(job.id, "job-3");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_equal_keys_at_once_are_one_charge() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let racing = (0..64).map(|number| {
        let charge = repeatable(charge(&ada, &format!("job-{number}"), Amount(5)), "k", "x");
        let store = store.store.clone();
        tokio::spawn(async move { store.charge(charge).await.unwrap() })
    });
    let ends = futures::future::join_all(racing).await.into_iter().map(Result::unwrap);
    let mut accepted = 0;
    let mut jobs = HashSet::new();
    for end in ends {
        match end {
            Charged::Accepted { job, .. } => {
                accepted += 1;
                jobs.insert(job.id);
            }
            Charged::Replayed { job } => {
                jobs.insert(job.id);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((accepted, jobs.len(), rows(&store, "jobs")), (1, 1, 1));
    assert_eq!(balance(&store, &ada.id).await, FULL - Amount(5));
    store.assert_balanced().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_charge_does_not_fail_its_neighbours() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    accept(&store, charge(&ada, "taken", Amount(1))).await;
    let submit = |charge: Charge| {
        let store = store.store.clone();
        tokio::spawn(async move { store.charge(charge).await })
    };
    let all: Vec<_> = (0..40)
        .map(|number| {
            let job = if number % 10 == 0 { "taken".to_owned() } else { format!("job-{number}") };
            submit(repeatable(charge(&ada, &job, Amount(1)), &format!("{number}"), "x"))
        })
        .collect();
    let ends = futures::future::join_all(all).await;
    let failed = ends.iter().filter(|end| matches!(end, Ok(Err(WriteError::Failed(_))))).count();
    let accepted =
        ends.iter().filter(|end| matches!(end, Ok(Ok(Charged::Accepted { .. })))).count();
    assert_eq!((failed, accepted), (4, 36));
    assert_eq!((rows(&store, "jobs"), rows(&store, "idempotency")), (37, 36));
    store.assert_balanced().await;
}

#[tokio::test]
async fn a_job_settles_once() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    accept(&store, charge(&ada, "job-1", Amount(5))).await;
    assert_eq!(store.settle(end(&bob.id, "job-1", done(5))).await.unwrap(), Settled::Absent);
    let failed = SettledAs::Failed { code: "BROKEN".to_owned(), message: "It broke.".to_owned() };
    let Settled::Done { job, balance } = store.settle(end(&ada.id, "job-1", failed)).await.unwrap()
    else {
        panic!("not settled")
    };
    assert_eq!((job.state, job.finished_at, balance), (JobState::Failed, Some(after(5)), FULL));
    let failure = job.failure.clone().unwrap();
    assert_eq!((failure.code.as_str(), failure.message.as_str()), ("BROKEN", "It broke."));
    assert_eq!(
        store.settle(end(&ada.id, "job-1", done(5))).await.unwrap(),
        Settled::AlreadySettled { job }
    );
    assert_eq!(store.settle(end(&ada.id, "job-2", done(5))).await.unwrap(), Settled::Absent);
    store.assert_balanced().await;
}

#[tokio::test]
async fn events_are_written_with_what_caused_them() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    let endpoint = store.create_endpoint(new_endpoint(&ada.id, RED), 9).await.unwrap().unwrap().id;
    let foreign = store.create_endpoint(new_endpoint(&bob.id, RED), 9).await.unwrap().unwrap().id;
    let (at_once, first) = event(&endpoint);
    let (to_bob, astray) = event(&foreign);
    let mut test = charge(&ada, "job-1", Amount::ZERO);
    test.events = vec![at_once, to_bob];
    accept(&store, test).await;
    accept(&store, charge(&ada, "job-2", Amount(5))).await;
    let (told, second) = event(&endpoint);
    let settlement = Settlement { events: vec![told], ..end(&ada.id, "job-2", done(5)) };
    store.settle(settlement.clone()).await.unwrap();
    let (repeated, third) = event(&endpoint);
    store.settle(Settlement { events: vec![repeated], ..settlement }).await.unwrap();
    for (id, written) in [(first, true), (second, true), (astray, false), (third, false)] {
        assert_eq!(store.get_delivery(&ada.id, &id).await.unwrap().is_some(), written);
        assert!(store.get_delivery(&bob.id, &id).await.unwrap().is_none());
    }
    store.disable_endpoint(&ada.id, &endpoint, DisabledReason::Gone, now()).await.unwrap();
    let (silent, unsent) = event(&endpoint);
    let mut test = charge(&ada, "job-3", Amount::ZERO);
    test.events = vec![silent];
    accept(&store, test).await;
    assert_eq!(store.get_delivery(&ada.id, &unsent).await.unwrap(), None);
    assert_eq!(store.claim_deliveries(now(), after(30), 10, &[]).await.unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_of_both_kinds_take_turns() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let charges = (0..200).map(|number| {
        let (store, charge) =
            (store.store.clone(), charge(&ada, &format!("job-{number}"), Amount(1)));
        tokio::spawn(async move { accept(&store, charge).await.1 })
    });
    let changes = (0..50).map(|number| {
        let (store, id) = (store.store.clone(), ada.id.clone());
        tokio::spawn(async move {
            store.rename_partner(&id, &format!("Name {number}"), now()).await.unwrap()
        })
    });
    let (charged, changed) =
        tokio::join!(futures::future::join_all(charges), futures::future::join_all(changes));
    assert!(charged.into_iter().all(|end| end.is_ok()));
    assert!(changed.into_iter().all(|end| end.is_ok()));
    assert_eq!(balance(&store, &ada.id).await, FULL - Amount(200));
}

#[tokio::test]
async fn an_answer_nobody_waits_for_is_written_all_the_same() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    drop(store.writer().submit(charge(&ada, "job-1", Amount(5))));
    accept(&store, charge(&ada, "job-2", Amount(5))).await;
    assert!(store.get_job(&ada.id, RED, "job-1").await.unwrap().is_some());
}
