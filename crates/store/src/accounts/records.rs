//! What the audit log keeps of accounts.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Amount,
    credits::{TopUp, TopUpTrigger},
    platforms::IpEntry,
};

use super::AccountRow;
use crate::{Author, NewAuditEvent, columns::Word};

/// Something was done to an account.
pub(crate) fn of_account(
    account: &AccountRow,
    author: &Author,
    action: &'static str,
    now: DateTime<Utc>,
) -> NewAuditEvent {
    let subject = ("account", account.platform.as_str(), account.platform.as_str());
    NewAuditEvent::new(&account.partner_id, author, action, subject, now)
        .on_platform(&account.platform)
}

/// Threshold, rule and IP entries, each if it changed.
pub(super) fn of_settings(
    before: &AccountRow,
    after: &AccountRow,
    author: &Author,
    now: DateTime<Utc>,
) -> impl Iterator<Item = NewAuditEvent> {
    let low = of_account(after, author, "account.low_balance_changed", now).changing(
        "low_balance",
        before.low_balance,
        after.low_balance,
    );
    let (was, is) = (before.top_up, after.top_up);
    let rule = of_account(after, author, "account.top_up_rule_changed", now)
        .changing("enabled", Some(was.enabled), Some(is.enabled))
        .changing("threshold", Some(was.threshold), Some(is.threshold))
        .changing("amount", Some(was.amount), Some(is.amount))
        .changing("monthly_ceiling", Some(was.monthly_ceiling), Some(is.monthly_ceiling))
        .changing("cooldown_seconds", Some(was.cooldown_seconds), Some(is.cooldown_seconds));
    let entries = of_account(after, author, "account.ip_entries_changed", now).changing(
        "ip_entries",
        Some(told(&before.ip_entries)),
        Some(told(&after.ip_entries)),
    );
    [low, rule, entries].into_iter().filter(|event| !event.changes.is_empty())
}

/// As the audit log tells it: `live 203.0.113.0/24, test 10.0.0.1 (off)`.
fn told(entries: &[IpEntry]) -> String {
    let tell = |entry: &IpEntry| {
        let off = if entry.active { "" } else { " (off)" };
        format!("{} {}{off}", entry.environment.word(), entry.rule)
    };
    entries.iter().map(tell).collect::<Vec<_>>().join(", ")
}

/// Credits were given or corrected by the operator.
pub(crate) fn of_movement(
    account: &AccountRow,
    author: &Author,
    action: &'static str,
    (amount, note): (Amount, Option<&str>),
    now: DateTime<Utc>,
) -> NewAuditEvent {
    of_account(account, author, action, now)
        .with("amount", Some(amount))
        .with("note", note)
        .changing("balance", Some(account.balance - amount), Some(account.balance))
}

/// Credits were bought, or not.
pub(crate) fn of_top_up(account: &AccountRow, author: &Author, top_up: &TopUp) -> NewAuditEvent {
    let action = top_up.reason.map_or("account.top_up_booked", |_| "account.top_up_not_booked");
    let rule = (top_up.trigger == TopUpTrigger::Rule).then_some(account.top_up.amount);
    of_account(account, author, action, top_up.at)
        .with("amount", Some(top_up.amount))
        .with("reason", top_up.reason.map(Word::word))
        .with("rule", rule)
        .with("owed", Some(top_up.owed_after))
}
