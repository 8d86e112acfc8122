//! Single calls on their way to the log that consoles show, with the reason of each refusal.
//!
//! Noting a call is a push; its row is made up when it is handed to the store, with the counts. Of
//! a flood a part only is noted, a share for each key, so that nobody's calls hide another's.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::OriginalUri,
    http::{Method, StatusCode, Uri, request::Parts},
};
use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, RequestId, usage::Outcome};
use latchkey_store::NewRequest;

use super::Refusal;
use crate::{Context, keys::KeyState};

/// Calls that one thread notes between two flushes.
const MOST: usize = 64;
/// Those of them that one key may have with one outcome.
const SHARE: usize = 16;
/// Characters of a path and of a refusal's sentence that are kept.
const LONGEST: usize = 300;

/// A call that came in.
pub(super) struct Arrival {
    id: Option<RequestId>,
    at: DateTime<Utc>,
    /// By the monotonic clock.
    ticks: u64,
    method: Method,
    uri: Uri,
    address: IpAddr,
}

/// A call that was answered.
#[derive(Debug)]
pub(super) struct Answered {
    id: RequestId,
    key: Arc<KeyState>,
    operation: Arc<str>,
    at: DateTime<Utc>,
    duration_ms: u32,
    method: Method,
    uri: Uri,
    address: IpAddr,
    status: StatusCode,
    refusal: Option<Refusal>,
    credits: Amount,
}

/// How a call was answered.
pub(super) struct Answer {
    pub status: StatusCode,
    pub refusal: Option<Refusal>,
    /// What it cost, or holds.
    pub credits: Amount,
}

/// The calls of some threads that wait to be handed to the store.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    calls: Vec<Answered>,
    left_out: u64,
}

impl Arrival {
    pub(super) fn of(parts: &Parts, context: &Context, at: DateTime<Utc>, address: IpAddr) -> Self {
        let original = parts.extensions.get::<OriginalUri>();
        Self {
            id: parts.extensions.get::<RequestId>().cloned(),
            at,
            ticks: context.ticker.now(),
            method: parts.method.clone(),
            uri: original.map_or(&parts.uri, |OriginalUri(uri)| uri).clone(),
            address,
        }
    }

    /// Notes the call, where it has an id to be known by.
    pub(super) fn answered(
        self,
        context: &Context,
        key: &Arc<KeyState>,
        operation: &Arc<str>,
        answer: Answer,
    ) {
        let Some(id) = self.id else { return };
        let duration = context.ticker.now().saturating_sub(self.ticks);
        context.tallies.note(Answered {
            id,
            key: Arc::clone(key),
            operation: Arc::clone(operation),
            at: self.at,
            duration_ms: u32::try_from(duration).unwrap_or(u32::MAX),
            method: self.method,
            uri: self.uri,
            address: self.address,
            status: answer.status,
            refusal: answer.refusal,
            credits: answer.credits,
        });
    }
}

impl Waiting {
    pub(super) fn push(&mut self, call: Answered) {
        let alike = |other: &&Answered| {
            Arc::ptr_eq(&other.key.meter, &call.key.meter) && other.outcome() == call.outcome()
        };
        let room = self.calls.len() < SHARE
            || (self.calls.len() < MOST && self.calls.iter().filter(alike).count() < SHARE);
        if room {
            self.calls.push(call);
        } else {
            self.left_out += 1;
        }
    }

    /// Takes out what waits, as the store keeps it, and how many were left out.
    pub(super) fn take(&mut self) -> (Vec<NewRequest>, u64) {
        let Self { calls, left_out } = std::mem::take(self);
        (calls.into_iter().map(Answered::into_row).collect(), left_out)
    }
}

impl Answered {
    fn outcome(&self) -> Outcome {
        if self.refusal.is_some() { Outcome::Refused } else { Outcome::Accepted }
    }

    fn into_row(self) -> NewRequest {
        let outcome = self.outcome();
        NewRequest {
            id: self.id,
            partner_id: self.key.row.partner_id.clone(),
            at: self.at,
            platform: Arc::clone(&self.key.platform),
            environment: self.key.row.environment,
            key_id: self.key.row.id.clone(),
            operation: self.operation,
            method: self.method.to_string(),
            path: cut(self.uri.path()),
            status: self.status.as_u16(),
            outcome,
            reason: self.refusal.as_ref().map(Refusal::code),
            detail: self.refusal.map(|refusal| cut(&refusal.to_string())),
            credits: self.credits,
            duration_ms: self.duration_ms,
            address: Some(self.address.to_string()),
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}
