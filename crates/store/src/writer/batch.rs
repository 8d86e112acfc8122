//! One batch in one transaction. A refusal (no credits, a repeated key) is an answer and leaves
//! the others alone; an error of the database undoes the whole batch.

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, KeyId, PartnerId, PrefixedId, credits::EntryKind, usage::Outcome};
use rusqlite::{OptionalExtension, Row, params};
use tokio::sync::oneshot;

use super::{
    Caller, Charge, Charged, NewIdempotency, Settled, SettledAs, Settlement, WriteError,
    statements::Statements,
    tallies::{Count, Counts, LastUse, UsageKey},
};
use crate::{
    JobRow, JobState, NewEvent, UsageSpan,
    columns::{Word, micros},
    entities::jobs,
};

/// A request that waits, its JSON written out already: the writer's thread has better to do.
pub(super) enum Item {
    Charge {
        charge: Box<Charge>,
        request: String,
        output: Option<String>,
        reply: oneshot::Sender<Result<Charged, WriteError>>,
    },
    Settlement {
        settlement: Box<Settlement>,
        output: Option<String>,
        reply: oneshot::Sender<Result<Settled, WriteError>>,
    },
}

/// What a batch says to one request.
pub(super) type Answer = Result<Done, WriteError>;

/// How a request of the batch ended.
pub(super) enum Done {
    /// Held and kept; the job is built from the charge itself.
    Accepted {
        balance: Amount,
    },
    Charge(Charged),
    Settlement(Settled),
}

/// The outer error undoes the batch, the inner one is this request's answer.
type Outcomes<T> = rusqlite::Result<Result<T, WriteError>>;

impl Item {
    pub(super) fn charge(
        charge: Charge,
        reply: oneshot::Sender<Result<Charged, WriteError>>,
    ) -> Self {
        let request = charge.job.request.to_string();
        let output = charge.job.output.as_ref().map(ToString::to_string);
        Self::Charge { charge: Box::new(charge), request, output, reply }
    }

    pub(super) fn settlement(
        settlement: Settlement,
        reply: oneshot::Sender<Result<Settled, WriteError>>,
    ) -> Self {
        let output = match &settlement.result {
            SettledAs::Succeeded { output, .. } => Some(output.to_string()),
            SettledAs::Failed { .. } | SettledAs::Canceled => None,
        };
        Self::Settlement { settlement: Box::new(settlement), output, reply }
    }

    /// Answers who waits, if somebody still does.
    pub(super) fn answer(self, answer: Answer) {
        match self {
            Self::Charge { charge, reply, .. } => {
                let _ = reply.send(answer.and_then(|done| match done {
                    Done::Accepted { balance } => {
                        Ok(Charged::Accepted { job: accepted_job(*charge), balance })
                    }
                    Done::Charge(charged) => Ok(charged),
                    Done::Settlement(_) => Err(WriteError::Closed),
                }));
            }
            Self::Settlement { reply, .. } => {
                let _ = reply.send(answer.and_then(|done| match done {
                    Done::Settlement(settled) => Ok(settled),
                    Done::Accepted { .. } | Done::Charge(_) => Err(WriteError::Closed),
                }));
            }
        }
    }
}

/// Writes the items and the waiting counts in one transaction; one answer an item.
pub(super) fn write(
    statements: &mut Statements<'_>,
    items: &[Item],
    waiting: &Counts,
) -> rusqlite::Result<Vec<Answer>> {
    statements.begin.execute([])?;
    let written = write_items(statements, items, waiting).and_then(|answers| {
        statements.commit.execute([])?;
        Ok(answers)
    });
    if written.is_err() {
        statements.abort();
    }
    written
}

fn write_items(
    statements: &mut Statements<'_>,
    items: &[Item],
    waiting: &Counts,
) -> rusqlite::Result<Vec<Answer>> {
    let mut batch = Batch { statements, counts: Counts::default() };
    let mut answers = Vec::with_capacity(items.len());
    for item in items {
        answers.push(match item {
            Item::Charge { charge, request, output, .. } => {
                batch.charge(charge, request, output.as_deref())?
            }
            Item::Settlement { settlement, output, .. } => {
                batch.settle(settlement, output.as_deref())?.map(Done::Settlement)
            }
        });
    }
    let Batch { statements, counts } = batch;
    write_counts(statements, waiting)?;
    write_counts(statements, &counts)?;
    Ok(answers)
}

struct Batch<'a, 'c> {
    statements: &'a mut Statements<'c>,
    counts: Counts,
}

impl Batch<'_, '_> {
    fn charge(&mut self, charge: &Charge, request: &str, output: Option<&str>) -> Outcomes<Done> {
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
        let Some(balance) = self.hold(charge)? else {
            return self.refuse(charge);
        };
        self.insert_job(charge, request, output)?;
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
            return Ok(Ok(Charged::KeyReused));
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
        let hold = &mut self.statements.hold;
        let balance = hold
            .query_row(params![charge.price.0, partner, platform], |row| row.get(0))
            .optional()?;
        let Some(balance) = balance else {
            return Ok(None);
        };
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
        Ok(Some(Amount(balance)))
    }

    /// Too few credits: the repeat key is free again.
    fn refuse(&mut self, charge: &Charge) -> Outcomes<Done> {
        if let Some(repeat) = &charge.idempotency {
            self.statements.drop_key.execute(params![repeat.scope, repeat.key])?;
        }
        let balance = self.read_balance(&charge.partner_id, &charge.platform)?;
        Ok(Ok(Done::Charge(Charged::InsufficientCredits { balance })))
    }

    fn insert_job(
        &mut self,
        charge: &Charge,
        request: &str,
        output: Option<&str>,
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
            request,
            charge.job.webhook_url,
            output,
            now,
            output.map(|_| now),
        ])?;
        Ok(())
    }

    fn insert_event(
        &mut self,
        partner_id: &PartnerId,
        platform: &str,
        event: &NewEvent,
        now: DateTime<Utc>,
    ) -> rusqlite::Result<()> {
        let (partner, environment, now) =
            (partner_id.as_str(), event.environment.word(), micros(now));
        let id = event.id.as_str();
        let (event_type, subject, body) = (&event.event_type, &event.subject, &event.body);
        let row = params![id, partner, platform, environment, event_type, subject, body, now];
        self.statements.insert_event.execute(row)?;
        for delivery in &event.deliveries {
            self.statements.insert_delivery.execute(params![
                delivery.id.as_str(),
                partner,
                delivery.endpoint_id.as_str(),
                id,
                platform,
                environment,
                event_type,
                delivery.url,
                now,
                micros(delivery.at),
            ])?;
        }
        Ok(())
    }

    fn count_charge(&mut self, charge: &Charge) {
        let last = LastUse {
            partner_id: charge.partner_id.clone(),
            at: charge.now,
            caller: charge.caller.clone(),
        };
        self.counts.note_use(charge.key_id.clone(), last);
        let key = UsageKey {
            minute: UsageSpan::Minute.bucket(charge.now),
            partner_id: charge.partner_id.clone(),
            platform: charge.platform.clone(),
            environment: charge.environment,
            key_id: charge.key_id.clone(),
            operation: charge.operation.clone(),
            outcome: Outcome::Accepted,
        };
        self.counts.count(key, Count { requests: 1, credits: 0 });
    }

    fn settle(&mut self, settlement: &Settlement, output: Option<&str>) -> Outcomes<Settled> {
        let job = match self.end_job(settlement, output)? {
            Ok(Some(job)) => job,
            Ok(None) => return self.refuse_settlement(settlement),
            Err(error) => return Ok(Err(error)),
        };
        let balance = self.settle_hold(settlement, &job)?;
        for event in &settlement.events {
            self.insert_event(&job.partner_id, &job.platform, event, settlement.now)?;
        }
        self.count_settlement(settlement, &job);
        Ok(Ok(Settled::Done { job, balance }))
    }

    fn end_job(
        &mut self,
        settlement: &Settlement,
        output: Option<&str>,
    ) -> Outcomes<Option<JobRow>> {
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
        Ok(job_row(self.statements.end_job.query_row(row, job_model).optional()?))
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
        let balance = self.statements.settle.query_row(row, |row| row.get(0))?;
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
        Ok(Amount(balance))
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
            minute: UsageSpan::Minute.bucket(settlement.now),
            partner_id: job.partner_id.clone(),
            platform: job.platform.as_str().into(),
            environment: job.environment,
            key_id: job.key_id.clone(),
            operation: job.operation.as_str().into(),
            outcome,
        };
        if count != Count::default() {
            self.counts.count(key, count);
        }
    }

    fn read_job(&mut self, partner_id: &PartnerId, job_id: &str) -> Outcomes<Option<JobRow>> {
        let row = params![job_id, partner_id.as_str()];
        Ok(job_row(self.statements.read_job.query_row(row, job_model).optional()?))
    }

    fn read_balance(&mut self, partner_id: &PartnerId, platform: &str) -> rusqlite::Result<Amount> {
        let row = params![partner_id.as_str(), platform];
        let balance = self.statements.read_balance.query_row(row, |row| row.get(0)).optional()?;
        Ok(Amount(balance.unwrap_or_default()))
    }
}

/// One upsert a count and span, one update a key.
fn write_counts(statements: &mut Statements<'_>, counts: &Counts) -> rusqlite::Result<()> {
    for (key, count) in &counts.usage {
        for span in [UsageSpan::Minute, UsageSpan::QuarterHour] {
            statements.add_usage.execute(params![
                key.partner_id.as_str(),
                span.seconds(),
                key.minute - key.minute.rem_euclid(span.seconds()),
                &*key.platform,
                key.environment.word(),
                key.key_id.as_str(),
                &*key.operation,
                key.outcome.word(),
                count.requests,
                count.credits,
            ])?;
        }
    }
    for (key_id, last) in &counts.last_used {
        note_use(statements, key_id, last)?;
    }
    Ok(())
}

fn note_use(
    statements: &mut Statements<'_>,
    key_id: &KeyId,
    last: &LastUse,
) -> rusqlite::Result<()> {
    let Caller { address, agent } = &last.caller;
    let (at, partner) = (micros(last.at), last.partner_id.as_str());
    statements.note_use.execute(params![
        at,
        address.as_deref(),
        agent.as_deref(),
        key_id.as_str(),
        partner
    ])?;
    Ok(())
}

const fn first_state(charge: &Charge) -> JobState {
    if charge.job.output.is_some() { JobState::Succeeded } else { JobState::Queued }
}

/// The job as it was just written.
fn accepted_job(charge: Charge) -> JobRow {
    JobRow {
        state: first_state(&charge),
        id: charge.job.id,
        partner_id: charge.partner_id,
        platform: charge.platform.to_string(),
        environment: charge.environment,
        key_id: charge.key_id,
        operation: charge.operation.to_string(),
        price: charge.price,
        captured: Amount::ZERO,
        request: charge.job.request,
        webhook_url: charge.job.webhook_url,
        progress: None,
        finished_at: charge.job.output.as_ref().map(|_| charge.now),
        output: charge.job.output,
        failure: None,
        created_at: charge.now,
        started_at: None,
    }
}

fn job_row(model: Option<jobs::Model>) -> Result<Option<JobRow>, WriteError> {
    model.map(JobRow::try_from).transpose().map_err(|error| WriteError::Failed(error.to_string()))
}

/// Reads the columns in the order of the statements.
fn job_model(row: &Row<'_>) -> rusqlite::Result<jobs::Model> {
    Ok(jobs::Model {
        id: row.get(0)?,
        partner_id: row.get(1)?,
        platform: row.get(2)?,
        environment: row.get(3)?,
        key_id: row.get(4)?,
        operation: row.get(5)?,
        state: row.get(6)?,
        price: row.get(7)?,
        captured: row.get(8)?,
        request: row.get(9)?,
        webhook_url: row.get(10)?,
        progress: row.get(11)?,
        output: row.get(12)?,
        failure_code: row.get(13)?,
        failure_message: row.get(14)?,
        created_at: row.get(15)?,
        started_at: row.get(16)?,
        finished_at: row.get(17)?,
    })
}
