use latchkey_contract::{
    Environment, KeyId, KeyIds, PartnerId, PrefixedId,
    audit::AuditQuery,
    keys::{KeyCount, KeyKind, KeyQuery, KeySort, KeyStatus},
};
use latchkey_store::{Author, KeyChange, KeyRow, NewKey, Rotated, Rotation, StoreError, Updated};

use crate::common::{BLUE, RED, TestStore, after, digest, new_id, new_key, now, operator, partner};

async fn names(store: &TestStore, partner_id: &PartnerId, query: KeyQuery) -> Vec<String> {
    store
        .list_keys(partner_id, &query, now())
        .await
        .unwrap()
        .data
        .into_iter()
        .map(|key| key.name)
        .collect()
}

async fn named(store: &TestStore, partner_id: &PartnerId, platform: &str, name: &str) -> KeyRow {
    let mut new = new_key(partner_id, platform);
    new.name = name.to_owned();
    store.create_key(new).await.unwrap()
}

#[tokio::test]
async fn a_key_reads_back_as_it_was_made() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let mut new = new_key(&ada.id, BLUE);
    new.requests_per_minute = Some(7);
    new.expires_at = Some(after(60));
    let key = store.create_key(new.clone()).await.unwrap();
    assert_eq!(store.get_key(&ada.id, &key.id).await.unwrap(), Some(key.clone()));
    assert_eq!((key.digest, key.scopes, key.version), (new.digest, new.scopes.clone(), 1));
    assert_eq!(
        (key.requests_per_minute, key.expires_at, key.created_at),
        (Some(7), Some(after(60)), now())
    );
    assert!(
        matches!(store.create_key(new).await, Err(StoreError::Database(_))),
        "a digest is unique"
    );
    assert!(store.create_key(new_key(&ada.id, "green")).await.is_err(), "no account there");
}

#[tokio::test]
async fn the_gateway_sees_everything_that_decides_by_digest() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let key = store.get_key(&ada.id, &ada.key).await.unwrap().unwrap();
    let standing = store.get_key_by_digest(&key.digest).await.unwrap().unwrap();
    assert_eq!((standing.key, standing.live_enabled), (key.clone(), true));
    assert_eq!((standing.account_suspended_at, standing.partner_suspended_at), (None, None));
    store.set_account_live(&ada.id, RED, None, (&operator(), now())).await.unwrap();
    store.set_account_suspension(&ada.id, RED, Some(after(1)), (&operator(), now())).await.unwrap();
    store.set_partner_suspension(&ada.id, Some(after(2)), after(2)).await.unwrap();
    store.revoke_key(&ada.id, &ada.key, "ada@example.com", after(3)).await.unwrap();
    let standing = store.get_key_by_digest(&key.digest).await.unwrap().unwrap();
    assert!(!standing.live_enabled);
    assert_eq!(
        (standing.account_suspended_at, standing.partner_suspended_at),
        (Some(after(1)), Some(after(2)))
    );
    assert_eq!(standing.key.revoked_at, Some(after(3)));
    assert_eq!(store.get_key_by_digest(&digest("unknown")).await.unwrap(), None);
}

#[tokio::test]
async fn a_list_is_filtered_and_searched() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    named(&store, &ada.id, RED, "Größe 100%").await;
    let mut test = new_key(&ada.id, BLUE);
    (test.name, test.environment, test.last4) =
        ("Staging".to_owned(), Environment::Test, "Zz9q".to_owned());
    let test = store.create_key(test).await.unwrap();
    let search = |text: &str| KeyQuery { search: Some(text.to_owned()), ..KeyQuery::default() };
    assert_eq!(names(&store, &ada.id, search("GRÖ")).await, ["Größe 100%"]);
    assert_eq!(names(&store, &ada.id, search("0%")).await, ["Größe 100%"]);
    assert_eq!(names(&store, &ada.id, search("_")).await, Vec::<String>::new(), "no wildcard");
    assert_eq!(names(&store, &ada.id, search("zZ9Q")).await, ["Staging"]);
    assert_eq!(names(&store, &ada.id, search(" ")).await.len(), 3);
    let on =
        |platform: &str| KeyQuery { platform: Some(platform.to_owned()), ..KeyQuery::default() };
    assert_eq!(names(&store, &ada.id, on(RED)).await, ["Größe 100%", "Backend"]);
    let live = KeyQuery { environment: Some(Environment::Live), ..KeyQuery::default() };
    assert_eq!(names(&store, &ada.id, live).await.len(), 2);
    store.revoke_key(&ada.id, &test.id, "ada@example.com", now()).await.unwrap();
    let unrevoked = KeyQuery { include_revoked: Some(false), ..KeyQuery::default() };
    assert_eq!(names(&store, &ada.id, unrevoked).await.len(), 2);
    assert_eq!(names(&store, &ada.id, KeyQuery::default()).await.len(), 3);
}

#[tokio::test]
async fn keys_are_listed_by_their_ids_and_only_ones_own() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    let one = named(&store, &ada.id, RED, "One").await.id;
    let two = named(&store, &ada.id, BLUE, "Two").await.id;
    let of = |ids: Vec<KeyId>| KeyQuery { ids: Some(KeyIds(ids)), ..KeyQuery::default() };
    let asked = of(vec![one.clone(), bob.key.clone(), two.clone(), new_id(), one.clone()]);
    assert_eq!(names(&store, &ada.id, asked.clone()).await, ["Two", "One"]);
    assert_eq!(names(&store, &bob.id, asked.clone()).await, ["Backend"]);
    assert_eq!(names(&store, &ada.id, of(vec![])).await, Vec::<String>::new());
    let by_name = KeyQuery { sort: Some(KeySort::Name), ..asked.clone() };
    assert_eq!(in_pages(&store, &ada.id, by_name).await, ["One", "Two"]);
    let red = KeyQuery { platform: Some(RED.to_owned()), ..asked };
    assert_eq!(names(&store, &ada.id, red).await, ["One"]);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    for number in 0..6 {
        named(&store, &ada.id, [RED, BLUE][number % 2], &format!("{number}")).await;
    }
    let mut query = KeyQuery { limit: Some(3), ..KeyQuery::default() };
    let mut seen = Vec::new();
    loop {
        let page = store.list_keys(&ada.id, &query, now()).await.unwrap();
        seen.extend(page.data.into_iter().map(|key| key.name));
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(seen, ["5", "3", "1", "4", "2", "0", "Backend"]);
    for cursor in [
        "",
        "red",
        "pa.red.key_nonsense",
        "pa.red.whe_01JDB6QZ3V8M2K4T9XEWA7YHRC",
        "red.key_01JDB6QZ3V8M2K4T9XEWA7YHRC",
        "pd.red.key_01JDB6QZ3V8M2K4T9XEWA7YHRC",
        "na.red.key_01JDB6QZ3V8M2K4T9XEWA7YHRC",
    ] {
        query.cursor = Some(cursor.to_owned());
        assert!(
            matches!(store.list_keys(&ada.id, &query, now()).await, Err(StoreError::BadCursor)),
            "{cursor}"
        );
    }
}

/// Names on every page, each of two keys.
async fn in_pages(store: &TestStore, partner_id: &PartnerId, mut query: KeyQuery) -> Vec<String> {
    query.limit = Some(2);
    let mut seen = Vec::new();
    loop {
        let page = store.list_keys(partner_id, &query, now()).await.unwrap();
        seen.extend(page.data.into_iter().map(|key| key.name));
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return seen,
        }
    }
}

async fn use_key(store: &TestStore, key: &KeyRow, at: i64) {
    let sql = "UPDATE api_keys SET last_used_at = ?1 WHERE id = ?2";
    let at = after(at).timestamp_micros();
    store.raw().execute(sql, rusqlite::params![at, key.id.to_string()]).unwrap();
}

#[tokio::test]
async fn a_list_has_four_orders_and_each_goes_both_ways() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    store.revoke_key(&ada.id, &ada.key, "ada@example.com", now()).await.unwrap();
    let mut keys = Vec::new();
    for (name, platform) in
        [("delta", RED), ("Alpha", BLUE), ("charlie.d", RED), ("Bravo", BLUE), ("bravo", RED)]
    {
        keys.push(named(&store, &ada.id, platform, name).await);
    }
    for (key, at) in [(&keys[0], 30), (&keys[2], 10), (&keys[4], 20)] {
        use_key(&store, key, at).await;
    }
    for (sort, expected) in [
        (KeySort::Platform, ["Bravo", "Alpha", "bravo", "charlie.d", "delta"]),
        (KeySort::Created, ["delta", "Alpha", "charlie.d", "Bravo", "bravo"]),
        (KeySort::Name, ["Alpha", "Bravo", "bravo", "charlie.d", "delta"]),
        (KeySort::LastUsed, ["Alpha", "Bravo", "charlie.d", "bravo", "delta"]),
    ] {
        let query = |descending| KeyQuery {
            sort: Some(sort),
            descending: Some(descending),
            include_revoked: Some(false),
            ..KeyQuery::default()
        };
        assert_eq!(in_pages(&store, &ada.id, query(false)).await, expected, "{sort:?}");
        let mut turned = expected;
        turned.reverse();
        assert_eq!(in_pages(&store, &ada.id, query(true)).await, turned, "{sort:?}");
    }
    let wrong = KeyQuery {
        sort: Some(KeySort::LastUsed),
        cursor: Some(format!("pa.red.{}", ada.key)),
        ..KeyQuery::default()
    };
    let wrong = store.list_keys(&ada.id, &wrong, now()).await;
    assert!(matches!(wrong, Err(StoreError::BadCursor)));
}

fn rotation(name: &str, grace: i64) -> Rotation {
    Rotation {
        id: new_id(),
        last4: "Rot8".to_owned(),
        digest: digest(name),
        grace_ends_at: after(grace),
        force: false,
        by: "ada@example.com".to_owned(),
        author: Author::member("ada@example.com", None),
        now: now(),
    }
}

#[tokio::test]
async fn a_list_is_narrowed_to_a_status_and_a_kind() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let mut keys = Vec::new();
    for name in ["active", "paused", "expired", "revoked", "retiring", "retired"] {
        keys.push(named(&store, &ada.id, BLUE, name).await);
    }
    let pause = KeyChange { paused_at: Some(Some(now())), ..KeyChange::default() };
    store.update_key(&ada.id, &keys[1].id, 1, pause, now()).await.unwrap();
    let expire = KeyChange { expires_at: Some(Some(now())), ..KeyChange::default() };
    store.update_key(&ada.id, &keys[2].id, 1, expire, now()).await.unwrap();
    store.revoke_key(&ada.id, &keys[3].id, "ada@example.com", now()).await.unwrap();
    for (key, grace) in [(&keys[4], 1), (&keys[5], 0)] {
        let rotated = store.rotate_key(&ada.id, &key.id, rotation(&key.name, grace)).await.unwrap();
        assert!(matches!(rotated, Rotated::Done { .. }), "{rotated:?}");
    }
    for (status, expected) in [
        (KeyStatus::Active, vec!["retired", "retiring", "active"]),
        (KeyStatus::Paused, vec!["paused"]),
        (KeyStatus::Expired, vec!["retired", "expired"]),
        (KeyStatus::Revoked, vec!["revoked"]),
        (KeyStatus::Retiring, vec!["retiring"]),
    ] {
        let platform = Some(BLUE.to_owned());
        let query = KeyQuery { platform, status: Some(status), ..KeyQuery::default() };
        assert_eq!(names(&store, &ada.id, query).await, expected, "{status:?}");
    }
    let public = KeyQuery { kind: Some(KeyKind::Public), ..KeyQuery::default() };
    assert!(names(&store, &ada.id, public).await.is_empty());
}

#[tokio::test]
async fn where_a_key_may_be_used_from_is_kept_with_it() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let rules = vec!["203.0.113.0/24".to_owned(), "2001:db8::1".to_owned()];
    let key = NewKey { ip_rules: rules.clone(), ..new_key(&ada.id, RED) };
    let key = store.create_key(key).await.unwrap();
    assert_eq!(key.ip_rules, rules);
    let Rotated::Done { new, .. } =
        store.rotate_key(&ada.id, &key.id, rotation("new", 60)).await.unwrap()
    else {
        panic!("not rotated")
    };
    assert_eq!(new.ip_rules, rules);
    let query = AuditQuery { action: Some("key.rotated".to_owned()), ..AuditQuery::default() };
    let log = store.list_audit_events(&ada.id, &query).await.unwrap().data;
    assert_eq!(log.len(), 1);
    assert_eq!(
        (log[0].subject.id.as_str(), log[0].actor.name.as_str()),
        (key.id.as_str(), "ada@example.com")
    );
    assert_eq!(log[0].changes[0].after.as_deref(), Some(new.id.as_str()));
    let ended =
        store.end_grace(&ada.id, &key.id, &Author::operator(), after(5)).await.unwrap().unwrap();
    assert_eq!(ended.replaced.unwrap().grace_ends_at, after(5));
    let query = AuditQuery { subject_id: Some(key.id.to_string()), ..AuditQuery::default() };
    let log = store.list_audit_events(&ada.id, &query).await.unwrap().data;
    let change = &log[0].changes[0];
    assert_eq!(
        (log[0].action.as_str(), change.field.as_str()),
        ("key.grace_ended", "grace_ends_at")
    );
    let open = KeyChange { ip_rules: Some(Vec::new()), ..KeyChange::default() };
    let Updated::Changed(key) = store.update_key(&ada.id, &new.id, 1, open, now()).await.unwrap()
    else {
        panic!("not changed")
    };
    assert!(key.ip_rules.is_empty());
}

#[tokio::test]
async fn a_change_needs_the_current_version() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let change = KeyChange {
        name: Some("Frontend".to_owned()),
        scopes: Some(vec!["read".to_owned()]),
        requests_per_minute: Some(Some(5)),
        concurrent_limit: Some(Some(3)),
        paused_at: Some(Some(now())),
        ..KeyChange::default()
    };
    let Updated::Changed(key) =
        store.update_key(&ada.id, &ada.key, 1, change.clone(), now()).await.unwrap()
    else {
        panic!("not changed")
    };
    assert_eq!((key.name.as_str(), key.version, key.requests_per_minute), ("Frontend", 2, Some(5)));
    assert_eq!(key.concurrent_limit, Some(3));
    assert_eq!(
        (key.scopes.as_slice(), key.paused_at),
        (["read".to_owned()].as_slice(), Some(now()))
    );
    let stale = store.update_key(&ada.id, &ada.key, 1, KeyChange::default(), now()).await.unwrap();
    assert_eq!(stale, Updated::Stale(key));
    let back = KeyChange {
        requests_per_minute: Some(None),
        paused_at: Some(None),
        ..KeyChange::default()
    };
    let Updated::Changed(key) = store.update_key(&ada.id, &ada.key, 2, back, now()).await.unwrap()
    else {
        panic!("not changed")
    };
    assert_eq!(
        (key.name.as_str(), key.requests_per_minute, key.paused_at),
        ("Frontend", None, None)
    );
    assert_eq!(
        store.update_key(&ada.id, &new_id(), 1, change, now()).await.unwrap(),
        Updated::Absent
    );
}

#[tokio::test]
async fn a_revocation_says_when_and_by_whom_for_good() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let first =
        store.revoke_key(&ada.id, &ada.key, "ada@example.com", after(1)).await.unwrap().unwrap();
    assert_eq!(
        (first.revoked_at, first.revoked_by.as_deref()),
        (Some(after(1)), Some("ada@example.com"))
    );
    let again =
        store.revoke_key(&ada.id, &ada.key, "eve@example.com", after(2)).await.unwrap().unwrap();
    assert_eq!(again, first);
    assert_eq!(store.revoke_key(&ada.id, &new_id(), "ada@example.com", now()).await.unwrap(), None);
    let counts = store.count_keys(&ada.id).await.unwrap();
    assert_eq!((counts[0].kept, counts[0].revoked), (0, 1));
}

#[tokio::test]
async fn keys_belong_to_one_partner() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    assert_eq!(store.get_key(&bob.id, &ada.key).await.unwrap(), None);
    assert_eq!(
        store.update_key(&bob.id, &ada.key, 1, KeyChange::default(), now()).await.unwrap(),
        Updated::Absent
    );
    assert_eq!(store.revoke_key(&bob.id, &ada.key, "bob@example.com", now()).await.unwrap(), None);
    let rotated = store.rotate_key(&bob.id, &ada.key, rotation("new", 60)).await.unwrap();
    assert_eq!(rotated, Rotated::Absent);
    let ended = store.end_grace(&bob.id, &ada.key, &Author::operator(), now()).await.unwrap();
    assert_eq!(ended, None);
    assert_eq!(store.get_last_accepted(&bob.id, &ada.key, now()).await.unwrap(), None);
    assert!(
        store
            .list_keys(&bob.id, &KeyQuery::default(), now())
            .await
            .unwrap()
            .data
            .iter()
            .all(|key| key.id == bob.key)
    );
    let (platform, environment) = (RED.to_owned(), Environment::Live);
    let one = KeyCount { platform, environment, kept: 1, revoked: 0 };
    assert_eq!(store.count_keys(&ada.id).await.unwrap(), [one]);
    assert_eq!(store.get_key(&ada.id, &ada.key).await.unwrap().unwrap().revoked_at, None);
}
