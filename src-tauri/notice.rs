//! What the app tells the page unasked.
//!
//! To add one: a type here with its event's name, and its place in [`Notice`] and [`events`].

use std::sync::Arc;

use chrono::{DateTime, Utc};
use latchkey_contract::{KeyId, events::Change};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Runtime};
use tauri_specta::{Event, Events, collect_events};

use crate::{clipboard::ClipboardState, vault::KeychainState};

/// Something on the server changed: ask for it again.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "change")]
pub struct Changed(pub Change);

/// Whether changes arrive, and since when what is shown is certain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "connection")]
pub struct Connection {
    pub online: bool,
    pub as_of: DateTime<Utc>,
}

/// What the keychain can do now.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "keychain")]
pub struct KeychainNotice(pub KeychainState);

/// Which secret of ours the clipboard holds; none any more where absent.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "clipboard")]
pub struct ClipboardNotice(pub Option<ClipboardState>);

/// The session has ended.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "signed-out")]
pub struct SignedOut(pub ());

/// How far a new key has come.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "key-step")]
pub struct KeyStep {
    pub id: KeyId,
    pub step: Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Created,
    Kept,
    Compared,
}

/// Any of them.
#[derive(Debug, Clone)]
pub enum Notice {
    Changed(Change),
    Connection(Connection),
    Keychain(KeychainState),
    Clipboard(Option<ClipboardState>),
    SignedOut,
    KeyStep(KeyStep),
}

/// Tells the page; may be called from any thread.
pub type Tell = Arc<dyn Fn(Notice) + Send + Sync>;

/// Tells the windows of an app.
#[must_use]
pub fn tell_windows<R: Runtime>(app: AppHandle<R>) -> Tell {
    Arc::new(move |notice| {
        let told = match notice {
            Notice::Changed(change) => Changed(change).emit(&app),
            Notice::Connection(connection) => connection.emit(&app),
            Notice::Keychain(state) => KeychainNotice(state).emit(&app),
            Notice::Clipboard(state) => ClipboardNotice(state).emit(&app),
            Notice::SignedOut => SignedOut(()).emit(&app),
            Notice::KeyStep(step) => step.emit(&app),
        };
        if let Err(error) = told {
            tracing::warn!(%error, "the page could not be told");
        }
    })
}

/// All of them, for the bindings.
#[must_use]
pub fn events() -> Events {
    collect_events![Changed, Connection, KeychainNotice, ClipboardNotice, SignedOut, KeyStep]
}
