//! Why a call is turned away: one enum for all platforms. Each dialect has one table from it to
//! its own status, code and body; the sentences here say what is wrong and what to do.

use std::net::IpAddr;

use axum::http::Method;
use latchkey_contract::{Amount, FieldError, platforms::CreditUnit};
use latchkey_store::{SpendLimit, StoreError, WriteError};

use super::BODY_LIMIT;
use crate::jobs::MediaError;

/// What is wrong with a field that is not there.
const MISSING: &str = "is missing";

/// A call that is not served. It costs nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    // Authorise.
    #[error("No API key was sent. Send it as {0}.")]
    NoKey(String),
    #[error("The request carries its API key in more than one way. Send it as {0} alone.")]
    TwoSchemes(String),
    /// Not of the form of a key of this platform, or with a wrong checksum.
    #[error("The API key is malformed. Check that it was copied whole.")]
    MalformedKey,
    /// Well formed, but no key of this platform.
    #[error("The API key is not known here.")]
    UnknownKey,
    #[error("The API key was revoked. Create a new one.")]
    Revoked,
    #[error("The API key has expired. Create a new one.")]
    Expired,
    #[error("The API key is paused. Resume it to use it again.")]
    Paused,
    #[error("The account is suspended. Contact support.")]
    Suspended,
    #[error("Live mode is not enabled for this account. Use a test key, or contact support.")]
    LiveDisabled,
    #[error(
        "The API key may not be used from {address}. Add the address to the IP rules of the key or the account, or call from one that is in them."
    )]
    IpNotAllowed { address: IpAddr },
    #[error("This call needs a secret key; a public key was sent.")]
    PublicKey,
    #[error("The API key lacks the scope `{0}`. Add it to the key, or use another key.")]
    MissingScope(String),
    /// Of a call that wants to know which member asks.
    #[error("This call needs an identity token, and {0}.")]
    Unidentified(&'static str),

    // Limit.
    #[error("More than {limit} requests a minute. Try again in {retry_after} s.")]
    TooManyRequests { limit: u32, retry_after: u32 },
    #[error("The API key may have {limit} under way at once. Wait until one has ended.")]
    TooManyAtOnce { limit: u32 },

    // Idempotency.
    #[error("The header {header} is missing. Send a value that is unique to this operation.")]
    IdempotencyKeyMissing { header: String },
    #[error("The header {header} must be 1 to {max} visible ASCII characters.")]
    IdempotencyKeyInvalid { header: String, max: usize },
    #[error("This idempotency key was used before with another payload. Use a new key.")]
    IdempotencyKeyReused { job_id: String },
    #[error("The first request with this idempotency key is still being accepted. Try again.")]
    IdempotencyInProgress,

    // Charge.
    #[error("The call costs {} and the balance is {}. Add credits.", told(*needed, unit), told(*balance, unit))]
    InsufficientCredits { needed: Amount, balance: Amount, unit: CreditUnit },
    /// Of a limit that the key has for itself.
    #[error(
        "The call costs {} and the API key has {} left of its {}. Raise that, or use another key.",
        told(*needed, unit), told(*left, unit), spend_limit_name(*.limit)
    )]
    OverSpendLimit { limit: SpendLimit, needed: Amount, left: Amount, unit: CreditUnit },

    // Input.
    #[error("The body is not valid JSON: {0}.")]
    MalformedJson(String),
    #[error("The body must be JSON: send it with `Content-Type: application/json`.")]
    NotJson,
    #[error("The body is larger than {} bytes, the most that is accepted.", BODY_LIMIT)]
    BodyTooLarge,
    #[error("The body must be a form: send it as `multipart/form-data`. {0}.")]
    MalformedForm(String),
    /// A file of a form.
    #[error("`{field}` is larger than {limit} bytes, the most that is accepted.")]
    FileTooLarge { field: String, limit: u64 },
    #[error("The body could not be read to its end, or came too slowly.")]
    BodyUnread,
    /// A field of the request is missing or wrong.
    #[error("`{field}` {problem}.")]
    InvalidField {
        field: String,
        problem: String,
        /// Others at fault, with their problems, for platforms that tell all at once.
        others: Vec<(String, String)>,
    },
    /// The request is well formed, but the work cannot be done with what a field holds.
    #[error("`{field}` {problem}.")]
    Unprocessable { field: String, problem: String },

    // Routes.
    /// No such thing, or not this partner's.
    #[error("There is no {what} `{id}`.")]
    NotFound { what: &'static str, id: String },
    #[error("There is nothing at {method} {path}. Check the address.")]
    NoSuchRoute { method: Method, path: String },
    #[error("{method} is not possible at {path}.")]
    MethodNotAllowed { method: Method, path: String },

    // The server. The cause is for the log alone.
    #[error("The service cannot take the request at the moment. Nothing was charged; try again.")]
    Unavailable { cause: String },
    #[error("Something went wrong on our side. Nothing was charged; try again.")]
    Internal { cause: String },
}

impl Refusal {
    #[must_use]
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::InvalidField { field: field.into(), problem: problem.into(), others: Vec::new() }
    }

    /// The first of several fields at fault: the keyed APIs tell one at a time.
    #[must_use]
    pub fn first_of(faults: Vec<FieldError>) -> Self {
        match faults.into_iter().next() {
            Some(FieldError { pointer, detail }) => {
                Self::invalid(pointer.trim_start_matches(['/', '?']).replace('/', "."), detail)
            }
            None => Self::Internal { cause: "a fault without a field".to_owned() },
        }
    }

    /// This one, with what another one says of fields where both do.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        if let (
            Self::InvalidField { others, .. },
            Self::InvalidField { field, problem, others: more },
        ) = (&mut self, other)
        {
            others.push((field, problem));
            others.extend(more);
        }
        self
    }

    /// A field that must be there.
    #[must_use]
    pub fn missing(field: impl Into<String>) -> Self {
        Self::invalid(field, MISSING)
    }

    /// Whether a field is refused for not being there.
    #[must_use]
    pub fn is_missing_field(&self) -> bool {
        matches!(self, Self::InvalidField { problem, .. } if problem == MISSING)
    }

    #[must_use]
    pub fn unprocessable(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Unprocessable { field: field.into(), problem: problem.into() }
    }

    /// Its stable name in the log of calls: one a variant.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoKey(_) => "no_key",
            Self::TwoSchemes(_) => "two_keys",
            Self::MalformedKey => "malformed_key",
            Self::UnknownKey => "unknown_key",
            Self::Unidentified(_) => "unidentified",
            Self::Revoked => "key_revoked",
            Self::Expired => "key_expired",
            Self::Paused => "key_paused",
            Self::Suspended => "account_suspended",
            Self::LiveDisabled => "live_disabled",
            Self::IpNotAllowed { .. } => "ip_not_allowed",
            Self::PublicKey => "public_key",
            Self::MissingScope(_) => "missing_scope",
            Self::TooManyRequests { .. } => "rate_limited",
            Self::TooManyAtOnce { .. } => "too_many_at_once",
            Self::IdempotencyKeyMissing { .. } => "idempotency_key_missing",
            Self::IdempotencyKeyInvalid { .. } => "idempotency_key_invalid",
            Self::IdempotencyKeyReused { .. } => "idempotency_key_reused",
            Self::IdempotencyInProgress => "idempotency_in_progress",
            Self::InsufficientCredits { .. } => "insufficient_credits",
            Self::OverSpendLimit { limit: SpendLimit::Allowance, .. } => "over_allowance",
            Self::OverSpendLimit { limit: SpendLimit::Daily, .. } => "over_daily_limit",
            Self::MalformedJson(_) => "malformed_json",
            Self::NotJson => "not_json",
            Self::BodyTooLarge => "body_too_large",
            Self::MalformedForm(_) => "malformed_form",
            Self::FileTooLarge { .. } => "file_too_large",
            Self::BodyUnread => "body_unread",
            Self::InvalidField { .. } => "invalid_field",
            Self::Unprocessable { .. } => "unprocessable",
            Self::NotFound { .. } => "not_found",
            Self::NoSuchRoute { .. } => "no_such_route",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::Unavailable { .. } => "unavailable",
            Self::Internal { .. } => "internal_error",
        }
    }

    /// What happened inside, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Unavailable { cause } | Self::Internal { cause } => Some(cause),
            _ => None,
        }
    }

    /// Seconds after which the same call may pass, where that is known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooManyRequests { retry_after, .. } => Some(*retry_after),
            // How long the operations under way will take is not known; they are short.
            Self::TooManyAtOnce { .. } | Self::Unavailable { .. } => Some(1),
            _ => None,
        }
    }
}

/// An amount that is not negative, with the digits of the platform's unit and the unit: `4 credits`,
/// `0.12 USD`. What is smaller is left out, so that nobody is told of more than there is.
fn told(amount: Amount, unit: &CreditUnit) -> String {
    let digits = usize::from(unit.decimals);
    let millionths = format!("{:06}", amount.0 % Amount::PER_CREDIT);
    let part = millionths.get(..digits).unwrap_or(&millionths);
    let point = if part.is_empty() { "" } else { "." };
    let one = amount == Amount::from_credits(1);
    let singular = unit.name.strip_suffix('s').filter(|_| one);
    let name = singular.unwrap_or(&unit.name);
    format!("{}{point}{part} {name}", amount.whole_credits())
}

const fn spend_limit_name(limit: SpendLimit) -> &'static str {
    match limit {
        SpendLimit::Allowance => "allowance",
        SpendLimit::Daily => "daily limit, which ends at 00:00 UTC",
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let cause = match &error {
            StoreError::Database(source) => format!("{error}: {source}"),
            _ => error.to_string(),
        };
        match error {
            StoreError::DiskFull | StoreError::Busy | StoreError::Closed => {
                Self::Unavailable { cause }
            }
            _ => Self::Internal { cause },
        }
    }
}

impl From<WriteError> for Refusal {
    fn from(error: WriteError) -> Self {
        StoreError::from(error).into()
    }
}

impl From<MediaError> for Refusal {
    fn from(error: MediaError) -> Self {
        Self::Unavailable { cause: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_told_in_the_platforms_unit() {
        let unit = |name: &str, decimals| CreditUnit { name: name.to_owned(), decimals };
        for (millionths, unit, text) in [
            (4_000_000, unit("credits", 0), "4 credits"),
            (4_500_000, unit("credits", 0), "4 credits"),
            (1_000_000, unit("credits", 0), "1 credit"),
            (0, unit("credits", 0), "0 credits"),
            (1_000_000, unit("USD", 2), "1.00 USD"),
            (4_000_000, unit("USD", 2), "4.00 USD"),
            (500_000, unit("USD", 2), "0.50 USD"),
            (120_000, unit("USD", 2), "0.12 USD"),
            (129_999, unit("USD", 2), "0.12 USD"),
            (1, unit("USD", 6), "0.000001 USD"),
        ] {
            assert_eq!(told(Amount(millionths), &unit), text);
        }
    }
}
