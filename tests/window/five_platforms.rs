//! Five platforms in one real window: a key of each and its snippet, a pair, live mode, a range of
//! webhooks once more, two consoles at one key, and use by another clock.

use latchkey_client::Client;
use latchkey_contract::{
    SecretText,
    keys::{Key, KeyQuery, UpdateKey},
    sessions::CreateSession,
};
use reqwest::StatusCode;

use crate::desk::{
    acts::EMAIL,
    app::{Desk, LIMIT},
    listener::Listener,
    program::{Program, run_snippet},
};

const PASSPHRASE: &str = "nine amber lanterns along the quay";

/// A platform as the window tells it: where a first key is made, and what its keys begin with.
const PLATFORMS: [(&str, &str, &str); 5] = [
    ("Clipia", "Test", "clipia_test_"),
    ("Deep Creative Labs", "Live", "sk_live_"),
    ("Pro Clubs Studio", "Test", "sk_test_"),
    (PAIRED, "Test", "sk_test_"),
    ("StagingSpaces", "Test", "sk_test_"),
];
/// Its keys come in pairs, and its live mode is off at first.
const PAIRED: &str = "Prolifi";

#[tokio::test(flavor = "multi_thread")]
async fn one_window_holds_five_platforms() {
    let mut desk = Desk::open().await;
    desk.sign_up(Some(PASSPHRASE)).await;
    let base = origin(&desk).await;
    let other = second_console(&base).await;
    desk.open_screen("Keys").await;
    for (platform, environment, prefix) in PLATFORMS {
        use_a_first_key(&desk, platform, environment, prefix).await;
    }
    turn_live_mode_on(&desk, &base).await;
    change_a_key_from_two_consoles(&desk, &other).await;
    replay_a_range(&desk, &base).await;
    read_another_clock(&desk).await;
    see_all_platforms(&desk).await;
    desk.close_window().await;
}

/// Where the platform server listens, as the overview says.
async fn origin(desk: &Desk) -> String {
    let host = |row: &[String]| row[1].split('/').next().map(str::to_owned);
    let host = desk.row_where("Clipia", "its address", LIMIT, host).await;
    format!("http://{host}")
}

/// The same member at another computer.
async fn second_console(base: &str) -> Client {
    let client = Client::new(reqwest::Client::builder().build().unwrap(), base.parse().unwrap());
    let request =
        CreateSession { email: EMAIL.to_owned(), password: SecretText::new(PASSPHRASE.to_owned()) };
    let tokens = client.create_session(&request).await.unwrap();
    client.with_token(tokens.access_token)
}

async fn use_a_first_key(desk: &Desk, platform: &str, environment: &str, prefix: &str) {
    let name = format!("{platform} first");
    let key = desk.create_key(platform, environment, &name).await;
    assert!(key.starts_with(prefix), "{platform}");
    for language in ["curl", "Python", "JavaScript"] {
        let (snippet, variable) = desk.snippet(language).await;
        assert!(!snippet.contains(&key));
        if let Some(said) = run_snippet(language, &snippet, &variable, &key) {
            let refused = said.contains("\"error\":{") || said.contains("\"detail\"");
            assert!(!said.is_empty() && !refused, "{platform}, {language}: {said}");
        }
    }
    let (rust, _) = desk.snippet("Rust").await;
    assert!(rust.contains("reqwest") && !rust.contains(&key), "{platform}: {rust}");
    if platform == PAIRED {
        desk.press("button", "Copy public key").await;
        desk.find("group", "Clipboard").await;
        assert!(desk.clipboard().starts_with("pk_test_"));
        desk.look("key-ready-pair").await;
    }
    desk.leave_dialog("Done").await;
}

/// Where live mode is off there are no live keys to be made, and those there are stop.
async fn turn_live_mode_on(desk: &Desk, base: &str) {
    desk.press("button", "Create key").await;
    desk.press("radio", PAIRED).await;
    desk.press("button", "Live").await;
    desk.sees("Live mode is off for your account on Prolifi. Its operator turns it on.").await;
    desk.leave_dialog("Cancel").await;
    let live_mode = format!("Live mode of {PAIRED}");
    desk.open_from_menu("Local platform").await;
    desk.turn(&live_mode, true).await;
    desk.open_screen("Keys").await;
    let live = desk.create_key(PAIRED, "Live", "billing").await;
    desk.leave_dialog("Done").await;

    let program = Program::new();
    let url = format!("{base}/prolifi/api/v1/public/plans");
    let bearer = format!("Bearer {live}");
    let call = async || program.get(&url, ("Authorization", &bearer)).await.status;
    assert_eq!(call().await, StatusCode::OK);
    desk.open_from_menu("Local platform").await;
    desk.press("switch", &live_mode).await;
    desk.find("heading", "Turn off live mode of Prolifi?").await;
    desk.leave_dialog("Turn off live mode").await;
    assert_eq!(call().await, StatusCode::FORBIDDEN);
}

/// Whoever is slower is told what was changed, and loses nothing that was typed.
async fn change_a_key_from_two_consoles(desk: &Desk, other: &Client) {
    desk.open_screen("Keys").await;
    desk.open_key("Clipia first").await;
    desk.press("button", "Change requests a minute").await;
    desk.fill("Requests a minute", "90").await;
    let key = find_key(other, "Clipia first").await;
    let change = UpdateKey { requests_per_minute: Some(75), ..UpdateKey::default() };
    other.update_key(&key.id, key.version, &change).await.unwrap();
    desk.press("button", "Save").await;
    desk.sees("This key was changed elsewhere.").await;
    assert_eq!(find_key(other, "Clipia first").await.requests_per_minute, Some(75));
    desk.look("key-changed-elsewhere").await;
    desk.press("button", "Load it anew").await;
    desk.press("button", "Save").await;
    desk.wait("the change", async || {
        (find_key(other, "Clipia first").await.requests_per_minute == Some(90)).then_some(())
    })
    .await;
    desk.press("button", "Close details").await;
}

async fn find_key(console: &Client, name: &str) -> Key {
    let query = KeyQuery { search: Some(name.to_owned()), ..KeyQuery::default() };
    console.list_keys(&query).await.unwrap().data.pop().unwrap()
}

/// What was delivered goes out again, counted first, with the ids it had.
async fn replay_a_range(desk: &Desk, base: &str) {
    let (listener, program) = (Listener::start().await, Program::new());
    desk.open_screen("Keys").await;
    let key = desk.create_key("Pro Clubs Studio", "Test", "hooked").await;
    desk.leave_dialog("Done").await;
    desk.open_screen("Webhooks").await;
    desk.add_endpoint("Pro Clubs Studio", &listener.url("/cards")).await;
    desk.leave_dialog("Done").await;
    for order in ["one", "two", "three"] {
        let base = format!("{base}/proclubs/v1");
        program.order_card(&base, &key, order).await;
    }
    listener.hears("/cards", 3).await;
    desk.wait("three deliveries", async || {
        (desk.text().await.matches("Delivered").count() >= 3).then_some(())
    })
    .await;
    desk.press("button", "Replay a range").await;
    desk.find("heading", "Replay a range").await;
    desk.press("button", "All").await;
    desk.sees("3 deliveries fit.").await;
    desk.look("replay-range").await;
    desk.press("button", "Replay 3").await;
    listener.hears("/cards", 6).await;
    let heard = listener.heard("/cards").await;
    let ids = |part: &[crate::desk::listener::Heard]| {
        let mut ids: Vec<_> = part.iter().map(|one| one.header("webhook-id").to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&heard[..3]), ids(&heard[3..]));
    desk.leave_dialog("Close").await;
}

/// The same use by the clocks of another place, and for days of one's own.
async fn read_another_clock(desk: &Desk) {
    desk.open_screen("Usage").await;
    desk.press("button", "Time zone: …").await;
    desk.fill_in("combobox", "Time zone", "kolkata").await;
    desk.find("option", "…Kolkata").await;
    desk.strike(thirtyfour::Key::Enter).await;
    desk.find("button", "Time zone: Asia/Kolkata").await;
    desk.sees("Asia/Kolkata").await;
    desk.press("button", "Range: …").await;
    desk.press("menuitemradio", "Days of your own").await;
    desk.find("heading", "Days of your own").await;
    desk.fill("First day", "2026-13-01").await;
    desk.press("button", "Show these days").await;
    desk.find("heading", "Days of your own").await;
    desk.fill("First day", "2026-01-31").await;
    desk.fill("Last day", "2026-02-02").await;
    desk.press("button", "Show these days").await;
    desk.gone("heading", "Days of your own").await;
    desk.find("button", "Range: 31 Jan 2026 to 2 Feb 2026").await;
    desk.look("usage-days").await;
}

/// Side by side, each in its own unit.
async fn see_all_platforms(desk: &Desk) {
    desk.open_screen("Overview").await;
    for (platform, keys) in [
        ("Clipia", "0 live 1 test"),
        ("Deep Creative Labs", "1 live no test"),
        ("Pro Clubs Studio", "0 live 2 test"),
        (PAIRED, "2 live 2 test"),
        ("StagingSpaces", "0 live 1 test"),
    ] {
        let has = |row: &[String]| row.iter().any(|cell| cell == keys).then_some(());
        desk.row_where(platform, keys, LIMIT, has).await;
    }
    // Three calls of the one platform without test keys.
    desk.sees("0.36 USD").await;
    desk.sees("110 credits").await;
    desk.look("overview-five").await;
}
