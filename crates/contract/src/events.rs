//! `GET /events`: what changed, as server-sent events.

use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::ToSchema;

/// What a console should ask for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Keys: issued, changed, revoked, used.
    Keys,
    /// Requests and credits moved.
    Usage,
    /// Accounts: balance, live mode, suspension.
    Accounts,
    /// Credits were given, bought or corrected, or could not be bought; a balance fell low.
    Credits,
    /// Webhook endpoints.
    Endpoints,
    /// Deliveries and attempts.
    Deliveries,
    /// Replays of a range: started, gone on, ended.
    Replays,
    /// The partner or member.
    Me,
    /// The audit log.
    Audit,
    /// Single calls of the keyed APIs.
    Requests,
    /// Events were lost on the way: ask for everything again.
    Everything,
}

/// One server-sent event; `event:` is the topic, `data:` this as JSON. At most four a second and
/// topic, the last one always sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, Type)]
pub struct Change {
    pub topic: Topic,
    /// Slug, where the change belongs to one platform.
    pub platform: Option<String>,
}
