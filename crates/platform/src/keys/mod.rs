//! API keys: how they are made, recognised and changed.

pub mod cache;
pub mod change;
pub mod cut_over;
pub mod describe;
pub mod format;
pub mod ip;
pub(crate) mod ip_entries;
pub mod issue;
mod limits;
pub mod rotate;

pub use cache::{KeyCache, KeyState};
pub use change::{revoke_key, update_key};
pub use cut_over::get_cut_over;
pub use describe::{describe_key, describe_keys};
pub use format::{KeyDigest, PlainKey};
pub use issue::issue_key;
pub(crate) use issue::other_of_pair;
pub use rotate::{end_grace, rotate_key};

use latchkey_contract::FieldError;
use latchkey_store::StoreError;

use crate::{input::Faults, manifest::Manifest};

/// Why a key was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("some fields are not as they must be")]
    Invalid(Vec<FieldError>),
    #[error("there is no such key")]
    Absent,
    /// Somebody changed it in between.
    #[error("the key was changed in the meantime")]
    Stale,
    /// A revoked key never comes back.
    #[error("the key is revoked")]
    Revoked,
    /// It has come to its end, or its grace has.
    #[error("the key has expired")]
    Expired,
    /// The grace of an earlier rotation still runs.
    #[error("the key is being rotated")]
    RotationInProgress,
    /// It neither replaces a key nor was replaced.
    #[error("the key was not rotated")]
    NotRotated,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The scopes asked for, in the platform's order and each once.
fn checked_scopes(faults: &mut Faults, manifest: &Manifest, asked: &[String]) -> Vec<String> {
    let known: Vec<&str> = manifest.scopes.iter().map(|scope| scope.name.as_str()).collect();
    for (at, scope) in asked.iter().enumerate() {
        let detail = if known.is_empty() {
            "must not be given: keys of this platform have no scopes".to_owned()
        } else {
            format!("must be one of: {}", known.join(", "))
        };
        faults.require(known.contains(&scope.as_str()), &format!("/scopes/{at}"), detail);
    }
    let asked = |scope: &&str| asked.iter().any(|asked| asked == scope);
    known.into_iter().filter(asked).map(str::to_owned).collect()
}
