//! Dashboards of platforms elsewhere, driven over HTTP against this server's dialects.

#[path = "dashboards/receiver.rs"]
mod receiver;
#[path = "dashboards/strangers.rs"]
mod strangers;

use latchkey_client::Client;
use latchkey_contract::{Amount, Environment, SecretText, sessions::CreateSession};
use latchkey_desktop::elsewhere::{
    CheckOutcome, DashboardConnection, DashboardTopUp, NewDashboardConnection, NewDashboardKey,
    UpdateDashboardWebhook,
};
use latchkey_platform::manifest::Manifests;

use self::{receiver::Receiver, strangers::Stranger};
use super::{PASSWORD, elsewhere::Desk, http, log::Log};

/// The platform that documents such calls.
fn platform() -> String {
    let manifests = Manifests::built_in().unwrap();
    let found = manifests.iter().find(|manifest| manifest.dashboard.is_some()).unwrap();
    found.slug.clone()
}

/// Signs in at the server as a program: an identity token and what ends it.
struct Identity {
    client: Client,
    token: SecretText,
    session: latchkey_contract::SessionId,
}

impl Identity {
    async fn new(desk: &Desk) -> Self {
        let base = format!("http://{}", desk.house.server.addr()).parse().unwrap();
        let client = Client::new(http(), base);
        let password = SecretText::new(PASSWORD.to_owned());
        let request = CreateSession { email: "ann@fieldhouse.example".to_owned(), password };
        let tokens = client.create_session(&request).await.unwrap();
        let client = client.with_token(tokens.access_token.clone());
        Self { client, token: tokens.access_token, session: tokens.session_id }
    }

    async fn end(&self) {
        self.client.end_session(&self.session).await.unwrap();
    }
}

fn request(token: &SecretText, base_url: Option<String>) -> NewDashboardConnection {
    let (platform, name) = (platform(), " Staging ".to_owned());
    NewDashboardConnection { platform, name, base_url, token: token.clone() }
}

async fn connect(desk: &Desk, token: &SecretText) -> DashboardConnection {
    let new = request(token, Some(desk.base(&platform())));
    desk.elsewhere.add_dashboard(new).await.unwrap()
}

fn outcome(connection: &DashboardConnection) -> CheckOutcome {
    connection.last_check.as_ref().unwrap().outcome
}

/// The keychain's secrets by where they stand.
fn kept(desk: &Desk, under: &str) -> Vec<String> {
    let entries = desk.house.memory.entries.lock().unwrap();
    let under = entries.iter().filter(|(name, _)| name.starts_with(under));
    under.map(|(_, secret)| secret.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_a_dashboard_documents_is_done_from_here() {
    let log = Log::start();
    let desk = Desk::open().await;
    let identity = Identity::new(&desk).await;
    let elsewhere = &desk.elsewhere;
    let connection = connect(&desk, &identity.token).await;
    assert_eq!((connection.name.as_str(), connection.kept), ("Staging", true));
    assert_eq!(outcome(&connection), CheckOutcome::Works, "{connection:?}");
    assert_eq!(kept(&desk, "dashboard/"), [identity.token.expose()]);
    let id = &connection.id;

    // A key goes straight into the keychain, as a connection of its own.
    assert_eq!(elsewhere.list_dashboard_keys(id).await.unwrap(), []);
    let new = NewDashboardKey { name: "Website".to_owned(), environment: Environment::Test };
    let held = elsewhere.create_dashboard_key(id, &new).await.unwrap();
    assert!(held.kept);
    assert_eq!(held.last_check.as_ref().unwrap().outcome, CheckOutcome::Works);
    let plain = elsewhere.key(&held.id).await.unwrap();
    assert_eq!(kept(&desk, "connection/"), [plain.expose()]);
    let keys = elsewhere.list_dashboard_keys(id).await.unwrap();
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    assert_eq!((key.name.as_str(), key.environment), ("Website", Environment::Test));
    assert_eq!((&key.last4, &key.prefix), (&held.last4, &held.prefix));
    assert_eq!((key.held_by.as_ref(), key.revoked_at), (Some(&held.id), None));
    assert!(key.created_at.is_some());
    let key = &key.id;

    let secret = hear_webhooks(&desk, id, key).await;
    see_usage(&desk, id).await;
    set_top_up(&desk, id).await;

    elsewhere.revoke_dashboard_key(id, key).await.unwrap();
    let keys = elsewhere.list_dashboard_keys(id).await.unwrap();
    assert!(keys[0].revoked_at.is_some() && keys[0].held_by.is_none(), "{keys:?}");
    assert!(desk.settings.connections().is_empty(), "a revoked key is of no use");
    assert_eq!(kept(&desk, "connection/"), [""; 0]);
    assert_eq!(kept(&desk, "dashboard-webhook/"), [""; 0]);

    let file = desk.settings_text();
    let known = desk.settings.dashboards();
    assert!(file.contains(id) && known.len() == 1);
    for secret in [&identity.token, &plain, &secret] {
        assert!(!file.contains(secret.expose()));
        assert!(!log.text().contains(secret.expose()));
        assert!(!format!("{known:?} {:?}", request(secret, None)).contains(secret.expose()));
    }
    assert!(log.text().contains("/keys"), "the log has the calls");
    elsewhere.remove_dashboard(id).await.unwrap();
    assert!(desk.settings.dashboards().is_empty());
    assert_eq!(kept(&desk, "dashboard"), [""; 0]);
    identity.client.get_me().await.unwrap();
}

/// Sets a key's webhook, hears its test, switches it off; answers the signing secret.
async fn hear_webhooks(desk: &Desk, id: &str, key: &str) -> SecretText {
    let elsewhere = &desk.elsewhere;
    let none = elsewhere.get_dashboard_webhook(id, key).await.unwrap();
    assert_eq!((none.url, none.enabled, none.secret_held), (None, false, false));
    let unset = elsewhere.test_dashboard_webhook(id, key).await.unwrap_err();
    assert_eq!(unset.code, "platform_refused");
    assert!(unset.message.contains("says: The key has no webhook."), "{unset}");
    assert_eq!(elsewhere.signing_secret(id, key).await.unwrap_err().code, "not_kept");

    let receiver = Receiver::start().await;
    let set = async |enabled| {
        let change = UpdateDashboardWebhook { url: receiver.url(), enabled };
        elsewhere.update_dashboard_webhook(id, key, &change).await.unwrap()
    };
    let first = set(true).await;
    assert_eq!((first.url, first.enabled), (Some(receiver.url()), true));
    assert!(first.secret_held);
    let secret = elsewhere.signing_secret(id, key).await.unwrap();
    assert!(secret.expose().ends_with(first.secret_last4.as_deref().unwrap()));
    let again = elsewhere.get_dashboard_webhook(id, key).await.unwrap();
    assert!(again.secret_held && again.secret_last4 == first.secret_last4, "{again:?}");

    elsewhere.test_dashboard_webhook(id, key).await.unwrap();
    let heard = receiver.heard().await;
    assert_eq!(heard.body["event"], "test.ping");
    assert_eq!(heard.signature, receiver::sign(&secret, &heard.raw));

    assert!(!set(false).await.enabled);
    let off = elsewhere.test_dashboard_webhook(id, key).await.unwrap_err();
    assert!(off.message.contains("The webhook is switched off."), "{off}");
    let wrong = UpdateDashboardWebhook { url: "ftp://x".to_owned(), enabled: true };
    let wrong = elsewhere.update_dashboard_webhook(id, key, &wrong).await.unwrap_err();
    assert_eq!(wrong.code, "platform_refused");
    assert_eq!(elsewhere.signing_secret(id, key).await.unwrap(), secret, "it is told once");
    secret
}

/// The check of the new key was a call.
async fn see_usage(desk: &Desk, id: &str) {
    let mut tries = 0;
    loop {
        let usage = desk.elsewhere.get_dashboard_usage(id).await.unwrap();
        assert_eq!(usage.daily.len(), 30);
        assert!(usage.daily.is_sorted_by_key(|day| day.date));
        assert!(usage.from < usage.to);
        assert_eq!((usage.live.requests, usage.live.credits), (0, Amount::ZERO));
        if usage.test.requests == 1 {
            assert_eq!(usage.daily.last().unwrap().test, usage.test);
            return;
        }
        tries += 1;
        assert!(tries < 200, "{usage:?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn set_top_up(desk: &Desk, id: &str) {
    let elsewhere = &desk.elsewhere;
    assert!(!elsewhere.get_dashboard_top_up(id).await.unwrap().enabled);
    let (amount, threshold) = (Amount::from_credits(50), Amount(2_500_000));
    let rule = DashboardTopUp { enabled: true, amount, threshold };
    assert_eq!(elsewhere.update_dashboard_top_up(id, &rule).await.unwrap(), rule);
    assert_eq!(elsewhere.get_dashboard_top_up(id).await.unwrap(), rule);
    let wrong = DashboardTopUp { amount: Amount::from_credits(-1), ..rule.clone() };
    let wrong = elsewhere.update_dashboard_top_up(id, &wrong).await.unwrap_err();
    assert!(wrong.message.contains("`amount` must be a number of credits"), "{wrong}");
    assert_eq!(elsewhere.get_dashboard_top_up(id).await.unwrap(), rule);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ended_is_told_and_replaced() {
    let desk = Desk::open().await;
    let identity = Identity::new(&desk).await;
    let connection = connect(&desk, &identity.token).await;
    let id = &connection.id;
    assert_eq!(connection.token_ends_at, None, "it does not say");
    identity.end().await;
    for refused in [
        desk.elsewhere.list_dashboard_keys(id).await.map(drop),
        desk.elsewhere.get_dashboard_usage(id).await.map(drop),
        desk.elsewhere.get_dashboard_top_up(id).await.map(drop),
        desk.elsewhere.revoke_dashboard_key(id, "1").await,
    ] {
        let refused = refused.unwrap_err();
        assert_eq!(refused.code, "token_refused");
        assert!(refused.message.contains("expired; sign in again"), "{refused}");
        assert!(refused.message.ends_with("Paste a new Firebase ID token."), "{refused}");
    }
    let [known] = desk.settings.dashboards().try_into().unwrap();
    assert_eq!(outcome(&known), CheckOutcome::Refused);

    // A JWT says when it ends, whoever signed it.
    let jwt = "e30.eyJleHAiOjE3OTU3ODgwMDB9.c2ln";
    let renew = async |text: &str| {
        desk.elsewhere.renew_dashboard_token(id, &SecretText::new(text.to_owned())).await
    };
    let strange = renew(jwt).await.unwrap();
    assert_eq!(strange.token_ends_at.unwrap().timestamp(), 1_795_788_000);
    assert_eq!(outcome(&strange), CheckOutcome::Refused);
    assert_eq!(renew("two words").await.unwrap_err().fields[0].pointer, "/token");
    let fresh = Identity::new(&desk).await;
    let renewed = renew(&format!(" Bearer {}\n", fresh.token.expose())).await.unwrap();
    assert_eq!((outcome(&renewed), renewed.token_ends_at), (CheckOutcome::Works, None));
    assert_eq!(kept(&desk, "dashboard/"), [fresh.token.expose()], "in the old one's place");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_token_or_no_address_is_told_with_its_field() {
    let desk = Desk::open().await;
    let token = SecretText::new("token".to_owned());
    let offered = desk.elsewhere.dashboard_platforms();
    assert_eq!(offered.iter().map(|one| one.platform.clone()).collect::<Vec<_>>(), [platform()]);
    for (text, base_url, pointer) in [
        ("", None, "/token"),
        ("two words", None, "/token"),
        ("sk_live_abc", None, "/token"),
        ("tökén", None, "/token"),
        ("token", Some("example.com"), "/base_url"),
        ("token", Some("http://example.com/api"), "/base_url"),
        ("token", Some("https://a:b@example.com/api"), "/base_url"),
    ] {
        let new = request(&SecretText::new(text.to_owned()), base_url.map(str::to_owned));
        let error = desk.elsewhere.add_dashboard(new).await.unwrap_err();
        assert_eq!(error.fields[0].pointer, pointer, "{text} {base_url:?}");
    }
    let new = NewDashboardConnection { name: " ".to_owned(), ..request(&token, None) };
    assert_eq!(desk.elsewhere.add_dashboard(new).await.unwrap_err().fields[0].pointer, "/name");
    let new = NewDashboardConnection { platform: "clipia".to_owned(), ..request(&token, None) };
    assert_eq!(desk.elsewhere.add_dashboard(new).await.unwrap_err().fields[0].pointer, "/platform");
    assert!(desk.settings.dashboards().is_empty());
    assert_eq!(kept(&desk, "dashboard"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_address_and_strange_answers_are_told_apart() {
    let desk = Desk::open().await;
    let token = SecretText::new("header.token".to_owned());
    let dead = request(&token, Some("http://127.0.0.1:1/api".to_owned()));
    let dead = desk.elsewhere.add_dashboard(dead).await.unwrap();
    assert_eq!(outcome(&dead), CheckOutcome::Unreachable);
    let error = desk.elsewhere.get_dashboard_usage(&dead.id).await.unwrap_err();
    assert_eq!(error.code, "platform_not_reached");
    let new = NewDashboardKey { name: "x".to_owned(), environment: Environment::Live };
    let error = desk.elsewhere.create_dashboard_key(&dead.id, &new).await.unwrap_err();
    assert!(error.message.contains("created unseen"), "{error}");

    let stranger = Stranger::start(token.expose()).await;
    for (path, outcome, code, told) in [
        ("page", CheckOutcome::Unclear, "unexpected_answer", "none of this dashboard (HTTP 200)"),
        ("other", CheckOutcome::Unclear, "unexpected_answer", "none of this dashboard"),
        ("huge", CheckOutcome::Unclear, "unexpected_answer", "none of this dashboard"),
        ("moved", CheckOutcome::Unclear, "unexpected_answer", "none of this dashboard (HTTP 303)"),
        ("silent", CheckOutcome::Refused, "token_refused", "does not take the Firebase ID token"),
        ("echo", CheckOutcome::Refused, "token_refused", "says: … is unknown. Paste"),
    ] {
        let new = request(&token, Some(stranger.url(path)));
        let connection = desk.elsewhere.add_dashboard(new).await.unwrap();
        let checked = connection.last_check.unwrap();
        assert_eq!(checked.outcome, outcome, "{path}: {}", checked.message);
        let error = desk.elsewhere.list_dashboard_keys(&connection.id).await.unwrap_err();
        assert_eq!((error.code.as_str(), &error.message), (code, &checked.message), "{path}");
        assert!(error.message.contains(told), "{path}: {error}");
    }
    for (path, told) in [("broken", "(HTTP 500). It has trouble"), ("busy", "says: Slow down.")] {
        let new = request(&token, Some(stranger.url(path)));
        let connection = desk.elsewhere.add_dashboard(new).await.unwrap();
        assert_eq!(connection.last_check, None, "{path}: it says nothing of the token");
        let error = desk.elsewhere.list_dashboard_keys(&connection.id).await.unwrap_err();
        assert_eq!(error.code, "platform_refused");
        assert!(error.message.contains(told), "{path}: {error}");
    }
    assert_eq!(stranger.followed(), 0, "a token goes nowhere else");
    // What is no plain id never becomes a path.
    for key in ["", "..", "a/b", "1?x=1", "%2e"] {
        let error = desk.elsewhere.revoke_dashboard_key(&dead.id, key).await.unwrap_err();
        assert_eq!(error.code, "not_kept", "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keychain_is_made_up_for_once_it_opens() {
    let desk = Desk::open().await;
    let identity = Identity::new(&desk).await;
    *desk.house.memory.locked.lock().unwrap() = true;
    let connection = connect(&desk, &identity.token).await;
    assert!(!connection.kept, "it is there until the app ends");
    assert_eq!(outcome(&connection), CheckOutcome::Works);
    let new = NewDashboardKey { name: "x".to_owned(), environment: Environment::Test };
    let held = desk.elsewhere.create_dashboard_key(&connection.id, &new).await.unwrap();
    assert!(!held.kept && desk.elsewhere.key(&held.id).await.is_ok());
    desk.elsewhere.catch_up().await;
    assert!(!desk.settings.dashboards()[0].kept);
    let locked = desk.elsewhere.remove_dashboard(&connection.id).await.unwrap_err();
    assert_eq!(locked.code, "keychain_locked");

    *desk.house.memory.locked.lock().unwrap() = false;
    desk.elsewhere.catch_up().await;
    assert!(desk.settings.dashboards()[0].kept && desk.settings.connections()[0].kept);
    assert_eq!(kept(&desk, "dashboard/"), [identity.token.expose()]);
    desk.elsewhere.remove_dashboard(&connection.id).await.unwrap();
    let gone = desk.elsewhere.list_dashboard_keys(&connection.id).await.unwrap_err();
    assert_eq!(gone.code, "not_kept");
}
