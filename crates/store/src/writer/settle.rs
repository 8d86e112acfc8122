//! Settling: the job ends, its hold is captured or released, its events are written.

use latchkey_contract::{Amount, PrefixedId, credits::EntryKind, usage::Outcome};
use rusqlite::{OptionalExtension, params};

use super::{
    Settled, SettledAs, Settlement, WriteError,
    batch::{Batch, Outcomes, job_model, job_row},
    tallies::{Count, UsageKey},
};
use crate::{
    JobRow, JobState, UsageSpan,
    columns::{Word, micros},
};

impl Batch<'_, '_> {
    pub(super) fn settle(
        &mut self,
        settlement: &Settlement,
        output: Option<&str>,
    ) -> Outcomes<Settled> {
        let (job, spend_day) = match self.end_job(settlement, output)? {
            Ok(Some(ended)) => ended,
            Ok(None) => return self.refuse_settlement(settlement),
            Err(error) => return Ok(Err(error)),
        };
        let balance = self.settle_hold(settlement, &job)?;
        let unspent = job.price - job.captured;
        if let Some(day) = spend_day.filter(|_| unspent > Amount::ZERO) {
            self.give_back(&job.partner_id, &job.key_id, unspent, day)?;
        }
        for event in &settlement.events {
            self.insert_event(&job.partner_id, &job.platform, event, settlement.now)?;
        }
        self.count_settlement(settlement, &job);
        Ok(Ok(Settled::Done { job, balance }))
    }

    /// The ended job, and the day its hold counts on where its key had a spend limit.
    fn end_job(
        &mut self,
        settlement: &Settlement,
        output: Option<&str>,
    ) -> Outcomes<Option<(JobRow, Option<i64>)>> {
        let (state, captured, failure) = match &settlement.result {
            SettledAs::Succeeded { captured, .. } => (JobState::Succeeded, *captured, None),
            SettledAs::Failed { code, message } => {
                (JobState::Failed, Amount::ZERO, Some((code, message)))
            }
            SettledAs::Canceled => (JobState::Canceled, Amount::ZERO, None),
        };
        let row = params![
            settlement.job_id,
            settlement.partner_id.as_str(),
            captured.0,
            state.word(),
            output,
            failure.map(|(code, _)| code),
            failure.map(|(_, message)| message),
            micros(settlement.now),
        ];
        let model = self.statements.end_job.query_row(row, job_model).optional()?;
        let spend_day = model.as_ref().and_then(|job| job.spend_day);
        Ok(job_row(model).map(|job| job.map(|job| (job, spend_day))))
    }

    /// Nothing was ended: settled before, nobody's, or more captured than held.
    fn refuse_settlement(&mut self, settlement: &Settlement) -> Outcomes<Settled> {
        Ok(match self.read_job(&settlement.partner_id, &settlement.job_id)? {
            Ok(Some(job)) if job.state.is_final() => Ok(Settled::AlreadySettled { job }),
            Ok(Some(_)) => Err(WriteError::AmountOutOfRange),
            Ok(None) => Ok(Settled::Absent),
            Err(error) => Err(error),
        })
    }

    /// Captures or releases what the job held; the balance after it.
    fn settle_hold(&mut self, settlement: &Settlement, job: &JobRow) -> rusqlite::Result<Amount> {
        if job.price == Amount::ZERO {
            return self.read_balance(&job.partner_id, &job.platform);
        }
        let (partner, platform) = (job.partner_id.as_str(), &job.platform);
        let row = params![job.price.0, job.captured.0, partner, platform];
        self.statements.settle.execute(row)?;
        let kind = match &settlement.result {
            SettledAs::Succeeded { .. } => EntryKind::Capture,
            SettledAs::Failed { .. } | SettledAs::Canceled => EntryKind::Release,
        };
        self.statements.insert_entry.execute(params![
            format!("settle:{}", job.id),
            partner,
            platform,
            kind.word(),
            job.price.0.saturating_sub(job.captured.0),
            job.price.0,
            job.id,
            job.key_id.as_str(),
            micros(settlement.now),
        ])?;
        self.read_balance(&job.partner_id, platform)
    }

    fn count_settlement(&mut self, settlement: &Settlement, job: &JobRow) {
        let (outcome, count) = match &settlement.result {
            SettledAs::Succeeded { .. } => {
                (Outcome::Accepted, Count { requests: 0, credits: job.captured.0 })
            }
            SettledAs::Failed { .. } => (Outcome::Failed, Count { requests: 1, credits: 0 }),
            SettledAs::Canceled => return,
        };
        let key = UsageKey {
            span: UsageSpan::QuarterHour,
            bucket: UsageSpan::QuarterHour.bucket(settlement.now),
            partner_id: job.partner_id.clone(),
            platform: job.platform.as_str().into(),
            environment: job.environment,
            key_id: job.key_id.clone(),
            operation: job.operation.as_str().into(),
            outcome,
        };
        if count != Count::default() {
            self.counts.count(settlement.now, key, count);
        }
    }
}
