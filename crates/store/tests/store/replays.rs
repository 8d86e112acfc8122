use latchkey_contract::{
    DeliveryId, EndpointId, Environment, PrefixedId, ReplayId,
    page::PageQuery,
    webhooks::{DeliveryState, DisabledReason, ReplayState},
};
use latchkey_store::{
    AttemptOutcome, Author, NewAttempt, NewDelivery, NewEvent, NewReplay, ReplayRange, ReplayRow,
};

use crate::common::{BLUE, Known, RED, TestStore, after, new_endpoint, new_id, now, partner};

struct Told {
    store: TestStore,
    ada: Known,
    endpoint: EndpointId,
    /// Made one a second, all delivered.
    deliveries: Vec<DeliveryId>,
}

impl Told {
    async fn new(count: i64) -> Self {
        let store = TestStore::new().await;
        let ada = partner(&store, "ada@example.com").await;
        let new = new_endpoint(&ada.id, RED);
        let endpoint = store.create_endpoint(new, 9).await.unwrap().unwrap().id;
        let mut deliveries = Vec::new();
        for at in 0..count {
            let id = DeliveryId::from_parts(u64::try_from(at).unwrap(), 1);
            let delivery = NewDelivery {
                id: id.clone(),
                endpoint_id: endpoint.clone(),
                url: "https://example.com/hook".to_owned(),
                at: after(at),
            };
            let event = NewEvent {
                id: new_id(),
                event_type: "done".to_owned(),
                environment: Environment::Live,
                subject: "job-1".to_owned(),
                body: "{}".to_owned(),
                deliveries: vec![delivery],
            };
            store.create_event(&ada.id, RED, event, after(at)).await.unwrap();
            deliveries.push(id);
        }
        let told = Self { store, ada, endpoint, deliveries };
        told.deliver(after(count)).await;
        told
    }

    /// Claims and delivers all that is due.
    async fn deliver(&self, at: chrono::DateTime<chrono::Utc>) -> Vec<DeliveryId> {
        let claimed = self.store.claim_deliveries(at, after(9_999), 100, &[]).await.unwrap();
        for one in &claimed {
            let attempt = NewAttempt {
                at,
                duration_ms: 1,
                status: Some(200),
                error: None,
                request_headers: vec![],
                response_headers: vec![],
                response_body: None,
            };
            let outcome = AttemptOutcome::Delivered;
            self.store.record_attempt(one, attempt, outcome, None).await.unwrap();
        }
        let mut ids: Vec<_> = claimed.into_iter().map(|one| one.delivery.id).collect();
        ids.sort();
        ids
    }

    async fn start(&self, range: ReplayRange) -> ReplayRow {
        let new = NewReplay {
            id: new_id(),
            partner_id: self.ada.id.clone(),
            total: self.store.count_replay(&self.ada.id, &range).await.unwrap(),
            range,
            per_second: 2,
            author: Author::operator(),
            now: after(100),
        };
        self.store.create_replay(new).await.unwrap()
    }

    async fn running(&self) -> ReplayRow {
        self.store.running_replays().await.unwrap().remove(0)
    }
}

fn range(from: i64, to: i64) -> ReplayRange {
    ReplayRange {
        endpoint_id: None,
        platform: None,
        environment: None,
        state: None,
        from: after(from),
        to: after(to),
    }
}

#[tokio::test]
async fn a_range_is_counted_by_all_that_narrows_it() {
    let told = Told::new(5).await;
    let count =
        async |range: ReplayRange| told.store.count_replay(&told.ada.id, &range).await.unwrap();
    assert_eq!(count(range(0, 9)).await, 5);
    assert_eq!(count(range(1, 4)).await, 3, "from is in it, to is not");
    assert_eq!(count(ReplayRange { platform: Some(BLUE.to_owned()), ..range(0, 9) }).await, 0);
    let state = Some(DeliveryState::Failed);
    assert_eq!(count(ReplayRange { state, ..range(0, 9) }).await, 0);
    let environment = Some(Environment::Test);
    assert_eq!(count(ReplayRange { environment, ..range(0, 9) }).await, 0);
    assert_eq!(count(ReplayRange { endpoint_id: Some(new_id()), ..range(0, 9) }).await, 0);
    let bob = partner(&told.store, "bob@example.com").await;
    assert_eq!(told.store.count_replay(&bob.id, &range(0, 9)).await.unwrap(), 0);
    let off = DisabledReason::ByMember;
    told.store.disable_endpoint(&told.ada.id, &told.endpoint, off, now()).await.unwrap();
    assert_eq!(count(range(0, 9)).await, 0, "nothing goes to an endpoint that is off");
}

#[tokio::test]
async fn a_replay_goes_on_where_it_was_and_ends() {
    let told = Told::new(5).await;
    let started = told.start(range(0, 9)).await;
    assert_eq!((started.total, started.done, started.state), (5, 0, ReplayState::Running));
    let moved = told.store.advance_replay(&told.running().await, 2, after(101)).await.unwrap();
    assert_eq!(moved.unwrap().done, 2);
    assert_eq!(told.deliver(after(101)).await, told.deliveries[..2]);
    // Read again, as after a restart; the one before is out of date and moves nothing.
    let stale = told.store.advance_replay(&started, 2, after(102)).await.unwrap();
    assert_eq!(stale, None);
    assert!(told.deliver(after(102)).await.is_empty());
    told.store.advance_replay(&told.running().await, 2, after(103)).await.unwrap();
    let done = told.store.advance_replay(&told.running().await, 2, after(104)).await.unwrap();
    let done = done.unwrap();
    assert_eq!((done.done, done.state), (5, ReplayState::Done));
    assert_eq!(done.finished_at, Some(after(104)));
    assert_eq!(told.deliver(after(104)).await, told.deliveries[2..]);
    assert!(told.store.running_replays().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_cancelled_replay_makes_nothing_more_due() {
    let told = Told::new(5).await;
    let (ada, author) = (&told.ada.id, Author::operator());
    let started = told.start(range(0, 9)).await;
    told.store.advance_replay(&started, 2, after(101)).await.unwrap();
    let running = told.running().await;
    let cancelled = told.store.cancel_replay(ada, &started.id, &author, after(102)).await.unwrap();
    let cancelled = cancelled.unwrap();
    assert_eq!((cancelled.state, cancelled.done), (ReplayState::Cancelled, 2));
    assert_eq!(told.store.advance_replay(&running, 2, after(103)).await.unwrap(), None);
    assert_eq!(told.deliver(after(104)).await.len(), 2);
    let again = told.store.cancel_replay(ada, &started.id, &author, after(105)).await.unwrap();
    assert_eq!(again, Some(cancelled));
}

#[tokio::test]
async fn replays_belong_to_one_partner() {
    let told = Told::new(1).await;
    let started = told.start(range(0, 9)).await;
    let empty = told.start(range(50, 60)).await;
    assert_eq!((empty.state, empty.total), (ReplayState::Done, 0));
    let bob = partner(&told.store, "bob@example.com").await;
    let (id, author): (&ReplayId, _) = (&started.id, Author::operator());
    assert_eq!(told.store.get_replay(&bob.id, id).await.unwrap(), None);
    assert_eq!(told.store.cancel_replay(&bob.id, id, &author, now()).await.unwrap(), None);
    let list = async |of| told.store.list_replays(of, &PageQuery::default()).await.unwrap().data;
    assert!(list(&bob.id).await.is_empty());
    assert_eq!(list(&told.ada.id).await.len(), 2);
    assert_eq!(told.store.get_replay(&told.ada.id, id).await.unwrap(), Some(started));
}
