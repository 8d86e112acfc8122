use latchkey_contract::{Amount, Environment};
use latchkey_store::{JobState, SettledAs, Settlement};
use serde_json::json;

use crate::common::{BLUE, RED, TestStore, accept, after, charge, now, partner};

#[tokio::test]
async fn a_job_belongs_to_one_partner_and_platform() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    let (job, _) = accept(&store, charge(&ada, "job-1", Amount(5))).await;
    assert_eq!(store.get_job(&ada.id, RED, "job-1").await.unwrap(), Some(job));
    assert_eq!(store.get_job(&bob.id, RED, "job-1").await.unwrap(), None);
    assert_eq!(store.get_job(&ada.id, BLUE, "job-1").await.unwrap(), None);
    assert_eq!(store.get_job(&ada.id, RED, "job-2").await.unwrap(), None);
}

#[tokio::test]
async fn claims_take_the_oldest_open_job_once() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    for (job, at) in [("young", 9), ("old", 1)] {
        let mut charge = charge(&ada, job, Amount(5));
        charge.now = after(at);
        accept(&store, charge).await;
    }
    let mut test = charge(&ada, "test", Amount::ZERO);
    test.environment = Environment::Test;
    // A test call that was answered with a mock is over; there is nothing to run.
    test.job.output = Some(serde_json::json!({ "mock": true }));
    accept(&store, test).await;
    let first = store.claim_job(after(20)).await.unwrap().unwrap();
    assert_eq!(
        (first.id.as_str(), first.state, first.started_at),
        ("old", JobState::Running, Some(after(20)))
    );
    assert_eq!(store.claim_job(after(21)).await.unwrap().unwrap().id, "young");
    assert_eq!(store.claim_job(after(22)).await.unwrap(), None);
}

#[tokio::test]
async fn concurrent_claims_never_share_a_job() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    for number in 0..20 {
        accept(&store, charge(&ada, &format!("job-{number}"), Amount(5))).await;
    }
    let claims = (0..25).map(|_| {
        let store = store.store.clone();
        tokio::spawn(async move { store.claim_job(now()).await.unwrap().map(|job| job.id) })
    });
    let mut claimed: Vec<String> =
        futures::future::join_all(claims).await.into_iter().filter_map(Result::unwrap).collect();
    claimed.sort();
    claimed.dedup();
    assert_eq!(claimed.len(), 20);
}

#[tokio::test]
async fn what_a_dead_process_left_running_is_queued_again() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    accept(&store, charge(&ada, "job-1", Amount(5))).await;
    store.claim_job(now()).await.unwrap();
    store.set_job_progress(&ada.id, "job-1", 0.25).await.unwrap();
    assert_eq!(store.get_job(&ada.id, RED, "job-1").await.unwrap().unwrap().progress, Some(0.25));
    assert_eq!(store.requeue_running_jobs().await.unwrap(), 1);
    let job = store.get_job(&ada.id, RED, "job-1").await.unwrap().unwrap();
    assert_eq!((job.state, job.progress, job.started_at), (JobState::Queued, None, None));
    assert_eq!(store.requeue_running_jobs().await.unwrap(), 0);
}

#[tokio::test]
async fn progress_is_noted_for_the_own_running_job_only() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    accept(&store, charge(&ada, "job-1", Amount(5))).await;
    let progress = async || store.get_job(&ada.id, RED, "job-1").await.unwrap().unwrap().progress;
    store.set_job_progress(&ada.id, "job-1", 0.5).await.unwrap();
    assert_eq!(progress().await, None, "queued");
    store.claim_job(now()).await.unwrap();
    store.set_job_progress(&bob.id, "job-1", 0.5).await.unwrap();
    assert_eq!(progress().await, None, "another partner");
    store.set_job_progress(&ada.id, "job-1", 7.0).await.unwrap();
    assert_eq!(progress().await, Some(1.0));
    let result = SettledAs::Succeeded { output: json!({}), captured: Amount(5) };
    let end = Settlement {
        now: now(),
        partner_id: ada.id.clone(),
        job_id: "job-1".to_owned(),
        result,
        events: vec![],
    };
    store.settle(end).await.unwrap();
    store.set_job_progress(&ada.id, "job-1", 0.5).await.unwrap();
    assert_eq!(progress().await, None, "ended");
}

#[tokio::test]
async fn open_jobs_are_counted_by_key() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    accept(&store, charge(&ada, "job-1", Amount(5))).await;
    accept(&store, charge(&ada, "job-2", Amount(5))).await;
    accept(&store, charge(&bob, "job-3", Amount(5))).await;
    store.claim_job(now()).await.unwrap();
    let end = Settlement {
        now: now(),
        partner_id: bob.id.clone(),
        job_id: "job-3".to_owned(),
        result: SettledAs::Canceled,
        events: vec![],
    };
    store.settle(end).await.unwrap();
    assert_eq!(store.count_open_jobs().await.unwrap(), [(ada.key, 2)]);
}
