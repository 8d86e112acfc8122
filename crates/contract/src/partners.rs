//! Partners and the members who act for them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::ToSchema;

use crate::{MemberId, PartnerId, SecretText};

/// `POST /partners`: sign-up of a partner with its first member, who owns it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Type)]
pub struct CreatePartner {
    /// The partner's name, 1 to 100 characters.
    pub name: String,
    /// The first member's address; unique on the server, compared without case.
    pub email: String,
    /// 15 to 128 characters; common ones are refused.
    pub password: SecretText,
}

/// A customer of API platforms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Partner {
    pub id: PartnerId,
    pub name: String,
    pub created_at: DateTime<Utc>,
    /// Since when the operator has suspended this partner; all its keys are refused.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Whether it is made up, to look around in: its keys and calls are nobody's.
    pub sample: bool,
}

/// A person who signs in for a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Member {
    pub id: MemberId,
    pub email: String,
    pub created_at: DateTime<Utc>,
}

/// `GET /me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct Me {
    pub partner: Partner,
    pub member: Member,
}

/// `PATCH /me`: absent fields stay as they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema, Type)]
#[serde(default)]
pub struct UpdateMe {
    /// The partner's new name, 1 to 100 characters.
    pub partner_name: Option<String>,
    /// A new password; needs `current_password`. Ends the member's other sessions.
    pub password: Option<SecretText>,
    pub current_password: Option<SecretText>,
}
