//! Accepting a submit: hold its price and keep its job, once.

use std::sync::Arc;

use latchkey_contract::{Amount, Environment, PartnerId, events::Topic};
use latchkey_store::{Charge, Charged, JobRow, JobState, NewIdempotency, NewJob};
use serde_json::{Map, Value};
use url::Url;

use super::{Call, Claim, Mount, Refusal, Reply, idempotency, limit::Slot, unbroken::Unbroken};
use crate::{
    Context, credits,
    jobs::{self, Job},
    keys::KeyState,
    webhooks,
};

/// What a dialect made of a submit.
pub struct Submission {
    /// The id the partner will know the job by.
    pub job_id: String,
    /// What a live call costs.
    pub price: Amount,
    /// What was asked: JSON, as the dialect wants it back.
    pub request: String,
    pub webhook_url: Option<Url>,
    /// The output of a test call, which is finished at once; `None` queues a job.
    pub mock: Option<Value>,
}

/// A submit that was accepted, now or before.
pub struct Accepted {
    pub job: Arc<Job>,
    /// Whether it was accepted before and this call has done nothing.
    pub repeated: bool,
}

impl Accepted {
    /// The answer to the submit.
    pub fn reply(&self, response: impl axum::response::IntoResponse) -> Reply {
        if self.repeated {
            Reply::from(response)
        } else {
            Reply::of_counted(response, self.job.row.price)
        }
    }
}

impl Call {
    /// Charges a submit, or finds the one it repeats: the same repeat key with the same `body`.
    ///
    /// # Errors
    /// Over the concurrency limit, another body under a used repeat key, too few credits, over a
    /// spend limit of the key.
    pub async fn charge(
        &self,
        claim: Option<Claim>,
        body: &Map<String, Value>,
        submission: Submission,
    ) -> Result<Accepted, Refusal> {
        let repeat = claim
            .as_ref()
            .map(|claim| claim.record(idempotency::digest(self.path(), body), self.now));
        let slot = match self.take_slot(&submission) {
            Ok(slot) => slot,
            Err(refusal) => return self.find_repeated(repeat).await?.ok_or(refusal),
        };
        let price = match self.environment() {
            Environment::Live => submission.price,
            Environment::Test => Amount::ZERO,
        };
        let charge = self.prepare(repeat, submission, price).await?;
        let (mount, key) = (self.mount.clone(), Arc::clone(&self.key));
        let acceptance = Acceptance { mount, key, claim, slot };
        // Once it is on its way to the store nothing may break it off: a caller that hangs up
        // would leave a job behind that nobody was told of.
        Unbroken::new(acceptance.finish(charge)).await
    }

    /// The job of a submit that was accepted before with this repeat key and payload.
    async fn find_repeated(
        &self,
        repeat: Option<NewIdempotency>,
    ) -> Result<Option<Accepted>, Refusal> {
        let Some(repeat) = repeat else { return Ok(None) };
        let context = self.context();
        let found = context.store.get_idempotency(&repeat.scope, &repeat.key, self.now).await?;
        let Some(found) = found else { return Ok(None) };
        if found.payload_digest != repeat.payload_digest {
            return Err(Refusal::IdempotencyKeyReused { job_id: found.job_id });
        }
        let key = &self.key.row;
        let job = context
            .jobs
            .find(&key.partner_id, &key.platform, key.environment, &found.job_id)
            .await?;
        Ok(job.map(|job| Accepted { job, repeated: true }))
    }

    /// A place among the key's operations under way; what is over at once takes none.
    fn take_slot(&self, submission: &Submission) -> Result<Slot, Refusal> {
        match (&submission.mock, self.concurrent_limit()) {
            (None, Some(limit)) => {
                self.key.meter.enter(limit).ok_or(Refusal::TooManyAtOnce { limit })
            }
            (None, None) => Ok(self.key.meter.enter_unlimited()),
            (Some(_), _) => Ok(Slot::none()),
        }
    }

    async fn prepare(
        &self,
        idempotency: Option<NewIdempotency>,
        submission: Submission,
        price: Amount,
    ) -> Result<Charge, Refusal> {
        let key = &self.key.row;
        let events = match &submission.mock {
            Some(output) => {
                let finished = self.finished_job(&submission, output.clone());
                jobs::events_of(self.context(), self.mount.dialect(), &finished).await?
            }
            None => Vec::new(),
        };
        Ok(Charge {
            now: self.now,
            partner_id: key.partner_id.clone(),
            platform: Arc::clone(&self.key.platform),
            environment: key.environment,
            key_id: key.id.clone(),
            operation: Arc::clone(&self.operation),
            price,
            limits: key.spend_limits,
            low_balance: self.key.low_balance,
            job: NewJob {
                id: submission.job_id,
                request: submission.request,
                webhook_url: submission.webhook_url.map(String::from),
                output: submission.mock,
            },
            idempotency,
            events,
            caller: self.caller().caller(),
        })
    }

    /// A test call's job as it will be kept.
    fn finished_job(&self, submission: &Submission, output: Value) -> JobRow {
        let key = &self.key.row;
        JobRow {
            id: submission.job_id.clone(),
            partner_id: key.partner_id.clone(),
            platform: key.platform.clone(),
            environment: key.environment,
            key_id: key.id.clone(),
            operation: self.operation.to_string(),
            state: JobState::Succeeded,
            price: Amount::ZERO,
            captured: Amount::ZERO,
            request: submission.request.clone(),
            webhook_url: submission.webhook_url.as_ref().map(Url::to_string),
            progress: None,
            output: Some(output),
            failure: None,
            created_at: self.now,
            started_at: Some(self.now),
            finished_at: Some(self.now),
        }
    }
}

/// A submit on its way through the store.
struct Acceptance {
    mount: Mount,
    key: Arc<KeyState>,
    /// Held until the outcome is known: a repetition is refused meanwhile.
    claim: Option<Claim>,
    slot: Slot,
}

impl Acceptance {
    async fn finish(self, charge: Charge) -> Result<Accepted, Refusal> {
        let Self { mount, key, claim, slot } = self;
        let context = mount.context();
        let (partner, price) = (charge.partner_id.clone(), charge.price);
        let tells = charge.events.iter().any(|event| !event.deliveries.is_empty());
        let charged = charge_or_top_up(context, &key, charge).await;
        drop(claim);
        let unit = || mount.manifest().unit.clone();
        match charged? {
            Charged::Accepted { job, balance } => {
                slot.keep();
                let job = context.jobs.accept(job);
                announce(context, &partner, &mount.manifest().slug, price, tells);
                credits::after_charge(context, &key, price, balance);
                Ok(Accepted { job, repeated: false })
            }
            Charged::Replayed { job } => {
                Ok(Accepted { job: context.jobs.keep(job), repeated: true })
            }
            Charged::KeyReused { job_id } => Err(Refusal::IdempotencyKeyReused { job_id }),
            Charged::InsufficientCredits { balance } => {
                Err(Refusal::InsufficientCredits { needed: price, balance, unit: unit() })
            }
            Charged::OverLimit { limit, left } => {
                Err(Refusal::OverSpendLimit { limit, needed: price, left, unit: unit() })
            }
        }
    }
}

/// How often a call that finds too little is tried again: other calls may take what was bought.
const TOP_UPS: usize = 8;

/// Charges; where there is too little and the account's rule is on, buys and charges again.
async fn charge_or_top_up(
    context: &Context,
    key: &KeyState,
    charge: Charge,
) -> Result<Charged, Refusal> {
    if key.top_up_below.is_none() {
        return Ok(context.store.charge(charge).await?);
    }
    let mut charged = context.store.charge(charge.clone()).await?;
    for _ in 0..TOP_UPS {
        let short = matches!(charged, Charged::InsufficientCredits { .. });
        let (partner, platform, price) = (&charge.partner_id, &charge.platform, charge.price);
        if !short || !credits::top_up_for(context, partner, platform, price).await? {
            break;
        }
        charged = context.store.charge(charge.clone()).await?;
    }
    Ok(charged)
}

/// Tells consoles and the dispatcher what was just committed.
fn announce(context: &Context, partner: &PartnerId, platform: &str, price: Amount, tells: bool) {
    context.tallies.counted_elsewhere(partner, platform);
    if price > Amount::ZERO {
        context.live.announce_use(partner, Topic::Accounts, Some(platform));
    }
    if tells {
        webhooks::deliveries::announce(context, partner, platform);
    }
}
