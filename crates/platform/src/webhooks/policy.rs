//! How often, how long and how many at once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// The dispatcher's pace. The default is what a server runs with; tests shorten it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryPolicy {
    /// Pauses after the first, second… failed attempt; after the last one a delivery is given up.
    /// A manifest may have its own.
    pub pauses: Vec<Duration>,
    /// The longest `Retry-After` that is heeded.
    pub longest_pause: Duration,
    /// From the first byte sent to the answer's last.
    pub attempt_timeout: Duration,
    /// How long a claimed delivery is left to the process that claimed it. Longer than an attempt
    /// and the wait for its turn; whatever is not recorded by then is sent again.
    pub lease: Duration,
    /// Attempts under way at once, in all.
    pub at_once: usize,
    /// Attempts under way at once to one endpoint, so that a slow one does not hold up the others.
    pub at_once_per_endpoint: usize,
    /// Deliveries claimed at once, those that wait for their turn and those being recorded too.
    pub claimed_at_once: usize,
    /// How long an endpoint is left alone after an answer that tells of overload, unless it asks
    /// for more.
    pub rest: Duration,
}

impl Default for DeliveryPolicy {
    fn default() -> Self {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        let pauses = [
            5,
            5 * MINUTE,
            30 * MINUTE,
            2 * HOUR,
            5 * HOUR,
            10 * HOUR,
            14 * HOUR,
            20 * HOUR,
            24 * HOUR,
        ];
        Self {
            pauses: pauses.map(Duration::from_secs).to_vec(),
            longest_pause: Duration::from_secs(24 * HOUR),
            attempt_timeout: Duration::from_secs(10),
            lease: Duration::from_secs(MINUTE),
            at_once: 64,
            at_once_per_endpoint: 8,
            claimed_at_once: 1024,
            rest: Duration::from_secs(1),
        }
    }
}

impl DeliveryPolicy {
    /// How long to wait after the attempt that had `failed` scheduled ones before it; `None` when
    /// it was the last. `asked` is what the receiver asked for; `chance` spreads the retries of
    /// deliveries that failed together over a fifth of their pause.
    pub(super) fn pause(
        &self,
        failed: u32,
        own_pauses: Option<&[u64]>,
        asked: Option<Duration>,
        chance: u16,
    ) -> Option<Duration> {
        let index = usize::try_from(failed).ok()?;
        let scheduled = match own_pauses {
            Some(pauses) => pauses.get(index).copied().map(Duration::from_secs),
            None => self.pauses.get(index).copied(),
        }?;
        let spread = scheduled / 5 * u32::from(chance) / u32::from(u16::MAX);
        let asked = asked.unwrap_or_default().min(self.longest_pause);
        Some((scheduled + spread).max(asked))
    }
}

/// What an answer's `Retry-After` asks for: seconds, or a date (RFC 9110, section 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(value).ok()?;
    (date.to_utc() - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn pauses_follow_the_schedule_and_end() {
        let policy = DeliveryPolicy::default();
        assert_eq!(policy.pause(0, None, None, 0), Some(Duration::from_secs(5)));
        assert_eq!(policy.pause(0, None, None, u16::MAX), Some(Duration::from_secs(6)));
        assert_eq!(policy.pause(8, None, None, 0), Some(24 * HOUR));
        assert_eq!(policy.pause(9, None, None, 0), None);
        assert_eq!(policy.pause(1, Some(&[1, 2]), None, 0), Some(Duration::from_secs(2)));
        assert_eq!(policy.pause(2, Some(&[1, 2]), None, 0), None);
    }

    #[test]
    fn what_a_receiver_asks_for_lengthens_a_pause_within_bounds() {
        let policy = DeliveryPolicy::default();
        let asked = |seconds| policy.pause(0, None, Some(Duration::from_secs(seconds)), 0);
        assert_eq!(asked(1), Some(Duration::from_secs(5)));
        assert_eq!(asked(90), Some(Duration::from_secs(90)));
        assert_eq!(asked(u64::MAX), Some(24 * HOUR));
        assert_eq!(policy.pause(9, None, Some(HOUR), 0), None);
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = DateTime::from_timestamp(1_445_412_420, 0).unwrap();
        let read = |value: &'static str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
            retry_after(&headers, now)
        };
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(read("Wed, 21 Oct 2015 07:00:00 GMT"), None);
        assert_eq!(read("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
