//! A keychain that cannot be used, as a person sees it: why and what to do, a key that works until
//! the window closes, and nothing in a file.

use crate::{
    desk::{
        app::Desk,
        disguise::{Secret, found_under},
    },
    support::session::{PASSWORD, Session},
};

const PASSPHRASE: &str = "seven quiet herons above the mill";

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_keys_last_until_the_window_closes() {
    let mut desk = Desk::in_session(Session::with_bus());
    desk.open_window().await;
    desk.sees("The keyring is not available: write the passphrase down.").await;
    desk.sign_up(Some(PASSPHRASE)).await;
    is_told(&desk, "This computer offers no keyring.", "such as gnome-keyring").await;
    desk.look("keychain-absent").await;
    let plain = create_for_this_session(&desk).await;

    // It comes: what waited for it is kept.
    desk.session.unlock_keyring();
    desk.press("button", "Try again").await;
    desk.sees("Keyring unlocked").await;
    assert!(desk.kept_secrets().contains(&plain), "the key waited for the keychain");
    nothing_is_in_a_file(&desk, &plain);
    desk.close_window().await;
    desk.open_window().await;
    desk.open_screen("Keys").await;
    desk.open_key("clips").await;
    desk.sees("Kept in the keyring").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keychain_is_unlocked_where_the_system_asks() {
    let mut desk = Desk::open().await;
    desk.sign_up(Some(PASSPHRASE)).await;
    desk.session.lock_keyring();
    let _prompter = desk.start_prompter();
    desk.open_screen("Keys").await;
    let plain = create_for_this_session(&desk).await;
    is_told(&desk, "The keyring is locked.", "Unlock it to keep new keys.").await;
    desk.find("button", "Unlock").await;
    desk.look("keychain-locked").await;
    nothing_is_in_a_file(&desk, &plain);

    desk.press("button", "Unlock").await;
    desk.dismiss_prompt();
    desk.find("button", "Unlock").await;
    is_told(&desk, "The keyring is locked.", "Unlock it to keep new keys.").await;

    desk.press("button", "Unlock").await;
    desk.answer_prompt(PASSWORD);
    desk.sees("Keyring unlocked").await;
    assert!(desk.kept_secrets().contains(&plain), "the key waited for the keychain");
    nothing_is_in_a_file(&desk, &plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_keychain_keeps_nobody_waiting() {
    let desk = Desk::open().await;
    desk.sign_up(Some(PASSPHRASE)).await;
    desk.open_screen("Keys").await;
    desk.session.keyring().signal("STOP");
    let plain = create_for_this_session(&desk).await;
    is_told(&desk, "The keyring does not answer.", "Look for a prompt behind this window.").await;
    desk.look("keychain-slow").await;
    nothing_is_in_a_file(&desk, &plain);

    desk.session.keyring().signal("CONT");
    desk.press("button", "Try again").await;
    desk.sees("Keyring unlocked").await;
    assert!(desk.kept_secrets().contains(&plain), "the key waited for the keychain");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_passphrase_takes_the_place_of_the_kept_one() {
    let desk = Desk::open().await;
    let former = desk.sign_up(None).await;
    assert!(desk.kept_secrets().contains(&former));
    desk.open_settings().await;
    desk.press("button", "Change passphrase").await;
    desk.fill("Current passphrase", &former).await;
    desk.fill("New passphrase", PASSPHRASE).await;
    desk.press("button", "Change passphrase").await;
    desk.wait("the new passphrase in the keychain", async || {
        let kept = desk.kept_secrets();
        (kept.iter().any(|secret| secret == PASSPHRASE) && !kept.contains(&former)).then_some(())
    })
    .await;

    // What is kept opens the account.
    desk.sign_out().await;
    desk.sees("Kept in the keyring. Type only to use another.").await;
    desk.press("button", "Sign in").await;
    desk.find("heading", "Settings").await;
}

async fn is_told(desk: &Desk, what: &str, remedy: &str) {
    desk.sees(what).await;
    desk.sees("Keys stay usable until you close Latchkey; nothing is written elsewhere.").await;
    desk.sees(remedy).await;
}

/// A key that the keychain does not take: told so, usable all the same.
async fn create_for_this_session(desk: &Desk) -> String {
    desk.open_screen("Keys").await;
    let key = desk.create_key("Clipia", "Test", "clips").await;
    desk.sees("The key is not in the keyring.").await;
    desk.sees("This computer forgets it when you close Latchkey.").await;
    let said = desk.text().await;
    assert!(said.contains("Not done:"), "{said}");
    desk.audit("a key that is not kept").await;
    desk.picture("key-not-kept").await;
    desk.leave_dialog("Done").await;

    desk.sees("In memory until you close Latchkey").await;
    desk.press("button", "Copy key").await;
    desk.find("group", "Clipboard").await;
    assert_eq!(desk.clipboard(), key);
    desk.press("button", "Clear now").await;
    desk.gone("group", "Clipboard").await;
    desk.press("button", "Close details").await;
    key
}

fn nothing_is_in_a_file(desk: &Desk, plain: &str) {
    let secrets = [Secret::new("the key", plain), Secret::new("the passphrase", PASSPHRASE)];
    let found = found_under(&desk.home(), &secrets);
    assert!(found.is_empty(), "{found:#?}");
}
