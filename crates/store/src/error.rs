//! What can go wrong with the database.

use std::path::PathBuf;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlErr};

use crate::WriteError;

/// Why the store could not be opened, or a query not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file is there but is no database of this program.
    #[error("{} is not a Latchkey database; move it away or choose another data folder", path.display())]
    NotADatabase {
        /// The database file.
        path: PathBuf,
    },
    /// The database is one of this program, but parts of it cannot be read.
    #[error("{} is damaged; restore it from a backup, or move it away to begin anew", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
    },
    /// The database has a migration this program does not know.
    #[error("{} was written by a newer version of Latchkey; install that version to open it", path.display())]
    NewerVersion {
        /// The database file.
        path: PathBuf,
    },
    /// The folder or the file cannot be read and written.
    #[error("{} cannot be opened: {reason}", path.display())]
    Unreadable {
        /// The folder or file at fault.
        path: PathBuf,
        /// What the operating system or SQLite says.
        reason: String,
    },
    /// Nothing is there to be read.
    #[error("there is no Latchkey database at {}; check the path, or start a server on it first", path.display())]
    NoDatabase {
        /// The database file.
        path: PathBuf,
    },
    /// No space is left to open it.
    #[error("the disk of {} is full; free some space and start again", path.display())]
    NoSpace {
        /// The folder or file that should have been written.
        path: PathBuf,
    },
    /// No space is left; nothing was written.
    #[error("the disk is full; nothing was written")]
    DiskFull,
    /// Another process held the database for longer than the time allowed; nothing was written.
    #[error("the database is busy; nothing was written")]
    Busy,
    /// A member with this address exists already.
    #[error("this email address is taken")]
    EmailTaken,
    /// Somebody else has taken the request's repeat key meanwhile; nothing was written.
    #[error("another request with the same idempotency key has taken over; nothing was written")]
    Superseded,
    /// A cursor that no page of this list gave out.
    #[error("not a cursor of this list")]
    BadCursor,
    /// An amount or a sum that does not fit 64 bits, or a grant that is not positive.
    #[error("the amount is out of range")]
    AmountOutOfRange,
    /// Made-up data was to be added to a partner that is no sample, or is filled already.
    #[error("not a sample partner that is being filled; nothing was written")]
    NotASample,
    /// A row that should not exist like this.
    #[error("the database holds an unreadable value: {0}")]
    Corrupt(String),
    /// The grouped writer has stopped.
    #[error("the store is closed")]
    Closed,
    /// Anything else the database says.
    #[error("the database failed")]
    Database(#[source] DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match (sqlite_code(&error), &error) {
            (Some(code), _) => Self::from_code(code, error),
            (None, DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)) => Self::Closed,
            (None, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) => Self::Busy,
            (None, _) => Self::Database(error),
        }
    }
}

impl StoreError {
    /// Tells the primary result codes of SQLite apart (the low byte of an extended code).
    fn from_code(code: i32, error: DbErr) -> Self {
        match code & 0xff {
            5 | 6 => Self::Busy,
            13 => Self::DiskFull,
            _ => Self::Database(error),
        }
    }

    /// Whether a unique index refused the row.
    pub(crate) fn is_unique_violation(error: &DbErr) -> bool {
        matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
    }
}

impl From<WriteError> for StoreError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::DiskFull => Self::DiskFull,
            WriteError::Busy => Self::Busy,
            WriteError::Closed => Self::Closed,
            WriteError::AmountOutOfRange => Self::AmountOutOfRange,
            WriteError::Failed(message) => Self::Database(DbErr::Custom(message)),
        }
    }
}

/// SQLite's result code behind an error, where there is one.
pub(crate) fn sqlite_code(error: &DbErr) -> Option<i32> {
    let (DbErr::Conn(source) | DbErr::Exec(source) | DbErr::Query(source)) = error else {
        return None;
    };
    let RuntimeErr::SqlxError(source) = source else {
        return None;
    };
    source.as_database_error()?.code()?.parse().ok()
}
