use latchkey_contract::{
    Page,
    audit::{AuditEvent, AuditQuery},
};

use crate::{Client, ClientError};

impl Client {
    /// `GET /audit-events`: who changed what, the newest first.
    pub async fn list_audit_events(
        &self,
        query: &AuditQuery,
    ) -> Result<Page<AuditEvent>, ClientError> {
        self.get(&["audit-events"]).query(query).answer().await
    }
}
