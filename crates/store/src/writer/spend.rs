//! Spend limits of keys: counted with the hold, given back with what is not spent of it.

use latchkey_contract::{Amount, KeyId, PartnerId, PrefixedId};
use rusqlite::{OptionalExtension, params};

use super::{Charge, Charged, SpendLimit, batch::Batch};
use crate::{KeySpend, SpendLimits, spend::day_of};

impl Batch<'_, '_> {
    /// Counts the hold of a charge against its key's limits: the day it counts on, nothing for a
    /// key without limits, or why it is refused.
    pub(super) fn count_spend(
        &mut self,
        charge: &Charge,
    ) -> rusqlite::Result<Result<Option<i64>, Charged>> {
        if !charge.limits.any() || charge.price == Amount::ZERO {
            return Ok(Ok(None));
        }
        let SpendLimits { daily_limit, credit_allowance } = charge.limits;
        let row = params![
            charge.key_id.as_str(),
            charge.partner_id.as_str(),
            charge.price.0,
            day_of(charge.now),
            credit_allowance.map(|limit| limit.0),
            daily_limit.map(|limit| limit.0),
        ];
        let counted = self.statements.count_spend.query_row(row, |row| row.get(0)).optional()?;
        match counted {
            Some(day) => Ok(Ok(Some(day))),
            None => self.over_limit(charge).map(Err),
        }
    }

    /// Gives back to a key what it did not spend of a hold that counted on `day`.
    pub(super) fn give_back(
        &mut self,
        partner_id: &PartnerId,
        key_id: &KeyId,
        amount: Amount,
        day: i64,
    ) -> rusqlite::Result<()> {
        let row = params![key_id.as_str(), partner_id.as_str(), amount.0, day];
        self.statements.give_back.execute(row)?;
        Ok(())
    }

    /// The limit that a charge goes over; the one in all where it goes over both.
    fn over_limit(&mut self, charge: &Charge) -> rusqlite::Result<Charged> {
        let row = params![charge.key_id.as_str(), charge.partner_id.as_str()];
        let spend = self.statements.read_spend.query_row(row, |row| {
            Ok(KeySpend::new(Amount(row.get(0)?), row.get(1)?, Amount(row.get(2)?)))
        })?;
        let left = |limit: Option<Amount>, spent: Amount| {
            limit.map(|limit| (limit - spent).max(Amount::ZERO))
        };
        let in_all = left(charge.limits.credit_allowance, spend.in_all);
        let today = left(charge.limits.daily_limit, spend.today(charge.now));
        Ok(match in_all.filter(|left| *left < charge.price) {
            Some(left) => Charged::OverLimit { limit: SpendLimit::Allowance, left },
            None => {
                Charged::OverLimit { limit: SpendLimit::Daily, left: today.unwrap_or_default() }
            }
        })
    }
}
