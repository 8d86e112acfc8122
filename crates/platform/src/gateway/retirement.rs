//! Answers to a key that is being replaced say so: `Deprecation` (RFC 9745) tells since when, and
//! `Sunset` (RFC 8594) until when it works.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use chrono::{DateTime, Utc};
use latchkey_store::KeyRow;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// Adds both headers while the key's grace runs. Most keys do not even ask for the time.
pub(super) fn tell(headers: &mut HeaderMap, key: &KeyRow, now: impl FnOnce() -> DateTime<Utc>) {
    let Some(replaced) = &key.replaced else { return };
    let works = |end: &DateTime<Utc>| key.revoked_at.is_none() && *end > now();
    let Some(end) = key.ends_at().filter(works) else { return };
    // A date of structured fields (RFC 9651, section 3.3.7), and an HTTP date (RFC 9110, 5.6.7).
    let since = format!("@{}", replaced.at.timestamp());
    let until = end.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (name, text) in [(DEPRECATION, since), (SUNSET, until)] {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
}
