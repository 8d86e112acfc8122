//! Tests of the app in its window: a real engine, a real keyring, used as a person would.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a test needs is there or it ends"
)]

mod connections;
mod desk;
mod first_day;
mod five_platforms;
mod keychain;
mod sample;
mod secrecy;
#[path = "../support/mod.rs"]
mod support;

/// What reads the clipboard. Does nothing as a test.
#[test]
fn clipboard_program() {
    desk::clipboard::program();
}
