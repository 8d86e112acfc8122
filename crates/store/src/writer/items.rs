//! What waits for the writer, and how it is answered.

use latchkey_contract::Amount;
use tokio::sync::oneshot;

use super::{
    Charge, Charged, MadeAttempt, RecordedAttempt, Settled, SettledAs, Settlement, WriteError,
};
use crate::{JobRow, JobState};

/// A request that waits, its output written out already: the writer's thread has better to do.
pub(super) enum Item {
    Charge {
        charge: Box<Charge>,
        output: Option<String>,
        reply: oneshot::Sender<Result<Charged, WriteError>>,
    },
    Settlement {
        settlement: Box<Settlement>,
        output: Option<String>,
        reply: oneshot::Sender<Result<Settled, WriteError>>,
    },
    Attempt {
        made: Box<MadeAttempt>,
        reply: oneshot::Sender<Result<RecordedAttempt, WriteError>>,
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
    Attempt(RecordedAttempt),
}

impl Item {
    pub(super) fn charge(
        charge: Charge,
        reply: oneshot::Sender<Result<Charged, WriteError>>,
    ) -> Self {
        let output = charge.job.output.as_ref().map(ToString::to_string);
        Self::Charge { charge: Box::new(charge), output, reply }
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
                    Done::Settlement(_) | Done::Attempt(_) => Err(WriteError::Closed),
                }));
            }
            Self::Settlement { reply, .. } => {
                let _ = reply.send(answer.and_then(|done| match done {
                    Done::Settlement(settled) => Ok(settled),
                    Done::Accepted { .. } | Done::Charge(_) | Done::Attempt(_) => {
                        Err(WriteError::Closed)
                    }
                }));
            }
            Self::Attempt { reply, .. } => {
                let _ = reply.send(answer.and_then(|done| match done {
                    Done::Attempt(recorded) => Ok(recorded),
                    Done::Accepted { .. } | Done::Charge(_) | Done::Settlement(_) => {
                        Err(WriteError::Closed)
                    }
                }));
            }
        }
    }
}

/// A job that came with its output is done.
pub(super) const fn first_state(charge: &Charge) -> JobState {
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
