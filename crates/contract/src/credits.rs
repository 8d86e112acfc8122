//! Credits: what moved, and why the balance is what it is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::{IntoParams, ToSchema};

use crate::{Amount, EntryId};

/// Why credits moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Given by the operator.
    Grant,
    /// Set aside for an operation.
    Hold,
    /// A hold was spent. The balance does not move: the hold already took it.
    Capture,
    /// A hold was given back.
    Release,
}

/// `GET /credits`: one line a platform, `granted − captured − held = balance`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct CreditSummary {
    /// Slug of the platform.
    pub platform: String,
    pub granted: Amount,
    pub captured: Amount,
    pub held: Amount,
    pub balance: Amount,
}

/// A movement of credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct CreditEntry {
    pub id: EntryId,
    /// Slug of the platform.
    pub platform: String,
    pub kind: EntryKind,
    /// What the balance changed by.
    pub amount: Amount,
    /// How much of a hold this entry settles.
    pub settled: Amount,
    /// The job it belongs to, where there is one.
    pub job_id: Option<String>,
    pub at: DateTime<Utc>,
}

/// `GET /credits/entries`, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, Type)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct EntryQuery {
    pub platform: Option<String>,
    pub cursor: Option<String>,
    /// 1 to 200, 50 unless told.
    pub limit: Option<u16>,
}
