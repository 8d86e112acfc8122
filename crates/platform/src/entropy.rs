//! Randomness, as a parameter.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use latchkey_contract::PrefixedId;
use rand::{TryRng, rngs::SysRng};

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// Draws random bytes. Tests bring their own.
#[derive(Clone)]
pub struct Entropy(Arc<Fill>);

impl Entropy {
    /// The system's generator. It does not fail on the systems we run on once they are up; if it
    /// does, there is nothing safe left to do with keys, and the process stops.
    #[must_use]
    pub fn system() -> Self {
        #[expect(clippy::expect_used, reason = "keys must never be drawn from anything weaker")]
        Self(Arc::new(|bytes| SysRng.try_fill_bytes(bytes).expect("the system's random generator")))
    }

    /// A generator that asks `fill` every time.
    pub fn from_fn(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.0)(&mut bytes);
        bytes
    }

    /// A new id that sorts at `now`.
    #[must_use]
    pub fn id<I: PrefixedId>(&self, now: DateTime<Utc>) -> I {
        let unix_ms = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        I::from_parts(unix_ms, u128::from_be_bytes(self.bytes()))
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}
