//! Being filled in.
pub(crate) struct SqliteWriter;
