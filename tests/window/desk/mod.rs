//! A desk: a display, a desktop session and the app's window, used as a person would; the person's
//! own program, and the server that hears its webhooks.

pub mod acts;
pub mod app;
pub mod clipboard;
pub mod disguise;
pub mod display;
pub mod listener;
pub mod looks;
pub mod page;
pub mod program;
pub mod prompt;
pub mod screens;
