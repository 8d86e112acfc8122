//! Sample data in the real window: a new user looks around in it, comes back to it, and removes it.

use std::time::Duration;

use crate::desk::{
    app::{Desk, LIMIT},
    page::until,
};

/// Making a year up is the most that anything in the window waits for.
const MAKING: Duration = Duration::from_secs(90);
const PLATFORM: &str = "Pro Clubs Studio";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_looks_around_in_sample_data_and_removes_it() {
    let mut desk = Desk::open().await;
    desk.find("heading", "Create an account").await;
    desk.press("button", "Explore with sample data").await;
    let opened = async || desk.look_for("heading", "Overview").await.map(|_| ());
    until("the sample data", MAKING, opened).await;
    desk.find("note", "Sample data").await;
    desk.row_where(PLATFORM, "calls", LIMIT, |row| {
        row.iter().any(|cell| cell.contains("credits")).then_some(())
    })
    .await;
    desk.look_in("sample-overview", &["light"]).await;

    desk.open_screen("Usage").await;
    desk.find("heading", "Requests").await;
    desk.look_in("sample-usage", &["light"]).await;
    desk.open_screen("Credits").await;
    desk.row_where(PLATFORM, "a ledger that agrees", LIMIT, |row| {
        row.last().is_some_and(|cell| cell == "Agrees").then_some(())
    })
    .await;
    desk.look_in("sample-credits", &["light"]).await;
    desk.open_screen("Webhooks").await;
    desk.look_in("sample-webhooks", &["light"]).await;
    desk.open_screen("Keys").await;
    desk.open_key("Contractor").await;
    desk.sees("Not on this computer").await;
    desk.sees("Remove sample data").await;
    desk.look_in("sample-keys", &["light"]).await;

    // It is a session like any other: the window comes back to it.
    desk.close_window().await;
    desk.open_window().await;
    desk.find("heading", "Overview").await;
    desk.press("button", "Sample Studio…").await;
    desk.press("menuitem", "Settings").await;
    desk.sees("This account is made up.").await;
    desk.look_in("sample-settings", &["light"]).await;

    desk.press("button", "Remove sample data").await;
    desk.find("heading", "Create an account").await;
    desk.sees("Sample data removed.").await;
    desk.look("sample-entry").await;
    assert!(desk.kept().iter().all(|name| !name.contains("session")), "{:?}", desk.kept());
    desk.close_window().await;
    desk.open_window().await;
    desk.find("heading", "Create an account").await;
}
