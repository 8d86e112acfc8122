//! Books of partners that bill: nothing across, nothing twice.

use chrono::NaiveDate;
use latchkey_contract::{Environment, PartnerId};
use latchkey_store::{
    Answer, Book, CustomerChange, CustomerRow, NewCustomer, NewDelivery, NewEvent, NewPlan,
    NewUsageEvent, PlanStatus, Recorded, Repeat, Store, Telling, Window, Written,
};

use super::common::{RED, TestStore, after, new_endpoint, new_id, now, partner};

const ALL: Window = Window { limit: 100, offset: 0 };

fn book(partner_id: &PartnerId, environment: Environment) -> Book {
    Book { partner_id: partner_id.clone(), platform: RED.to_owned(), environment }
}

fn plan(id: &str) -> NewPlan {
    NewPlan {
        id: id.to_owned(),
        code: "starter".to_owned(),
        name: "Starter".to_owned(),
        description: String::new(),
        status: PlanStatus::Active,
        billing_cycles: "[]".to_owned(),
        features: "[]".to_owned(),
    }
}

fn customer(id: &str, plan_id: &str) -> NewCustomer {
    NewCustomer {
        id: id.to_owned(),
        external_id: Some("crm".to_owned()),
        email: "ada@example.com".to_owned(),
        name: Some("Ada".to_owned()),
        first_name: None,
        last_name: None,
        company_name: None,
        plan_id: plan_id.to_owned(),
    }
}

fn event(id: &str, customer_id: &str, key: Option<&str>) -> NewUsageEvent {
    NewUsageEvent {
        id: id.to_owned(),
        customer_id: customer_id.to_owned(),
        event_name: "call".to_owned(),
        subscription_id: None,
        quantity: 2,
        properties: "{}".to_owned(),
        idempotency_key: key.map(str::to_owned),
        at: now(),
    }
}

fn answer(body: &str) -> Answer {
    Answer { status: 201, body: body.to_owned() }
}

fn quietly(body: &str) -> Telling {
    Telling { answer: answer(body), events: Vec::new() }
}

fn repeat(key: &str) -> Option<Repeat> {
    Some(Repeat { key: key.to_owned(), expires_at: after(60) })
}

/// A book with a plan and the customer `id`.
async fn open_book(store: &Store, book: &Book, id: &str) {
    let plan_id = format!("plan of {id}");
    store.create_plans(book, vec![plan(&plan_id)], now()).await.unwrap();
    let tell = |row: &CustomerRow| quietly(&row.id);
    let made = store.create_customer(book, customer(id, &plan_id), None, now(), tell).await;
    assert_eq!(made.unwrap(), Written::Done { answer: answer(id), tells: false });
}

async fn used(store: &Store, book: &Book, customer_id: &str) -> i64 {
    let days = (NaiveDate::default(), now().date_naive());
    let usage = store.list_customer_usage(book, customer_id, days, None).await.unwrap();
    usage.iter().map(|usage| usage.quantity).sum()
}

#[tokio::test]
async fn books_are_apart() {
    let store = TestStore::new().await;
    let (one, two) =
        (partner(&store, "one@example.com").await, partner(&store, "two@example.com").await);
    let test = book(&one.id, Environment::Test);
    open_book(&store, &test, "ada").await;
    let record = |recorded: &Recorded| quietly(&recorded.events.len().to_string());
    let event_of_ada = vec![event("e1", "ada", Some("k"))];
    store.record_usage(&test, event_of_ada, repeat("k"), now(), record).await.unwrap();
    assert_eq!(used(&store, &test, "ada").await, 2);

    for other in [book(&one.id, Environment::Live), book(&two.id, Environment::Test)] {
        assert_eq!(store.list_plans(&other).await.unwrap(), []);
        assert_eq!(store.get_plan(&other, "plan of ada").await.unwrap(), None);
        let active = store.page_plans(&other, PlanStatus::Active, ALL).await.unwrap();
        assert_eq!(active.total, 0);
        assert_eq!(store.page_customers(&other, false, ALL).await.unwrap().total, 0);
        for reference in ["ada", "crm"] {
            assert_eq!(store.get_customer(&other, reference).await.unwrap(), None);
        }
        assert_eq!(used(&store, &other, "ada").await, 0);
        assert_eq!(store.get_answer(&other, "k", now()).await.unwrap(), None);
        let rename =
            CustomerChange { email: Some("x@example.com".to_owned()), ..Default::default() };
        let changed =
            store.update_customer(&other, "ada", rename, None, now(), |row| quietly(&row.id)).await;
        assert_eq!(changed.unwrap(), Written::Absent);
        let archived =
            store.archive_customer(&other, "ada", None, now(), |row, _| quietly(&row.id)).await;
        assert_eq!(archived.unwrap(), Written::Absent);
    }
    // External ids and repeat keys are free in another book.
    let live = book(&one.id, Environment::Live);
    open_book(&store, &live, "grace").await;
    let event_of_grace = vec![event("e2", "grace", Some("k"))];
    let written = store.record_usage(&live, event_of_grace, repeat("k"), now(), record).await;
    assert_eq!(written.unwrap(), Written::Done { answer: answer("1"), tells: false });
    assert_eq!((used(&store, &live, "grace").await, used(&store, &test, "ada").await), (2, 2));
}

#[tokio::test]
async fn a_change_its_answer_and_its_events_are_one() {
    let store = TestStore::new().await;
    let one = partner(&store, "one@example.com").await;
    let book = book(&one.id, Environment::Test);
    open_book(&store, &book, "ada").await;
    let endpoint = store.create_endpoint(new_endpoint(&one.id, RED), 1).await.unwrap().unwrap();
    let told = || NewEvent {
        id: new_id(),
        event_type: "done".to_owned(),
        environment: Environment::Test,
        subject: "ada".to_owned(),
        body: "{}".to_owned(),
        deliveries: vec![NewDelivery {
            id: new_id(),
            endpoint_id: endpoint.id.clone(),
            url: "https://example.com/hook".to_owned(),
            at: now(),
        }],
    };
    let telling = || Telling { answer: answer("first"), events: vec![told()] };
    let record = async |id: &str, at| {
        let events = vec![event(id, "ada", None)];
        store.record_usage(&book, events, repeat("k"), at, |_| telling()).await.unwrap()
    };
    assert_eq!(record("e1", now()).await, Written::Done { answer: answer("first"), tells: true });
    assert_eq!(record("e2", now()).await, Written::Replayed(answer("first")));
    assert_eq!(store.get_answer(&book, "k", now()).await.unwrap(), Some(answer("first")));
    let count = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        store.raw().query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!((count("billing_events"), count("events"), count("deliveries")), (1, 1, 1));

    // What fails leaves nothing behind, its repeat key neither.
    let same = vec![event("e1", "ada", None)];
    let failed = store.record_usage(&book, same, repeat("other"), now(), |_| telling()).await;
    assert!(failed.is_err());
    assert_eq!(store.get_answer(&book, "other", now()).await.unwrap(), None);
    let taken = store
        .create_customer(&book, customer("x", "plan of ada"), repeat("other"), now(), |_| telling())
        .await;
    assert_eq!(taken.unwrap(), Written::ExternalIdTaken);
    assert_eq!(store.get_answer(&book, "other", now()).await.unwrap(), None);
    assert_eq!((count("billing_events"), count("events")), (1, 1));
    assert_eq!(used(&store, &book, "ada").await, 2);

    assert_eq!(store.get_answer(&book, "k", after(60)).await.unwrap(), None, "it has had its time");
    let again = record("e3", after(60)).await;
    assert_eq!(again, Written::Done { answer: answer("first"), tells: true });
    assert_eq!(store.prune(after(120), 10).await.unwrap().billing_answers, 1);
}

#[tokio::test]
async fn a_known_event_counts_once_and_the_month_is_told_before_and_after() {
    let store = TestStore::new().await;
    let one = partner(&store, "one@example.com").await;
    let book = book(&one.id, Environment::Live);
    open_book(&store, &book, "ada").await;
    let mut seen = Vec::new();
    for ids in [["e1", "e2"], ["e3", "e4"]] {
        let keys = [Some("same"), None];
        let events = ids.into_iter().zip(keys).map(|(id, key)| event(id, "ada", key)).collect();
        let written = store
            .record_usage(&book, events, None, now(), |recorded: &Recorded| {
                seen.push(recorded.clone());
                quietly("")
            })
            .await;
        assert!(matches!(written, Ok(Written::Done { .. })), "{written:?}");
    }
    let month = |at: usize| {
        let [usage] = seen[at].month.as_slice() else { panic!("{seen:?}") };
        (usage.before, usage.after)
    };
    assert_eq!((month(0), month(1)), ((0, 4), (4, 6)));
    let repeated: Vec<_> = seen[1].events.iter().map(|one| one.repeated).collect();
    assert_eq!(repeated, [true, false]);
    assert_eq!(seen[1].events[0].event.id, "e1", "as it was recorded first");
    assert_eq!(used(&store, &book, "ada").await, 6);
}
