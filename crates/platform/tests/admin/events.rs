use std::pin::pin;

use futures::StreamExt;
use latchkey_contract::{Environment, events::Topic};

use crate::{support::TestServer, told};

#[tokio::test]
async fn a_partner_hears_of_its_own_changes_and_of_no_others() {
    let server = TestServer::start().await;
    let one = server.sign_up("Northwind").await;
    let other = server.sign_up("Southwind").await;
    let mut heard = pin!(one.client.events().await.unwrap());
    other.issue_key("proclubs", Environment::Test).await;
    one.issue_key("clipia", Environment::Test).await;
    let mut topics = Vec::new();
    while !topics.contains(&Topic::Keys) {
        let change = heard.next().await.unwrap().unwrap();
        assert_eq!(change.platform.as_deref(), Some("clipia"));
        topics.push(change.topic);
    }
    assert!(topics.iter().all(|topic| [Topic::Keys, Topic::Audit].contains(topic)), "{topics:?}");
}

#[tokio::test]
async fn the_stream_ends_with_the_session() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let mut heard = pin!(partner.client.events().await.unwrap());
    partner.client.end_session(&partner.tokens.session_id).await.unwrap();
    while heard.next().await.is_some() {}
    assert_eq!(told(partner.client.events().await.map(|_| ())).0, 401);
}

#[tokio::test]
async fn the_stream_ends_with_the_server() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let mut heard = pin!(partner.client.events().await.unwrap());
    server.stop().await;
    while heard.next().await.is_some() {}
}

#[tokio::test]
async fn the_stream_ends_at_once_when_a_copied_token_ends_the_session() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let first = &partner.tokens.refresh_token;
    let second = server.client.refresh_session(first).await.unwrap();
    let third = server.client.refresh_session(&second.refresh_token).await.unwrap();
    let client = server.client.with_token(third.access_token);
    let mut heard = pin!(client.events().await.unwrap());
    assert_eq!(told(server.client.refresh_session(first).await).0, 401);
    let ended = async { while heard.next().await.is_some() {} };
    tokio::time::timeout(std::time::Duration::from_secs(20), ended).await.unwrap();
}
