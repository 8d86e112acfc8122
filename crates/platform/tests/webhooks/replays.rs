//! A range of deliveries that is sent again.

use std::collections::HashSet;

use chrono::TimeDelta;
use latchkey_contract::{
    DeliveryId,
    page::PageQuery,
    webhooks::{CreateReplay, DeliveryState, Replay, ReplayState},
};
use latchkey_platform::webhooks::replays::{self, RangeError};
use latchkey_store::Author;
use tokio::time::{Duration, Instant, sleep};

use crate::{
    house::{House, sign_up},
    receiver::Receiver,
};

/// Everything of the last hour, quickly.
fn everything(house: &House) -> CreateReplay {
    let now = house.context.clock.now();
    CreateReplay {
        endpoint_id: None,
        platform: None,
        environment: None,
        state: None,
        from: now - TimeDelta::hours(1),
        to: now + TimeDelta::hours(1),
        per_second: Some(1_000),
        dry_run: false,
    }
}

async fn create(house: &House, request: CreateReplay) -> Result<Replay, RangeError> {
    replays::create(&house.context, &house.partner, Author::operator(), request).await
}

async fn until_over(house: &House, started: &Replay) -> Replay {
    let began = Instant::now();
    loop {
        let id = started.id.as_ref().unwrap();
        let replay = replays::get(&house.context, &house.partner, id).await.unwrap();
        if replay.state != ReplayState::Running {
            return replay;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "still: {replay:?}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Deliveries that were made and have arrived.
async fn deliver(house: &House, receiver: &Receiver, count: usize) -> Vec<DeliveryId> {
    house.endpoint(&receiver.url("/")).await;
    let dispatcher = house.dispatch();
    let mut told = Vec::new();
    for _ in 0..count {
        told.push(house.tell_one().await);
    }
    for id in &told {
        house.until_state(id, DeliveryState::Delivered).await;
    }
    dispatcher.abort();
    let _ = dispatcher.await;
    told
}

fn ids(receiver: &Receiver, from: usize) -> Vec<String> {
    receiver.seen()[from..].iter().map(|m| m.header("webhook-id").to_owned()).collect()
}

#[tokio::test]
async fn a_range_is_counted_first_and_sent_again_with_the_same_ids() {
    let (house, receiver) = (House::open().await, Receiver::start().await);
    let told = deliver(&house, &receiver, 5).await;
    let dry = create(&house, CreateReplay { dry_run: true, ..everything(&house) }).await.unwrap();
    assert_eq!((dry.id, dry.total, dry.state), (None, 5, ReplayState::Counted));
    let list = async || {
        let page = PageQuery::default();
        replays::list(&house.context, &house.partner, &page).await.unwrap().data
    };
    assert!(list().await.is_empty(), "a count leaves nothing behind");

    house.dispatch();
    let started = create(&house, everything(&house)).await.unwrap();
    assert_eq!((started.total, started.per_second), (5, 1_000));
    let done = until_over(&house, &started).await;
    assert_eq!((done.state, done.done), (ReplayState::Done, 5));
    assert!(done.finished_at.is_some());
    receiver.wait_for(10).await;
    let (mut first, mut again) = (ids(&receiver, 0), ids(&receiver, 5));
    first.truncate(5);
    first.sort();
    again.sort();
    assert_eq!(first, again);
    for id in &told {
        house.until(id, |detail| detail.attempts.len() == 2).await;
    }
    assert_eq!(list().await, [done]);
}

#[tokio::test]
async fn a_replay_outlives_the_process_that_began_it() {
    let (house, receiver) = (House::open().await, Receiver::start().await);
    deliver(&house, &receiver, 6).await;
    // Nobody runs it yet; then each dispatcher is killed when some more have arrived.
    let slowly = CreateReplay { per_second: Some(10), ..everything(&house) };
    let started = create(&house, slowly).await.unwrap();
    for more in [1, 3] {
        let dispatcher = house.dispatch();
        receiver.wait_for(6 + more).await;
        dispatcher.abort();
        let _ = dispatcher.await;
    }
    house.dispatch();
    let done = until_over(&house, &started).await;
    assert_eq!((done.state, done.done), (ReplayState::Done, 6));
    let began = Instant::now();
    loop {
        let again: HashSet<_> = ids(&receiver, 6).into_iter().collect();
        if again.len() == 6 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "only {}", again.len());
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_cancelled_replay_stops() {
    let (house, receiver) = (House::open().await, Receiver::start().await);
    deliver(&house, &receiver, 3).await;
    let started = create(&house, everything(&house)).await.unwrap();
    let (context, partner, author) = (&house.context, &house.partner, Author::operator());
    let id = started.id.as_ref().unwrap();
    let cancelled = replays::cancel(context, partner, &author, id).await.unwrap();
    assert_eq!((cancelled.state, cancelled.done), (ReplayState::Cancelled, 0));
    house.dispatch();
    // A fresh delivery arrives, and nothing of the replay does.
    let next = house.tell_one().await;
    house.until_state(&next, DeliveryState::Delivered).await;
    assert_eq!(receiver.seen().len(), 4);

    let other = sign_up(context, "two@example.com").await;
    let absent = |error| assert!(matches!(error, RangeError::Absent), "{error}");
    absent(replays::get(context, &other, id).await.unwrap_err());
    absent(replays::cancel(context, &other, &author, id).await.unwrap_err());
}

#[tokio::test]
async fn bad_input_names_every_field() {
    let house = House::open().await;
    let now = house.context.clock.now();
    let request = CreateReplay {
        endpoint_id: Some(house.context.entropy.id(now)),
        platform: Some("nowhere".into()),
        from: now,
        to: now,
        per_second: Some(1_001),
        ..everything(&house)
    };
    let Err(RangeError::Invalid(faults)) = create(&house, request).await else {
        panic!("it was taken");
    };
    let pointers: Vec<_> = faults.into_iter().map(|fault| fault.pointer).collect();
    assert_eq!(pointers, ["/to", "/per_second", "/platform", "/endpoint_id"]);
}
