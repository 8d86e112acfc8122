//! Events: what happened, and to whom it is told. They are written by the grouped writer in the
//! transaction that caused them.

use chrono::{DateTime, Utc};
use latchkey_contract::{DeliveryId, EndpointId, Environment, EventId};

/// Something that happened; partner and platform come from the charge or settlement around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Stays the same over all deliveries and retries.
    pub id: EventId,
    /// The platform's name for it.
    pub event_type: String,
    /// Live or test.
    pub environment: Environment,
    /// The job it tells of.
    pub subject: String,
    /// The body that is sent, byte for byte.
    pub body: String,
    /// To whom; empty where nobody listens.
    pub deliveries: Vec<NewDelivery>,
}

/// One event to one endpoint. It is not written if the endpoint is off or deleted by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Stays the same over all retries.
    pub id: DeliveryId,
    /// Whose secret signs it.
    pub endpoint_id: EndpointId,
    /// Where it goes: the endpoint's URL, or the one of the request.
    pub url: String,
    /// When it is due.
    pub at: DateTime<Utc>,
}
