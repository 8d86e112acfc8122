use chrono::TimeDelta;
use latchkey_contract::{SecretText, sessions::CreateSession};
use latchkey_platform::sessions::refresh_session;
use latchkey_store::Caller;

use crate::{
    problem,
    support::{PASSWORD, TestPartner, TestServer},
    told,
};

fn credentials(email: &str, password: &str) -> CreateSession {
    CreateSession { email: email.to_owned(), password: SecretText::new(password.to_owned()) }
}

async fn sign_in(server: &TestServer, partner: &TestPartner) -> TestPartner {
    let request = credentials(&partner.email, PASSWORD);
    let tokens = server.client.create_session(&request).await.unwrap();
    let client = server.client.with_token(tokens.access_token.clone());
    TestPartner { client, tokens, email: partner.email.clone() }
}

fn ended() -> (u16, String, Vec<String>) {
    (401, "unauthenticated".to_owned(), vec![])
}

#[tokio::test]
async fn signing_in_needs_the_right_password_and_tells_nothing_else() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let right = sign_in(&server, &partner).await;
    assert_eq!(right.client.get_me().await.unwrap(), partner.tokens.me);

    let wrong = credentials(&partner.email, "some other long password");
    let unknown = credentials("nobody@example.com", "some other long password");
    let mut wrong = problem(server.client.create_session(&wrong).await);
    let mut unknown = problem(server.client.create_session(&unknown).await);
    assert_eq!((wrong.status, wrong.code.as_str()), (401, "wrong_credentials"));
    wrong.request_id.clear();
    unknown.request_id.clear();
    assert_eq!(wrong, unknown);
}

#[tokio::test]
async fn guesses_are_limited_and_the_clock_does_not_help() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let wrong = credentials(&partner.email, "some other long password");
    let refused = loop {
        let problem = problem(server.client.create_session(&wrong).await);
        server.clock.jump(TimeDelta::hours(1));
        if problem.status != 401 {
            break problem;
        }
    };
    assert_eq!((refused.status, refused.code.as_str()), (429, "too_many_attempts"));
    let request = server.request(reqwest::Method::POST, "/sessions", None).json(&wrong);
    let seconds = request.send().await.unwrap().headers()["retry-after"].clone();
    assert!(seconds.to_str().unwrap().parse::<u64>().unwrap() >= 1);
    // Another account is not locked with it.
    server.client.create_session(&credentials("nobody@example.com", PASSWORD)).await.unwrap_err();
}

#[tokio::test]
async fn tokens_are_kept_as_digests_and_expire() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let file = std::fs::read(server.data_dir().join("latchkey.db")).unwrap();
    let log = std::fs::read(server.data_dir().join("latchkey.db-wal")).unwrap();
    for token in [&partner.tokens.access_token, &partner.tokens.refresh_token] {
        assert_eq!(token.expose().len(), 43);
        for bytes in [&file, &log] {
            let token = token.expose().as_bytes();
            assert!(!bytes.windows(token.len()).any(|window| window == token));
        }
    }
    server.clock.jump(TimeDelta::minutes(16));
    assert_eq!(told(partner.client.get_me().await), ended());
    let renewed = server.client.refresh_session(&partner.tokens.refresh_token).await.unwrap();
    server.client.with_token(renewed.access_token).get_me().await.unwrap();
    server.clock.jump(TimeDelta::days(31));
    assert_eq!(told(server.client.refresh_session(&renewed.refresh_token).await), ended());
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_session() {
    let server = TestServer::start().await;
    let first = server.sign_up("Northwind").await.tokens;
    let second = server.client.refresh_session(&first.refresh_token).await.unwrap();
    assert_eq!(first.session_id, second.session_id);
    let old = server.client.with_token(first.access_token);
    assert_eq!(told(old.get_me().await), ended());
    // At once, and before anything was done with the new tokens: the old one can only be a copy.
    assert_eq!(told(server.client.refresh_session(&first.refresh_token).await), ended());
    let current = server.client.with_token(second.access_token.clone());
    assert_eq!(told(current.get_me().await), ended());
    assert_eq!(told(server.client.refresh_session(&second.refresh_token).await), ended());
}

#[tokio::test]
async fn requests_that_overlap_are_one_refresh() {
    let server = TestServer::start().await;
    let first = server.sign_up("Northwind").await.tokens;
    let caller = Caller::default();
    let refreshes =
        (0..8).map(|_| refresh_session(server.context(), &first.refresh_token, &caller));
    let answers = futures::future::join_all(refreshes).await;
    let second = answers.into_iter().map(Result::unwrap).reduce(|one, other| {
        assert_eq!(one.access_token, other.access_token);
        other
    });
    let second = second.unwrap();
    server.client.with_token(second.access_token.clone()).get_me().await.unwrap();
    server.client.refresh_session(&second.refresh_token).await.unwrap();
}

#[tokio::test]
async fn a_member_sees_and_ends_sessions() {
    let server = TestServer::start().await;
    let one = server.sign_up("Northwind").await;
    let other = sign_in(&server, &one).await;
    let sessions = one.client.list_sessions().await.unwrap().data;
    assert_eq!(sessions.len(), 2);
    let current: Vec<_> = sessions.iter().filter(|session| session.current).collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0].id, one.tokens.session_id);
    assert_eq!(current[0].address.as_deref(), Some("127.0.0.1"));

    one.client.end_session(&other.tokens.session_id).await.unwrap();
    assert_eq!(told(other.client.get_me().await), ended());
    let again = one.client.end_session(&other.tokens.session_id).await;
    assert_eq!(told(again), (404, "not_found".to_owned(), vec![]));
    one.client.end_session(&one.tokens.session_id).await.unwrap();
    assert_eq!(told(one.client.get_me().await), ended());
}

#[tokio::test]
async fn a_clock_that_jumps_breaks_nothing() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    for days in [-1, -400, 800, 40_000, -100_000] {
        server.clock.jump(TimeDelta::days(days));
        let signed_in = sign_in(&server, &partner).await;
        signed_in.client.get_me().await.unwrap();
        signed_in.client.list_platforms().await.unwrap();
        signed_in.issue_key("clipia", latchkey_contract::Environment::Test).await;
    }
}
