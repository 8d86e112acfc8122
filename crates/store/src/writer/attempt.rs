//! Attempts: what an HTTP call found, what becomes of its delivery, and of an endpoint that is to
//! be switched off for it.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    EndpointId, PartnerId, PrefixedId,
    webhooks::{DeliveryState, DisabledReason},
};
use rusqlite::{OptionalExtension, Row, params};

use super::{
    MadeAttempt, RecordedAttempt, WriteError,
    batch::{Batch, Outcomes},
};
use crate::{
    AttemptOutcome, Author, NewAuditEvent,
    columns::{Word, micros},
};

impl Batch<'_, '_> {
    pub(super) fn record_attempt(&mut self, made: &MadeAttempt) -> Outcomes<RecordedAttempt> {
        let (id, partner) = (made.delivery_id.as_str(), made.partner_id.as_str());
        let row = params![id, partner];
        let found = self.statements.read_delivery.query_row(row, Standing::read).optional()?;
        let Some(found) = found else {
            return Ok(Err(WriteError::Failed(format!("the delivery {id} is gone"))));
        };
        let number = found.attempts + 1;
        let at = micros(made.at);
        let (duration, status) = (i64::from(made.duration_ms), made.status.map(i64::from));
        self.statements.insert_attempt.execute(params![
            id,
            number,
            partner,
            made.endpoint_id.as_str(),
            at,
            duration,
            status,
            made.error,
            made.request_headers,
            made.response_headers,
            made.response_body,
        ])?;
        let plan = Plan::after(&found, made);
        self.statements.end_attempt.execute(params![
            id,
            number,
            at,
            status,
            made.error,
            duration,
            plan.state.map(DeliveryState::word),
            plan.scheduled_attempts,
            plan.next_attempt_at,
            plan.replay_at,
            plan.due_at,
        ])?;
        match made.switch_off {
            Some(reason) if self.is_to_go_off(made, reason, found.created_at)? => {
                self.switch_off(made, reason)
            }
            _ => Ok(Ok(RecordedAttempt { switched_off: None })),
        }
    }

    /// Retries that are used up say nothing against an endpoint that took something else since the
    /// delivery was made: that one event may be at fault.
    fn is_to_go_off(
        &mut self,
        made: &MadeAttempt,
        reason: DisabledReason,
        since: i64,
    ) -> rusqlite::Result<bool> {
        if reason != DisabledReason::Exhausted {
            return Ok(true);
        }
        let row = params![made.endpoint_id.as_str(), since];
        self.statements.took_something.query_row(row, |row| row.get::<_, i64>(0)).map(|n| n == 0)
    }

    /// Switches the endpoint off, unless it is already, holds back what waits, and notes it.
    fn switch_off(
        &mut self,
        made: &MadeAttempt,
        reason: DisabledReason,
    ) -> Outcomes<RecordedAttempt> {
        let MadeAttempt { endpoint_id, partner_id, at, .. } = made;
        let row = params![endpoint_id.as_str(), partner_id.as_str(), micros(*at), reason.word()];
        if self.statements.switch_off.execute(row)? == 0 {
            return Ok(Ok(RecordedAttempt { switched_off: None }));
        }
        self.statements.hold_back.execute(params![endpoint_id.as_str()])?;
        let event = switched_off_event(partner_id, endpoint_id, made, reason, *at);
        let noted = self.append_audit(event)?;
        Ok(noted.map(|()| RecordedAttempt { switched_off: Some(reason) }))
    }
}

fn switched_off_event(
    partner_id: &PartnerId,
    endpoint_id: &EndpointId,
    made: &MadeAttempt,
    reason: DisabledReason,
    now: DateTime<Utc>,
) -> NewAuditEvent {
    let subject = ("endpoint", endpoint_id.as_str(), made.url.as_str());
    let action = "endpoint.disabled";
    NewAuditEvent::new(partner_id, &Author::system(), action, subject, now)
        .on_platform(&made.platform)
        .changing("enabled", Some(true), Some(false))
        .with("reason", Some(reason.word()))
}

/// A delivery and its endpoint when an attempt is recorded.
struct Standing {
    attempts: i64,
    scheduled_attempts: i64,
    next_attempt_at: Option<i64>,
    replay_at: Option<i64>,
    created_at: i64,
    endpoint_off: bool,
    endpoint_deleted: bool,
}

impl Standing {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            attempts: row.get(0)?,
            scheduled_attempts: row.get(1)?,
            next_attempt_at: row.get(2)?,
            replay_at: row.get(3)?,
            created_at: row.get(4)?,
            endpoint_off: row.get(5)?,
            endpoint_deleted: row.get(6)?,
        })
    }
}

/// What is to be done about a delivery after an attempt.
struct Plan {
    /// As it was where absent.
    state: Option<DeliveryState>,
    scheduled_attempts: i64,
    next_attempt_at: Option<i64>,
    replay_at: Option<i64>,
    due_at: Option<i64>,
}

impl Plan {
    fn after(found: &Standing, made: &MadeAttempt) -> Self {
        let (replay, deleted) = (made.replay, found.endpoint_deleted);
        let (state, next_attempt_at) = match made.outcome {
            AttemptOutcome::Delivered => (Some(DeliveryState::Delivered), None),
            AttemptOutcome::Retry { .. } | AttemptOutcome::GaveUp if replay => {
                (None, found.next_attempt_at)
            }
            AttemptOutcome::Retry { at } if !deleted => {
                (Some(DeliveryState::Waiting), Some(micros(at)))
            }
            AttemptOutcome::Retry { .. } | AttemptOutcome::GaveUp => {
                (Some(DeliveryState::Failed), None)
            }
        };
        // One that was asked for while this attempt was under way is still to be made.
        let replay_at = found.replay_at.filter(|asked| !replay || *asked > micros(made.at));
        let open = !deleted && !found.endpoint_off;
        Self {
            state,
            scheduled_attempts: found.scheduled_attempts + i64::from(!replay),
            next_attempt_at,
            replay_at,
            due_at: replay_at.or(next_attempt_at).filter(|_| open),
        }
    }
}
