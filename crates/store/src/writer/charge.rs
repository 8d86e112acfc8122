//! Charging: repeat key, hold, job, events, count; or nothing at all.

use latchkey_contract::{Amount, PrefixedId, credits::EntryKind, usage::Outcome};
use rusqlite::params;

use super::{
    Charge, Charged, NewIdempotency, WriteError,
    batch::{Batch, Outcomes},
    items::{Done, first_state},
    tallies::{Count, LastUse, UsageKey},
};
use crate::{
    UsageSpan,
    columns::{Word, micros},
};

impl Batch<'_, '_> {
    pub(super) fn charge(&mut self, charge: &Charge, output: Option<&str>) -> Outcomes<Done> {
        // A job that is finished at once is never settled, so its hold would stay for ever.
        let finished_for_a_price = charge.job.output.is_some() && charge.price > Amount::ZERO;
        if charge.price < Amount::ZERO || finished_for_a_price {
            return Ok(Err(WriteError::AmountOutOfRange));
        }
        if let Some(repeat) = &charge.idempotency
            && !self.take_key(repeat, charge)?
        {
            return Ok(self.replay(repeat, charge)?.map(Done::Charge));
        }
        let spend_day = match self.count_spend(charge)? {
            Ok(day) => day,
            Err(over_limit) => return self.refuse(charge, over_limit),
        };
        let Some(balance) = self.hold(charge)? else {
            if let Some(day) = spend_day {
                self.give_back(&charge.partner_id, &charge.key_id, charge.price, day)?;
            }
            let balance = self.read_balance(&charge.partner_id, &charge.platform)?;
            return self.refuse(charge, Charged::InsufficientCredits { balance });
        };
        self.note_low_balance(charge, balance)?;
        self.insert_job(charge, output, spend_day)?;
        for event in &charge.events {
            self.insert_event(&charge.partner_id, &charge.platform, event, charge.now)?;
        }
        self.count_charge(charge);
        Ok(Ok(Done::Accepted { balance }))
    }

    /// `false` where the key still belongs to an earlier request.
    fn take_key(&mut self, repeat: &NewIdempotency, charge: &Charge) -> rusqlite::Result<bool> {
        let taken = self.statements.take_key.execute(params![
            repeat.scope,
            repeat.key,
            repeat.payload_digest.as_slice(),
            charge.job.id,
            micros(repeat.expires_at),
            micros(charge.now),
        ])?;
        Ok(taken > 0)
    }

    fn replay(&mut self, repeat: &NewIdempotency, charge: &Charge) -> Outcomes<Charged> {
        let (digest, job_id): (Vec<u8>, String) = self
            .statements
            .read_key
            .query_row(params![repeat.scope, repeat.key], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if digest != repeat.payload_digest {
            return Ok(Ok(Charged::KeyReused { job_id }));
        }
        Ok(match self.read_job(&charge.partner_id, &job_id)? {
            Ok(Some(job)) => Ok(Charged::Replayed { job }),
            Ok(None) => Err(WriteError::Failed("a repeat key without its job".to_owned())),
            Err(error) => Err(error),
        })
    }

    /// The balance after the hold; `None` where there is too little. Nothing costs nothing.
    fn hold(&mut self, charge: &Charge) -> rusqlite::Result<Option<Amount>> {
        if charge.price == Amount::ZERO {
            return Ok(Some(Amount::ZERO));
        }
        let (partner, platform) = (charge.partner_id.as_str(), &*charge.platform);
        if self.statements.hold.execute(params![charge.price.0, partner, platform])? == 0 {
            return Ok(None);
        }
        self.statements.insert_entry.execute(params![
            format!("hold:{}", charge.job.id),
            partner,
            platform,
            EntryKind::Hold.word(),
            -charge.price.0,
            0,
            charge.job.id,
            charge.key_id.as_str(),
            micros(charge.now),
        ])?;
        self.read_balance(&charge.partner_id, platform).map(Some)
    }

    /// Leaves a note where this hold crossed the account's threshold.
    fn note_low_balance(&mut self, charge: &Charge, balance: Amount) -> rusqlite::Result<()> {
        let crossed = |low: Amount| balance < low && low <= balance + charge.price;
        if charge.price > Amount::ZERO && charge.low_balance.is_some_and(crossed) {
            let row = params![micros(charge.now), charge.partner_id.as_str(), &*charge.platform];
            self.statements.note_low_balance.execute(row)?;
        }
        Ok(())
    }

    /// Nothing is charged: the repeat key is free again.
    fn refuse(&mut self, charge: &Charge, answer: Charged) -> Outcomes<Done> {
        if let Some(repeat) = &charge.idempotency {
            self.statements.drop_key.execute(params![repeat.scope, repeat.key])?;
        }
        Ok(Ok(Done::Charge(answer)))
    }

    fn insert_job(
        &mut self,
        charge: &Charge,
        output: Option<&str>,
        spend_day: Option<i64>,
    ) -> rusqlite::Result<()> {
        let now = micros(charge.now);
        self.statements.insert_job.execute(params![
            charge.job.id,
            charge.partner_id.as_str(),
            &*charge.platform,
            charge.environment.word(),
            charge.key_id.as_str(),
            &*charge.operation,
            first_state(charge).word(),
            charge.price.0,
            charge.job.request,
            charge.job.webhook_url,
            output,
            now,
            output.map(|_| now),
            spend_day,
        ])?;
        Ok(())
    }

    fn count_charge(&mut self, charge: &Charge) {
        let last = LastUse {
            partner_id: charge.partner_id.clone(),
            at: charge.now,
            first_at: charge.now,
            caller: charge.caller.clone(),
        };
        self.counts.note_use(charge.key_id.clone(), last);
        let key = UsageKey {
            span: UsageSpan::QuarterHour,
            bucket: UsageSpan::QuarterHour.bucket(charge.now),
            partner_id: charge.partner_id.clone(),
            platform: charge.platform.clone(),
            environment: charge.environment,
            key_id: charge.key_id.clone(),
            operation: charge.operation.clone(),
            outcome: Outcome::Accepted,
        };
        self.counts.count(charge.now, key, Count { requests: 1, credits: 0 });
    }
}
