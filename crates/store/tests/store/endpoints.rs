use latchkey_contract::{page::PageQuery, webhooks::DisabledReason};
use latchkey_store::{
    Author, Disabled, EndpointChange, NewSecret, SealedSecret, StoreError, Updated,
};

use crate::common::{BLUE, RED, TestStore, after, new_endpoint, new_id, now, partner};

#[tokio::test]
async fn an_endpoint_reads_back_as_it_was_made() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let new = new_endpoint(&ada.id, RED);
    let endpoint = store.create_endpoint(new.clone(), 1).await.unwrap().unwrap();
    assert_eq!(store.get_endpoint(&ada.id, &endpoint.id).await.unwrap(), Some(endpoint.clone()));
    assert!(endpoint.enabled());
    assert_eq!((endpoint.url, endpoint.events, endpoint.secret), (new.url, new.events, new.secret));
    assert!(
        !format!("{:?}", store.list_endpoints(&ada.id, None).await.unwrap()).contains("[1, 2, 3]")
    );
}

#[tokio::test]
async fn a_platform_allows_only_so_many() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    let first = store.create_endpoint(new_endpoint(&ada.id, RED), 1).await.unwrap().unwrap();
    assert_eq!(store.create_endpoint(new_endpoint(&ada.id, RED), 1).await.unwrap(), None);
    assert!(store.create_endpoint(new_endpoint(&ada.id, BLUE), 1).await.unwrap().is_some());
    assert!(store.create_endpoint(new_endpoint(&bob.id, RED), 1).await.unwrap().is_some());
    assert!(store.delete_endpoint(&ada.id, &first.id, now()).await.unwrap());
    assert!(
        store.create_endpoint(new_endpoint(&ada.id, RED), 1).await.unwrap().is_some(),
        "the deleted one is free"
    );
}

#[tokio::test]
async fn a_change_needs_the_current_version() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let id = store.create_endpoint(new_endpoint(&ada.id, RED), 1).await.unwrap().unwrap().id;
    let change = EndpointChange {
        url: Some("https://example.org/new".to_owned()),
        events: Some(vec!["done".to_owned()]),
        enabled: Some(false),
    };
    let Updated::Changed(endpoint) =
        store.update_endpoint(&ada.id, &id, 1, change.clone(), now()).await.unwrap()
    else {
        panic!("not changed")
    };
    assert_eq!(
        (endpoint.url.as_deref(), endpoint.enabled(), endpoint.version),
        (Some("https://example.org/new"), false, 2)
    );
    assert_eq!(endpoint.events, ["done"]);
    let stale = store.update_endpoint(&ada.id, &id, 1, change.clone(), now()).await.unwrap();
    assert_eq!(stale, Updated::Stale(endpoint));
    let absent = store.update_endpoint(&ada.id, &new_id(), 1, change, now()).await.unwrap();
    assert_eq!(absent, Updated::Absent);
}

#[tokio::test]
async fn events_go_to_enabled_endpoints_that_want_them() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    store.create_endpoint(new_endpoint(&bob.id, RED), 9).await.unwrap();
    let wanted = store.create_endpoint(new_endpoint(&ada.id, RED), 9).await.unwrap().unwrap().id;
    let mut other = new_endpoint(&ada.id, RED);
    other.events = vec!["failed".to_owned()];
    store.create_endpoint(other, 9).await.unwrap();
    let off = store.create_endpoint(new_endpoint(&ada.id, RED), 9).await.unwrap().unwrap().id;
    let off =
        store.disable_endpoint(&ada.id, &off, DisabledReason::Gone, now()).await.unwrap().unwrap();
    let gone = Disabled { reason: DisabledReason::Gone, at: now() };
    assert_eq!(off.disabled, Some(gone));
    let deleted = store.create_endpoint(new_endpoint(&ada.id, RED), 9).await.unwrap().unwrap().id;
    store.delete_endpoint(&ada.id, &deleted, now()).await.unwrap();
    let ids = |event: &'static str, platform: &'static str| {
        let (store, ada) = (store.store.clone(), ada.id.clone());
        async move {
            let found = store.endpoints_for_event(&ada, platform, event, None).await.unwrap();
            found.into_iter().map(|endpoint| endpoint.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(ids("done", RED).await, [wanted]);
    assert_eq!(ids("failed", RED).await.len(), 2);
    assert!(ids("done", BLUE).await.is_empty());
    assert!(ids("don", RED).await.is_empty());
}

#[tokio::test]
async fn endpoints_belong_to_one_partner() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    let id = store.create_endpoint(new_endpoint(&ada.id, RED), 1).await.unwrap().unwrap().id;
    assert_eq!(store.get_endpoint(&bob.id, &id).await.unwrap(), None);
    let off = EndpointChange { enabled: Some(false), ..EndpointChange::default() };
    assert_eq!(store.update_endpoint(&bob.id, &id, 1, off, now()).await.unwrap(), Updated::Absent);
    assert_eq!(
        store.disable_endpoint(&bob.id, &id, DisabledReason::Gone, now()).await.unwrap(),
        None
    );
    assert!(!store.delete_endpoint(&bob.id, &id, now()).await.unwrap());
    assert!(store.list_endpoints(&bob.id, None).await.unwrap().is_empty());
    assert!(
        store.endpoint_health(&bob.id, std::slice::from_ref(&id), now()).await.unwrap().is_empty()
    );
    assert!(store.get_endpoint(&ada.id, &id).await.unwrap().unwrap().enabled());
    assert!(store.delete_endpoint(&ada.id, &id, after(1)).await.unwrap());
    assert_eq!(store.get_endpoint(&ada.id, &id).await.unwrap(), None);
}

#[tokio::test]
async fn a_list_comes_in_pages() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let new = new_endpoint(&ada.id, RED);
        ids.push(store.create_endpoint(new, 9).await.unwrap().unwrap().id);
    }
    let query = |cursor| PageQuery { cursor, limit: Some(2) };
    let page = async |cursor| store.page_endpoints(&ada.id, &query(cursor)).await;
    let first = page(None).await.unwrap();
    let found: Vec<_> = first.data.into_iter().map(|row| row.id).collect();
    assert_eq!(found, ids[..2]);
    let last = page(first.next_cursor).await.unwrap();
    assert_eq!((&last.data[0].id, last.next_cursor), (&ids[2], None));
    assert!(matches!(page(Some("nonsense".to_owned())).await, Err(StoreError::BadCursor)));
    let bob = partner(&store, "bob@example.com").await;
    assert!(store.page_endpoints(&bob.id, &query(None)).await.unwrap().data.is_empty());
}

#[tokio::test]
async fn the_newest_secrets_of_all_partners_are_at_hand() {
    let store = TestStore::new().await;
    let mut ids = Vec::new();
    for email in ["ada@example.com", "bob@example.com"] {
        let new = new_endpoint(&partner(&store, email).await.id, RED);
        ids.push(store.create_endpoint(new, 9).await.unwrap().unwrap().id);
    }
    let newest = store.list_sealed_secrets(1).await.unwrap();
    assert_eq!(newest[0].0, ids[1]);
    assert_eq!(store.list_sealed_secrets(9).await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_endpoint_of_a_key_gets_what_that_key_causes() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let mut new = new_endpoint(&ada.id, RED);
    new.key_id = Some(ada.key.clone());
    let by_key = store.create_endpoint(new.clone(), 1).await.unwrap().unwrap();
    assert_eq!(by_key.key_id.as_ref(), Some(&ada.key));
    new.id = new_id();
    assert_eq!(store.create_endpoint(new, 1).await.unwrap(), None, "one a key");
    let mut stranger = new_endpoint(&ada.id, RED);
    stranger.key_id = Some(new_id());
    let stranger = store.create_endpoint(stranger, 1).await.unwrap().unwrap().id;
    let told = async |key| {
        let found = store.endpoints_for_event(&ada.id, RED, "done", key).await.unwrap();
        found.into_iter().map(|endpoint| endpoint.id).collect::<Vec<_>>()
    };
    assert_eq!(told(Some(&ada.key)).await, std::slice::from_ref(&by_key.id));
    assert_eq!(told(None).await, [by_key.id, stranger.clone()], "the account's own go to all");
    store.revoke_key(&ada.id, &ada.key, "ada", now()).await.unwrap();
    assert!(told(Some(&ada.key)).await.is_empty());
    assert_eq!(told(None).await, [stranger]);
}

#[tokio::test]
async fn the_first_reason_for_being_off_stays_until_it_is_on_again() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let id = store.create_endpoint(new_endpoint(&ada.id, RED), 1).await.unwrap().unwrap().id;
    let off = store.disable_endpoint(&ada.id, &id, DisabledReason::Exhausted, after(5)).await;
    let first = Some(Disabled { reason: DisabledReason::Exhausted, at: after(5) });
    assert_eq!(off.unwrap().unwrap().disabled, first);
    let again = store.disable_endpoint(&ada.id, &id, DisabledReason::Gone, after(6)).await;
    assert_eq!(again.unwrap(), None, "it is off already");
    let switch = async |version, enabled| {
        let change = EndpointChange { enabled: Some(enabled), ..EndpointChange::default() };
        match store.update_endpoint(&ada.id, &id, version, change, after(9)).await.unwrap() {
            Updated::Changed(row) => row.disabled,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(switch(2, false).await, first);
    assert_eq!(switch(3, true).await, None);
    let by_member = Disabled { reason: DisabledReason::ByMember, at: after(9) };
    assert_eq!(switch(4, false).await, Some(by_member));
}

#[tokio::test]
async fn a_rotation_keeps_one_former_secret_for_its_overlap() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    let id = store.create_endpoint(new_endpoint(&ada.id, RED), 1).await.unwrap().unwrap().id;
    let sealed = |byte| SealedSecret { ciphertext: vec![byte], nonce: vec![byte, byte] };
    let rotate = async |of, byte, overlap: Option<i64>| {
        let new = NewSecret {
            secret: sealed(byte),
            last4: "wxyz".to_owned(),
            overlap_until: overlap.map(after),
            author: Author::operator(),
            now: now(),
        };
        store.rotate_endpoint_secret(of, &id, new).await.unwrap()
    };
    assert_eq!(rotate(&bob.id, 7, Some(60)).await, None);
    let first = store.get_endpoint(&ada.id, &id).await.unwrap().unwrap().secret;
    let row = rotate(&ada.id, 8, Some(60)).await.unwrap();
    assert_eq!((row.secret.clone(), row.secret_last4.as_str()), (sealed(8), "wxyz"));
    let former = row.previous.unwrap();
    assert_eq!((former.secret, former.until), (first, after(60)));
    let row = rotate(&ada.id, 9, Some(90)).await.unwrap();
    assert_eq!(row.previous.unwrap().secret, sealed(8), "the one before is dropped");

    assert_eq!(store.prune(after(89), 9).await.unwrap().former_secrets, 0);
    assert_eq!(store.prune(after(90), 9).await.unwrap().former_secrets, 1);
    let row = store.get_endpoint(&ada.id, &id).await.unwrap().unwrap();
    assert_eq!((row.secret, row.previous), (sealed(9), None));
    assert_eq!(rotate(&ada.id, 10, None).await.unwrap().previous, None);
}
