//! What the audit log says of webhook endpoints. Never a signing secret.

use chrono::{DateTime, Utc};
use latchkey_contract::PrefixedId;

use super::EndpointRow;
use crate::{NewAuditEvent, Store, StoreError, audit};

impl Store {
    /// Something was done to an endpoint. It is called by its URL.
    pub(crate) fn endpoint_event(
        &self,
        endpoint: &EndpointRow,
        action: &'static str,
        now: DateTime<Utc>,
    ) -> NewAuditEvent {
        let name = endpoint.url.as_deref().unwrap_or_default();
        let subject = ("endpoint", endpoint.id.as_str(), name);
        self.record(&endpoint.partner_id, action, subject, now).on_platform(&endpoint.platform)
    }

    /// An endpoint was changed.
    pub(super) fn endpoint_changed(
        &self,
        before: &EndpointRow,
        after: &EndpointRow,
        now: DateTime<Utc>,
    ) -> NewAuditEvent {
        let events = |row: &EndpointRow| Some(row.events.join(", "));
        self.endpoint_event(after, "endpoint.updated", now)
            .changing("url", before.url.as_ref(), after.url.as_ref())
            .changing("events", events(before), events(after))
            .changing("enabled", Some(before.enabled()), Some(after.enabled()))
    }

    /// Records that a signing secret was shown.
    pub async fn record_secret_revealed(
        &self,
        endpoint: &EndpointRow,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let tx = self.begin_write().await?;
        let event = self.endpoint_event(endpoint, "endpoint.secret_revealed", now);
        audit::append(&tx, event).await?;
        tx.commit().await
    }
}
