//! How often a password may be guessed.
//!
//! Counted by the system's monotonic clock: the wall clock may jump without letting anyone in
//! or out.

use std::{net::IpAddr, num::NonZeroU32};

use governor::{
    DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock, QuantaInstant},
};
use latchkey_contract::MemberId;
use sha2::{Digest, Sha256};

use super::SessionError;

/// Attempts on one account from one address: ten at once, then one every six seconds.
const A_MINUTE_AND_ACCOUNT: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Attempts on one account, wherever from: sixty at once, then one a minute. Many addresses are
/// cheap to have. Whoever uses them up keeps the member waiting too, but guesses nothing.
const AN_HOUR_AND_ACCOUNT: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// Attempts from one address, whatever the account: against one password tried on many.
const A_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Counts attempts in memory. An attempt counts whether it succeeds or not.
pub(super) struct Guesses {
    accounts: DefaultKeyedRateLimiter<[u8; 32]>,
    accounts_by_address: DefaultKeyedRateLimiter<(IpAddr, [u8; 32])>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    codes: DefaultKeyedRateLimiter<MemberId>,
}

impl Default for Guesses {
    fn default() -> Self {
        Self {
            accounts: RateLimiter::keyed(Quota::per_hour(AN_HOUR_AND_ACCOUNT)),
            accounts_by_address: RateLimiter::keyed(Quota::per_minute(A_MINUTE_AND_ACCOUNT)),
            addresses: RateLimiter::keyed(Quota::per_minute(A_MINUTE)),
            codes: RateLimiter::keyed(Quota::per_minute(A_MINUTE)),
        }
    }
}

impl Guesses {
    /// Counts an attempt on the account behind `email`, known or not.
    pub(super) fn admit(&self, address: IpAddr, email: &str) -> Result<(), SessionError> {
        self.admit_address(address)?;
        let account = Sha256::digest(email.trim().to_lowercase()).into();
        let here = (network(address), account);
        self.accounts_by_address.check_key(&here).map_err(too_many)?;
        self.accounts.check_key(&account).map_err(too_many)
    }

    /// Counts an attempt from an address.
    pub(super) fn admit_address(&self, address: IpAddr) -> Result<(), SessionError> {
        self.addresses.check_key(&network(address)).map_err(too_many)
    }

    /// Counts a member's look at a code.
    pub(super) fn admit_code(&self, member: &MemberId) -> Result<(), SessionError> {
        self.codes.check_key(member).map_err(too_many)
    }

    pub(super) fn prune(&self) {
        self.accounts.retain_recent();
        self.accounts_by_address.retain_recent();
        self.addresses.retain_recent();
        self.codes.retain_recent();
    }
}

fn too_many(until: NotUntil<QuantaInstant>) -> SessionError {
    SessionError::TooManyAttempts {
        retry_after: until.wait_time_from(DefaultClock::default().now()),
    }
}

/// One customer of an IPv6 provider has a whole /64; it counts as one address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn from(address: u32) -> IpAddr {
        Ipv4Addr::from_bits(0x0a00_0000 + address).into()
    }

    #[test]
    fn many_addresses_guess_no_more_than_a_few() {
        let guesses = Guesses::default();
        let admitted = (0..200).filter(|n| guesses.admit(from(*n), "Jane@example.com").is_ok());
        assert_eq!(admitted.count(), 60);
        let refused = guesses.admit(from(300), " jane@example.com");
        assert!(matches!(refused, Err(SessionError::TooManyAttempts { .. })), "{refused:?}");
        assert!(guesses.admit(from(300), "john@example.com").is_ok(), "an account has its own");
    }

    #[test]
    fn one_address_guesses_fewer_still() {
        let guesses = Guesses::default();
        let on = |email: &str| (0..50).filter(|_| guesses.admit(from(1), email).is_ok()).count();
        assert_eq!((on("jane@example.com"), on("john@example.com")), (10, 10));
    }
}
