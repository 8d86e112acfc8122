//! Credits: what moved, why the balance is what it is, and how it is topped up.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use utoipa::{IntoParams, ToSchema};

use crate::{Amount, EntryId, KeyId, TopUpId};

/// Why credits moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Given by the operator.
    Grant,
    /// Bought: see the top-up of the same time.
    Purchase,
    /// Corrected by the operator, upwards or downwards; `note` says why.
    Adjustment,
    /// Set aside for an operation.
    Hold,
    /// A hold was spent. The balance does not move: the hold already took it.
    Capture,
    /// A hold was given back.
    Release,
}

/// `GET /credits`: one line a platform, all read as of one moment.
///
/// `opening + granted + purchased + adjusted − captured − held = balance`, where all but `held` and
/// `balance` count from `from` on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct CreditSummary {
    /// Slug of the platform.
    pub platform: String,
    /// Since when movements count; absent where they count from the beginning.
    pub from: Option<DateTime<Utc>>,
    /// What there was at `from`, what was held then included; nothing without `from`.
    pub opening: Amount,
    pub granted: Amount,
    pub purchased: Amount,
    /// Corrections by the operator; may be negative.
    pub adjusted: Amount,
    pub captured: Amount,
    /// Set aside for operations that are under way now.
    pub held: Amount,
    /// What can be spent now.
    pub balance: Amount,
    /// The balance counted anew, from the movements alone.
    pub recomputed: Amount,
    /// Whether the two, and what is held with the open holds, are the same.
    pub agrees: bool,
}

/// `GET /credits`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, Type)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct CreditsQuery {
    /// Explain the balance from this time on; from the beginning unless told.
    pub from: Option<DateTime<Utc>>,
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
    /// The key whose operation it belongs to, likewise.
    pub key_id: Option<KeyId>,
    /// Why, in the operator's words.
    pub note: Option<String>,
    pub at: DateTime<Utc>,
}

/// `GET /credits/entries`, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, Type)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct EntryQuery {
    pub platform: Option<String>,
    pub kind: Option<EntryKind>,
    pub key_id: Option<KeyId>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub to: Option<DateTime<Utc>>,
    pub cursor: Option<String>,
    /// 1 to 200, 50 unless told.
    pub limit: Option<u16>,
}

/// When credits are bought without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct TopUpRule {
    pub enabled: bool,
    /// Bought as soon as a call leaves less than this.
    pub threshold: Amount,
    /// How much at a time. A call that needs more than that gets as many times the amount as it takes.
    pub amount: Amount,
    /// Never more than this by the rule in a calendar month (UTC). What a member buys is beside it.
    pub monthly_ceiling: Amount,
    /// At least this long between two purchases by the rule, in seconds; at most 30 days.
    pub cooldown_seconds: u32,
}

/// `POST /credits/top-ups`: buys now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct CreateTopUp {
    /// Slug of the platform.
    pub platform: String,
    /// Above 0 and at most 1,000,000,000 credits.
    pub amount: Amount,
}

/// Who wanted to buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum TopUpTrigger {
    /// A member, now.
    Member,
    /// The account's rule.
    Rule,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum TopUpOutcome {
    /// Bought on account: the credits are there, their price is owed.
    Booked,
    /// Nothing was bought; `reason` says why.
    NotBooked,
}

/// Why nothing was bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, Type)]
#[serde(rename_all = "snake_case")]
pub enum TopUpReason {
    /// More would be owed than the operator allows.
    CreditLine,
    /// The rule would have bought more this month than it may.
    MonthlyCeiling,
    /// The rule bought a short while ago.
    CoolDown,
    /// The account is suspended.
    Disabled,
}

/// An attempt to buy credits. Of one reason why the rule did not buy, one is kept a cool-down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Type)]
pub struct TopUp {
    pub id: TopUpId,
    /// Slug of the platform.
    pub platform: String,
    pub amount: Amount,
    pub trigger: TopUpTrigger,
    pub outcome: TopUpOutcome,
    pub reason: Option<TopUpReason>,
    /// What the account owed after it, in the platform's unit.
    pub owed_after: Amount,
    pub at: DateTime<Utc>,
}

/// `GET /credits/top-ups`, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, Type)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct TopUpQuery {
    pub platform: Option<String>,
    pub cursor: Option<String>,
    /// 1 to 200, 50 unless told.
    pub limit: Option<u16>,
}
