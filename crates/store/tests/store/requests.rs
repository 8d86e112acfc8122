use std::sync::Arc;

use latchkey_contract::{
    Amount, Environment, PrefixedId,
    usage::{Outcome, RequestQuery, RequestRecord},
};
use latchkey_store::NewRequest;

use crate::common::{BLUE, Known, RED, TestStore, new_id, now, partner};

fn request(known: &Known, platform: &str, reason: Option<&'static str>) -> NewRequest {
    NewRequest {
        id: new_id(),
        partner_id: known.id.clone(),
        at: now(),
        platform: Arc::from(platform),
        environment: Environment::Test,
        key_id: known.key.clone(),
        operation: Arc::from("images.create"),
        method: "POST".to_owned(),
        path: "/red/v1/images".to_owned(),
        status: if reason.is_some() { 403 } else { 200 },
        outcome: if reason.is_some() { Outcome::Refused } else { Outcome::Accepted },
        reason,
        detail: reason.map(|reason| format!("{reason}.")),
        credits: Amount(1),
        duration_ms: 3,
        address: Some("192.0.2.7".to_owned()),
    }
}

async fn list(store: &TestStore, known: &Known, query: RequestQuery) -> Vec<RequestRecord> {
    store.list_requests(&known.id, &query).await.unwrap().data
}

/// Waits until what was handed over is written.
async fn written(store: &TestStore, known: &Known, last: &NewRequest) {
    loop {
        let newest = RequestQuery { limit: Some(1), ..RequestQuery::default() };
        if list(store, known, newest).await.first().is_some_and(|found| found.id == last.id) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn calls_are_kept_with_their_reason_and_read_by_what_is_asked() {
    let store = TestStore::new().await;
    let (ada, bob) = (partner(&store, "ada@example.com").await, partner(&store, "bob@x").await);
    let calls = vec![
        request(&ada, RED, None),
        request(&ada, BLUE, Some("missing_scope")),
        request(&bob, RED, Some("key_revoked")),
    ];
    let last = calls[1].clone();
    store.log_requests(calls.clone());
    written(&store, &ada, &last).await;
    let all = list(&store, &ada, RequestQuery::default()).await;
    assert_eq!(all.iter().map(|r| &r.id).collect::<Vec<_>>(), [&calls[1].id, &calls[0].id]);
    assert_eq!(
        (all[0].reason.as_deref(), all[0].detail.as_deref(), all[0].status),
        (Some("missing_scope"), Some("missing_scope."), 403)
    );
    assert_eq!((all[1].reason.as_deref(), all[1].credits), (None, Amount(1)));
    assert_eq!((all[1].key_id.as_ref(), all[1].duration_ms), (Some(&ada.key), 3));
    let some = RequestQuery::default;
    let refused = RequestQuery { outcome: Some(Outcome::Refused), ..some() };
    assert_eq!(list(&store, &ada, refused).await.len(), 1);
    let red = RequestQuery { platform: Some(RED.to_owned()), ..some() };
    assert_eq!(list(&store, &ada, red).await[0].id, calls[0].id);
    let live = RequestQuery { environment: Some(Environment::Live), ..some() };
    assert!(list(&store, &ada, live).await.is_empty());
    let foreign = RequestQuery { key_id: Some(bob.key.clone()), ..some() };
    assert!(list(&store, &ada, foreign).await.is_empty());
    let next = RequestQuery { cursor: Some(calls[1].id.to_string()), ..some() };
    assert_eq!(list(&store, &ada, next).await.len(), 1);
}

#[tokio::test]
async fn the_newest_thousand_of_each_partner_stay() {
    let store = TestStore::new().await;
    let (ada, bob) = (partner(&store, "ada@example.com").await, partner(&store, "bob@x").await);
    let of_bob = request(&bob, RED, None);
    store.log_requests(vec![of_bob.clone()]);
    let calls: Vec<_> = (0..2500).map(|_| request(&ada, RED, None)).collect();
    for some in calls.chunks(300) {
        store.log_requests(some.to_vec());
        written(&store, &ada, some.last().unwrap()).await;
    }
    let kept: i64 = store
        .raw()
        .query_row(
            "SELECT COUNT(*) FROM requests WHERE partner_id = ?1",
            [ada.id.as_str()],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(kept, 1000);
    let oldest: String = store
        .raw()
        .query_row("SELECT MIN(id) FROM requests WHERE partner_id = ?1", [ada.id.as_str()], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(oldest, calls[1500].id.to_string());
    assert_eq!(list(&store, &bob, RequestQuery::default()).await[0].id, of_bob.id);
}
