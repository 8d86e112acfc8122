//! One delivery: prepared, sent, recorded.

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{
    EndpointId, events::Topic, platforms::WebhookTarget, webhooks::DisabledReason,
};
use latchkey_store::{AttemptOutcome, ClaimedDelivery, StoreError};
use tokio::sync::mpsc::UnboundedSender;

use super::{
    SealError, TargetError,
    attempt::{self, Attempted, Outgoing},
    lanes::Verdict,
    sign::{Message, Secrets, UnsendableHeader, headers},
};
use crate::{Context, clock::later, manifest::Manifest};

/// How long a delivery waits whose secret this server cannot open; the next start tries at once.
const WITHOUT_SECRET: TimeDelta = TimeDelta::minutes(10);

/// The place in its endpoint's lane that an attempt takes up until it is answered.
pub(super) struct Place {
    pub(super) endpoint: EndpointId,
    pub(super) answers: UnboundedSender<(EndpointId, Verdict)>,
    pub(super) verdict: Verdict,
}

impl Drop for Place {
    fn drop(&mut self) {
        // Nobody listens any more when the server stops.
        let _ = self.answers.send((self.endpoint.clone(), self.verdict));
    }
}

/// Why an attempt ended before anything was sent.
#[derive(Debug, thiserror::Error)]
enum NotSent {
    #[error("the URL {0}")]
    Target(#[from] TargetError),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Header(#[from] UnsendableHeader),
}

/// Makes one attempt, leaves its place, and keeps what came of it. Says whether the delivery will be
/// due again.
pub(super) async fn deliver(context: &Context, claimed: ClaimedDelivery, mut place: Place) -> bool {
    let delivery = &claimed.delivery;
    let Some(manifest) = context.manifests.get(&delivery.platform) else {
        let (id, platform) = (&delivery.id, &delivery.platform);
        tracing::warn!(delivery = %id, platform, "a webhook waits: its platform's manifest is gone");
        return true;
    };
    let now = context.clock.now();
    let attempted = match prepare(context, manifest, &claimed, now) {
        Ok(outgoing) => {
            let limit = context.webhooks.policy.attempt_timeout;
            attempt::send(&context.webhooks.http, outgoing, now, limit).await
        }
        // No fault of the receiver's: its attempts are not used up.
        Err(NotSent::Seal(error)) => {
            put_off(context, &claimed, now, &error).await;
            return true;
        }
        Err(reason) => Attempted::not_sent(now, &reason.to_string()),
    };
    // One request's URL says nothing about the other requests'.
    if is_of_endpoint(manifest) {
        place.verdict = attempted.verdict();
    }
    drop(place);
    let succeeded = attempted.succeeded();
    if let Err(error) = keep(context, manifest, &claimed, attempted).await {
        tracing::error!(delivery = %delivery.id, %error, "an attempt was not kept; it is made again");
        return true;
    }
    !succeeded
}

/// Whether a URL is the endpoint's own, so that what it answers says something about the endpoint.
fn is_of_endpoint(manifest: &Manifest) -> bool {
    manifest.webhooks.target != WebhookTarget::Request
}

/// Leaves a delivery for later that cannot be signed now.
async fn put_off(
    context: &Context,
    claimed: &ClaimedDelivery,
    now: DateTime<Utc>,
    error: &SealError,
) {
    let delivery = &claimed.delivery;
    tracing::error!(delivery = %delivery.id, %error, "a webhook waits");
    let (until, reason) = (later(now, WITHOUT_SECRET), format!("not sent: {error}"));
    match context.store.put_off_delivery(claimed, until, &reason).await {
        Ok(()) => {
            let (partner, platform) = (&delivery.partner_id, delivery.platform.as_str());
            context.live.announce(partner, Topic::Deliveries, Some(platform));
        }
        Err(error) => tracing::error!(%error, "the webhook is tried again when its lease ends"),
    }
}

/// Signs a delivery and checks its URL, for this attempt.
fn prepare(
    context: &Context,
    manifest: &Manifest,
    claimed: &ClaimedDelivery,
    now: DateTime<Utc>,
) -> Result<Outgoing, NotSent> {
    let delivery = &claimed.delivery;
    let secrets = open_secrets(context, claimed, now)?;
    let message = Message {
        event_id: &delivery.event_id,
        delivery_id: &delivery.id,
        event_type: &delivery.event_type,
        sent_at: now,
        body: &claimed.body,
    };
    Ok(Outgoing {
        url: context.webhooks.targets.check(&delivery.url)?,
        headers: headers(&message, manifest.webhooks.signature.as_ref(), &secrets)?,
        body: claimed.body.clone(),
    })
}

/// The secrets that sign now: for a while after a rotation, the former one too.
fn open_secrets(
    context: &Context,
    claimed: &ClaimedDelivery,
    now: DateTime<Utc>,
) -> Result<Secrets, SealError> {
    let (seal, endpoint) = (&context.webhooks.seal, &claimed.delivery.endpoint_id);
    let previous = claimed.previous.as_ref().filter(|previous| previous.until > now);
    Ok(Secrets {
        current: seal.open(endpoint, &claimed.secret)?,
        previous: previous.map(|previous| seal.open(endpoint, &previous.secret)).transpose()?,
    })
}

/// Keeps an attempt, switches an endpoint off that is gone or has used up its retries, and tells
/// the consoles.
async fn keep(
    context: &Context,
    manifest: &Manifest,
    claimed: &ClaimedDelivery,
    attempted: Attempted,
) -> Result<(), StoreError> {
    let delivery = &claimed.delivery;
    let outcome = outcome(context, manifest, claimed, &attempted);
    let switch_off = match outcome {
        AttemptOutcome::GaveUp if !is_of_endpoint(manifest) => None,
        AttemptOutcome::GaveUp if attempted.is_gone() => Some(DisabledReason::Gone),
        AttemptOutcome::GaveUp if !claimed.replay => Some(DisabledReason::Exhausted),
        _ => None,
    };
    let store = &context.store;
    let recorded = store.record_attempt(claimed, attempted.kept, outcome, switch_off).await?;
    let tell = |topic| {
        context.live.announce(&delivery.partner_id, topic, Some(&delivery.platform));
    };
    tell(Topic::Deliveries);
    // Its health shows how it fares.
    tell(Topic::Endpoints);
    if let Some(reason) = recorded.switched_off {
        tracing::info!(endpoint = %delivery.endpoint_id, ?reason, "a webhook endpoint was switched off");
        tell(Topic::Audit);
    }
    Ok(())
}

fn outcome(
    context: &Context,
    manifest: &Manifest,
    claimed: &ClaimedDelivery,
    attempted: &Attempted,
) -> AttemptOutcome {
    if attempted.succeeded() {
        return AttemptOutcome::Delivered;
    }
    if attempted.is_gone() || claimed.replay {
        return AttemptOutcome::GaveUp;
    }
    let own_pauses = manifest.webhooks.retry_seconds.as_deref();
    let chance = u16::from_be_bytes(context.entropy.bytes());
    let pause = context.webhooks.policy.pause(
        claimed.scheduled_attempts,
        own_pauses,
        attempted.retry_after,
        chance,
    );
    let at = pause
        .and_then(|pause| TimeDelta::from_std(pause).ok())
        .and_then(|pause| context.clock.now().checked_add_signed(pause));
    at.map_or(AttemptOutcome::GaveUp, |at| AttemptOutcome::Retry { at })
}
