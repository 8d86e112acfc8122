//! The audit log.

use latchkey_client::Client;
use latchkey_contract::{
    Page,
    audit::{AuditEvent, AuditQuery},
};

use super::{Answer, App};

/// Who changed what, the newest first.
#[tauri::command]
#[specta::specta]
pub async fn list_audit_events(app: App<'_>, query: AuditQuery) -> Answer<Page<AuditEvent>> {
    let query = &query;
    let call = |client: Client| async move { client.list_audit_events(query).await };
    app.connection.call(call).await
}
