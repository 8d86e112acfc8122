use latchkey_contract::SessionId;
use latchkey_store::{Caller, NewSession, NewTokens, Refreshed, TokenDigest};

use crate::common::{Known, TestStore, after, caller, digest, new_id, now, partner};

const ACCESS: i64 = 15 * 60;
const REFRESH: i64 = 30 * 24 * 3600;

fn tokens(name: &str, issued: i64) -> NewTokens {
    NewTokens {
        access: TokenDigest {
            digest: digest(&format!("{name} access")),
            expires_at: after(issued + ACCESS),
        },
        refresh: TokenDigest {
            digest: digest(&format!("{name} refresh")),
            expires_at: after(issued + REFRESH),
        },
    }
}

fn new_session(partner: &Known, name: &str) -> NewSession {
    NewSession {
        id: new_id(),
        partner_id: partner.id.clone(),
        member_id: partner.member.id.clone(),
        tokens: tokens(name, 0),
        caller: caller(),
        now: now(),
    }
}

async fn session(store: &TestStore, partner: &Known, name: &str) -> SessionId {
    store.create_session(new_session(partner, name)).await.unwrap().id
}

async fn holds(store: &TestStore, name: &str, at: i64) -> bool {
    store
        .get_session_by_access(&digest(&format!("{name} access")), after(at))
        .await
        .unwrap()
        .is_some()
}

async fn refresh(store: &TestStore, name: &str, next: &str, at: i64) -> Refreshed {
    let old = digest(&format!("{name} refresh"));
    store.refresh_session(&old, tokens(next, at), &caller(), after(at)).await.unwrap()
}

#[tokio::test]
async fn an_access_token_holds_until_it_expires() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let id = session(&store, &ada, "a").await;
    let found =
        store.get_session_by_access(&digest("a access"), after(ACCESS - 1)).await.unwrap().unwrap();
    assert_eq!(
        (found.session.id, found.member, found.partner.id),
        (id, ada.member.clone(), ada.id.clone())
    );
    assert!(!holds(&store, "a", ACCESS).await);
    assert!(!holds(&store, "unknown", 0).await);
}

#[tokio::test]
async fn a_refresh_replaces_both_tokens_and_keeps_the_session() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let id = session(&store, &ada, "a").await;
    let Refreshed::Renewed(renewed) = refresh(&store, "a", "b", 600).await else {
        panic!("not renewed")
    };
    assert_eq!(renewed.session.id, id);
    assert_eq!(renewed.session.last_used_at, after(600));
    assert!(!holds(&store, "a", 601).await);
    assert!(holds(&store, "b", 601).await);
    assert_eq!(store.list_sessions(&ada.id, &ada.member.id, after(601)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_old_refresh_token_ends_the_family() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let other = session(&store, &ada, "other").await;
    let id = session(&store, &ada, "a").await;
    refresh(&store, "a", "b", 1).await;
    refresh(&store, "b", "c", 2).await;
    let reused = Refreshed::Reused { session_id: id, partner_id: ada.id.clone() };
    assert_eq!(refresh(&store, "a", "thief", 3).await, reused);
    assert!(!holds(&store, "c", 4).await);
    assert!(!holds(&store, "thief", 4).await);
    assert_eq!(refresh(&store, "c", "d", 5).await, Refreshed::Refused);
    assert_eq!(refresh(&store, "a", "e", 6).await, Refreshed::Refused, "ended already");
    let left = store.list_sessions(&ada.id, &ada.member.id, after(7)).await.unwrap();
    assert_eq!(left.into_iter().map(|session| session.id).collect::<Vec<_>>(), [other]);
}

#[tokio::test]
async fn one_of_two_equal_refreshes_wins() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    session(&store, &ada, "a").await;
    let (first, second) = tokio::join!(refresh(&store, "a", "b", 1), refresh(&store, "a", "c", 1));
    let renewed =
        [&first, &second].into_iter().filter(|end| matches!(end, Refreshed::Renewed(_))).count();
    let reused =
        [&first, &second].into_iter().filter(|end| matches!(end, Refreshed::Reused { .. })).count();
    assert!(reused == 1 && renewed <= 1, "{first:?} {second:?}");
}

#[tokio::test]
async fn unknown_and_expired_refresh_tokens_are_refused() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    session(&store, &ada, "a").await;
    assert_eq!(refresh(&store, "unknown", "b", 1).await, Refreshed::Refused);
    assert_eq!(refresh(&store, "a", "b", REFRESH).await, Refreshed::Refused);
}

#[tokio::test]
async fn sessions_end_for_their_own_member_only() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    let id = session(&store, &ada, "a").await;
    assert!(!store.end_session(&bob.id, &bob.member.id, &id, now()).await.unwrap());
    assert!(!store.end_session(&bob.id, &ada.member.id, &id, now()).await.unwrap());
    assert!(store.list_sessions(&bob.id, &ada.member.id, now()).await.unwrap().is_empty());
    assert!(holds(&store, "a", 1).await);
    assert!(store.end_session(&ada.id, &ada.member.id, &id, now()).await.unwrap());
    assert!(!store.end_session(&ada.id, &ada.member.id, &id, now()).await.unwrap(), "twice");
    assert!(!holds(&store, "a", 1).await);
    assert_eq!(refresh(&store, "a", "b", 1).await, Refreshed::Refused);
}

#[tokio::test]
async fn all_other_sessions_end_at_once() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let keep = session(&store, &ada, "a").await;
    session(&store, &ada, "b").await;
    session(&store, &ada, "c").await;
    assert_eq!(
        store.end_other_sessions(&ada.id, &ada.member.id, Some(&keep), now()).await.unwrap(),
        2
    );
    assert!(holds(&store, "a", 1).await);
    assert!(!holds(&store, "b", 1).await);
    assert_eq!(store.end_other_sessions(&ada.id, &ada.member.id, None, now()).await.unwrap(), 1);
}

#[tokio::test]
async fn the_last_use_is_noted_and_orders_the_list() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    let first = session(&store, &ada, "a").await;
    let second = session(&store, &ada, "b").await;
    let moved = Caller { address: Some("10.0.0.9".into()), agent: None };
    store.touch_session(&ada.id, &first, &moved, after(60)).await.unwrap();
    store.touch_session(&bob.id, &second, &moved, after(90)).await.unwrap();
    let list = store.list_sessions(&ada.id, &ada.member.id, after(99)).await.unwrap();
    assert_eq!(list.iter().map(|session| session.id.clone()).collect::<Vec<_>>(), [first, second]);
    assert_eq!((list[0].last_used_at, list[0].address.as_deref()), (after(60), Some("10.0.0.9")));
    assert_eq!(
        list[1].address.as_deref(),
        Some("127.0.0.1"),
        "another partner's touch changes nothing"
    );
}
