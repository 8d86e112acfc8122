//! Known secrets go through everything a person does; then they are looked for wherever they must
//! not be: in files, logs, the engine's storage, processes, the page, and what page and app say to
//! each other. Only what was asked to be revealed, or was typed, may have passed there.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    desk::{
        acts::{EMAIL, PARTNER},
        app::Desk,
        disguise::{Secret, found_under},
        listener::Listener,
        program::Program,
    },
    support::session::Session,
};

const PASSPHRASE: &str = "seven quiet herons above the mill";
const WRONG: &str = "seven quiet herons below the mill";

/// The calls between page and app that a secret may pass in, and on which side.
const ALLOWED: [(&str, Side); 5] = [
    ("create_partner", Side::Asked),
    ("create_session", Side::Asked),
    ("reveal_key", Side::Answered),
    ("reveal_webhook_secret", Side::Answered),
    ("generate_passphrase", Side::Answered),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Asked,
    Answered,
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_stay_where_they_belong() {
    let mut desk = Desk::with_log(Session::with_keyring(), Some("debug"));
    desk.open_window().await;
    let mut secrets = vec![Secret::new("the passphrase", PASSPHRASE)];
    secrets.push(Secret::new("a wrong passphrase", WRONG));

    use_everything(&desk, &mut secrets).await;
    for kept in desk.kept_secrets() {
        secrets.push(Secret::new("an entry of the keychain", &kept));
    }
    assert!(secrets.len() > 8, "keys, signing secrets, tokens, the sealing key");

    look_at_processes(&desk, &secrets);
    look_at_the_page(&desk, &secrets).await;
    look_at_the_calls(&desk, &secrets).await;
    let known = [Secret::new("the email, which is no secret", EMAIL)];
    assert!(!found_under(&desk.home(), &known).is_empty(), "the search finds what is there");
    let open = found_under(&desk.home(), &secrets);
    assert!(open.is_empty(), "while the app runs: {open:#?}");
    desk.close_window().await;
    let closed = found_under(&desk.home(), &secrets);
    assert!(closed.is_empty(), "once it has ended: {closed:#?}");
}

/// An account, keys, calls good and bad, webhooks, signing in again.
async fn use_everything(desk: &Desk, secrets: &mut Vec<Secret>) {
    desk.sign_up(Some(PASSPHRASE)).await;
    desk.open_screen("Keys").await;
    let pictures = desk.create_key("Clipia", "Live", "clips").await;
    desk.press("button", "Copy").await;
    desk.wait("the key on the clipboard", async || (desk.clipboard() == pictures).then_some(()))
        .await;
    desk.leave_dialog("Done").await;
    let cards = desk.create_key("Pro Clubs Studio", "Test", "card-shop-test").await;
    desk.leave_dialog("Done").await;
    secrets.push(Secret::new("a live key", &pictures));
    secrets.push(Secret::new("a test key", &cards));
    secrets.push(Secret::new("the end of a key", &cards[12..]));

    let listener = Listener::start().await;
    desk.open_screen("Webhooks").await;
    let secret = desk.add_endpoint("Pro Clubs Studio", &listener.url("/cards")).await;
    secrets.push(Secret::new("a signing secret", &secret));
    secrets.push(Secret::new("the bytes of a signing secret", &secret["whsec_".len()..]));
    desk.leave_dialog("Done").await;
    desk.press("button", "Send test").await;
    listener.hears("/cards", 1).await;

    call(desk, &pictures, &cards, &listener).await;
    desk.open_screen("Keys").await;
    desk.open_key("card-shop-test").await;
    desk.press("button", "Close details").await;

    secrets.extend(desk.kept_secrets().iter().map(|kept| Secret::new("an older token", kept)));
    desk.sign_out().await;
    desk.fill("Passphrase", WRONG).await;
    desk.press("button", "Sign in").await;
    desk.sees("You are not signed in.").await;
    desk.fill("Passphrase", PASSPHRASE).await;
    desk.press("button", "Sign in").await;
    desk.find("heading", "Keys…").await;
}

/// Calls that are answered and calls that are refused, errors and all.
async fn call(desk: &Desk, pictures: &str, cards: &str, listener: &Listener) {
    let app = desk
        .eval("return window.heardCalls.find((c) => c.command === 'get_app').answered", json!([]));
    let app: Value = serde_json::from_str(app.await.as_str().unwrap()).unwrap();
    let base = app["server"]["base_url"].as_str().unwrap().trim_end_matches('/').to_owned();
    let program = Program::new();
    let (to_cards, to_pictures) = (format!("{base}/proclubs/v1"), format!("{base}/clipia/v1"));
    let hook = listener.url("/pictures");
    let order = program.order_picture(&to_pictures, pictures, Some(&hook)).await;
    assert_eq!(order.status, StatusCode::OK, "{order:?}");
    listener.hears("/pictures", 1).await;
    assert_eq!(program.order_card(&to_cards, cards, "1").await.status, StatusCode::ACCEPTED);
    listener.hears("/cards", 2).await;
    // A key of another platform, one with a typing error, one where none belongs.
    for key in [pictures.to_owned(), cards.to_lowercase(), format!("{cards}0")] {
        let refused = program.order_card(&to_cards, &key, "2").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert!(!refused.body.to_string().contains(&key));
    }
    program.get(&format!("{to_cards}/images/nothing"), ("X-API-Key", cards)).await;
}

fn look_at_processes(desk: &Desk, secrets: &[Secret]) {
    let processes = desk.processes();
    assert!(desk.app_processes().len() > 1, "the app and its engine run");
    for process in processes {
        for secret in secrets {
            let what = &secret.what;
            assert!(!secret.is_in(&process.arguments), "{what} in an argument of {}", process.id);
            assert!(
                !secret.is_in(&process.environment),
                "{what} in the environment of {}",
                process.id
            );
        }
    }
}

/// Everything on the page and in what it can store.
async fn look_at_the_page(desk: &Desk, secrets: &[Secret]) {
    let script = r"return JSON.stringify([
        document.documentElement.outerHTML, location.href, document.cookie,
        [...document.querySelectorAll('input, textarea')].map(({ value }) => value),
        Object.entries(localStorage), Object.entries(sessionStorage),
        performance.getEntries().map(({ name }) => name), history.state
    ])";
    let page = desk.eval(script, json!([])).await;
    let page = page.as_str().unwrap();
    assert!(page.contains(PARTNER), "the page is what was looked at");
    for secret in secrets {
        assert!(!secret.is_in(page.as_bytes()), "{} on the page", secret.what);
    }
}

async fn look_at_the_calls(desk: &Desk, secrets: &[Secret]) {
    let calls = desk.eval("return window.heardCalls", json!([])).await;
    let calls = calls.as_array().unwrap();
    for call in calls {
        let command = call["command"].as_str().unwrap();
        for (side, name) in [(Side::Asked, "asked"), (Side::Answered, "answered")] {
            if ALLOWED.contains(&(command, side)) {
                continue;
            }
            let said = call[name].as_str().unwrap();
            for secret in secrets {
                assert!(!secret.is_in(said.as_bytes()), "{} {name} in {command}", secret.what);
            }
        }
    }
    let count = |command: &str| calls.iter().filter(|call| call["command"] == command).count();
    assert_eq!((count("create_key"), count("reveal_key"), count("copy_key")), (2, 2, 1));
    assert!(calls.iter().any(|call| call["answered"].as_str().unwrap().contains(EMAIL)));

    let events = desk.eval("return window.heardEvents", json!([])).await;
    let events = events.as_array().unwrap();
    assert!(events.iter().any(|event| event.as_str().unwrap().contains("compared")));
    for event in events {
        let told = event.as_str().unwrap().as_bytes();
        for secret in secrets {
            assert!(!secret.is_in(told), "{} in an event", secret.what);
        }
    }
}
