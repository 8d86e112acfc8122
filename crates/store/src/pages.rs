//! Pages: how long they may be, and where the next one begins.

use std::str::FromStr;

use latchkey_contract::Page;

use crate::StoreError;

const DEFAULT_LIMIT: u16 = 50;
const MAX_LIMIT: u16 = 200;

/// The rows of a page: 1 to 200, 50 unless told.
pub(crate) fn page_limit(asked: Option<u16>) -> u64 {
    u64::from(asked.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT))
}

/// The last row of the page before, where the cursor is its id.
pub(crate) fn last_id<T: FromStr>(cursor: Option<&str>) -> Result<Option<T>, StoreError> {
    cursor.map(|cursor| cursor.parse().map_err(|_| StoreError::BadCursor)).transpose()
}

/// Builds a page from up to one row more than fits: that one says that there is more.
pub(crate) fn page<M, T>(
    mut found: Vec<M>,
    limit: u64,
    cursor: impl Fn(&M) -> String,
    convert: impl Fn(M) -> Result<T, StoreError>,
) -> Result<Page<T>, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    let next_cursor = found.last().filter(|_| more).map(cursor);
    let data = found.into_iter().map(convert).collect::<Result<_, _>>()?;
    Ok(Page { data, next_cursor })
}
