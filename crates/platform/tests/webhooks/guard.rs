//! Webhooks go to the public internet alone, unless the server is told otherwise.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use latchkey_contract::webhooks::DeliveryState;
use latchkey_platform::webhooks::{
    SystemNames, TargetError, Targets, endpoints::EndpointError, guard,
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{
    house::{BY_REQUEST, House, quick},
    receiver::Receiver,
};

#[test]
fn urls_are_checked_before_any_attempt() {
    let refused = [
        ("example.com/hook", TargetError::NotAUrl),
        ("http://example.com/hook", TargetError::NotHttps),
        ("ftp://example.com/hook", TargetError::NotHttps),
        ("https://user:pass@example.com/", TargetError::Credentials),
        ("https://example.com:0/", TargetError::NoPort),
        ("https://127.0.0.1/", TargetError::NotPublic("127.0.0.1".into())),
        // The same address in other notations.
        ("https://2130706433/", TargetError::NotPublic("127.0.0.1".into())),
        ("https://0x7f.1/", TargetError::NotPublic("127.0.0.1".into())),
        ("https://0177.0.0.1/", TargetError::NotPublic("127.0.0.1".into())),
        ("https://１２７.0.0.1/", TargetError::NotPublic("127.0.0.1".into())),
        ("https://169.254.169.254/latest", TargetError::NotPublic("169.254.169.254".into())),
        ("https://10.1.2.3:8443/", TargetError::NotPublic("10.1.2.3".into())),
        ("https://[::1]/", TargetError::NotPublic("[::1]".into())),
        ("https://[::ffff:10.0.0.1]/", TargetError::NotPublic("[::ffff:a00:1]".into())),
        ("https://[fd00::1]/", TargetError::NotPublic("[fd00::1]".into())),
        ("https://localhost/", TargetError::NotPublic("localhost".into())),
        ("https://a.localhost./", TargetError::NotPublic("a.localhost.".into())),
    ];
    for (url, error) in refused {
        assert_eq!(Targets::Public.check(url), Err(error), "{url}");
    }
    for url in ["https://example.com/hook?a=b", "https://8.8.8.8/", "https://[2606:4700::1]/"] {
        assert!(Targets::Public.check(url).is_ok(), "{url}");
        assert!(Targets::Any.check(url).is_ok(), "{url}");
    }
    assert!(Targets::Any.check("http://127.0.0.1:8080/hook").is_ok());
    assert_eq!(Targets::Any.check("file:///etc/passwd"), Err(TargetError::NotHttp));
    let long = format!("https://example.com/{}", "a".repeat(3000));
    assert_eq!(Targets::Public.check(&long), Err(TargetError::TooLong));
}

/// A name server that answers with a public address first and with this computer's ever after.
struct Rebinding {
    asked: AtomicUsize,
    inside: SocketAddr,
}

impl Resolve for Rebinding {
    fn resolve(&self, _: Name) -> Resolving {
        let first = self.asked.fetch_add(1, Ordering::SeqCst) == 0;
        // Of the returned 6bone: public in form, and nobody's.
        let address = if first { "[3ffe::1]:1".parse().unwrap() } else { self.inside };
        Box::pin(async move { Ok(Box::new(std::iter::once(address)) as Addrs) })
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_gains_nothing() {
    let receiver = Receiver::start().await;
    let names = Arc::new(Rebinding { asked: AtomicUsize::new(0), inside: receiver.address });
    let asked = Arc::clone(&names);
    let http = guard::client(Targets::Public, names).unwrap();
    let url = format!("http://rebind.example:{}/", receiver.address.port());
    for _ in 0..3 {
        let limit = std::time::Duration::from_secs(1);
        let answer = http.post(&url).timeout(limit).send().await;
        assert!(answer.is_err());
    }
    assert_eq!(asked.asked.load(Ordering::SeqCst), 3, "each attempt resolves anew");
    assert!(receiver.seen().is_empty(), "a private address was connected to");
}

/// A name server that knows one address for every name.
struct Always(SocketAddr);

impl Resolve for Always {
    fn resolve(&self, _: Name) -> Resolving {
        let address = self.0;
        Box::pin(async move { Ok(Box::new(std::iter::once(address)) as Addrs) })
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_with_a_reason() {
    let receiver = Receiver::start().await;
    let house = House::with(quick(), Targets::Public, Arc::new(Always(receiver.address))).await;
    house.endpoint("https://hooks.example/inside").await;
    house.dispatch();
    let id = house.tell_one().await;
    let detail = house.until_state(&id, DeliveryState::Failed).await;
    let error = detail.delivery.last_error.unwrap();
    assert!(error.contains("hooks.example") && error.contains("no public address"), "{error}");
    assert!(receiver.seen().is_empty());
}

#[tokio::test]
async fn an_address_in_a_requests_url_is_refused_before_it_is_dialled() {
    let receiver = Receiver::start().await;
    let house = House::with(quick(), Targets::Public, Arc::new(SystemNames)).await;
    house.dispatch();
    let url = format!("https://{}/", receiver.address);
    let told = house.tell(BY_REQUEST, "request.completed", Some(&url)).await;
    let detail = house.until(&told[0], |detail| !detail.attempts.is_empty()).await;
    assert!(detail.attempts[0].error.as_deref().unwrap().contains("127.0.0.1"));
    assert!(detail.attempts[0].request_headers.is_empty());
    assert!(receiver.seen().is_empty());
}

#[tokio::test]
async fn an_endpoint_is_created_for_public_urls_alone() {
    let house = House::with(quick(), Targets::Public, Arc::new(SystemNames)).await;
    for url in ["http://example.com/", "https://192.168.1.1/", "not a url"] {
        match house.endpoint_for(url, None).await {
            Err(EndpointError::Invalid(faults)) => assert_eq!(faults[0].pointer, "/url"),
            other => panic!("{url}: {other:?}"),
        }
    }
    house.endpoint("https://example.com/hooks").await;
}
