//! Deliveries: one event to one endpoint, and its attempts.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    DeliveryId, EndpointId, Environment, EventId, Page, PartnerId,
    webhooks::{DeliveryQuery, DeliveryState, Header},
};

use crate::{NewEvent, SealedSecret, Store, StoreError};

/// One event on its way to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Its id.
    pub id: DeliveryId,
    /// Whose.
    pub partner_id: PartnerId,
    /// To which endpoint.
    pub endpoint_id: EndpointId,
    /// Slug of the platform.
    pub platform: String,
    /// Live or test.
    pub environment: Environment,
    /// Which event.
    pub event_id: EventId,
    /// The platform's name for it.
    pub event_type: String,
    /// Where it goes.
    pub url: String,
    /// Where it stands; waiting also while a replay is.
    pub state: DeliveryState,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Attempts made so far, replays too.
    pub attempts: u32,
    /// The last attempt.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// The next one.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// HTTP status of the last answer.
    pub last_status: Option<u16>,
    /// Why the last attempt got no answer.
    pub last_error: Option<String>,
    /// How long the last attempt took, in milliseconds.
    pub last_duration_ms: Option<u32>,
}

/// A delivery that is due, with all that an attempt needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedDelivery {
    /// The delivery.
    pub delivery: DeliveryRow,
    /// The body, byte for byte.
    pub body: String,
    /// The job it tells of.
    pub subject: String,
    /// The endpoint's signing secret.
    pub secret: SealedSecret,
    /// Attempts of the schedule so far: which delay comes next. Replays do not count.
    pub scheduled_attempts: u32,
    /// Whether somebody asked for this attempt; its failure leaves the schedule as it is.
    pub replay: bool,
}

/// An HTTP call just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttempt {
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// What was sent; no secrets.
    pub request_headers: Vec<Header>,
    /// What came back.
    pub response_headers: Vec<Header>,
    /// The first 20 kB of the answer, as text.
    pub response_body: Option<String>,
}

/// An HTTP call, as kept.
pub type AttemptRow = latchkey_contract::webhooks::Attempt;

/// What comes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// Answered with 2xx.
    Delivered,
    /// To be tried again then. Of a replay: leaves the schedule as it is.
    Retry {
        /// When.
        at: DateTime<Utc>,
    },
    /// Given up. Of a replay: leaves the schedule as it is.
    GaveUp,
}

impl Store {
    /// Keeps an event that no job caused (a test ping) with its deliveries; those to endpoints
    /// that are off or deleted are not written.
    pub async fn create_event(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        event: NewEvent,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// The partner's deliveries, the newest first.
    pub async fn list_deliveries(
        &self,
        partner_id: &PartnerId,
        query: &DeliveryQuery,
    ) -> Result<Page<DeliveryRow>, StoreError> {
        todo!()
    }

    /// One of the partner's deliveries.
    pub async fn get_delivery(
        &self,
        partner_id: &PartnerId,
        delivery_id: &DeliveryId,
    ) -> Result<Option<DeliveryRow>, StoreError> {
        todo!()
    }

    /// The body of one of the partner's deliveries, and its attempts, the oldest first.
    pub async fn get_delivery_detail(
        &self,
        partner_id: &PartnerId,
        delivery_id: &DeliveryId,
    ) -> Result<Option<(DeliveryRow, String, Vec<AttemptRow>)>, StoreError> {
        todo!()
    }

    /// The dispatcher's claim over all partners: up to `limit` deliveries due at `now`, the longest
    /// due first; theirs until `lease_until`, then they are due again. None to the endpoints in
    /// `busy`: those have as many under way as they may, and a slow one must not hold up the others.
    pub async fn claim_deliveries(
        &self,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
        limit: u32,
        busy: &[EndpointId],
    ) -> Result<Vec<ClaimedDelivery>, StoreError> {
        todo!()
    }

    /// The dispatcher's start over all partners: claims of a dead process are due again.
    pub async fn release_delivery_claims(&self) -> Result<u64, StoreError> {
        todo!()
    }

    /// When the next delivery of anybody is due, for the dispatcher's sleep; those to the endpoints
    /// in `busy` are not looked at.
    pub async fn next_delivery_due(&self, busy: &[EndpointId]) -> Result<Option<DateTime<Utc>>, StoreError> {
        todo!()
    }

    /// Keeps an attempt and what comes of the delivery, together.
    pub async fn record_attempt(
        &self,
        claimed: &ClaimedDelivery,
        attempt: NewAttempt,
        outcome: AttemptOutcome,
    ) -> Result<DeliveryRow, StoreError> {
        todo!()
    }

    /// Makes a delivery due now, once, without touching its schedule; `None` where the partner has
    /// no such delivery or its endpoint is off or deleted.
    pub async fn replay_delivery(
        &self,
        partner_id: &PartnerId,
        delivery_id: &DeliveryId,
        now: DateTime<Utc>,
    ) -> Result<Option<DeliveryRow>, StoreError> {
        todo!()
    }
}
