use latchkey_client::IdempotencyKey;
use latchkey_contract::{
    Environment, SecretText,
    audit::{AuditActorKind, AuditEvent, AuditQuery},
    events::Topic,
    keys::UpdateKey,
    partners::UpdateMe,
    sessions::CreateSession,
    webhooks::{CreateWebhookEndpoint, UpdateWebhookEndpoint},
};
use latchkey_platform::operator::Command;

use crate::{
    support::{PASSWORD, TestPartner, TestServer},
    told,
};

const NEW: &str = "granite lantern forty winters";

async fn log(partner: &TestPartner) -> Vec<AuditEvent> {
    let all = AuditQuery { limit: Some(200), ..AuditQuery::default() };
    let mut log = partner.client.list_audit_events(&all).await.unwrap().data;
    log.reverse();
    log
}

#[tokio::test]
async fn every_change_has_its_record_and_no_secret_is_in_any() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let client = &partner.client;
    let (key, plain) = partner.issue_key("clipia", Environment::Test).await;
    let change = UpdateKey { name: Some("Renamed".to_owned()), ..UpdateKey::default() };
    let key = client.update_key(&key.id, key.version, &change).await.unwrap();
    let pause = UpdateKey { paused: Some(true), ..UpdateKey::default() };
    client.update_key(&key.id, key.version, &pause).await.unwrap();
    client.revoke_key(&key.id).await.unwrap();
    let request = CreateWebhookEndpoint {
        platform: "proclubs".to_owned(),
        key_id: None,
        url: "http://127.0.0.1:9/".to_owned(),
        events: None,
    };
    let issued = client.create_webhook_endpoint(&request, &IdempotencyKey::random()).await.unwrap();
    let endpoint = issued.endpoint;
    let delivery = client.test_webhook_endpoint(&endpoint.id).await.unwrap();
    client.replay_delivery(&delivery.id).await.unwrap();
    client.reveal_webhook_secret(&endpoint.id).await.unwrap();
    let off = UpdateWebhookEndpoint { enabled: Some(false), ..UpdateWebhookEndpoint::default() };
    client.update_webhook_endpoint(&endpoint.id, endpoint.version, &off).await.unwrap();
    client.delete_webhook_endpoint(&endpoint.id).await.unwrap();
    let sign_in = CreateSession {
        email: partner.email.clone(),
        password: SecretText::new(PASSWORD.to_owned()),
    };
    let second = server.client.create_session(&sign_in).await.unwrap();
    let change = UpdateMe {
        partner_name: Some("Southwind".to_owned()),
        password: Some(SecretText::new(NEW.to_owned())),
        current_password: Some(SecretText::new(PASSWORD.to_owned())),
    };
    client.update_me(&change).await.unwrap();
    server.operate(Command::SuspendPartner { partner: partner.email.clone() }).await;
    server.operate(Command::ResumePartner { partner: partner.email.clone() }).await;

    let log = log(&partner).await;
    let actions: Vec<_> = log.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "partner.created",
            "session.created",
            "key.created",
            "key.updated",
            "key.paused",
            "key.revoked",
            "endpoint.created",
            "delivery.replayed",
            "endpoint.secret_revealed",
            "endpoint.updated",
            "endpoint.deleted",
            "session.created",
            "member.password_changed",
            "session.ended",
            "partner.renamed",
            "partner.suspended",
            "partner.resumed",
        ]
    );
    let sequence: Vec<_> = log.iter().map(|event| event.sequence).collect();
    assert_eq!(sequence, (1..=17).collect::<Vec<_>>());
    for event in &log[..15] {
        assert_eq!(event.actor.kind, AuditActorKind::Member, "{event:?}");
        assert_eq!(event.actor.name, partner.email, "{event:?}");
        assert_eq!(event.address.as_deref(), Some("127.0.0.1"), "{event:?}");
    }
    assert_eq!(log[15].actor.kind, AuditActorKind::Operator);
    assert_eq!(log[13].subject.id, second.session_id.to_string());
    assert_eq!(log[5].subject.id, key.id.to_string());
    let text = serde_json::to_string(&log).unwrap();
    let secret = issued.secret.unwrap();
    for hidden in [&*plain, secret.expose(), PASSWORD, NEW, second.access_token.expose()] {
        assert!(!text.contains(hidden));
    }
}

#[tokio::test]
async fn a_refresh_token_used_twice_is_on_record() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let first = &partner.tokens.refresh_token;
    let second = server.client.refresh_session(first).await.unwrap();
    server.client.refresh_session(&second.refresh_token).await.unwrap();
    assert_eq!(told(server.client.refresh_session(first).await).0, 401);
    let sign_in = CreateSession {
        email: partner.email.clone(),
        password: SecretText::new(PASSWORD.to_owned()),
    };
    let tokens = server.client.create_session(&sign_in).await.unwrap();
    let client = server.client.with_token(tokens.access_token);
    let ended = AuditQuery { action: Some("session.ended".to_owned()), ..AuditQuery::default() };
    let found = client.list_audit_events(&ended).await.unwrap().data;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].actor.kind, AuditActorKind::System);
    assert_eq!(found[0].subject.id, partner.tokens.session_id.to_string());
    assert!(found[0].changes[0].after.as_deref().unwrap().contains("twice"));
}

#[tokio::test]
async fn foolish_questions_are_refused() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let ask = async |query: AuditQuery| told(partner.client.list_audit_events(&query).await).2;
    let some = AuditQuery::default;
    assert_eq!(ask(AuditQuery { limit: Some(0), ..some() }).await, ["?limit"]);
    assert_eq!(ask(AuditQuery { cursor: Some("x".to_owned()), ..some() }).await, ["?cursor"]);
    assert_eq!(ask(AuditQuery { platform: Some("x".to_owned()), ..some() }).await, ["?platform"]);
}

#[tokio::test]
async fn a_console_is_told_of_new_records() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let mut feed = server.context().live.listen();
    partner.issue_key("clipia", Environment::Test).await;
    let mut topics = Vec::new();
    while let Ok((to, change)) = feed.try_recv() {
        assert_eq!(to, partner.tokens.me.partner.id);
        topics.push(change.topic);
    }
    assert!(topics.contains(&Topic::Audit), "{topics:?}");
}
