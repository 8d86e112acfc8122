//! Endpoints: one an account, its events, its secret, its owner.

use latchkey_contract::webhooks::{CreateWebhookEndpoint, RotateSecret, UpdateWebhookEndpoint};
use latchkey_platform::webhooks::{
    deliveries,
    endpoints::{self, EndpointError},
};
use latchkey_store::Author;

use crate::{
    house::{BY_ACCOUNT, BY_REQUEST, House, sign_up},
    receiver::Receiver,
};

fn pointers(error: EndpointError) -> Vec<String> {
    match error {
        EndpointError::Invalid(faults) => faults.into_iter().map(|fault| fault.pointer).collect(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_account_has_one_endpoint_until_it_is_deleted() {
    let house = House::open().await;
    let first = house.endpoint("https://example.com/a").await.endpoint;
    let second = house.endpoint_for("https://example.com/b", None).await;
    assert!(matches!(second, Err(EndpointError::LimitReached { max: 1, .. })));
    endpoints::delete(&house.context, &house.partner, &first.id).await.unwrap();
    let third = house.endpoint("https://example.com/c").await.endpoint;
    let listed = house.endpoints_of(&house.partner, BY_ACCOUNT).await;
    assert_eq!(listed.iter().map(|e| &e.id).collect::<Vec<_>>(), [&third.id]);
}

#[tokio::test]
async fn bad_input_names_every_field() {
    let house = House::open().await;
    let events = Some(vec!["image.completed".into(), "image.eaten".into()]);
    let error = house.endpoint_for("nonsense", events).await.unwrap_err();
    assert_eq!(pointers(error), ["/url", "/events/1"]);
    for platform in ["nowhere", BY_REQUEST] {
        let request = CreateWebhookEndpoint {
            platform: platform.into(),
            key_id: None,
            url: "https://example.com".into(),
            events: None,
        };
        let error = endpoints::create(&house.context, &house.partner, request).await.unwrap_err();
        let expected = if platform == BY_REQUEST { "/url" } else { "/platform" };
        assert_eq!(pointers(error), [expected]);
    }
}

#[tokio::test]
async fn only_the_events_asked_for_are_sent() {
    let house = House::open().await;
    let events = Some(vec!["image.failed".to_owned()]);
    let issued = house.endpoint_for("https://example.com/", events).await.unwrap();
    assert!(house.tell(BY_ACCOUNT, "image.completed", None).await.is_empty());
    assert_eq!(house.tell(BY_ACCOUNT, "image.failed", None).await.len(), 1);

    let change = UpdateWebhookEndpoint {
        events: Some(vec!["image.completed".into(), "image.completed".into()]),
        ..Default::default()
    };
    let (context, partner, endpoint) = (&house.context, &house.partner, issued.endpoint);
    let changed = endpoints::update(context, partner, &endpoint.id, endpoint.version, change).await;
    assert_eq!(changed.unwrap().events, ["image.completed"]);
    assert_eq!(house.tell(BY_ACCOUNT, "image.completed", None).await.len(), 1);
    assert!(house.tell(BY_ACCOUNT, "image.failed", None).await.is_empty());
}

#[tokio::test]
async fn the_endpoint_of_requests_is_told_what_it_asked_for() {
    let house = House::open().await;
    let own = house.endpoints_of(&house.partner, BY_REQUEST).await.remove(0);
    let change = UpdateWebhookEndpoint {
        events: Some(vec!["request.failed".into()]),
        ..UpdateWebhookEndpoint::default()
    };
    let (context, partner) = (&house.context, &house.partner);
    endpoints::update(context, partner, &own.id, own.version, change).await.unwrap();
    let url = Some("https://example.com/jobs/7");
    assert!(house.tell(BY_REQUEST, "request.completed", url).await.is_empty());
    assert_eq!(house.tell(BY_REQUEST, "request.failed", url).await.len(), 1);
}

#[tokio::test]
async fn an_endpoint_that_is_off_gets_nothing() {
    let (house, receiver) = (House::open().await, Receiver::start().await);
    let issued = house.endpoint(&receiver.url("/")).await;
    let (context, partner, endpoint) = (&house.context, &house.partner, issued.endpoint);
    let off = UpdateWebhookEndpoint { enabled: Some(false), ..Default::default() };
    let changed = endpoints::update(context, partner, &endpoint.id, endpoint.version, off.clone())
        .await
        .unwrap();
    assert!(!changed.enabled);
    assert!(house.tell(BY_ACCOUNT, "image.completed", None).await.is_empty());
    let ping = endpoints::send_test(context, partner, &endpoint.id).await;
    assert!(matches!(ping, Err(EndpointError::Off)));
    assert_eq!(house.all_deliveries().await, 0);
    // The version that was read before the change is stale.
    let stale = endpoints::update(context, partner, &endpoint.id, endpoint.version, off).await;
    assert!(matches!(stale, Err(EndpointError::Stale)));
}

#[tokio::test]
async fn an_event_goes_to_the_requests_url_or_nowhere() {
    let house = House::open().await;
    assert!(house.tell(BY_REQUEST, "request.completed", None).await.is_empty());
    let url = "https://example.com/jobs/7?token=a";
    let told = house.tell(BY_REQUEST, "request.completed", Some(url)).await;
    assert_eq!(house.delivery(&told[0]).await.delivery.url, url);

    let (context, partner) = (&house.context, &house.partner);
    let own = house.endpoints_of(partner, BY_REQUEST).await.remove(0);
    assert_eq!(own.url, None);
    let ping = endpoints::send_test(context, partner, &own.id).await;
    assert!(matches!(ping, Err(EndpointError::NoUrl)));
    assert!(matches!(
        endpoints::delete(context, partner, &own.id).await,
        Err(EndpointError::Invalid(_))
    ));
}

#[tokio::test]
async fn another_partner_sees_and_touches_nothing() {
    let house = House::open().await;
    let issued = house.endpoint("https://example.com/").await;
    let told = house.tell_one().await;
    let (context, id) = (&house.context, &issued.endpoint.id);
    let other = sign_up(context, "two@example.com").await;

    assert!(house.endpoints_of(&other, BY_ACCOUNT).await.is_empty());
    let absent = |error| assert!(matches!(error, EndpointError::Absent), "{error}");
    absent(endpoints::get(context, &other, id).await.unwrap_err());
    absent(endpoints::reveal_secret(context, &other, id).await.unwrap_err());
    absent(endpoints::send_test(context, &other, id).await.unwrap_err());
    let (author, rotation) = (Author::operator(), RotateSecret::default());
    absent(endpoints::rotate_secret(context, &other, &author, id, &rotation).await.unwrap_err());
    absent(endpoints::delete(context, &other, id).await.unwrap_err());
    let change = UpdateWebhookEndpoint::default();
    absent(endpoints::update(context, &other, id, 1, change).await.unwrap_err());
    assert!(deliveries::get(context, &other, &told).await.unwrap().is_none());
    assert!(deliveries::replay(context, &other, &told).await.is_err());
}

#[tokio::test]
async fn the_secret_is_nowhere_in_the_database() {
    let house = House::open().await;
    let issued = house.endpoint("https://example.com/").await;
    let secret = issued.secret.unwrap();
    let (context, partner) = (&house.context, &house.partner);
    let again = endpoints::reveal_secret(context, partner, &issued.endpoint.id).await.unwrap();
    assert_eq!(again.secret.unwrap(), secret);
    let needle = secret.expose().as_bytes();
    for file in std::fs::read_dir(&context.config.data_dir).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(needle.len()).any(|w| w == needle), "{}", path.display());
        }
    }
}
