use chrono::{DateTime, Utc};
use latchkey_contract::{
    DeliveryId, EndpointId, Environment,
    audit::{AuditActorKind, AuditQuery},
    webhooks::{DeliveryQuery, DeliveryState, DisabledReason, Header},
};
use latchkey_store::{
    AttemptOutcome, ClaimedDelivery, DeliveryRow, EndpointChange, NewAttempt, NewDelivery,
    NewEvent, StoreError, Updated,
};

use crate::common::{BLUE, Known, RED, TestStore, after, new_endpoint, new_id, now, partner};

struct Webhooks {
    store: TestStore,
    ada: Known,
    endpoint: EndpointId,
}

impl Webhooks {
    async fn new() -> Self {
        let store = TestStore::new().await;
        let ada = partner(&store, "ada@example.com").await;
        let endpoint =
            store.create_endpoint(new_endpoint(&ada.id, RED), 9).await.unwrap().unwrap().id;
        Self { store, ada, endpoint }
    }

    /// An event due at a time.
    async fn event(&self, at: DateTime<Utc>) -> DeliveryId {
        let (event, delivery) = new_event(&self.endpoint, at);
        assert_eq!(self.store.create_event(&self.ada.id, RED, event, at).await.unwrap(), 1);
        delivery
    }

    async fn claim(&self, at: i64) -> Vec<ClaimedDelivery> {
        self.store.claim_deliveries(after(at), after(at + 30), 10, &[]).await.unwrap()
    }

    async fn claim_one(&self, at: i64) -> ClaimedDelivery {
        let mut claimed = self.claim(at).await;
        assert_eq!(claimed.len(), 1);
        claimed.remove(0)
    }

    /// Claims the only one due and notes an attempt.
    async fn attempt(&self, at: i64, status: Option<u16>, outcome: AttemptOutcome) -> DeliveryRow {
        let claimed = self.claim_one(at).await;
        self.record(&claimed, attempt(at, status), outcome).await
    }

    /// Notes an attempt.
    async fn record(
        &self,
        claimed: &ClaimedDelivery,
        attempt: NewAttempt,
        outcome: AttemptOutcome,
    ) -> DeliveryRow {
        self.store.record_attempt(claimed, attempt, outcome, None).await.unwrap();
        self.get(&claimed.delivery.id).await
    }

    async fn get(&self, id: &DeliveryId) -> DeliveryRow {
        self.store.get_delivery(&self.ada.id, id).await.unwrap().unwrap()
    }

    async fn switch(&self, enabled: bool) {
        let version =
            self.store.get_endpoint(&self.ada.id, &self.endpoint).await.unwrap().unwrap().version;
        let change = EndpointChange { enabled: Some(enabled), ..EndpointChange::default() };
        let updated = self
            .store
            .update_endpoint(&self.ada.id, &self.endpoint, version, change, now())
            .await
            .unwrap();
        assert!(matches!(updated, Updated::Changed(_)));
    }
}

fn new_event(endpoint: &EndpointId, at: DateTime<Utc>) -> (NewEvent, DeliveryId) {
    let id: DeliveryId = new_id();
    let delivery = NewDelivery {
        id: id.clone(),
        endpoint_id: endpoint.clone(),
        url: "https://example.com/hook".to_owned(),
        at,
    };
    let event = NewEvent {
        id: new_id(),
        event_type: "done".to_owned(),
        environment: Environment::Live,
        subject: "job-1".to_owned(),
        body: r#"{"hello": "world"}"#.to_owned(),
        deliveries: vec![delivery],
    };
    (event, id)
}

fn attempt(at: i64, status: Option<u16>) -> NewAttempt {
    NewAttempt {
        at: after(at),
        duration_ms: 120,
        status,
        error: status.is_none().then(|| "timed out".to_owned()),
        request_headers: vec![Header { name: "webhook-id".to_owned(), value: "evt".to_owned() }],
        response_headers: vec![],
        response_body: Some("ok".to_owned()),
    }
}

fn retry(at: i64) -> AttemptOutcome {
    AttemptOutcome::Retry { at: after(at) }
}

#[tokio::test]
async fn a_due_delivery_is_claimed_once_with_all_it_needs() {
    let webhooks = Webhooks::new().await;
    let id = webhooks.event(now()).await;
    webhooks.event(after(100)).await;
    assert_eq!(webhooks.store.next_delivery_due(&[]).await.unwrap(), Some(now()));
    let claimed = webhooks.claim_one(0).await;
    assert_eq!((claimed.delivery.id.clone(), claimed.body.as_str()), (id, r#"{"hello": "world"}"#));
    assert_eq!(
        (claimed.subject.as_str(), claimed.scheduled_attempts, claimed.replay),
        ("job-1", 0, false)
    );
    assert_eq!(claimed.secret.ciphertext, [1, 2, 3]);
    assert!(webhooks.claim(1).await.is_empty(), "leased");
    assert_eq!(webhooks.claim(30).await.len(), 1, "the lease is over");
    assert_eq!(webhooks.store.release_delivery_claims().await.unwrap(), 2);
    assert_eq!(webhooks.claim(1).await.len(), 1, "released at a start");
}

#[tokio::test]
async fn claims_are_limited_and_take_the_longest_due_first() {
    let webhooks = Webhooks::new().await;
    let young = webhooks.event(after(2)).await;
    let old = webhooks.event(after(1)).await;
    let first = webhooks.store.claim_deliveries(after(9), after(39), 1, &[]).await.unwrap();
    assert_eq!(first[0].delivery.id, old);
    let second = webhooks.store.claim_deliveries(after(9), after(39), 1, &[]).await.unwrap();
    assert_eq!(second[0].delivery.id, young);
}

#[tokio::test]
async fn a_busy_endpoint_does_not_hold_up_the_others() {
    let webhooks = Webhooks::new().await;
    webhooks.event(now()).await;
    let other = new_endpoint(&webhooks.ada.id, RED);
    let other = webhooks.store.create_endpoint(other, 9).await.unwrap().unwrap().id;
    let (event, quick) = new_event(&other, after(1));
    webhooks.store.create_event(&webhooks.ada.id, RED, event, now()).await.unwrap();
    let busy = [webhooks.endpoint.clone()];
    assert_eq!(webhooks.store.next_delivery_due(&busy).await.unwrap(), Some(after(1)));
    let claimed = webhooks.store.claim_deliveries(after(2), after(32), 1, &busy).await.unwrap();
    assert_eq!(claimed[0].delivery.id, quick);
    assert_eq!(webhooks.store.next_delivery_due(&[]).await.unwrap(), Some(now()));
}

#[tokio::test]
async fn a_delivery_is_retried_until_it_succeeds() {
    let webhooks = Webhooks::new().await;
    let id = webhooks.event(now()).await;
    let failed = webhooks.attempt(0, None, retry(5)).await;
    assert_eq!((failed.state, failed.attempts), (DeliveryState::Waiting, 1));
    assert_eq!(
        (failed.next_attempt_at, failed.last_error.as_deref()),
        (Some(after(5)), Some("timed out"))
    );
    assert!(webhooks.claim(4).await.is_empty());
    let done = webhooks.attempt(5, Some(200), AttemptOutcome::Delivered).await;
    assert_eq!(
        (done.state, done.attempts, done.next_attempt_at),
        (DeliveryState::Delivered, 2, None)
    );
    assert_eq!((done.last_status, done.last_error.clone()), (Some(200), None));
    assert_eq!(webhooks.store.next_delivery_due(&[]).await.unwrap(), None);
    let (row, body, attempts) =
        webhooks.store.get_delivery_detail(&webhooks.ada.id, &id).await.unwrap().unwrap();
    assert_eq!((row, body.as_str()), (done, r#"{"hello": "world"}"#));
    assert_eq!(
        attempts.iter().map(|attempt| (attempt.number, attempt.status)).collect::<Vec<_>>(),
        [(1, None), (2, Some(200))]
    );
    assert_eq!(attempts[0].request_headers[0].name, "webhook-id");
}

#[tokio::test]
async fn one_that_was_given_up_stays_so() {
    let webhooks = Webhooks::new().await;
    let id = webhooks.event(now()).await;
    webhooks.attempt(0, Some(410), AttemptOutcome::GaveUp).await;
    assert_eq!(webhooks.get(&id).await.state, DeliveryState::Failed);
    assert!(webhooks.claim(999_999).await.is_empty());
}

#[tokio::test]
async fn a_replay_leaves_the_schedule_as_it_is() {
    let webhooks = Webhooks::new().await;
    let id = webhooks.event(now()).await;
    webhooks.attempt(0, Some(500), retry(300)).await;
    let waiting =
        webhooks.store.replay_delivery(&webhooks.ada.id, &id, after(10)).await.unwrap().unwrap();
    assert_eq!(waiting.next_attempt_at, Some(after(10)));
    let claimed = webhooks.claim_one(10).await;
    assert_eq!((claimed.replay, claimed.scheduled_attempts), (true, 1));
    let row = webhooks.record(&claimed, attempt(10, Some(500)), retry(9999)).await;
    assert_eq!(
        (row.state, row.attempts, row.next_attempt_at),
        (DeliveryState::Waiting, 2, Some(after(300)))
    );
    assert_eq!(webhooks.claim_one(300).await.scheduled_attempts, 1);
}

#[tokio::test]
async fn a_delivered_or_failed_one_can_be_replayed() {
    let webhooks = Webhooks::new().await;
    let id = webhooks.event(now()).await;
    webhooks.attempt(0, Some(404), AttemptOutcome::GaveUp).await;
    webhooks.store.replay_delivery(&webhooks.ada.id, &id, after(10)).await.unwrap();
    assert_eq!(webhooks.get(&id).await.state, DeliveryState::Waiting);
    let done = webhooks.attempt(10, Some(204), AttemptOutcome::Delivered).await;
    assert_eq!(done.state, DeliveryState::Delivered);
    webhooks.store.replay_delivery(&webhooks.ada.id, &id, after(20)).await.unwrap();
    let still = webhooks.attempt(20, Some(500), AttemptOutcome::GaveUp).await;
    assert_eq!((still.state, still.last_status), (DeliveryState::Delivered, Some(500)));
}

#[tokio::test]
async fn a_replay_asked_for_during_an_attempt_is_still_made() {
    let webhooks = Webhooks::new().await;
    let id = webhooks.event(now()).await;
    let claimed = webhooks.claim_one(0).await;
    webhooks.store.replay_delivery(&webhooks.ada.id, &id, after(1)).await.unwrap();
    webhooks.record(&claimed, attempt(0, Some(200)), AttemptOutcome::Delivered).await;
    assert!(webhooks.claim_one(1).await.replay);
}

#[tokio::test]
async fn one_that_the_server_cannot_send_is_put_off_without_an_attempt() {
    let webhooks = Webhooks::new().await;
    let id = webhooks.event(now()).await;
    let claimed = webhooks.claim_one(0).await;
    webhooks.store.put_off_delivery(&claimed, after(600), "no key").await.unwrap();
    let row = webhooks.get(&id).await;
    assert_eq!((row.state, row.attempts), (DeliveryState::Waiting, 0));
    assert_eq!(row.last_error.as_deref(), Some("no key"));
    assert!(webhooks.claim(599).await.is_empty());
    assert_eq!(webhooks.claim_one(600).await.scheduled_attempts, 0);
    webhooks.switch(false).await;
    webhooks.store.put_off_delivery(&claimed, after(700), "no key").await.unwrap();
    assert!(webhooks.claim(999).await.is_empty(), "off stays off");
}

#[tokio::test]
async fn a_clock_that_was_set_back_leaves_pauses_as_long_as_they_were() {
    const DAY: i64 = 86_400;
    let webhooks = Webhooks::new().await;
    let retried = webhooks.event(after(DAY)).await;
    webhooks.attempt(DAY, Some(500), retry(DAY + 300)).await;
    let replayed = webhooks.event(after(DAY)).await;
    webhooks.attempt(DAY, Some(200), AttemptOutcome::Delivered).await;
    let asked = after(DAY + 60);
    webhooks.store.replay_delivery(&webhooks.ada.id, &replayed, asked).await.unwrap();
    let fresh = webhooks.event(after(DAY + 120)).await;
    assert_eq!(webhooks.store.pull_deliveries_back(after(DAY + 130)).await.unwrap(), 0);

    assert_eq!(webhooks.store.pull_deliveries_back(after(10)).await.unwrap(), 3);
    let next = async |id| webhooks.get(id).await.next_attempt_at;
    assert_eq!(next(&retried).await, Some(after(310)), "five minutes from now");
    assert_eq!((next(&replayed).await, next(&fresh).await), (Some(after(10)), Some(after(10))));
    assert_eq!(webhooks.store.pull_deliveries_back(after(70)).await.unwrap(), 0, "once is enough");
    assert_eq!(webhooks.claim(309).await.len(), 2);
    assert_eq!(webhooks.store.pull_deliveries_back(now()).await.unwrap(), 1, "claimed ones wait");
    assert_eq!(next(&retried).await, Some(after(300)));
}

#[tokio::test]
async fn nothing_is_sent_while_an_endpoint_is_off() {
    let webhooks = Webhooks::new().await;
    let id = webhooks.event(now()).await;
    webhooks.switch(false).await;
    assert!(webhooks.claim(999).await.is_empty());
    assert_eq!(webhooks.store.replay_delivery(&webhooks.ada.id, &id, now()).await.unwrap(), None);
    let (event, unwritten) = new_event(&webhooks.endpoint, now());
    assert_eq!(webhooks.store.create_event(&webhooks.ada.id, RED, event, now()).await.unwrap(), 0);
    assert_eq!(webhooks.store.get_delivery(&webhooks.ada.id, &unwritten).await.unwrap(), None);
    webhooks.store.release_delivery_claims().await.unwrap();
    assert!(webhooks.claim(999).await.is_empty(), "a restart changes nothing");
    webhooks.switch(true).await;
    assert_eq!(webhooks.claim_one(999).await.delivery.id, id);
}

#[tokio::test]
async fn an_attempt_under_way_while_its_endpoint_goes_off_plans_nothing() {
    let webhooks = Webhooks::new().await;
    webhooks.event(now()).await;
    let claimed = webhooks.claim_one(0).await;
    webhooks.switch(false).await;
    let row = webhooks.record(&claimed, attempt(0, Some(500)), retry(5)).await;
    assert_eq!((row.state, row.next_attempt_at), (DeliveryState::Waiting, Some(after(5))));
    assert!(webhooks.claim(99).await.is_empty());
    webhooks.switch(true).await;
    assert_eq!(webhooks.claim(99).await.len(), 1);
}

#[tokio::test]
async fn a_deleted_endpoints_deliveries_stay_readable_and_unsent() {
    let webhooks = Webhooks::new().await;
    let id = webhooks.event(now()).await;
    let claimed = webhooks.claim_one(0).await;
    let waiting = webhooks.event(after(1)).await;
    webhooks.store.delete_endpoint(&webhooks.ada.id, &webhooks.endpoint, after(2)).await.unwrap();
    let row = webhooks.get(&waiting).await;
    assert_eq!(
        (row.state, row.last_error.as_deref()),
        (DeliveryState::Failed, Some("the endpoint was deleted"))
    );
    let row = webhooks.record(&claimed, attempt(0, None), retry(5)).await;
    assert_eq!((row.state, row.next_attempt_at), (DeliveryState::Failed, None));
    assert!(webhooks.claim(999).await.is_empty());
    assert_eq!(webhooks.store.replay_delivery(&webhooks.ada.id, &id, now()).await.unwrap(), None);
    assert!(webhooks.store.get_delivery_detail(&webhooks.ada.id, &id).await.unwrap().is_some());
}

#[tokio::test]
async fn what_waits_goes_to_the_new_url() {
    let webhooks = Webhooks::new().await;
    webhooks.event(now()).await;
    let change = EndpointChange {
        url: Some("https://example.org/new".to_owned()),
        ..EndpointChange::default()
    };
    webhooks
        .store
        .update_endpoint(&webhooks.ada.id, &webhooks.endpoint, 1, change, now())
        .await
        .unwrap();
    assert_eq!(webhooks.claim_one(0).await.delivery.url, "https://example.org/new");
}

#[tokio::test]
async fn a_list_is_filtered_and_paged() {
    let webhooks = Webhooks::new().await;
    let first = webhooks.event(now()).await;
    webhooks.attempt(0, Some(200), AttemptOutcome::Delivered).await;
    let second = webhooks.event(after(1)).await;
    let third = webhooks.event(after(2)).await;
    let list = |query: DeliveryQuery| {
        let (store, ada) = (webhooks.store.store.clone(), webhooks.ada.id.clone());
        async move {
            let page = store.list_deliveries(&ada, &query).await.unwrap();
            (
                page.data.into_iter().map(|delivery| delivery.id).collect::<Vec<_>>(),
                page.next_cursor,
            )
        }
    };
    let (ids, cursor) = list(DeliveryQuery { limit: Some(2), ..DeliveryQuery::default() }).await;
    assert_eq!(ids, [third.clone(), second.clone()]);
    let (ids, cursor) =
        list(DeliveryQuery { cursor, limit: Some(2), ..DeliveryQuery::default() }).await;
    assert_eq!((ids, cursor), (vec![first.clone()], None));
    let state = |state| DeliveryQuery { state: Some(state), ..DeliveryQuery::default() };
    assert_eq!(list(state(DeliveryState::Waiting)).await.0, [third, second]);
    assert_eq!(list(state(DeliveryState::Delivered)).await.0, std::slice::from_ref(&first));
    webhooks.store.replay_delivery(&webhooks.ada.id, &first, after(3)).await.unwrap();
    assert_eq!(list(state(DeliveryState::Waiting)).await.0.len(), 3);
    assert!(list(state(DeliveryState::Delivered)).await.0.is_empty());
    assert_eq!(
        list(DeliveryQuery { platform: Some(BLUE.to_owned()), ..Default::default() }).await.0.len(),
        0
    );
    assert_eq!(
        list(DeliveryQuery { environment: Some(Environment::Live), ..Default::default() })
            .await
            .0
            .len(),
        3
    );
    let of = DeliveryQuery { endpoint_id: Some(webhooks.endpoint.clone()), ..Default::default() };
    assert_eq!(list(of).await.0.len(), 3);
    let bad = DeliveryQuery { cursor: Some("nonsense".to_owned()), ..Default::default() };
    assert!(matches!(
        webhooks.store.list_deliveries(&webhooks.ada.id, &bad).await,
        Err(StoreError::BadCursor)
    ));
}

#[tokio::test]
async fn deliveries_belong_to_one_partner() {
    let webhooks = Webhooks::new().await;
    let bob = partner(&webhooks.store, "bob@example.com").await;
    let id = webhooks.event(now()).await;
    assert_eq!(webhooks.store.get_delivery(&bob.id, &id).await.unwrap(), None);
    assert_eq!(webhooks.store.get_delivery_detail(&bob.id, &id).await.unwrap(), None);
    assert_eq!(webhooks.store.replay_delivery(&bob.id, &id, now()).await.unwrap(), None);
    assert!(
        webhooks
            .store
            .list_deliveries(&bob.id, &DeliveryQuery::default())
            .await
            .unwrap()
            .data
            .is_empty()
    );
    let (event, _) = new_event(&webhooks.endpoint, now());
    assert_eq!(
        webhooks.store.create_event(&bob.id, RED, event, now()).await.unwrap(),
        0,
        "somebody else's endpoint"
    );
    let (event, _) = new_event(&webhooks.endpoint, now());
    assert_eq!(
        webhooks.store.create_event(&webhooks.ada.id, BLUE, event, now()).await.unwrap(),
        0,
        "another platform"
    );
}

#[tokio::test]
async fn health_tells_how_the_last_day_went() {
    let webhooks = Webhooks::new().await;
    let ids = [webhooks.endpoint.clone()];
    let health = webhooks.store.endpoint_health(&webhooks.ada.id, &ids, now()).await.unwrap();
    let quiet = &health[&webhooks.endpoint];
    assert_eq!(
        (quiet.delivered, quiet.p95_ms, quiet.failing_since, quiet.hourly.len()),
        (0, None, None, 24)
    );
    for (at, duration, status) in [(0, 100, 200), (10, 900, 200), (3600, 50, 500), (3700, 60, 500)]
    {
        webhooks.event(after(at)).await;
        let claimed = webhooks.claim_one(at).await;
        let attempt = NewAttempt { duration_ms: duration, ..attempt(at, Some(status)) };
        let outcome =
            if status == 200 { AttemptOutcome::Delivered } else { AttemptOutcome::GaveUp };
        webhooks.record(&claimed, attempt, outcome).await;
    }
    webhooks.event(after(3800)).await;
    let health = webhooks.store.endpoint_health(&webhooks.ada.id, &ids, after(4000)).await.unwrap();
    let health = &health[&webhooks.endpoint];
    assert_eq!((health.delivered, health.failed, health.waiting), (2, 2, 1));
    assert_eq!((health.p95_ms, health.failing_since), (Some(900), Some(after(3600))));
    let hours: Vec<_> = health.hourly.iter().map(|hour| (hour.succeeded, hour.failed)).collect();
    assert_eq!((hours[22], hours[23], hours[0]), ((2, 0), (0, 2), (0, 0)));
    let later =
        webhooks.store.endpoint_health(&webhooks.ada.id, &ids, after(90_000)).await.unwrap();
    assert_eq!(
        (later[&webhooks.endpoint].delivered, later[&webhooks.endpoint].p95_ms),
        (0, Some(60))
    );
}

#[tokio::test]
async fn an_endpoint_goes_off_with_the_last_retry_unless_it_took_something_else() {
    let webhooks = Webhooks::new().await;
    let give_up = async |claimed: &ClaimedDelivery, at, reason| {
        let (attempt, outcome) = (attempt(at, Some(500)), AttemptOutcome::GaveUp);
        let recorded = webhooks.store.record_attempt(claimed, attempt, outcome, Some(reason)).await;
        recorded.unwrap().switched_off
    };
    // One event is refused while another is taken: the endpoint is not at fault.
    webhooks.event(now()).await;
    let refused = webhooks.claim_one(0).await;
    webhooks.event(after(1)).await;
    webhooks.attempt(1, Some(200), AttemptOutcome::Delivered).await;
    assert_eq!(give_up(&refused, 2, DisabledReason::Exhausted).await, None);

    webhooks.event(after(10)).await;
    let last = webhooks.claim_one(10).await;
    let waiting = webhooks.event(after(11)).await;
    let off = give_up(&last, 12, DisabledReason::Exhausted).await;
    assert_eq!(off, Some(DisabledReason::Exhausted));
    let row = webhooks.store.get_endpoint(&webhooks.ada.id, &webhooks.endpoint).await;
    let disabled = row.unwrap().unwrap().disabled.unwrap();
    assert_eq!((disabled.reason, disabled.at), (DisabledReason::Exhausted, after(12)));
    assert!(webhooks.claim(99).await.is_empty(), "what waits is held back");
    assert_eq!(give_up(&last, 13, DisabledReason::Gone).await, None, "it is off already");
    let query =
        AuditQuery { action: Some("endpoint.disabled".to_owned()), ..AuditQuery::default() };
    let told = webhooks.store.list_audit_events(&webhooks.ada.id, &query).await.unwrap().data;
    assert_eq!((told.len(), told[0].actor.kind), (1, AuditActorKind::System));
    webhooks.switch(true).await;
    assert_eq!(webhooks.claim_one(99).await.delivery.id, waiting);
}
