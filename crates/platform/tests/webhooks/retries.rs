//! What becomes of a delivery that is not answered with 2xx at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Body,
    http::{Response, header},
};
use chrono::TimeDelta;
use latchkey_contract::{
    audit::{AuditActorKind, AuditQuery},
    events::Topic,
    webhooks::{DeliveryState, DisabledReason, UpdateWebhookEndpoint},
};
use latchkey_platform::{
    Clock, ServerKey,
    webhooks::{
        DeliveryPolicy, SystemNames, Targets, Webhooks,
        deliveries::{self, ReplayError},
        endpoints,
    },
};

use crate::{
    house::{BY_ACCOUNT, BY_REQUEST, House, quick},
    receiver::{Receiver, Reply, status},
};

fn reply(code: u16, name: header::HeaderName, value: &str) -> Reply {
    Reply::Now(Response::builder().status(code).header(name, value).body(Body::empty()).unwrap())
}

#[tokio::test]
async fn failed_attempts_are_repeated_with_the_same_ids_until_one_succeeds() {
    let house = House::open().await;
    let receiver = Receiver::answering(|call| status([500, 404, 200][call - 1])).await;
    house.endpoint(&receiver.url("/")).await;
    house.dispatch();
    let id = house.tell_one().await;
    let detail = house.until_state(&id, DeliveryState::Delivered).await;

    let kept: Vec<_> = detail.attempts.iter().map(|a| (a.number, a.status)).collect();
    assert_eq!(kept, [(1, Some(500)), (2, Some(404)), (3, Some(200))]);
    assert!(detail.attempts.iter().all(|attempt| {
        attempt.request_headers.iter().any(|header| header.name == "webhook-signature")
    }));
    assert_eq!((detail.delivery.attempts, detail.delivery.next_attempt_at), (3, None));
    let ids: Vec<_> = receiver.seen().iter().map(|m| m.header("webhook-id").to_owned()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
}

#[tokio::test]
async fn a_delivery_is_given_up_when_its_schedule_ends() {
    let house = House::open().await;
    let receiver = Receiver::answering(|_| status(503)).await;
    let issued = house.endpoint(&receiver.url("/")).await;
    house.dispatch();
    let id = house.tell_one().await;
    let detail = house.until_state(&id, DeliveryState::Failed).await;
    // One attempt and the three retries of the quick schedule.
    assert_eq!(detail.attempts.len(), 4);
    assert_eq!(detail.delivery.last_status, Some(503));
    let endpoint =
        endpoints::get(&house.context, &house.partner, &issued.endpoint.id).await.unwrap();
    assert_eq!((endpoint.health.failed, endpoint.health.waiting), (1, 0));
    assert!(endpoint.health.failing_since.is_some());
    // With the last retry the endpoint goes off, and says why.
    assert_eq!(endpoint.disabled_reason, Some(DisabledReason::Exhausted));
    assert!(!endpoint.enabled && endpoint.disabled_at.is_some());
}

#[tokio::test]
async fn an_endpoint_that_was_switched_off_recovers_with_what_waits() {
    let house = House::open().await;
    // Fails until it has used up one delivery's attempts, and a little more.
    let receiver = Receiver::answering(|call| status(if call <= 4 { 500 } else { 200 })).await;
    let issued = house.endpoint(&receiver.url("/")).await;
    let (context, partner, id) = (&house.context, &house.partner, &issued.endpoint.id);
    let lost = house.tell_one().await;
    let mut changes = context.live.listen();
    house.dispatch();
    house.until_state(&lost, DeliveryState::Failed).await;
    let off = endpoints::get(context, partner, id).await.unwrap();
    assert_eq!(off.disabled_reason, Some(DisabledReason::Exhausted));
    assert!(house.tell(BY_ACCOUNT, "image.completed", None).await.is_empty());
    // Open consoles are told, and the log has it from the server itself.
    let logged = async { while changes.recv().await.unwrap().1.topic != Topic::Audit {} };
    tokio::time::timeout(Duration::from_secs(30), logged).await.unwrap();
    let query = AuditQuery { action: Some("endpoint.disabled".into()), ..AuditQuery::default() };
    let log = context.store.list_audit_events(partner, &query).await.unwrap().data;
    assert_eq!((log.len(), log[0].actor.kind), (1, AuditActorKind::System));

    let on = UpdateWebhookEndpoint { enabled: Some(true), ..UpdateWebhookEndpoint::default() };
    let on = endpoints::update(context, partner, id, off.version, on).await.unwrap();
    assert_eq!((on.enabled, on.disabled_reason, on.disabled_at), (true, None, None));
    let next = house.tell_one().await;
    deliveries::replay(context, partner, &lost).await.unwrap();
    for delivery in [&next, &lost] {
        house.until_state(delivery, DeliveryState::Delivered).await;
    }
    let healthy = endpoints::get(context, partner, id).await.unwrap();
    assert_eq!(healthy.health.failing_since, None);
}

#[tokio::test]
async fn an_overloaded_receiver_is_left_alone_and_holds_up_nobody() {
    let policy = DeliveryPolicy { rest: Duration::from_secs(60), ..quick() };
    let house = House::with(policy, Targets::Any, Arc::new(SystemNames)).await;
    for code in [429, 503] {
        let busy = Receiver::answering(move |_| status(code)).await;
        let issued = house.endpoint(&busy.url("/")).await;
        let mut waiting = Vec::new();
        for _ in 0..30 {
            waiting.push(house.tell_one().await);
        }
        let dispatcher = house.dispatch();
        house.until(&waiting[0], |detail| !detail.attempts.is_empty()).await;
        let other = Receiver::start().await;
        let told = house.tell(BY_REQUEST, "request.failed", Some(&other.url("/"))).await;
        house.until_state(&told[0], DeliveryState::Delivered).await;
        // No more than were under way at the first answer.
        assert!(busy.seen().len() <= 8, "{} calls", busy.seen().len());
        dispatcher.abort();
        let (context, partner) = (&house.context, &house.partner);
        endpoints::delete(context, partner, &issued.endpoint.id).await.unwrap();
    }
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let house = House::open().await;
    let receiver = Receiver::answering(|_| reply(429, header::RETRY_AFTER, "3600")).await;
    house.endpoint(&receiver.url("/")).await;
    house.dispatch();
    let id = house.tell_one().await;
    let detail = house.until(&id, |detail| detail.attempts.len() == 1).await;
    let pause = detail.delivery.next_attempt_at.unwrap() - detail.attempts[0].at;
    assert!((3600..3700).contains(&pause.num_seconds()), "{pause}");
    assert_eq!(detail.delivery.state, DeliveryState::Waiting);
}

#[tokio::test]
async fn a_receiver_that_is_gone_switches_its_endpoint_off() {
    let house = House::open().await;
    let receiver = Receiver::answering(|_| status(410)).await;
    let issued = house.endpoint(&receiver.url("/")).await;
    house.dispatch();
    let id = house.tell_one().await;
    house.until_state(&id, DeliveryState::Failed).await;
    let (context, partner, endpoint) = (&house.context, &house.partner, &issued.endpoint.id);
    // Written with the attempt, so that it cannot be lost on the way.
    let gone = endpoints::get(context, partner, endpoint).await.unwrap();
    assert_eq!((gone.enabled, gone.disabled_reason), (false, Some(DisabledReason::Gone)));
    assert!(house.tell(crate::house::BY_ACCOUNT, "image.completed", None).await.is_empty());
    assert_eq!(receiver.seen().len(), 1);
    let replayed = deliveries::replay(context, partner, &id).await;
    assert!(matches!(replayed, Err(ReplayError::EndpointOff)));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let house = House::open().await;
    let elsewhere = Receiver::start().await;
    let target = elsewhere.url("/secret");
    let receiver = Receiver::answering(move |_| reply(307, header::LOCATION, &target)).await;
    house.endpoint(&receiver.url("/")).await;
    house.dispatch();
    let id = house.tell_one().await;
    let detail = house.until_state(&id, DeliveryState::Failed).await;
    assert_eq!(detail.delivery.last_status, Some(307));
    assert!(detail.delivery.last_error.unwrap().contains("not followed"));
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_slow_receiver_is_left_and_holds_up_nobody() {
    let house = House::open().await;
    let slow = Receiver::answering(|_| Reply::Never).await;
    let quick = Receiver::start().await;
    house.endpoint(&slow.url("/")).await;
    house.dispatch();
    let mut waiting = Vec::new();
    for _ in 0..40 {
        waiting.push(house.tell_one().await);
    }
    slow.wait_for(1).await;
    let told =
        house.tell(crate::house::BY_REQUEST, "request.completed", Some(&quick.url("/"))).await;
    house.until_state(&told[0], DeliveryState::Delivered).await;
    assert!(slow.seen().len() < 40, "the quick one came last");
    let detail = house.until(&waiting[0], |detail| !detail.attempts.is_empty()).await;
    assert!(detail.attempts[0].error.as_deref().unwrap().starts_with("timed out"));
    assert_eq!(detail.attempts[0].status, None);
}

#[tokio::test]
async fn the_start_of_an_answer_is_kept_and_no_more() {
    let house = House::open().await;
    let long = "é".repeat(40_000);
    let receiver = Receiver::answering(move |_| {
        let answer = Response::builder().header("x-note", "kept").header(header::SET_COOKIE, "a=b");
        Reply::Now(answer.body(Body::from(long.clone())).unwrap())
    })
    .await;
    house.endpoint(&receiver.url("/")).await;
    house.dispatch();
    let id = house.tell_one().await;
    let detail = house.until_state(&id, DeliveryState::Delivered).await;
    let attempt = &detail.attempts[0];
    assert_eq!(attempt.response_body.as_deref(), Some("é".repeat(10_000).as_str()));
    assert!(attempt.response_headers.iter().any(|h| h.name == "x-note" && h.value == "kept"));
    assert!(attempt.response_headers.iter().all(|h| h.name != "set-cookie"));
}

#[tokio::test]
async fn nobody_at_home_is_told_in_words() {
    let house = House::open().await;
    let receiver = Receiver::start().await;
    let url = receiver.url("/");
    drop(receiver);
    house.endpoint(&url).await;
    house.dispatch();
    let id = house.tell_one().await;
    let detail = house.until_state(&id, DeliveryState::Failed).await;
    assert_eq!(detail.delivery.last_error.as_deref(), Some("connection refused"));
}

#[tokio::test]
async fn a_replay_sends_once_more_and_leaves_the_schedule_alone() {
    let house = House::open().await;
    let receiver = Receiver::answering(|call| status(if call == 1 { 200 } else { 500 })).await;
    house.endpoint(&receiver.url("/")).await;
    house.dispatch();
    let id = house.tell_one().await;
    house.until_state(&id, DeliveryState::Delivered).await;

    deliveries::replay(&house.context, &house.partner, &id).await.unwrap();
    let detail = house.until(&id, |detail| detail.attempts.len() == 2).await;
    assert_eq!(detail.attempts[1].status, Some(500));
    assert_eq!(detail.delivery.next_attempt_at, None);
    assert_eq!(detail.delivery.state, DeliveryState::Delivered);
    let seen = receiver.seen();
    assert_eq!(seen[0].header("webhook-id"), seen[1].header("webhook-id"));

    let unknown = house.context.entropy.id(house.context.clock.now());
    let replayed = deliveries::replay(&house.context, &house.partner, &unknown).await;
    assert!(matches!(replayed, Err(ReplayError::Absent)));
}

#[tokio::test]
async fn a_waiting_delivery_goes_out_when_its_endpoint_is_on_again() {
    let house = House::open().await;
    let receiver = Receiver::start().await;
    let issued = house.endpoint(&receiver.url("/")).await;
    let (context, partner, endpoint) = (&house.context, &house.partner, &issued.endpoint);
    let id = house.tell_one().await;
    let switch = |enabled| UpdateWebhookEndpoint { enabled: Some(enabled), ..Default::default() };
    let off = endpoints::update(context, partner, &endpoint.id, endpoint.version, switch(false));
    let off = off.await.unwrap();
    house.dispatch();
    // While it is off, another endpoint's delivery passes; this one waits.
    let other = Receiver::start().await;
    let told = house.tell(crate::house::BY_REQUEST, "request.failed", Some(&other.url("/"))).await;
    house.until_state(&told[0], DeliveryState::Delivered).await;
    assert!(receiver.seen().is_empty());
    endpoints::update(context, partner, &endpoint.id, off.version, switch(true)).await.unwrap();
    house.until_state(&id, DeliveryState::Delivered).await;
}

#[tokio::test]
async fn a_server_with_another_key_uses_up_no_attempts() {
    let mut house = House::open().await;
    let receiver = Receiver::start().await;
    house.endpoint(&receiver.url("/")).await;
    let with_key = |byte| {
        let key = ServerKey::new([byte; 32]);
        Webhooks::new(&key, Targets::Any, quick(), Arc::new(SystemNames)).unwrap()
    };
    house.context.webhooks = with_key(8);
    let id = house.tell_one().await;
    let dispatcher = house.dispatch();
    let detail = house.until(&id, |detail| detail.delivery.last_error.is_some()).await;
    assert!(detail.delivery.last_error.unwrap().contains("does not open with this server key"));
    assert_eq!((detail.delivery.state, detail.delivery.attempts), (DeliveryState::Waiting, 0));
    assert!(receiver.seen().is_empty());
    dispatcher.abort();

    house.context.webhooks = with_key(7);
    house.dispatch();
    let detail = house.until_state(&id, DeliveryState::Delivered).await;
    assert_eq!((detail.attempts.len(), detail.delivery.last_error), (1, None));
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_hold_retries_up() {
    let policy = DeliveryPolicy { pauses: vec![Duration::from_secs(1)], ..quick() };
    let mut house = House::with(policy, Targets::Any, Arc::new(SystemNames)).await;
    let days_ahead = Arc::new(AtomicI64::new(30));
    let days = Arc::clone(&days_ahead);
    house.context.clock = Clock::from_fn(move || {
        Clock::system().now() + TimeDelta::days(days.load(Ordering::Relaxed))
    });
    let receiver = Receiver::answering(|call| status([500, 200][call - 1])).await;
    house.endpoint(&receiver.url("/")).await;
    let dispatcher = house.dispatch();
    let id = house.tell_one().await;
    house.until(&id, |detail| detail.attempts.len() == 1).await;
    dispatcher.abort();
    days_ahead.store(0, Ordering::Relaxed);
    house.dispatch();
    house.until_state(&id, DeliveryState::Delivered).await;
}
