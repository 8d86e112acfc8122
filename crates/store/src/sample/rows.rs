//! The made-up as rows of its tables.

use latchkey_contract::{Amount, PartnerId, credits::EntryKind};
use sea_orm::ActiveValue::Set;

use super::filling::{SampleCharge, SampleDelivery};
use crate::{
    NewAttempt, NewRequest, StoreError,
    columns::{Word, micros},
    entities::{attempts, deliveries, events, ledger, requests},
};

/// A hold and its end, as the grouped writer names them.
pub(super) fn movements(
    partner_id: &PartnerId,
    platform: &str,
    charge: &SampleCharge,
) -> [ledger::ActiveModel; 2] {
    let (kind, back) = match charge.captured {
        true => (EntryKind::Capture, Amount::ZERO),
        false => (EntryKind::Release, charge.amount),
    };
    let entry =
        |step: &str, kind: EntryKind, amount: Amount, settled: Amount, at| ledger::ActiveModel {
            operation_key: Set(format!("{step}:{}", charge.name)),
            partner_id: Set(partner_id.to_string()),
            platform: Set(platform.to_owned()),
            kind: Set(kind.word().to_owned()),
            amount: Set(amount.0),
            settled: Set(settled.0),
            job_id: Set(charge.is_job.then(|| charge.name.clone())),
            key_id: Set(charge.key_id.as_ref().map(ToString::to_string)),
            at: Set(micros(at)),
            note: Set(charge.note.clone()),
        };
    [
        entry("hold", EntryKind::Hold, -charge.amount, Amount::ZERO, charge.held_at),
        entry("settle", kind, back, charge.amount, charge.settled_at),
    ]
}

pub(super) fn request_row(partner_id: &PartnerId, call: &NewRequest) -> requests::ActiveModel {
    requests::ActiveModel {
        partner_id: Set(partner_id.to_string()),
        id: Set(call.id.to_string()),
        at: Set(micros(call.at)),
        platform: Set(call.platform.to_string()),
        environment: Set(call.environment.word().to_owned()),
        key_id: Set(call.key_id.to_string()),
        operation: Set(call.operation.to_string()),
        method: Set(call.method.clone()),
        path: Set(call.path.clone()),
        status: Set(i64::from(call.status)),
        outcome: Set(call.outcome.word().to_owned()),
        reason: Set(call.reason.map(str::to_owned)),
        detail: Set(call.detail.clone()),
        credits: Set(call.credits.0),
        duration_ms: Set(i64::from(call.duration_ms)),
        address: Set(call.address.clone()),
    }
}

pub(super) fn event_row(partner_id: &PartnerId, one: &SampleDelivery) -> events::ActiveModel {
    let row = &one.delivery;
    events::ActiveModel {
        id: Set(row.event_id.to_string()),
        partner_id: Set(partner_id.to_string()),
        platform: Set(row.platform.clone()),
        environment: Set(row.environment.word().to_owned()),
        event_type: Set(row.event_type.clone()),
        subject: Set(one.subject.clone()),
        body: Set(one.body.clone()),
        at: Set(micros(row.created_at)),
    }
}

pub(super) fn delivery_row(
    partner_id: &PartnerId,
    one: &SampleDelivery,
) -> deliveries::ActiveModel {
    let row = &one.delivery;
    deliveries::ActiveModel {
        id: Set(row.id.to_string()),
        partner_id: Set(partner_id.to_string()),
        endpoint_id: Set(row.endpoint_id.to_string()),
        event_id: Set(row.event_id.to_string()),
        platform: Set(row.platform.clone()),
        environment: Set(row.environment.word().to_owned()),
        event_type: Set(row.event_type.clone()),
        url: Set(row.url.clone()),
        state: Set(row.state.word().to_owned()),
        created_at: Set(micros(row.created_at)),
        attempts: Set(i64::from(row.attempts)),
        scheduled_attempts: Set(i64::from(row.attempts)),
        last_attempt_at: Set(row.last_attempt_at.map(micros)),
        next_attempt_at: Set(row.next_attempt_at.map(micros)),
        replay_at: Set(None),
        // The dispatcher never looks at it.
        due_at: Set(None),
        last_status: Set(row.last_status.map(i64::from)),
        last_error: Set(row.last_error.clone()),
        last_duration_ms: Set(row.last_duration_ms.map(i64::from)),
    }
}

pub(super) fn attempt_row(
    partner_id: &PartnerId,
    one: &SampleDelivery,
    attempt: &NewAttempt,
    number: i64,
) -> Result<attempts::ActiveModel, StoreError> {
    let headers = |headers: &Vec<_>| {
        serde_json::to_string(headers)
            .map_err(|_| StoreError::Corrupt("an attempt's headers".to_owned()))
    };
    Ok(attempts::ActiveModel {
        delivery_id: Set(one.delivery.id.to_string()),
        number: Set(number),
        partner_id: Set(partner_id.to_string()),
        endpoint_id: Set(one.delivery.endpoint_id.to_string()),
        at: Set(micros(attempt.at)),
        duration_ms: Set(i64::from(attempt.duration_ms)),
        status: Set(attempt.status.map(i64::from)),
        error: Set(attempt.error.clone()),
        request_headers: Set(headers(&attempt.request_headers)?),
        response_headers: Set(headers(&attempt.response_headers)?),
        response_body: Set(attempt.response_body.clone()),
    })
}
