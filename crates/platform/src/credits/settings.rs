//! What a member sets for an account.

use std::ops::RangeInclusive;

use latchkey_contract::{
    Amount, FieldError, PartnerId, credits::TopUpRule, events::Topic, platforms::UpdateAccount,
};
use latchkey_store::{AccountChange, AccountRow, Author, StoreError, Updated};

use crate::{Context, input::Faults, keys::ip_entries, manifest::Manifest};

/// Amounts that are bought or set as a threshold: above nothing, at most a billion credits.
pub const CREDITS: RangeInclusive<Amount> = Amount(1)..=Amount::from_credits(1_000_000_000);
/// Thirty days.
const LONGEST_COOLDOWN: u32 = 30 * 24 * 60 * 60;

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("some fields are not as they must be")]
    Invalid(Vec<FieldError>),
    #[error("there is no such account")]
    Absent,
    /// Somebody changed it in between.
    #[error("the account was changed in the meantime")]
    Stale,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Changes threshold, rule and IP entries of an account that still has this version. They hold from
/// the next call on.
///
/// # Errors
/// All fields at fault at once; [`AccountError::Absent`], [`AccountError::Stale`].
pub async fn update_account(
    context: &Context,
    partner: &PartnerId,
    platform: &str,
    version: i64,
    request: UpdateAccount,
    author: &Author,
) -> Result<AccountRow, AccountError> {
    let manifest = context.manifests.get(platform).ok_or(AccountError::Absent)?;
    let change = checked(manifest, request).map_err(AccountError::Invalid)?;
    let now = context.clock.now();
    match context.store.update_account(partner, platform, version, change, (author, now)).await? {
        Updated::Changed(row) => {
            context.keys.forget_partner(partner);
            context.live.announce(partner, Topic::Accounts, Some(platform));
            context.live.announce(partner, Topic::Audit, Some(platform));
            Ok(row)
        }
        Updated::Stale(_) => Err(AccountError::Stale),
        Updated::Absent => Err(AccountError::Absent),
    }
}

fn checked(manifest: &Manifest, request: UpdateAccount) -> Result<AccountChange, Vec<FieldError>> {
    let mut faults = Faults::default();
    if let Some(low) = request.low_balance {
        faults.require(
            low == Amount::ZERO || CREDITS.contains(&low),
            "/low_balance",
            "must be above 0 and at most 1000000000 credits, in millionths, or 0 to be told no more",
        );
    }
    if let Some(rule) = &request.top_up {
        check_rule(&mut faults, rule);
    }
    let entries = request.ip_entries.map(|asked| ip_entries::checked(&mut faults, manifest, asked));
    faults.finish()?;
    Ok(AccountChange {
        low_balance: request.low_balance.map(|low| Some(low).filter(|low| *low > Amount::ZERO)),
        top_up: request.top_up,
        ip_entries: entries,
    })
}

/// A rule that is off may hold anything that is no amount below zero.
fn check_rule(faults: &mut Faults, rule: &TopUpRule) {
    let off_or = |amount: Amount| CREDITS.contains(&amount) || !rule.enabled && amount.0 == 0;
    faults.require(
        rule.threshold == Amount::ZERO || CREDITS.contains(&rule.threshold),
        "/top_up/threshold",
        "must be 0 to 1000000000 credits, in millionths",
    );
    faults.require(
        off_or(rule.amount),
        "/top_up/amount",
        "must be above 0 and at most 1000000000 credits, in millionths",
    );
    faults.require(
        off_or(rule.monthly_ceiling),
        "/top_up/monthly_ceiling",
        "must be above 0 and at most 1000000000 credits, in millionths",
    );
    faults.require(
        !rule.enabled || rule.monthly_ceiling >= rule.amount,
        "/top_up/monthly_ceiling",
        "must be at least the amount, or the rule never buys",
    );
    faults.require(
        rule.cooldown_seconds <= LONGEST_COOLDOWN,
        "/top_up/cooldown_seconds",
        "must be at most 2592000, which is 30 days",
    );
}
