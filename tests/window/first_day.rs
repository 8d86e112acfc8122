//! A partner's first day in the real window: issues keys, watches them work, takes one away.

use std::time::{Duration, Instant};

use reqwest::StatusCode;

use crate::desk::{
    acts::EMAIL,
    app::{Desk, LIMIT},
    listener::{Heard, Listener},
    program::{Answer, Program, run_snippet},
};

const CARDS: &str = "Pro Clubs Studio";
const PICTURES: &str = "Clipia";

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_issues_keys_watches_them_work_and_takes_one_away() {
    let mut desk = Desk::open().await;
    sign_up_and_come_back(&mut desk).await;
    let bases = see_the_platforms(&desk).await;
    let keys = create_keys(&desk).await;
    let program = Program::new();
    call_in_test_mode(&program, &bases, &keys).await;
    watch_the_overview_move(&desk, &program, &bases, &keys).await;
    toggle_a_scope(&desk, &program, &bases, &keys).await;
    let listener = Listener::start().await;
    hear_webhooks(&desk, &program, &listener, &bases, &keys).await;
    see_webhooks_per_request(&desk, &program, &listener, &bases, &keys).await;
    see_the_numbers(&desk, &program, &bases, &keys).await;
    see_the_settings(&desk).await;
    see_the_other_dialogs(&desk).await;
    rotate(&desk, &program, &bases, &keys).await;
    revoke(&desk, &program, &bases, &keys).await;
    desk.close_window().await;
}

/// Where the platforms answer, as the console shows it.
struct Bases {
    cards: String,
    pictures: String,
}

/// Plain keys, as they were revealed.
struct Keys {
    cards_test: String,
    cards_live: String,
    pictures_test: String,
    pictures_live: String,
}

/// Step 1.
async fn sign_up_and_come_back(desk: &mut Desk) {
    desk.find("heading", "Create an account").await;
    desk.look("create-account").await;
    desk.press("button", "Create account").await;
    desk.sees("Enter a name: your company’s or your own.").await;
    desk.picture("create-account-errors").await;
    desk.sign_up(None).await;
    desk.look_in("overview-empty", &["light"]).await;

    desk.close_window().await;
    desk.open_window().await;
    desk.find("heading", "Overview").await;

    desk.sign_out().await;
    desk.sees("Kept in the keyring. Type only to use another.").await;
    desk.look("sign-in").await;
    desk.press("button", "Sign in").await;
    desk.find("heading", "Overview").await;
}

/// Step 2.
async fn see_the_platforms(desk: &Desk) -> Bases {
    desk.find("heading", "Create your first key").await;
    for platform in [CARDS, PICTURES] {
        desk.row_where(platform, "100 credits", LIMIT, |row| {
            row.iter().any(|cell| cell == "100 credits" || cell == "100 cr").then_some(())
        })
        .await;
    }
    let base = async |platform: &str| {
        let row = desk.row(platform).await.expect("the platform's row");
        format!("http://{}", row[1])
    };
    let bases = Bases { cards: base(CARDS).await, pictures: base(PICTURES).await };
    assert!(bases.cards.starts_with("http://127.0.0.1:") && bases.cards.ends_with("/proclubs/v1"));
    assert!(bases.pictures.ends_with("/clipia/v1"), "{}", bases.pictures);
    desk.open_screen("Keys").await;
    desk.find("heading", "No keys yet").await;
    desk.look("keys-empty").await;
    bases
}

/// Step 3.
async fn create_keys(desk: &Desk) -> Keys {
    desk.press("button", "Create key").await;
    desk.find("heading", "Create key").await;
    desk.look("create-key").await;
    desk.leave_dialog("Cancel").await;

    let cards_test = create_and_use(desk, CARDS, "Test", "card-shop-test", "sk_test_").await;
    let pictures_test = create_and_use(desk, PICTURES, "Test", "clips-test", "clipia_test_").await;
    let cards_live = create_and_use(desk, CARDS, "Live", "card-shop", "sk_live_").await;
    let pictures_live = create_and_use(desk, PICTURES, "Live", "clips", "clipia_live_").await;

    desk.open_key("card-shop").await;
    desk.sees("Kept in the keyring").await;
    desk.press("button", "Copy key").await;
    desk.find("group", "Clipboard").await;
    assert_eq!(desk.clipboard(), cards_live, "a kept key can still be copied");
    desk.look_in("keys-drawer", &["light"]).await;
    desk.press("button", "Clear now").await;
    desk.gone("group", "Clipboard").await;
    assert_eq!(desk.clipboard(), "");
    desk.press("button", "Close details").await;
    Keys { cards_test, cards_live, pictures_test, pictures_live }
}

/// One key, and everything its dialog offers.
async fn create_and_use(
    desk: &Desk,
    platform: &str,
    environment: &str,
    name: &str,
    prefix: &str,
) -> String {
    let key = desk.create_key(platform, environment, name).await;
    assert!(key.starts_with(prefix) && key.len() == prefix.len() + 36);
    let said = desk.text().await;
    for step in ["Created", "Kept in the keyring", "Read back and compared"] {
        assert!(said.contains(step), "{step}");
    }
    assert!(!said.contains("To do:") && !said.contains("Not done:"));
    assert!(desk.look_for("button", "Reveal").await.is_none(), "it is revealed once");
    let kept = desk.kept_secrets();
    assert!(kept.contains(&key), "the keychain holds it");

    if environment == "Test" {
        use_the_clipboard(desk, &key).await;
        for language in ["curl", "Python", "JavaScript"] {
            let (snippet, variable) = desk.snippet(language).await;
            assert!(!snippet.contains(&key));
            if let Some(said) = run_snippet(language, &snippet, &variable, &key) {
                let worked = said.contains("image_id") || said.contains("request_id");
                assert!(worked, "{language}: {said}");
            }
        }
        desk.look(&format!("key-ready-{name}")).await;
    }
    desk.leave_dialog("Done").await;
    let page = desk.window().source().await.unwrap();
    assert!(!page.contains(&key), "a closed dialog leaves nothing on the page");
    key
}

async fn use_the_clipboard(desk: &Desk, plain: &str) {
    desk.press("button", "Copy").await;
    desk.sees("Clipboard clears in").await;
    assert_eq!(desk.clipboard(), plain);
    let left = async || {
        let text = desk.text().await;
        let rest = text.split("Clipboard clears in ").nth(1)?;
        rest.split(' ').next()?.parse::<u32>().ok()
    };
    assert!(desk.wait("the countdown", left).await <= 45);
    desk.press("button", "Keep 60 s longer").await;
    desk.wait("a longer countdown", async || left().await.filter(|left| *left > 45)).await;
    desk.press("button", "Clear now").await;
    desk.gone("group", "Clipboard").await;
    assert_eq!(desk.clipboard(), "");
}

/// Step 4, for nothing: the documented mock.
async fn call_in_test_mode(program: &Program, bases: &Bases, keys: &Keys) {
    let order = program.order_card(&bases.cards, &keys.cards_test, "first").await;
    assert_eq!(order.status, StatusCode::ACCEPTED, "{order:?}");
    assert_eq!(order.body["data"]["status"], "processing");
    let again = program.order_card(&bases.cards, &keys.cards_test, "first").await;
    assert_eq!(again.body["data"]["image_id"], order.body["data"]["image_id"]);
    let key = ("X-API-Key", keys.cards_test.as_str());
    let done = program.get(&image_url(bases, &order.body), key).await;
    assert_eq!(done.body["data"]["status"], "completed", "on the first poll");
    program.png_size(done.body["data"]["result"]["image_url"].as_str().unwrap()).await;

    let order = program.order_picture(&bases.pictures, &keys.pictures_test, None).await;
    assert_eq!(order.status, StatusCode::OK, "{order:?}");
    assert_eq!((&order.body["status"], &order.body["cost"]), (&"COMPLETED".into(), &4.into()));
    assert!(order.headers.contains_key("ratelimit-remaining"));

    let mut mistyped = keys.cards_live.clone();
    mistyped.replace_range(..8, "sk_test_");
    let refused = program.order_card(&bases.cards, &mistyped, "second").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.body["error"]["code"], "INVALID_API_KEY");
}

fn image_url(bases: &Bases, order: &serde_json::Value) -> String {
    format!("{}/images/{}", bases.cards, order["data"]["image_id"].as_str().unwrap())
}

/// Steps 4 and 5, in earnest.
async fn watch_the_overview_move(desk: &Desk, program: &Program, bases: &Bases, keys: &Keys) {
    desk.open_screen("Overview").await;
    let live = |row: &[String]| row[4].parse::<u32>().ok();
    let calls = desk.row_where(CARDS, "its calls", LIMIT, live).await;
    let order = program.order_card(&bases.cards, &keys.cards_live, "live-1").await;
    let answered = Instant::now();
    assert_eq!(order.status, StatusCode::ACCEPTED, "{order:?}");
    let moved = |row: &[String]| {
        (live(row)? > calls && row[7].starts_with("99")).then(|| answered.elapsed())
    };
    let after = desk.row_where(CARDS, "one call more and one credit less", LIMIT, moved).await;
    assert!(after < Duration::from_secs(2), "the overview moved after {after:?}");

    let key = ("X-API-Key", keys.cards_live.as_str());
    let completed = |answer: &Answer| answer.body["data"]["status"] == "completed";
    let done = program.poll(&image_url(bases, &order.body), key, completed).await;
    let result = &done.body["data"]["result"];
    assert_eq!(done.body["data"]["usage"]["credits_used"], 1);
    let url = result["image_url"].as_str().unwrap();
    assert_eq!(program.png_size(url).await, (1_024, 1_280));

    let bearer = format!("Bearer {}", keys.pictures_live);
    let key = ("Authorization", bearer.as_str());
    let order = program.order_picture(&bases.pictures, &keys.pictures_live, None).await;
    let url = order.body["response_url"].as_str().unwrap();
    let done = program.poll(url, key, |answer| answer.status == StatusCode::OK).await;
    assert_eq!(done.body["status"], "COMPLETED", "{done:?}");
    let image = &done.body["output"]["images"][0];
    let (width, height) = program.png_size(image["url"].as_str().unwrap()).await;
    assert!(width >= 512 && height >= 512, "{width} × {height}");

    let spent = |row: &[String]| row[7].starts_with("96").then_some(());
    desk.row_where(PICTURES, "four credits less", LIMIT, spent).await;
    desk.look_in("overview", &["light"]).await;
    desk.press("button", "Table").await;
    desk.find("region", "Requests, table").await;
    desk.look("overview-table").await;
    desk.press("button", "Chart").await;
    read_the_chart(desk).await;
}

async fn read_the_chart(desk: &Desk) {
    let chart = desk.find("application", "…").await;
    chart.send_keys(thirtyfour::Key::Left).await.unwrap();
    let read = async || {
        let script = "return document.querySelector('.plot .tip')?.innerText ?? null";
        desk.eval(script, serde_json::json!([])).await.as_str().map(str::to_owned)
    };
    let tip = desk.wait("the chart's tooltip", read).await;
    assert!(tip.contains("Live") && tip.contains("Test"), "{tip}");
    desk.picture("overview-crosshair").await;
    for range in ["Last hour", "Last 7 days", "Last 30 days", "Last 24 hours"] {
        if desk.look_for("button", &format!("Range: {range}")).await.is_some() {
            continue;
        }
        desk.press("button", "Range: …").await;
        let items = desk.text().await;
        assert!(items.contains(range), "{range} in {items}");
        desk.press("menuitemradio", range).await;
        desk.find("button", &format!("Range: {range}")).await;
    }
}

/// Step 6.
async fn toggle_a_scope(desk: &Desk, program: &Program, bases: &Bases, keys: &Keys) {
    desk.open_screen("Keys").await;
    desk.open_key("clips-test").await;
    desk.turn("generate", false).await;
    desk.wait("a refused submit", async || {
        let answer = program.order_picture(&bases.pictures, &keys.pictures_test, None).await;
        let refused = answer.status == StatusCode::FORBIDDEN;
        refused.then(|| assert_eq!(answer.body["error"]["code"], "insufficient_scope"))
    })
    .await;
    desk.turn("generate", true).await;
    desk.wait("an accepted submit", async || {
        let answer = program.order_picture(&bases.pictures, &keys.pictures_test, None).await;
        (answer.status == StatusCode::OK).then_some(())
    })
    .await;
    desk.press("button", "Close details").await;
}

/// Step 7, an endpoint of the account.
async fn hear_webhooks(
    desk: &Desk,
    program: &Program,
    listener: &Listener,
    bases: &Bases,
    keys: &Keys,
) {
    desk.open_screen("Webhooks").await;
    desk.look("webhooks-empty").await;
    desk.press("button", "Add endpoint").await;
    desk.find("heading", "Add endpoint").await;
    desk.look("add-endpoint").await;
    desk.leave_dialog("Cancel").await;
    let secret = desk.add_endpoint(CARDS, &listener.url("/cards")).await;
    desk.look("endpoint-added").await;
    desk.leave_dialog("Done").await;

    listener.fail_once();
    desk.press("button", "Send test").await;
    let first = listener.hears("/cards", 1).await;
    first.is_signed_as_standard(&secret);
    desk.sees("503").await;
    listener.hears("/cards", 2).await;
    desk.find("button", "Attempt 2…").await;
    desk.look("webhooks-attempts").await;

    let order = program.order_card(&bases.cards, &keys.cards_test, "hooked").await;
    let heard = listener.hears("/cards", 3).await;
    check_card_webhook(&heard, &secret, &order.body["data"]["image_id"]);

    desk.turn("image.completed", false).await;
    program.order_card(&bases.cards, &keys.cards_test, "unheard").await;
    desk.turn("image.completed", true).await;
    desk.turn("Endpoint on", false).await;
    program.order_card(&bases.cards, &keys.cards_test, "unheard-too").await;
    desk.turn("Endpoint on", true).await;
    let last = program.order_card(&bases.cards, &keys.cards_test, "heard-again").await;
    let heard = listener.hears("/cards", 4).await;
    check_card_webhook(&heard, &secret, &last.body["data"]["image_id"]);
    assert_eq!(listener.heard("/cards").await.len(), 4, "what was off was not told");
}

fn check_card_webhook(heard: &Heard, secret: &str, image: &serde_json::Value) {
    heard.is_signed_as_standard(secret);
    let timestamp = heard.header("x-proclubs-timestamp");
    let signature = format!("sha256={}", heard.own_signature(secret, timestamp));
    assert_eq!(heard.header("x-proclubs-signature"), signature);
    assert_eq!(heard.header("x-proclubs-event"), "image.completed");
    let body = heard.json();
    assert_eq!((&body["image_id"], &body["environment"]), (image, &"test".into()));
    assert_eq!(body["metadata"]["order"], "first");
}

/// Step 7, an address per request.
async fn see_webhooks_per_request(
    desk: &Desk,
    program: &Program,
    listener: &Listener,
    bases: &Bases,
    keys: &Keys,
) {
    let url = listener.url("/pictures");
    let order = program.order_picture(&bases.pictures, &keys.pictures_test, Some(&url)).await;
    let heard = listener.hears("/pictures", 1).await;
    assert_eq!(heard.json()["request_id"], order.body["request_id"]);
    desk.press("link", "…Per request Clipia").await;
    desk.find("heading", "Per request").await;
    let secret = desk.reveal_signing_secret().await;
    let sent = heard.header("x-clipia-timestamp").to_owned();
    let signature = format!("t={sent},v1={}", heard.own_signature(&secret, &sent));
    assert_eq!(heard.header("x-clipia-signature"), signature);
    heard.is_signed_as_standard(&secret);
    desk.press("button", "Hide signing secret").await;
    desk.sees("Delivered").await;
    desk.press("button", "Attempts of…").await;
    desk.sees(&url).await;
    desk.look("webhooks-per-request").await;
}

/// What was used and what it cost; the operator's part, who sits at the same computer.
async fn see_the_numbers(desk: &Desk, program: &Program, bases: &Bases, keys: &Keys) {
    desk.see_usage(PICTURES).await;
    desk.see_credits(CARDS).await;
    desk.operate(CARDS).await;
    desk.suspend(CARDS, true).await;
    let refused = program.order_card(&bases.cards, &keys.cards_test, "suspended").await;
    assert!(refused.status.is_client_error(), "{refused:?}");
    desk.suspend(CARDS, false).await;
    desk.wait("a resumed account", async || {
        let answer = program.order_card(&bases.cards, &keys.cards_test, "resumed").await;
        answer.status.is_success().then_some(())
    })
    .await;
    desk.see_the_audit_log("Key created").await;
}

/// The theme is chosen in the settings; charts follow.
async fn see_the_settings(desk: &Desk) {
    desk.open_settings().await;
    desk.sees(EMAIL).await;
    desk.look("settings").await;
    desk.press("button", "Dark").await;
    desk.answered().await;
    desk.open_screen("Overview").await;
    desk.look_in("overview", &["dark"]).await;
    desk.open_screen("Keys").await;
    desk.open_key("clips").await;
    desk.press("button", "Copy key").await;
    desk.find("group", "Clipboard").await;
    desk.look_in("keys-drawer", &["dark"]).await;
    desk.press("button", "Clear now").await;
    desk.press("button", "Close details").await;
    desk.open_settings().await;
    desk.press("button", "Light").await;
    desk.answered().await;
}

/// Dialogs that the day did not lead to.
async fn see_the_other_dialogs(desk: &Desk) {
    desk.open_screen("Keys").await;
    desk.press("button", "Search or jump to…").await;
    desk.find("dialog", "…").await;
    desk.glance("palette").await;
    desk.leave_by_escape().await;
    desk.strike("?").await;
    desk.find("dialog", "…").await;
    desk.glance("shortcuts").await;
    desk.leave_by_escape().await;
    desk.open_key("clips").await;
    desk.press("button", "More actions").await;
    desk.press("menuitem", "Rename key").await;
    desk.find("dialog", "…").await;
    desk.glance("rename-key").await;
    desk.leave_by_escape().await;
    desk.press("button", "Close details").await;

    desk.open_screen("Webhooks").await;
    desk.press("link", "…Pro Clubs Studio").await;
    desk.press("button", "Edit").await;
    desk.find("heading", "Edit endpoint").await;
    desk.glance("edit-endpoint").await;
    desk.leave_by_escape().await;
    desk.press("button", "More actions").await;
    desk.press("menuitem", "Delete endpoint").await;
    desk.find("heading", "Delete this endpoint?").await;
    desk.glance("delete-endpoint").await;
    desk.leave_dialog("Keep endpoint").await;
}

/// A new key in the place of one that is in use: both work, then the old one is ended.
async fn rotate(desk: &Desk, program: &Program, bases: &Bases, keys: &Keys) {
    desk.open_screen("Keys").await;
    desk.open_key("clips-test").await;
    desk.press("button", "Rotate").await;
    desk.find("heading", "Rotate clips-test").await;
    desk.look("rotate").await;
    desk.press("button", "Rotate key").await;
    desk.find("heading", "clips-test has a new key").await;
    let fresh = desk.reveal_key().await;
    let kept = desk.kept_secrets();
    assert!(kept.contains(&fresh) && kept.contains(&keys.pictures_test), "both are kept");
    desk.leave_dialog("Done").await;

    let old = program.order_picture(&bases.pictures, &keys.pictures_test, None).await;
    assert_eq!(old.status, StatusCode::OK, "{old:?}");
    assert!(old.headers.contains_key("deprecation") && old.headers.contains_key("sunset"));
    let new = program.order_picture(&bases.pictures, &fresh, None).await;
    assert_eq!(new.status, StatusCode::OK, "{new:?}");
    assert!(!new.headers.contains_key("sunset"));
    desk.sees("It has to be silent for").await;
    desk.sees("Last success").await;
    desk.look("cut-over").await;

    desk.press("button", "End old key now").await;
    desk.find("heading", "End the old key of clips-test").await;
    desk.sees("This is not safe yet.").await;
    desk.look("end-grace").await;
    desk.press("button", "End it all the same").await;
    desk.gone("heading", "End the old key of clips-test").await;
    let refused = program.order_picture(&bases.pictures, &keys.pictures_test, None).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let kept = desk.kept_secrets();
    assert!(kept.contains(&fresh) && !kept.contains(&keys.pictures_test), "the new one alone");
    desk.press("button", "Close details").await;
}

/// Step 8.
async fn revoke(desk: &Desk, program: &Program, bases: &Bases, keys: &Keys) {
    desk.open_screen("Keys").await;
    desk.look("keys").await;
    desk.open_key("card-shop").await;
    let kept = desk.kept().len();
    desk.press("button", "Revoke key").await;
    desk.find("heading", "Revoke card-shop").await;
    desk.look("revoke").await;
    desk.fill("Type card-shop to confirm", "card-shop").await;
    desk.press("button", "Revoke key").await;
    desk.wait("the dialog's end", async || {
        desk.look_for("heading", "Revoke card-shop").await.is_none().then_some(())
    })
    .await;
    let refused = program.order_card(&bases.cards, &keys.cards_live, "too-late").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.body["error"]["code"], "INVALID_API_KEY");
    assert_eq!(desk.kept().len(), kept - 1, "its entry is gone");
    assert!(!desk.kept_secrets().contains(&keys.cards_live));
    desk.row_where("card-shop", "its end", LIMIT, |row| {
        row.iter().any(|cell| cell.contains("Revoked")).then_some(())
    })
    .await;
    let said = desk.text().await;
    assert!(said.contains(&format!("by {EMAIL}")), "who revoked it is said: {said}");
    desk.look("keys-revoked").await;
}
