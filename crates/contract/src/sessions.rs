//! Signing in and staying signed in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::ToSchema;

use crate::{SecretText, SessionId, partners::Me};

/// `POST /sessions`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Type)]
pub struct CreateSession {
    pub email: String,
    pub password: SecretText,
}

/// `POST /sessions/refresh`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RefreshSession {
    /// Works once; using an old one again ends the session.
    pub refresh_token: SecretText,
}

/// The answer to sign-up, sign-in and refresh. Sent with `Cache-Control: no-store`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionTokens {
    pub session_id: SessionId,
    /// For `Authorization: Bearer`, valid for 15 minutes.
    pub access_token: SecretText,
    pub access_expires_at: DateTime<Utc>,
    /// Exchange it before it expires, 30 days after its issue.
    pub refresh_token: SecretText,
    pub refresh_expires_at: DateTime<Utc>,
    pub me: Me,
}

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Session {
    pub id: SessionId,
    pub created_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
    /// The address the session was last used from.
    pub address: Option<String>,
    pub user_agent: Option<String>,
    /// Whether this is the session that asked.
    pub current: bool,
}
