//! Repeat keys, whatever comes in whatever order.

use std::collections::HashMap;

use latchkey_contract::Amount;
use latchkey_store::Charged;
use proptest::prelude::*;

use crate::common::{RED, TestStore, charge, partner, repeatable};

/// Submits with a repeat key and a payload each, all at once in tasks of their own.
async fn race(submits: Vec<(u8, u8)>) {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let running = submits.into_iter().enumerate().map(|(number, (key, payload))| {
        let charge = charge(&ada, &format!("job-{number}"), Amount::from_credits(1));
        let charge = repeatable(charge, &format!("key-{key}"), &format!("payload-{payload}"));
        let store = store.store.clone();
        tokio::spawn(async move { (key, payload, store.charge(charge).await.unwrap()) })
    });
    let ended: Vec<_> =
        futures::future::join_all(running).await.into_iter().map(Result::unwrap).collect();
    let mut first = HashMap::new();
    for (key, payload, charged) in &ended {
        if let Charged::Accepted { job, .. } = charged {
            let before = first.insert(*key, (*payload, job.id.clone()));
            assert_eq!(before, None, "one submit a key is accepted");
        }
    }
    for (key, payload, charged) in &ended {
        let (accepted, job_id) = &first[key];
        match charged {
            Charged::Accepted { .. } => {}
            Charged::Replayed { job } => assert_eq!((payload, &job.id), (accepted, job_id)),
            Charged::KeyReused { job_id: told } => {
                assert_ne!(payload, accepted);
                assert_eq!(told, job_id);
            }
            other => panic!("{other:?}"),
        }
    }
    let account = store.get_account(&ada.id, RED).await.unwrap().unwrap();
    let keys = i64::try_from(first.len()).unwrap();
    assert_eq!(account.held, Amount::from_credits(keys), "charged once a key");
    store.assert_balanced().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equal_and_different_payloads_charge_once_a_key(
        submits in prop::collection::vec((0_u8..4, 0_u8..3), 1..40),
    ) {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
            .block_on(race(submits));
    }
}
