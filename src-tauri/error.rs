//! What the page is told when something does not work: a code to branch on, and words that say
//! what happened and what to do.
//!
//! The server's problems pass through with their own code and words. What goes wrong on this
//! computer is a [`Fault`]: add a variant there, and its row to the table.

use latchkey_client::ClientError;
use latchkey_contract::FieldError;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{
    clipboard::ClipboardError,
    vault::{self, VaultError},
};

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, thiserror::Error)]
#[error("{code}: {message}")]
pub struct AppError {
    /// Stable; what programs branch on.
    pub code: String,
    /// What happened and what to do, for people.
    pub message: String,
    /// For bad input: which fields, and what is wrong with each.
    pub fields: Vec<FieldError>,
    /// The id under which the server's log knows the request.
    pub request_id: Option<String>,
}

/// What can go wrong on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Offline,
    SignedOut,
    SessionEnded,
    UnexpectedAnswer,
    AnswerLost,
    KeychainLocked,
    KeychainAbsent,
    KeychainSlow,
    KeychainFailed,
    NotKept,
    PasswordNotKept,
    RevealedAlready,
    ClipboardFailed,
    InvalidInput,
    SettingsNotSaved,
    NotOpened,
    TokenRefused,
    PlatformRefused,
    PlatformNotReached,
    ServerStopped,
    Internal,
}

/// Where a message names the keychain, which each system calls something else.
const KEYCHAIN: &str = "{keychain}";

impl Fault {
    /// The code, and the words for people; [`KEYCHAIN`] stands for what the system calls it.
    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Offline => (
                "offline",
                "The server cannot be reached. What you see is from before; try again in a moment.",
            ),
            Self::SignedOut => ("signed_out", "You are signed out. Sign in to go on."),
            Self::SessionEnded => ("signed_out", "Your session has ended. Sign in again to go on."),
            Self::UnexpectedAnswer => (
                "unexpected_answer",
                "Something else than the platform server answered. Check that no other program took its port, then try again.",
            ),
            Self::AnswerLost => (
                "answer_lost",
                "The answer was lost on its way, so the new key was revoked unseen. Create it again.",
            ),
            Self::KeychainLocked => (
                "keychain_locked",
                "The {keychain} is locked. Unlock it; until then keys stay usable for this session and nothing is written elsewhere.",
            ),
            Self::KeychainAbsent => (
                "keychain_absent",
                "This computer has no {keychain} running. Start one, GNOME Keyring or KWallet for instance; until then keys stay usable for this session and nothing is written elsewhere.",
            ),
            Self::KeychainSlow => (
                "keychain_slow",
                "The {keychain} did not answer within 3 seconds. Keys stay usable for this session; try again once it answers.",
            ),
            Self::KeychainFailed => (
                "keychain_failed",
                "The {keychain} gave an error and has not kept this. It stays usable for this session; try again, or look at the {keychain} itself.",
            ),
            Self::NotKept => (
                "not_kept",
                "This computer does not hold the key, and the server keeps only a fingerprint. Create a new key where you need one.",
            ),
            Self::PasswordNotKept => {
                ("not_kept", "The {keychain} does not hold this password any more. Type it.")
            }
            Self::RevealedAlready => (
                "revealed_already",
                "The key was shown once already, or its dialog is closed. Copy it instead.",
            ),
            Self::ClipboardFailed => (
                "clipboard_failed",
                "The clipboard could not be used. Try again, or reveal the key and copy it by hand.",
            ),
            Self::InvalidInput => ("invalid_input", "Some of this cannot be used as it is."),
            Self::SettingsNotSaved => (
                "settings_not_saved",
                "The settings hold for now but could not be saved. Check that the disk has space and the settings folder can be written.",
            ),
            Self::NotOpened => (
                "not_opened",
                "The page could not be opened in a browser. Copy its address instead.",
            ),
            Self::TokenRefused => {
                ("token_refused", "The platform does not take the token any more. Paste a new one.")
            }
            Self::PlatformRefused => {
                ("platform_refused", "The platform refused this. Change it and try again.")
            }
            Self::PlatformNotReached => (
                "platform_not_reached",
                "The platform is not reached. Check the address and try again.",
            ),
            Self::ServerStopped => {
                ("server_stopped", "The local platform is not running. Start it again.")
            }
            Self::Internal => (
                "internal",
                "The app made a mistake. Try again; if it happens again, the log in the data folder says more.",
            ),
        }
    }
}

impl From<Fault> for AppError {
    fn from(fault: Fault) -> Self {
        let (code, message) = fault.row();
        Self {
            code: code.to_owned(),
            message: message.replace(KEYCHAIN, vault::local_name()),
            fields: Vec::new(),
            request_id: None,
        }
    }
}

impl AppError {
    /// A fault with words of its own.
    #[must_use]
    pub fn saying(fault: Fault, message: impl Into<String>) -> Self {
        Self { message: message.into(), ..fault.into() }
    }

    /// Bad input in one field.
    #[must_use]
    pub fn field(pointer: &str, detail: impl Into<String>) -> Self {
        let field = FieldError { pointer: pointer.to_owned(), detail: detail.into() };
        Self { fields: vec![field], ..Fault::InvalidInput.into() }
    }
}

impl From<ClientError> for AppError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Unreachable { .. } => Fault::Offline.into(),
            ClientError::Unexpected { .. } => Fault::UnexpectedAnswer.into(),
            ClientError::Problem(problem) => Self {
                code: problem.code,
                message: problem.detail,
                fields: problem.errors,
                request_id: Some(problem.request_id),
            },
        }
    }
}

impl From<VaultError> for AppError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Locked => Fault::KeychainLocked,
            VaultError::Absent => Fault::KeychainAbsent,
            VaultError::Slow => Fault::KeychainSlow,
            VaultError::Failed(_) => Fault::KeychainFailed,
        }
        .into()
    }
}

impl From<ClipboardError> for AppError {
    fn from(error: ClipboardError) -> Self {
        tracing::warn!(%error);
        Fault::ClipboardFailed.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Fault; 21] = [
        Fault::Offline,
        Fault::SignedOut,
        Fault::SessionEnded,
        Fault::UnexpectedAnswer,
        Fault::AnswerLost,
        Fault::KeychainLocked,
        Fault::KeychainAbsent,
        Fault::KeychainSlow,
        Fault::KeychainFailed,
        Fault::NotKept,
        Fault::PasswordNotKept,
        Fault::RevealedAlready,
        Fault::ClipboardFailed,
        Fault::InvalidInput,
        Fault::SettingsNotSaved,
        Fault::NotOpened,
        Fault::TokenRefused,
        Fault::PlatformRefused,
        Fault::PlatformNotReached,
        Fault::ServerStopped,
        Fault::Internal,
    ];

    #[test]
    fn every_fault_speaks_the_house_s_language() {
        for fault in ALL {
            let (code, words) = fault.row();
            assert!(code.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{code}");
            assert!(words.ends_with('.') && !words.contains('!'), "{words}");
            for banned in ["please", "oops", "successfully", "sorry"] {
                assert!(!words.to_lowercase().contains(banned), "{words}");
            }
        }
    }

    #[test]
    fn the_server_s_words_pass_through() {
        let problem = serde_json::json!({
            "type": "x", "title": "t", "status": 422, "code": "invalid_input", "detail": "d", "request_id": "req_1",
            "errors": [{"pointer": "/name", "detail": "n"}],
        });
        let problem = serde_json::from_value(problem).unwrap();
        let error = AppError::from(ClientError::Problem(Box::new(problem)));
        assert_eq!((error.code.as_str(), error.message.as_str()), ("invalid_input", "d"));
        assert_eq!(error.request_id.as_deref(), Some("req_1"));
        assert_eq!(error.fields[0].pointer, "/name");
    }
}
