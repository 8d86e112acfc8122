use latchkey_contract::{PrefixedId, keys::KeyQuery};
use latchkey_store::{AdminReply, AdminRequest, StoreError};

use crate::common::{RED, TestStore, after, digest, new_key, now, partner};

fn request(key: &str, payload: &str, at: i64) -> AdminRequest {
    AdminRequest {
        scope: "ptn".to_owned(),
        key: key.to_owned(),
        payload_digest: digest(payload),
        now: after(at),
        expires_at: after(at + 3600),
    }
}

#[tokio::test]
async fn a_repeated_admin_request_gets_the_first_answer() {
    let store = TestStore::new().await;
    assert_eq!(store.begin_admin_request(&request("k", "a", 0)).await.unwrap(), AdminReply::Fresh);
    assert_eq!(
        store.begin_admin_request(&request("k", "a", 1)).await.unwrap(),
        AdminReply::InProgress
    );
    store.finish_admin_request("ptn", "k", 201, "{}").await.unwrap();
    let replay = AdminReply::Replay { status: 201, body: "{}".to_owned() };
    assert_eq!(store.begin_admin_request(&request("k", "a", 2)).await.unwrap(), replay);
    assert_eq!(store.begin_admin_request(&request("k", "b", 2)).await.unwrap(), AdminReply::Reused);
    assert_eq!(
        store.begin_admin_request(&request("other", "b", 2)).await.unwrap(),
        AdminReply::Fresh
    );
    let mut elsewhere = request("k", "b", 2);
    elsewhere.scope = "somebody else".to_owned();
    assert_eq!(store.begin_admin_request(&elsewhere).await.unwrap(), AdminReply::Fresh);
}

#[tokio::test]
async fn a_refused_or_dead_admin_request_may_be_tried_again() {
    let store = TestStore::new().await;
    store.begin_admin_request(&request("k", "a", 0)).await.unwrap();
    store.abandon_admin_request("ptn", "k").await.unwrap();
    assert_eq!(store.begin_admin_request(&request("k", "b", 1)).await.unwrap(), AdminReply::Fresh);
    assert_eq!(
        store.begin_admin_request(&request("k", "b", 60)).await.unwrap(),
        AdminReply::InProgress
    );
    assert_eq!(store.begin_admin_request(&request("k", "b", 61)).await.unwrap(), AdminReply::Fresh);
}

#[tokio::test]
async fn a_finished_admin_request_is_kept_until_it_expires() {
    let store = TestStore::new().await;
    store.begin_admin_request(&request("k", "a", 0)).await.unwrap();
    store.finish_admin_request("ptn", "k", 201, "{}").await.unwrap();
    store.abandon_admin_request("ptn", "k").await.unwrap();
    assert_eq!(
        store.begin_admin_request(&request("k", "b", 3599)).await.unwrap(),
        AdminReply::Reused
    );
    assert_eq!(
        store.begin_admin_request(&request("k", "b", 3600)).await.unwrap(),
        AdminReply::Fresh
    );
}

#[tokio::test]
async fn of_two_equal_admin_requests_one_is_done() {
    let store = TestStore::new().await;
    let request = request("k", "a", 0);
    let (first, second) =
        tokio::join!(store.begin_admin_request(&request), store.begin_admin_request(&request));
    let mut replies = [first.unwrap(), second.unwrap()];
    replies.sort_by_key(|reply| *reply != AdminReply::Fresh);
    assert_eq!(replies, [AdminReply::Fresh, AdminReply::InProgress]);
}

#[tokio::test]
async fn a_keyed_repeat_key_is_seen_while_it_holds() {
    let store = TestStore::new().await;
    let ada = crate::common::partner(&store, "ada@example.com").await;
    let charge = crate::common::charge(&ada, "job-1", latchkey_contract::Amount(1));
    crate::common::accept(&store, crate::common::repeatable(charge, "k", "payload")).await;
    let found = store.get_idempotency(ada.id.as_str(), "k", now()).await.unwrap().unwrap();
    assert_eq!((found.job_id.as_str(), found.payload_digest), ("job-1", digest("payload")));
    assert_eq!(store.get_idempotency(ada.id.as_str(), "k", after(48 * 3600)).await.unwrap(), None);
    assert_eq!(store.get_idempotency("somebody else", "k", now()).await.unwrap(), None);
}

#[tokio::test]
async fn work_that_was_done_is_never_done_again_though_its_answer_was_lost() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let first = request("k", "a", 0);
    store.begin_admin_request(&first).await.unwrap();
    let made = store.claiming(&first).create_key(new_key(&ada.id, RED)).await.unwrap();
    store.abandon_admin_request("ptn", "k").await.unwrap();
    let again = async |at| store.begin_admin_request(&request("k", "a", at)).await.unwrap();
    assert_eq!(again(59).await, AdminReply::InProgress);
    let lost = AdminReply::AnswerLost { subject_id: made.id.to_string() };
    assert_eq!(again(61).await, lost);
    store.finish_admin_request("ptn", "k", 201, "{}").await.unwrap();
    assert_eq!(again(62).await, AdminReply::Replay { status: 201, body: "{}".to_owned() });
}

#[tokio::test]
async fn work_that_was_given_up_writes_nothing_any_more() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let (slow, second) = (request("k", "a", 0), request("k", "a", 61));
    store.begin_admin_request(&slow).await.unwrap();
    assert_eq!(store.begin_admin_request(&second).await.unwrap(), AdminReply::Fresh);
    let too_late = store.claiming(&slow).create_key(new_key(&ada.id, RED)).await;
    assert!(matches!(too_late, Err(StoreError::Superseded)), "{too_late:?}");
    store.claiming(&second).create_key(new_key(&ada.id, RED)).await.unwrap();
    let keys = store.list_keys(&ada.id, &KeyQuery::default(), now()).await.unwrap().data;
    assert_eq!(keys.len(), 2, "the one that was there, and one");
}
