use latchkey_contract::{
    Page, PrefixedId, SecretText, SessionId,
    sessions::{CreateSession, RefreshSession, Session, SessionTokens},
};

use crate::{Client, ClientError};

impl Client {
    /// `POST /sessions`: signs in. `wrong_credentials` for an unknown address and a wrong
    /// password alike; `too_many_attempts` after too many of either.
    pub async fn create_session(
        &self,
        request: &CreateSession,
    ) -> Result<SessionTokens, ClientError> {
        self.post(&["sessions"]).body(request).answer().await
    }

    /// `POST /sessions/refresh`: new tokens for a refresh token, which works once. Where the
    /// answer is lost, the same token may be sent again for a few seconds.
    pub async fn refresh_session(
        &self,
        refresh_token: &SecretText,
    ) -> Result<SessionTokens, ClientError> {
        let request = RefreshSession { refresh_token: refresh_token.clone() };
        self.post(&["sessions", "refresh"]).body(&request).answer().await
    }

    /// `GET /sessions`: the member's signed-in devices, the last used first.
    pub async fn list_sessions(&self) -> Result<Page<Session>, ClientError> {
        self.get(&["sessions"]).answer().await
    }

    /// `DELETE /sessions/{id}`: signs a device out, this one or another.
    pub async fn end_session(&self, id: &SessionId) -> Result<(), ClientError> {
        self.delete(&["sessions", id.as_str()]).done().await
    }
}
