//! Endpoints that belong to keys: one URL a key, for what that key causes.

use chrono::TimeDelta;
use latchkey_contract::{KeyId, PrefixedId, webhooks::CreateWebhookEndpoint};
use latchkey_platform::webhooks::endpoints::{self, EndpointError};
use latchkey_store::{Author, Rotated, Rotation};
use sha2::{Digest, Sha256};

use crate::house::{BY_ACCOUNT, BY_KEY, House, sign_up};

fn refused(error: EndpointError) -> (String, String) {
    match error {
        EndpointError::Invalid(mut faults) => {
            let fault = faults.remove(0);
            (fault.pointer, fault.detail)
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_key_has_one_endpoint_for_what_it_causes() {
    let house = House::open_by_key().await;
    let (one, two) = (house.key().await, house.key().await);
    let first = house.endpoint_of_key(Some(&one), "https://example.com/1").await.unwrap().endpoint;
    assert_eq!(first.key_id.as_ref(), Some(&one));
    let again = house.endpoint_of_key(Some(&one), "https://example.com/3").await;
    assert!(matches!(again, Err(EndpointError::LimitReached { max: 1, of: "a key", .. })));
    house.endpoint_of_key(Some(&two), "https://example.com/2").await.unwrap();

    for (key, url) in [(&one, "https://example.com/1"), (&two, "https://example.com/2")] {
        let told = house.tell_of_key(key).await;
        assert_eq!(told.len(), 1);
        assert_eq!(house.delivery(&told[0]).await.delivery.url, url);
    }
    let of_nobody = house.key().await;
    assert!(house.tell_of_key(&of_nobody).await.is_empty());
    // What no key caused concerns them all.
    assert_eq!(house.tell(BY_KEY, "image.completed", None).await.len(), 2);
}

#[tokio::test]
async fn a_revoked_key_causes_no_more_events() {
    let house = House::open_by_key().await;
    let key = house.key().await;
    house.endpoint_of_key(Some(&key), "https://example.com/1").await.unwrap();
    let now = house.context.clock.now();
    house.context.store.revoke_key(&house.partner, &key, "one@example.com", now).await.unwrap();
    assert!(house.tell_of_key(&key).await.is_empty());
    assert!(house.tell(BY_KEY, "image.completed", None).await.is_empty());
    let (pointer, detail) =
        refused(house.endpoint_of_key(Some(&key), "https://example.com/2").await.unwrap_err());
    assert_eq!((pointer.as_str(), detail.contains("revoked")), ("/key_id", true));
}

#[tokio::test]
async fn the_key_is_named_where_endpoints_belong_to_keys_and_only_there() {
    let mut house = House::open_by_key().await;
    let by_account = CreateWebhookEndpoint {
        platform: BY_ACCOUNT.into(),
        key_id: Some(house.key().await),
        url: "https://example.com/".into(),
        events: None,
    };
    let set = endpoints::create(&house.context, &house.partner, by_account).await.unwrap_err();
    assert_eq!(refused(set).0, "/key_id");

    let unset = house.endpoint_of_key(None, "https://example.com/").await.unwrap_err();
    assert_eq!(refused(unset).0, "/key_id");
    let mine = house.key().await;
    house.partner = sign_up(&house.context, "two@example.com").await;
    let (pointer, detail) =
        refused(house.endpoint_of_key(Some(&mine), "https://example.com/").await.unwrap_err());
    assert_eq!((pointer.as_str(), detail.as_str()), ("/key_id", "must be one of your keys"));
}

#[tokio::test]
async fn the_endpoint_follows_a_rotated_key() {
    let house = House::open_by_key().await;
    let old = house.key().await;
    let made = house.endpoint_of_key(Some(&old), "https://example.com/1").await.unwrap().endpoint;
    let (store, partner) = (&house.context.store, &house.partner);
    let rotate = async |key: &KeyId| {
        let now = house.context.clock.now();
        let id: KeyId = house.context.entropy.id(now);
        let rotation = Rotation {
            digest: Sha256::digest(id.as_str()).into(),
            id: id.clone(),
            last4: "abcd".into(),
            grace_ends_at: now + TimeDelta::hours(1),
            force: false,
            by: "one@example.com".into(),
            author: Author::operator(),
            now,
        };
        let rotated = store.rotate_key(partner, key, rotation).await.unwrap();
        assert!(matches!(rotated, Rotated::Done { .. }), "{rotated:?}");
        id
    };
    let revoke = async |key: &KeyId| {
        let now = house.context.clock.now();
        store.revoke_key(partner, key, "one@example.com", now).await.unwrap();
    };
    let at = async || store.get_endpoint(partner, &made.id).await.unwrap().unwrap().key_id.unwrap();

    let new = rotate(&old).await;
    assert_eq!(at().await, new);
    for key in [&old, &new] {
        assert_eq!(house.tell_of_key(key).await.len(), 1, "both work, one is told");
    }
    // The replacement is revoked in grace: the old key still works, and gets another.
    revoke(&new).await;
    assert_eq!(house.tell_of_key(&old).await.len(), 1);
    assert!(house.tell_of_key(&new).await.is_empty());
    let newest = rotate(&old).await;
    assert_eq!(at().await, newest);
    revoke(&old).await;
    assert_eq!(house.tell_of_key(&newest).await.len(), 1);
    revoke(&newest).await;
    assert!(house.tell_of_key(&newest).await.is_empty());
    assert!(house.tell_of_key(&old).await.is_empty());
}
