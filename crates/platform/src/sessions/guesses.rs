//! How often a password may be guessed.
//!
//! Counted by the system's monotonic clock: the wall clock may jump without letting anyone in
//! or out.

use std::{net::IpAddr, num::NonZeroU32};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use sha2::{Digest, Sha256};

use super::SessionError;

/// Attempts on one account from one address: ten at once, then one every six seconds.
const A_MINUTE_AND_ACCOUNT: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Attempts from one address, whatever the account: against one password tried on many.
const A_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Counts attempts in memory. An attempt counts whether it succeeds or not.
pub(super) struct Guesses {
    accounts: DefaultKeyedRateLimiter<(IpAddr, [u8; 32])>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for Guesses {
    fn default() -> Self {
        Self {
            accounts: RateLimiter::keyed(Quota::per_minute(A_MINUTE_AND_ACCOUNT)),
            addresses: RateLimiter::keyed(Quota::per_minute(A_MINUTE)),
        }
    }
}

impl Guesses {
    /// Counts an attempt on the account behind `email`, known or not.
    pub(super) fn admit(&self, address: IpAddr, email: &str) -> Result<(), SessionError> {
        self.admit_address(address)?;
        let account = Sha256::digest(email.trim().to_lowercase()).into();
        self.accounts.check_key(&(network(address), account)).map_err(|until| {
            SessionError::TooManyAttempts {
                retry_after: until.wait_time_from(DefaultClock::default().now()),
            }
        })
    }

    /// Counts an attempt from an address.
    pub(super) fn admit_address(&self, address: IpAddr) -> Result<(), SessionError> {
        self.addresses.check_key(&network(address)).map_err(|until| SessionError::TooManyAttempts {
            retry_after: until.wait_time_from(DefaultClock::default().now()),
        })
    }

    pub(super) fn prune(&self) {
        self.accounts.retain_recent();
        self.addresses.retain_recent();
    }
}

/// One customer of an IPv6 provider has a whole /64; it counts as one address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}
