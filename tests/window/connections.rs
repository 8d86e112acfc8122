//! Platforms elsewhere in the real window: a key that was pasted, and a dashboard that is used with
//! an identity token. Here the platform elsewhere is this server itself. Nothing that was pasted
//! may be found afterwards but in the keychain.

use latchkey_client::Client;
use latchkey_contract::{SecretText, SessionId, sessions::CreateSession};
use serde_json::{Value, json};

use crate::{
    desk::{
        acts::EMAIL,
        app::Desk,
        disguise::{Secret, found_under},
        listener::Listener,
    },
    support::session::Session,
};

const PASSPHRASE: &str = "seven quiet herons above the mill";
const PICTURES: &str = "Clipia";
const STAGING: &str = "StagingSpaces";

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_dashboards_of_platforms_elsewhere_are_used_from_here() {
    let mut desk = Desk::with_log(Session::with_keyring(), Some("debug"));
    desk.open_window().await;
    desk.sign_up(Some(PASSPHRASE)).await;
    let base = server(&desk).await;
    let mut secrets = Vec::new();

    desk.open_screen("Keys").await;
    let key = desk.create_key(PICTURES, "Test", "clips").await;
    desk.leave_dialog("Done").await;
    secrets.push(Secret::new("a pasted key", &key));
    desk.open_screen("Connections").await;
    desk.find("heading", "No connections yet").await;
    desk.look("connections-empty").await;
    paste_a_key(&desk, &base, &key).await;

    let identity = Identity::new(&base).await;
    secrets.push(Secret::new("an identity token", identity.token.expose()));
    connect_a_dashboard(&desk, &base, identity.token.expose()).await;
    let made = use_the_dashboard(&desk).await;
    secrets.push(Secret::new("a key made elsewhere", &made));
    identity.end().await;
    paste_a_new_token(&desk, &base, &mut secrets).await;

    look_at_page_and_calls(&desk, &secrets).await;
    assert_eq!(found_under(&desk.home(), &secrets), [""; 0], "in a file");
    desk.close_window().await;
    assert_eq!(found_under(&desk.home(), &secrets), [""; 0], "in a file, once it has ended");
}

/// Where the server inside the app answers.
async fn server(desk: &Desk) -> String {
    let script = "return window.heardCalls.find((c) => c.command === 'get_app').answered";
    let app = desk.eval(script, json!([])).await;
    let app: Value = serde_json::from_str(app.as_str().unwrap()).unwrap();
    app["server"]["base_url"].as_str().unwrap().trim_end_matches('/').to_owned()
}

/// A session of the member's own, as a token of the platform's website would be.
struct Identity {
    client: Client,
    token: SecretText,
    session: SessionId,
}

impl Identity {
    #[expect(clippy::disallowed_methods, reason = "a test is an edge")]
    async fn new(base: &str) -> Self {
        let client = Client::new(reqwest::Client::new(), base.parse().unwrap());
        let password = SecretText::new(PASSPHRASE.to_owned());
        let request = CreateSession { email: EMAIL.to_owned(), password };
        let tokens = client.create_session(&request).await.unwrap();
        let client = client.with_token(tokens.access_token.clone());
        Self { client, token: tokens.access_token, session: tokens.session_id }
    }

    async fn end(&self) {
        self.client.end_session(&self.session).await.unwrap();
    }
}

/// It is recognised, tried, copied and removed.
async fn paste_a_key(desk: &Desk, base: &str, plain: &str) {
    desk.press("button", "Add key").await;
    desk.find("heading", "Add key").await;
    desk.fill("Key", plain).await;
    desk.find("radio", &format!("{PICTURES}…")).await;
    desk.fill("Name", "Shop window").await;
    desk.fill("Address", &format!("{base}/clipia/v1")).await;
    desk.glance("connections-add-key").await;
    desk.press("button", "Add key").await;
    desk.find("heading", "Shop window").await;
    desk.sees("Works").await;
    desk.sees("Balance 100 credits").await;
    assert_eq!(kept(desk, "connection/"), 1);
    desk.press("button", "Copy…").await;
    desk.find("group", "Clipboard").await;
    assert_eq!(desk.clipboard(), plain);
    desk.press("button", "Clear now").await;
    desk.gone("group", "Clipboard").await;
    desk.press("button", "Remove…").await;
    desk.find("heading", "Remove Shop window").await;
    desk.glance("connections-remove").await;
    desk.leave_dialog("Remove key").await;
    desk.find("heading", "No connections yet").await;
    assert_eq!(kept(desk, "connection/"), 0);
}

async fn connect_a_dashboard(desk: &Desk, base: &str, token: &str) {
    desk.press("button", "Connect dashboard").await;
    desk.find("heading", "Connect dashboard").await;
    desk.fill("Firebase ID token", token).await;
    desk.fill("Name", "Nordhafen staging").await;
    desk.fill("Address", &format!("{base}/stagingspaces/api/v1")).await;
    desk.glance("connections-dashboard").await;
    desk.press("button", "Connect").await;
    desk.find("heading", "Nordhafen staging").await;
    desk.sees("Works").await;
    desk.sees("No keys yet.").await;
    assert_eq!(kept(desk, "dashboard/"), 1);
}

/// Creates a key, hears its webhook, sets the rule, revokes the key; answers the key.
async fn use_the_dashboard(desk: &Desk) -> String {
    desk.press("button", "Create key").await;
    desk.fill("Name", "Website").await;
    desk.press("button", "Create key").await;
    desk.find("button", "Website…").await;
    desk.find("heading", "Website").await;
    assert_eq!(kept(desk, "connection/"), 1, "straight into the keychain");
    desk.press("button", "Copy key").await;
    desk.find("group", "Clipboard").await;
    let plain = desk.clipboard();
    assert!(plain.starts_with("sk_test_"));
    desk.press("button", "Clear now").await;
    desk.gone("group", "Clipboard").await;

    let listener = Listener::start().await;
    desk.fill("Address", &listener.url("/staging")).await;
    desk.press("button", "Save webhook").await;
    desk.press("button", "Send test").await;
    listener.hears("/staging", 1).await;
    desk.look("connections").await;

    desk.press("button", "Change auto top-up").await;
    desk.press("checkbox", "Buy by itself").await;
    desk.fill("When the balance falls below", "5").await;
    desk.fill("Buy, in credits", "50").await;
    desk.glance("connections-top-up").await;
    desk.leave_dialog("Save rule").await;
    desk.sees("Buys 50 credits when the balance falls below 5 credits.").await;

    desk.press("button", "Revoke key").await;
    desk.find("heading", "Revoke Website").await;
    desk.sees(&format!("Stops this key on {STAGING} at once and for good")).await;
    desk.leave_dialog("Revoke key").await;
    desk.sees("Every key is revoked.").await;
    desk.gone("heading", "Keys").await;
    assert_eq!(kept(desk, "connection/"), 0, "a revoked key is of no use");
    plain
}

async fn paste_a_new_token(desk: &Desk, base: &str, secrets: &mut Vec<Secret>) {
    desk.press("button", "Ask again").await;
    desk.sees("A new Firebase ID token is needed.").await;
    desk.look("connections-ended").await;
    let fresh = Identity::new(base).await;
    secrets.push(Secret::new("a newer identity token", fresh.token.expose()));
    desk.press("button", "Paste token").await;
    desk.fill("Firebase ID token", fresh.token.expose()).await;
    desk.leave_dialog("Use token").await;
    desk.sees("Every key is revoked.").await;
    desk.press("button", "Remove connection").await;
    desk.leave_dialog("Remove connection").await;
    desk.find("heading", "No connections yet").await;
    assert_eq!(kept(desk, "dashboard"), 0);
}

/// What was pasted went to the app once, and nothing came back.
async fn look_at_page_and_calls(desk: &Desk, secrets: &[Secret]) {
    const PASTED: [&str; 4] =
        ["recognise_key", "add_key_connection", "add_dashboard", "renew_dashboard_token"];
    let page = desk.window().source().await.unwrap();
    let script = "return [window.heardCalls, window.heardEvents]";
    let heard = desk.eval(script, json!([])).await;
    let calls = heard[0].as_array().unwrap();
    assert!(calls.iter().any(|call| call["command"] == "create_dashboard_key"));
    for secret in secrets {
        assert!(!secret.is_in(page.as_bytes()), "{} on the page", secret.what);
        assert!(!secret.is_in(heard[1].to_string().as_bytes()), "{} in an event", secret.what);
        for call in calls {
            let command = call["command"].as_str().unwrap();
            let is_in = |side: &str| secret.is_in(call[side].as_str().unwrap().as_bytes());
            let asked = is_in("asked") && !PASTED.contains(&command);
            assert!(!asked, "{} asked in {command}", secret.what);
            let answered = is_in("answered") && command != "reveal_key";
            assert!(!answered, "{} answered in {command}", secret.what);
        }
    }
}

/// How many entries of the keychain begin so.
fn kept(desk: &Desk, begin: &str) -> usize {
    desk.kept().iter().filter(|name| name.starts_with(begin)).count()
}
