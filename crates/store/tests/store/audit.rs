use latchkey_contract::audit::{AuditActorKind, AuditQuery};

use crate::common::{TestStore, partner};

#[tokio::test]
async fn a_partner_begins_its_log() {
    let store = TestStore::new().await;
    let (ada, bob) = (partner(&store, "ada@example.com").await, partner(&store, "bob@x").await);
    let page = store.list_audit_events(&ada.id, &AuditQuery::default()).await.unwrap();
    let created = page.data.last().unwrap();
    assert_eq!((created.sequence, created.action.as_str()), (1, "partner.created"));
    assert_eq!(created.actor.kind, AuditActorKind::Operator);
    assert_eq!(
        (&*created.subject.kind, &*created.subject.id),
        ("partner", ada.id.to_string().as_str())
    );
    assert_eq!(created.changes[0].after.as_deref(), Some("ada@example.com"));
    assert_eq!(created.hash.len(), 64);
    let others = store.list_audit_events(&bob.id, &AuditQuery::default()).await.unwrap();
    assert!(others.data.iter().all(|event| event.id != created.id && event.hash != created.hash));
}
