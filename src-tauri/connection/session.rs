//! The tokens of a session, and their refresh.

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_client::ClientError;
use latchkey_contract::{SecretText, SessionId, partners::Me, sessions::SessionTokens};

use super::Connection;
use crate::{
    AppError,
    error::Fault,
    notice::Notice,
    vault::{Account, VaultError},
};

/// A token is replaced this long before it expires.
const EARLY: TimeDelta = TimeDelta::seconds(30);

/// A member's session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: SessionId,
    pub(super) access_token: SecretText,
    pub(super) access_expires_at: DateTime<Utc>,
    refresh_token: SecretText,
    pub(super) me: Me,
    /// Counts refreshes, so that whoever waited for one knows that it happened.
    pub(super) generation: u64,
}

impl Session {
    pub(super) fn is_stale(&self, now: DateTime<Utc>) -> bool {
        self.access_expires_at - EARLY <= now
    }
}

impl Connection {
    /// Replaces the tokens, unless somebody else has replaced those of `generation` already.
    pub(super) async fn refresh(&self, generation: u64) -> Result<(), AppError> {
        let _alone = self.0.refreshing.lock().await;
        let refresh_token = {
            let state = self.0.state.lock();
            let session = state.session.as_ref().ok_or(Fault::SignedOut)?;
            if session.generation != generation {
                return Ok(());
            }
            session.refresh_token.clone()
        };
        match self.signed_out_client()?.refresh_session(&refresh_token).await {
            Ok(tokens) => {
                self.note_tokens(tokens).await;
                Ok(())
            }
            Err(ClientError::Problem(problem)) if problem.status == 401 => {
                self.lose_session();
                Err(Fault::SessionEnded.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes over new tokens; the refresh token goes to the keychain if there is one.
    pub(super) async fn note_tokens(&self, tokens: SessionTokens) {
        let refresh_token = tokens.refresh_token.clone();
        {
            let mut state = self.0.state.lock();
            let generation = state.session.as_ref().map_or(0, |session| session.generation + 1);
            state.session = Some(Session {
                id: tokens.session_id,
                access_token: tokens.access_token,
                access_expires_at: tokens.access_expires_at,
                refresh_token: tokens.refresh_token,
                me: tokens.me,
                generation,
            });
        }
        self.keep_refresh_token(&refresh_token).await;
    }

    /// Keeps the current refresh token once the keychain is there.
    pub async fn keep_session(&self) {
        let refresh_token =
            self.0.state.lock().session.as_ref().map(|session| session.refresh_token.clone());
        if let Some(refresh_token) = refresh_token {
            self.keep_refresh_token(&refresh_token).await;
        }
    }

    async fn keep_refresh_token(&self, refresh_token: &SecretText) {
        if let Some(account) = self.session_account() {
            let kept = self.0.vault.set(&account, refresh_token).await;
            self.tell_trouble(kept, "the session lasts only as long as the app");
        }
    }

    pub(super) async fn forget_refresh_token(&self) {
        if let Some(account) = self.session_account() {
            let removed = self.0.vault.delete(&account).await;
            self.tell_trouble(removed, "the ended session's token is still in the keychain");
        }
    }

    fn session_account(&self) -> Option<Account> {
        self.server().map(|server| Account::Session { server: server.id })
    }

    fn tell_trouble(&self, done: Result<(), VaultError>, consequence: &str) {
        if let Err(error) = done {
            tracing::warn!(%error, "{consequence}");
            (self.0.tell)(Notice::Keychain(error.state()));
        }
    }
}
