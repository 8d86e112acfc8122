//! A dispatcher that dies in the middle loses nothing.

use std::{collections::HashSet, sync::Arc, time::Duration};

use latchkey_contract::webhooks::DeliveryState;
use latchkey_platform::webhooks::{DeliveryPolicy, SystemNames, Targets};

use crate::{
    house::{House, quick},
    receiver::{Receiver, Reply, status},
};

#[tokio::test]
async fn what_was_under_way_is_sent_again_with_the_same_id() {
    let house = House::open().await;
    // The first receiver's answer never comes: the dispatcher is killed while it waits.
    let receiver =
        Receiver::answering(|call| if call == 1 { Reply::Never } else { status(200) }).await;
    house.endpoint(&receiver.url("/")).await;
    let id = house.tell_one().await;
    let killed = house.dispatch();
    receiver.wait_for(1).await;
    killed.abort();
    assert!(killed.await.unwrap_err().is_cancelled());

    house.dispatch();
    house.until_state(&id, DeliveryState::Delivered).await;
    let seen = receiver.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].header("webhook-id"), seen[1].header("webhook-id"));
    assert_eq!(seen[0].header("x-request-id"), seen[1].header("x-request-id"));
}

#[tokio::test]
async fn a_lease_that_ended_is_taken_over_without_a_restart() {
    let policy = DeliveryPolicy { lease: Duration::from_millis(50), ..quick() };
    let house = House::with(policy, Targets::Any, Arc::new(SystemNames)).await;
    let receiver = Receiver::start().await;
    house.endpoint(&receiver.url("/")).await;
    let id = house.tell_one().await;
    // A process claims it and is never heard of again.
    let now = house.context.clock.now();
    let lease_until = now + chrono::TimeDelta::milliseconds(50);
    let claimed = house.context.store.claim_deliveries(now, lease_until, 8, &[]).await.unwrap();
    assert_eq!(claimed.len(), 1);
    let again = house.context.store.claim_deliveries(now, lease_until, 8, &[]).await.unwrap();
    assert!(again.is_empty(), "a leased delivery was claimed twice");
    house.dispatch();
    house.until_state(&id, DeliveryState::Delivered).await;
}

#[tokio::test]
async fn kills_under_load_lose_no_event() {
    // So many retries that no delivery can be unlucky each time and be given up.
    let policy = DeliveryPolicy { pauses: vec![Duration::from_millis(20); 60], ..quick() };
    let house = House::with(policy, Targets::Any, Arc::new(SystemNames)).await;
    // A third of the calls fails, twenty in all.
    let failing = |call| call % 3 == 0 && call <= 60;
    let receiver =
        Receiver::answering(move |call| status(if failing(call) { 500 } else { 200 })).await;
    house.endpoint(&receiver.url("/")).await;
    let mut told = Vec::new();
    for round in 1..=5 {
        let dispatcher = house.dispatch();
        for _ in 0..12 {
            told.push(house.tell_one().await);
        }
        receiver.wait_for(round * 6).await;
        dispatcher.abort();
        let _ = dispatcher.await;
    }
    house.dispatch();
    for id in &told {
        house.until_state(id, DeliveryState::Delivered).await;
    }
    let arrived: HashSet<_> =
        receiver.seen().iter().map(|m| m.header("x-request-id").replace("req_", "dlv_")).collect();
    assert_eq!(arrived, told.iter().map(ToString::to_string).collect());
    assert_eq!(house.all_deliveries().await, told.len());
}

#[tokio::test]
async fn a_stopping_server_ends_its_dispatcher() {
    let house = House::open().await;
    let dispatcher = house.dispatch();
    house.context.stopping.cancel();
    dispatcher.await.unwrap();
}
