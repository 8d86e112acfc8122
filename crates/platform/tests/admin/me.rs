use latchkey_contract::{SecretText, partners::UpdateMe, sessions::CreateSession};
use reqwest::Method;
use serde_json::json;

use crate::{
    support::{PASSWORD, TestServer},
    told,
};

const NEW: &str = "granite lantern forty winters";

fn secret(text: &str) -> Option<SecretText> {
    Some(SecretText::new(text.to_owned()))
}

#[tokio::test]
async fn a_partner_is_renamed() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let change = UpdateMe { partner_name: Some("Southwind".to_owned()), ..UpdateMe::default() };
    let me = partner.client.update_me(&change).await.unwrap();
    assert_eq!(me.partner.name, "Southwind");
    assert_eq!(server.query::<String>("SELECT name FROM partners"), "Southwind");
    let change = UpdateMe { partner_name: Some(String::new()), ..UpdateMe::default() };
    let refused = told(partner.client.update_me(&change).await);
    assert_eq!(refused, (422, "invalid_input".to_owned(), vec!["/partner_name".to_owned()]));
}

#[tokio::test]
async fn a_change_of_what_was_not_read_is_refused() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let read = server.request(Method::GET, "/me", Some(&partner)).send().await.unwrap();
    let read = read.headers()["etag"].to_str().unwrap().to_owned();
    for (name, status) in [("Southwind", 200), ("Eastwind", 412)] {
        let change = server.request(Method::PATCH, "/me", Some(&partner));
        let change = change.header("if-match", &read).json(&json!({ "partner_name": name }));
        assert_eq!(change.send().await.unwrap().status(), status, "{name}");
    }
    assert_eq!(server.query::<String>("SELECT name FROM partners"), "Southwind");
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_other_sessions() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let credentials = |password: &str| CreateSession {
        email: partner.email.clone(),
        password: SecretText::new(password.to_owned()),
    };
    let other = server.client.create_session(&credentials(PASSWORD)).await.unwrap();
    let other = server.client.with_token(other.access_token);
    for (current, new, pointer) in [
        (None, NEW, "/current_password"),
        (secret("not the current one"), NEW, "/current_password"),
        (secret(PASSWORD), "too short", "/password"),
        (secret(PASSWORD), "northwind@example.com", "/password"),
    ] {
        let change =
            UpdateMe { password: secret(new), current_password: current, ..UpdateMe::default() };
        let refused = told(partner.client.update_me(&change).await);
        assert_eq!(refused, (422, "invalid_input".to_owned(), vec![pointer.to_owned()]));
    }
    other.get_me().await.unwrap();

    let change = UpdateMe {
        password: secret(NEW),
        current_password: secret(PASSWORD),
        ..UpdateMe::default()
    };
    partner.client.update_me(&change).await.unwrap();
    partner.client.get_me().await.unwrap();
    assert_eq!(told(other.get_me().await).0, 401);
    assert_eq!(told(server.client.create_session(&credentials(PASSWORD)).await).0, 401);
    server.client.create_session(&credentials(NEW)).await.unwrap();
}
