//! How values stand in columns: times as Unix microseconds, enums as words, JSON as text.

use chrono::{DateTime, SecondsFormat, Utc};
use latchkey_contract::{
    Environment, PrefixedId,
    audit::AuditActorKind,
    credits::{EntryKind, TopUpOutcome, TopUpReason, TopUpTrigger},
    keys::KeyKind,
    usage::Outcome,
    webhooks::{DeliveryState, DisabledReason, ReplayState},
};
use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, Func},
};
use serde_json::Value;

use crate::{Digest, JobState, PlanStatus, SampleState, StoreError};

/// An enum whose words stand in a TEXT column.
pub(crate) trait Word: Sized + Copy + 'static {
    /// Every value with its word.
    const WORDS: &'static [(Self, &'static str)];

    /// The word for this value.
    fn word(self) -> &'static str;

    /// The value behind a word.
    fn from_word(text: &str) -> Result<Self, StoreError> {
        let found = Self::WORDS.iter().find(|(_, word)| *word == text);
        found
            .map(|(value, _)| *value)
            .ok_or_else(|| StoreError::Corrupt(format!("the word {text}")))
    }
}

macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {$(
        impl Word for $name {
            const WORDS: &'static [(Self, &'static str)] = &[$((Self::$variant, $word)),*];

            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    )*};
}

words! {
    Environment { Live = "live", Test = "test" }
    KeyKind { Secret = "secret", Public = "public" }
    Outcome { Accepted = "accepted", Refused = "refused", Failed = "failed" }
    AuditActorKind { Member = "member", Operator = "operator", System = "system", Key = "key" }
    EntryKind {
        Grant = "grant", Purchase = "purchase", Adjustment = "adjustment",
        Hold = "hold", Capture = "capture", Release = "release",
    }
    TopUpTrigger { Member = "member", Rule = "rule" }
    TopUpOutcome { Booked = "booked", NotBooked = "not_booked" }
    TopUpReason {
        CreditLine = "credit_line", MonthlyCeiling = "monthly_ceiling",
        CoolDown = "cool_down", Disabled = "disabled",
    }
    DeliveryState { Waiting = "waiting", Delivered = "delivered", Failed = "failed" }
    ReplayState { Counted = "counted", Running = "running", Done = "done", Cancelled = "cancelled" }
    DisabledReason { ByMember = "by_member", Gone = "gone", Exhausted = "exhausted" }
    PlanStatus { Active = "active", Inactive = "inactive", Archived = "archived" }
    SampleState { Filling = "filling", Ready = "ready" }
    JobState {
        Queued = "queued", Running = "running", Succeeded = "succeeded", Failed = "failed", Canceled = "canceled"
    }
}

/// A time as Unix microseconds.
pub(crate) const fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

/// A time as people are told it in the audit log.
pub(crate) fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The time behind Unix microseconds.
pub(crate) fn time(micros: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| StoreError::Corrupt(format!("the time {micros}")))
}

/// The time behind a column that may be NULL.
pub(crate) fn time_opt(micros: Option<i64>) -> Result<Option<DateTime<Utc>>, StoreError> {
    micros.map(time).transpose()
}

/// The id behind its text.
pub(crate) fn id<T: PrefixedId>(text: String) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt(format!("the {} id {text}", T::PREFIX)))
}

/// The digest behind its bytes.
pub(crate) fn digest(bytes: &[u8]) -> Result<Digest, StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt(format!("a digest of {} bytes", bytes.len())))
}

/// The JSON behind its text.
pub(crate) fn json(text: &str) -> Result<Value, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt("a JSON column".to_owned()))
}

/// A list of words behind its JSON.
pub(crate) fn strings(text: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt("a list of words".to_owned()))
}

/// A list of words as JSON.
pub(crate) fn strings_text(words: &[String]) -> String {
    Value::from(words.to_vec()).to_string()
}

/// A count that fits its smaller type.
pub(crate) fn count(value: i64) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|_| StoreError::Corrupt(format!("the count {value}")))
}

/// The new value of a time column: the first time stays where one is set already, `None` clears.
pub(crate) fn first_time_kept(column: impl ColumnTrait, at: Option<DateTime<Utc>>) -> Expr {
    match at {
        Some(at) => Func::coalesce([Expr::col(column), Expr::value(micros(at))]).into(),
        None => Expr::value(None::<i64>),
    }
}
