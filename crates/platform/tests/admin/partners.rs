use latchkey_contract::{SecretText, partners::CreatePartner};

use crate::{
    support::{PASSWORD, TestServer, redacted},
    told,
};

fn request(name: &str, email: &str, password: &str) -> CreatePartner {
    CreatePartner {
        name: name.to_owned(),
        email: email.to_owned(),
        password: SecretText::new(password.to_owned()),
    }
}

#[tokio::test]
async fn a_partner_signs_up_whole() {
    let server = TestServer::start().await;
    let response = server
        .request(reqwest::Method::POST, "/partners", None)
        .json(&request(" Northwind ", "Jane@Example.com", PASSWORD))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["cache-control"], "no-store");
    insta::assert_json_snapshot!(redacted(response.json().await.unwrap()));

    let platforms = server.context().manifests.iter().count() as i64;
    assert_eq!(
        server.query::<i64>("SELECT count(*) FROM accounts WHERE balance = 100000000"),
        platforms
    );
    assert_eq!(server.query::<i64>("SELECT count(*) FROM ledger WHERE kind = 'grant'"), platforms);
    let hash = server.query::<String>("SELECT password_hash FROM members");
    assert!(hash.starts_with("$argon2id$"), "{hash}");
}

#[tokio::test]
async fn all_fields_at_fault_are_told_at_once() {
    let server = TestServer::start().await;
    let refused = server.client.create_partner(&request("  ", "jane", "too short")).await;
    let pointers = ["/name", "/email", "/password"].map(str::to_owned).to_vec();
    assert_eq!(told(refused), (422, "invalid_input".to_owned(), pointers));
    assert_eq!(server.query::<i64>("SELECT count(*) FROM partners"), 0);
}

#[tokio::test]
async fn an_address_signs_up_once_however_it_is_written() {
    let server = TestServer::start().await;
    server.sign_up("Northwind").await;
    let again = request("Other", "NORTHWIND@example.com", PASSWORD);
    let refused = server.client.create_partner(&again).await;
    assert_eq!(told(refused), (409, "email_taken".to_owned(), vec!["/email".to_owned()]));
    assert_eq!(server.query::<i64>("SELECT count(*) FROM partners"), 1);
}

#[tokio::test]
async fn a_server_may_take_no_sign_ups() {
    let server = TestServer::start_as(|config| config.allow_sign_up = false).await;
    let refused = server.client.create_partner(&request("N", "n@example.com", PASSWORD)).await;
    assert_eq!(told(refused), (403, "sign_up_closed".to_owned(), vec![]));
}
