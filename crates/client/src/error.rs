use std::error::Error;

use latchkey_contract::Problem;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No answer came: nobody listens there, the connection broke, or the time was up.
    /// Whether the server did the work is unknown; repeat creating calls with the same
    /// [`IdempotencyKey`](crate::IdempotencyKey).
    #[error("the server could not be reached: {reason}")]
    Unreachable {
        /// In words, without the address: `connection refused`, `timed out`.
        reason: String,
        /// Whether the caller's own time limit ended the call.
        timed_out: bool,
    },
    /// The server refused the call and said why.
    #[error("{}", .0.detail)]
    Problem(Box<Problem>),
    /// An answer that is not of this API: another program listens there, or a proxy answered.
    #[error("the server gave an answer that is not of this API (HTTP {status})")]
    Unexpected { status: u16 },
}

impl ClientError {
    /// The problem's `code`, where the server named one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => Some(&problem.code),
            _ => None,
        }
    }

    /// A call that ended without an answer.
    pub(crate) fn unreachable(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Unreachable { reason: "timed out".to_owned(), timed_out: true };
        }
        // The innermost cause is the one that helps, and it holds no address.
        let mut cause: &dyn Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let reason = if error.source().is_some() {
            cause.to_string()
        } else {
            "the request could not be sent".to_owned()
        };
        Self::Unreachable { reason, timed_out: false }
    }
}
