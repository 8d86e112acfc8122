use latchkey_contract::{
    PrefixedId,
    audit::{AuditActorKind, AuditChange, AuditEvent, AuditQuery},
};
use latchkey_store::{
    Author, KeyChange, Store, StoreConfig, Updated,
    audit::{AuditCheck, AuditFaultKind, verify},
};

use crate::common::{
    Known, RED, TestStore, after, new_endpoint, new_id, new_key, new_partner, now, partner,
};

async fn log(store: &Store, known: &Known) -> Vec<AuditEvent> {
    let page = store.list_audit_events(&known.id, &AuditQuery::default()).await.unwrap();
    page.data
}

async fn actions(store: &Store, known: &Known) -> Vec<String> {
    log(store, known).await.into_iter().rev().map(|event| event.action).collect()
}

async fn check(store: &TestStore) -> AuditCheck {
    verify(&StoreConfig { data_dir: store.dir.path().to_path_buf() }).await.unwrap()
}

fn ada() -> Author {
    Author::member("ada@example.com", Some("192.0.2.7"))
}

#[tokio::test]
async fn a_partner_begins_its_log() {
    let store = TestStore::new().await;
    let created = store.by(Author::operator()).create_partner(new_partner("ada@x")).await.unwrap();
    let page = store.list_audit_events(&created.partner.id, &AuditQuery::default()).await.unwrap();
    let event = &page.data[0];
    assert_eq!((event.sequence, event.action.as_str()), (1, "partner.created"));
    assert_eq!(event.actor.kind, AuditActorKind::Operator);
    assert_eq!(event.subject.id, created.partner.id.to_string());
    assert_eq!(event.changes[0].after.as_deref(), Some("ada@x"));
    assert_eq!(event.hash.len(), 64);
}

#[tokio::test]
async fn each_change_is_recorded_with_its_author() {
    let store = TestStore::new().await;
    let known = partner(&store, "ada@example.com").await;
    let hers = store.by(ada());
    let change = KeyChange {
        name: Some("Frontend".to_owned()),
        requests_per_minute: Some(Some(7)),
        ..KeyChange::default()
    };
    let at = after(5);
    hers.update_key(&known.id, &known.key, 1, change, at).await.unwrap();
    let pause = KeyChange { paused_at: Some(Some(at)), ..KeyChange::default() };
    hers.update_key(&known.id, &known.key, 2, pause, at).await.unwrap();
    let resume = KeyChange { paused_at: Some(None), ..KeyChange::default() };
    hers.update_key(&known.id, &known.key, 3, resume, at).await.unwrap();
    hers.revoke_key(&known.id, &known.key, "ada@example.com", at).await.unwrap();
    let endpoint = hers.create_endpoint(new_endpoint(&known.id, RED), 9).await.unwrap().unwrap();
    hers.record_secret_revealed(&endpoint, at).await.unwrap();
    hers.delete_endpoint(&known.id, &endpoint.id, at).await.unwrap();
    hers.rename_partner(&known.id, "Ada & Co", at).await.unwrap();
    store.by(Author::operator()).set_partner_suspension(&known.id, Some(at), at).await.unwrap();
    assert_eq!(
        actions(&store, &known).await,
        [
            "partner.created",
            "key.created",
            "key.updated",
            "key.paused",
            "key.resumed",
            "key.revoked",
            "endpoint.created",
            "endpoint.secret_revealed",
            "endpoint.deleted",
            "partner.renamed",
            "partner.suspended",
        ]
    );
    let log = log(&store, &known).await;
    let updated = log.iter().find(|event| event.action == "key.updated").unwrap();
    assert_eq!((updated.actor.name.as_str(), updated.at), ("ada@example.com", at));
    assert_eq!(updated.address.as_deref(), Some("192.0.2.7"));
    assert_eq!(updated.platform.as_deref(), Some(RED));
    assert_eq!((&*updated.subject.kind, &*updated.subject.name), ("key", "Frontend"));
    let text = |text: &str| Some(text.to_owned());
    let changed =
        |field: &str, before, after| AuditChange { field: field.to_owned(), before, after };
    assert_eq!(
        updated.changes,
        [
            changed("name", text("Backend"), text("Frontend")),
            changed("requests_per_minute", None, text("7")),
        ]
    );
    assert_eq!(log[0].actor.name, "operator");
    assert_eq!(check(&store).await.faults, []);
}

#[tokio::test]
async fn what_was_not_done_is_not_recorded() {
    let store = TestStore::new().await;
    let known = partner(&store, "ada@example.com").await;
    let before = actions(&store, &known).await;
    let stale = store.update_key(&known.id, &known.key, 9, KeyChange::default(), now()).await;
    assert!(matches!(stale.unwrap(), Updated::Stale(_)));
    store.revoke_key(&known.id, &new_id(), "ada@example.com", now()).await.unwrap();
    store.rename_partner(&known.id, "Acme", now()).await.unwrap();
    store.set_partner_suspension(&known.id, None, now()).await.unwrap();
    store.delete_endpoint(&known.id, &new_id(), now()).await.unwrap();
    assert!(store.create_key(new_key(&known.id, "green")).await.is_err());
    store.revoke_key(&known.id, &known.key, "ada@example.com", now()).await.unwrap();
    store.revoke_key(&known.id, &known.key, "ada@example.com", after(1)).await.unwrap();
    let now_there = actions(&store, &known).await;
    assert_eq!(now_there.len(), before.len() + 1, "{now_there:?}");
}

#[tokio::test]
async fn a_log_is_read_in_pages_and_by_what_is_asked() {
    let store = TestStore::new().await;
    let (known, bob) = (partner(&store, "ada@example.com").await, partner(&store, "bob@x").await);
    for number in 0..6 {
        store.rename_partner(&known.id, &format!("Name {number}"), after(number)).await.unwrap();
    }
    let two = AuditQuery { limit: Some(2), ..AuditQuery::default() };
    let (mut query, mut seen) = (two.clone(), Vec::new());
    loop {
        let page = store.list_audit_events(&known.id, &query).await.unwrap();
        seen.extend(page.data.iter().map(|event| event.sequence));
        let Some(cursor) = page.next_cursor else { break };
        query = AuditQuery { cursor: Some(cursor), ..two.clone() };
    }
    assert_eq!(seen, [8, 7, 6, 5, 4, 3, 2, 1]);
    let count = async |query: AuditQuery| {
        store.list_audit_events(&known.id, &query).await.unwrap().data.len()
    };
    let of = |action: &str| AuditQuery { action: Some(action.to_owned()), ..AuditQuery::default() };
    assert_eq!(count(of("partner.renamed")).await, 6);
    assert_eq!(count(of("partner.")).await, 7);
    assert_eq!(count(of("partner")).await, 0);
    let key = Some(known.key.as_str().to_owned());
    assert_eq!(count(AuditQuery { subject_id: key, ..AuditQuery::default() }).await, 1);
    let red = AuditQuery { platform: Some(RED.to_owned()), ..AuditQuery::default() };
    assert_eq!(count(red).await, 1);
    let span = AuditQuery { from: Some(after(2)), to: Some(after(4)), ..AuditQuery::default() };
    assert_eq!(count(span).await, 2);
    assert!(log(&store, &bob).await.iter().all(|event| event.subject.id != known.id.as_str()));
    let bad = AuditQuery { cursor: Some("x".to_owned()), ..AuditQuery::default() };
    assert!(store.list_audit_events(&known.id, &bad).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_at_once_chain_one_after_the_other() {
    let store = TestStore::new().await;
    let known = partner(&store, "ada@example.com").await;
    let changes = (0..40).map(|number| {
        let (store, id) = (store.store.clone(), known.id.clone());
        let name = format!("Name {number}");
        tokio::spawn(async move { store.rename_partner(&id, &name, now()).await.unwrap() })
    });
    futures::future::join_all(changes).await.into_iter().for_each(|end| drop(end.unwrap()));
    let found = check(&store).await;
    assert_eq!((found.faults.len(), found.records), (0, 42));
    assert_eq!(found.ends[0].sequence, 42);
}

/// A chain of eight records beside one that nobody touches, changed from outside.
async fn tampered(sql: &str) -> (i64, AuditFaultKind) {
    let store = TestStore::new().await;
    let known = partner(&store, "ada@example.com").await;
    let other = partner(&store, "bob@example.com").await;
    for number in 0..6 {
        store.rename_partner(&known.id, &format!("Name {number}"), now()).await.unwrap();
    }
    assert_eq!(check(&store).await.faults, []);
    let sql = sql.replace("$ada", &format!("partner_id = '{}'", known.id));
    store.raw().execute_batch(&sql).unwrap();
    let found = check(&store).await;
    assert_eq!(found.ends.iter().map(|end| &end.partner_id).collect::<Vec<_>>(), [&other.id]);
    let [fault] = found.faults.as_slice() else { panic!("{sql}: {found:?}") };
    assert_eq!(fault.partner_id, known.id);
    (fault.sequence, fault.what)
}

#[tokio::test]
async fn whatever_is_changed_from_outside_is_named() {
    use AuditFaultKind::{Altered, Missing, NotTheHead, Reordered};
    let records = "UPDATE audit_events SET";
    let cases = [
        (format!("{records} action = 'key.created' WHERE sequence = 5 AND $ada"), (5, Altered)),
        (format!("{records} actor_name = 'eve' WHERE sequence = 1 AND $ada"), (1, Altered)),
        (format!("{records} at = at + 1 WHERE sequence = 8 AND $ada"), (8, Altered)),
        (format!("{records} changes = '[]' WHERE sequence = 3 AND $ada"), (3, Altered)),
        (format!("{records} address = '' WHERE sequence = 3 AND $ada"), (3, Altered)),
        // A text moved from one field to the next reads the same only without lengths.
        (
            format!(
                "{records} subject_kind = 'partne', subject_id = 'r' || subject_id WHERE sequence = 4 AND $ada"
            ),
            (4, Altered),
        ),
        (format!("{records} hash = zeroblob(32) WHERE sequence = 4 AND $ada"), (4, Altered)),
        (format!("{records} previous = zeroblob(32) WHERE sequence = 4 AND $ada"), (4, Altered)),
        ("DELETE FROM audit_events WHERE sequence = 4 AND $ada".to_owned(), (4, Missing)),
        ("DELETE FROM audit_events WHERE sequence = 1 AND $ada".to_owned(), (1, Missing)),
        ("DELETE FROM audit_events WHERE sequence > 6 AND $ada".to_owned(), (7, Missing)),
        ("DELETE FROM audit_events WHERE $ada".to_owned(), (1, Missing)),
        (
            format!(
                "{records} sequence = 100 WHERE sequence = 3 AND $ada; \
                 {records} sequence = 3 WHERE sequence = 6 AND $ada; \
                 {records} sequence = 6 WHERE sequence = 100 AND $ada"
            ),
            (3, Reordered { was: 6 }),
        ),
        (
            format!(
                "DELETE FROM audit_events WHERE sequence = 3 AND $ada; \
                 {records} sequence = sequence - 1 WHERE sequence > 3 AND $ada"
            ),
            (3, Reordered { was: 4 }),
        ),
        (
            "UPDATE audit_heads SET hash = zeroblob(32) WHERE $ada".to_owned(),
            (8, NotTheHead { head: Some(8) }),
        ),
        (
            "UPDATE audit_heads SET sequence = 5 WHERE $ada".to_owned(),
            (8, NotTheHead { head: Some(5) }),
        ),
        ("UPDATE audit_heads SET sequence = 11 WHERE $ada".to_owned(), (9, Missing)),
        ("DELETE FROM audit_heads WHERE $ada".to_owned(), (8, NotTheHead { head: None })),
        (
            "DELETE FROM audit_events WHERE $ada; DELETE FROM audit_heads WHERE $ada".to_owned(),
            (1, Missing),
        ),
    ];
    for (sql, expected) in cases {
        assert_eq!(tampered(&sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn an_altered_record_whose_hash_was_made_to_fit_is_named_all_the_same() {
    // The same change made at another time: a record that is right in itself.
    let forged = TestStore::new().await;
    let new = new_partner("ada@example.com");
    let id = forged.create_partner(new.clone()).await.unwrap().partner.id;
    forged.rename_partner(&id, "Forged", now()).await.unwrap();
    let store = TestStore::new().await;
    store.create_partner(new).await.unwrap();
    store.rename_partner(&id, "First", now()).await.unwrap();
    store.rename_partner(&id, "Second", now()).await.unwrap();
    let outside = store.raw();
    let path = forged.path().display().to_string();
    outside.execute("ATTACH DATABASE ?1 AS forged", [path]).unwrap();
    outside
        .execute_batch(
            "DELETE FROM audit_events WHERE sequence = 2; \
             INSERT INTO audit_events SELECT * FROM forged.audit_events WHERE sequence = 2",
        )
        .unwrap();
    let found = check(&store).await;
    assert_eq!((found.faults[0].sequence, found.faults[0].what), (2, AuditFaultKind::Altered));
    assert_eq!(found.faults[0].to_string(), format!("partner {id}: record 2 was altered"));
}

#[tokio::test]
async fn a_folder_without_a_log_is_told_apart_from_one_that_holds() {
    let dir = tempfile::tempdir().unwrap();
    let config = StoreConfig { data_dir: dir.path().to_path_buf() };
    let none = verify(&config).await.unwrap_err().to_string();
    assert!(none.contains("there is no Latchkey database"), "{none}");
    assert!(!config.file().exists(), "and none was made");
    rusqlite::Connection::open(config.file()).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
    let told = verify(&config).await.unwrap_err().to_string();
    assert!(told.contains("audit_heads"), "{told}");
}
