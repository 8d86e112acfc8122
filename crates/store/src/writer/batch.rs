//! One batch in one transaction. A refusal (no credits, a repeated key) is an answer and leaves
//! the others alone; an error of the database undoes the whole batch.

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, PartnerId, PrefixedId};
use rusqlite::{OptionalExtension, Row, params};

use super::{
    WriteError, counting,
    items::{Answer, Done, Item},
    statements::Statements,
    tallies::Counts,
};
use crate::{
    JobRow, NewEvent,
    columns::{Word, micros},
    entities::jobs,
};

/// The outer error undoes the batch, the inner one is this request's answer.
pub(super) type Outcomes<T> = rusqlite::Result<Result<T, WriteError>>;

/// What a committed batch leaves behind.
pub(super) struct Written {
    /// One an item.
    pub(super) answers: Vec<Answer>,
    /// Counts that may be written with a later batch.
    pub(super) later: Counts,
}

/// Writes the items and the waiting counts in one transaction.
pub(super) fn write(
    statements: &mut Statements<'_>,
    items: &[Item],
    waiting: &Counts,
) -> rusqlite::Result<Written> {
    statements.begin.execute([])?;
    let written = write_items(statements, items, waiting).and_then(|written| {
        statements.commit.execute([])?;
        Ok(written)
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
) -> rusqlite::Result<Written> {
    let mut batch = Batch { statements, counts: Counts::default() };
    let mut answers = Vec::with_capacity(items.len());
    for item in items {
        answers.push(match item {
            Item::Charge { charge, output, .. } => batch.charge(charge, output.as_deref())?,
            Item::Settlement { settlement, output, .. } => {
                batch.settle(settlement, output.as_deref())?.map(Done::Settlement)
            }
            Item::Attempt { made, .. } => batch.record_attempt(made)?.map(Done::Attempt),
        });
    }
    let Batch { statements, counts: mut later } = batch;
    counting::write(statements, waiting)?;
    counting::write(statements, &later.take_quarters())?;
    Ok(Written { answers, later })
}

/// A transaction under way, and what it counts.
pub(super) struct Batch<'a, 'c> {
    pub(super) statements: &'a mut Statements<'c>,
    pub(super) counts: Counts,
}

impl Batch<'_, '_> {
    /// Writes an event, and its deliveries to endpoints that take them.
    pub(super) fn insert_event(
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

    pub(super) fn read_job(
        &mut self,
        partner_id: &PartnerId,
        job_id: &str,
    ) -> Outcomes<Option<JobRow>> {
        let row = params![job_id, partner_id.as_str()];
        Ok(job_row(self.statements.read_job.query_row(row, job_model).optional()?))
    }

    pub(super) fn read_balance(
        &mut self,
        partner_id: &PartnerId,
        platform: &str,
    ) -> rusqlite::Result<Amount> {
        let row = params![partner_id.as_str(), platform];
        let balance = self.statements.read_balance.query_row(row, |row| row.get(0)).optional()?;
        Ok(Amount(balance.unwrap_or_default()))
    }
}

/// The row behind the columns.
pub(super) fn job_row(model: Option<jobs::Model>) -> Result<Option<JobRow>, WriteError> {
    model.map(JobRow::try_from).transpose().map_err(|error| WriteError::Failed(error.to_string()))
}

/// Reads the columns in the order of the statements.
pub(super) fn job_model(row: &Row<'_>) -> rusqlite::Result<jobs::Model> {
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
        spend_day: row.get(18)?,
    })
}
