//! Webhook endpoints: where events go, and how they fared.

use std::{collections::HashMap, fmt};

use chrono::{DateTime, Utc};
use latchkey_contract::{EndpointId, PartnerId, webhooks::EndpointHealth};

use crate::{Store, StoreError, Updated};

/// A signing secret, encrypted with the server's key. Prints as `[sealed]`.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// AES-256-GCM ciphertext with its tag.
    pub ciphertext: Vec<u8>,
    /// Its nonce.
    pub nonce: Vec<u8>,
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

/// Where a partner receives events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointRow {
    /// Its id.
    pub id: EndpointId,
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: String,
    /// Absent where each request names its own URL.
    pub url: Option<String>,
    /// The events it receives.
    pub events: Vec<String>,
    /// Whether anything is sent.
    pub enabled: bool,
    /// The signing secret.
    pub secret: SealedSecret,
    /// The last four characters of the plain secret.
    pub secret_last4: String,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Counts changes.
    pub version: i64,
}

/// An endpoint to be; it is enabled from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEndpoint {
    /// Its id.
    pub id: EndpointId,
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform; the partner has an account there.
    pub platform: String,
    /// Absent where each request names its own URL.
    pub url: Option<String>,
    /// The events it receives.
    pub events: Vec<String>,
    /// The signing secret.
    pub secret: SealedSecret,
    /// The last four characters of the plain secret.
    pub secret_last4: String,
    /// When.
    pub now: DateTime<Utc>,
}

/// What changes about an endpoint; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointChange {
    /// The new URL; waiting deliveries go there too.
    pub url: Option<String>,
    /// The new list of events.
    pub events: Option<Vec<String>>,
    /// On or off. Off: nothing waiting is sent until it is on again, and new events make none.
    pub enabled: Option<bool>,
}

impl Store {
    /// Keeps a new endpoint unless the partner has `max` of them on that platform: `None` then.
    pub async fn create_endpoint(&self, new: NewEndpoint, max: u32) -> Result<Option<EndpointRow>, StoreError> {
        todo!()
    }

    /// The partner's endpoints, the oldest first; of one platform where it is named.
    pub async fn list_endpoints(
        &self,
        partner_id: &PartnerId,
        platform: Option<&str>,
    ) -> Result<Vec<EndpointRow>, StoreError> {
        todo!()
    }

    /// One of the partner's endpoints.
    pub async fn get_endpoint(
        &self,
        partner_id: &PartnerId,
        endpoint_id: &EndpointId,
    ) -> Result<Option<EndpointRow>, StoreError> {
        todo!()
    }

    /// Changes an endpoint that has still this version.
    pub async fn update_endpoint(
        &self,
        partner_id: &PartnerId,
        endpoint_id: &EndpointId,
        version: i64,
        change: EndpointChange,
        now: DateTime<Utc>,
    ) -> Result<Updated<EndpointRow>, StoreError> {
        todo!()
    }

    /// Switches an endpoint off whatever its version (it answered 410, or its schedule ran out).
    pub async fn disable_endpoint(
        &self,
        partner_id: &PartnerId,
        endpoint_id: &EndpointId,
        now: DateTime<Utc>,
    ) -> Result<Option<EndpointRow>, StoreError> {
        todo!()
    }

    /// Deletes an endpoint; its deliveries stay readable, waiting ones are given up. `false` where
    /// the partner has no such endpoint.
    pub async fn delete_endpoint(
        &self,
        partner_id: &PartnerId,
        endpoint_id: &EndpointId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        todo!()
    }

    /// The partner's enabled endpoints on a platform that receive this event.
    pub async fn endpoints_for_event(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        event_type: &str,
    ) -> Result<Vec<EndpointRow>, StoreError> {
        todo!()
    }

    /// How the partner's endpoints fared in the 24 hours before `now`.
    pub async fn endpoint_health(
        &self,
        partner_id: &PartnerId,
        endpoint_ids: &[EndpointId],
        now: DateTime<Utc>,
    ) -> Result<HashMap<EndpointId, EndpointHealth>, StoreError> {
        todo!()
    }
}
