//! Records of the audit log, in the transaction of a batch. See [`crate::audit`].

use rusqlite::{OptionalExtension, params};

use super::batch::{Batch, Outcomes};
use crate::{NewAuditEvent, WriteError, audit::Head, entities::audit_heads};

impl Batch<'_, '_> {
    /// Appends a record to its partner's chain; the batch's transaction holds the chain's end.
    pub(super) fn append_audit(&mut self, event: NewAuditEvent) -> Outcomes<()> {
        let partner = event.partner_id.to_string();
        let head = self.statements.read_audit_head.query_row([&partner], |row| {
            let (sequence, hash) = (row.get(0)?, row.get(1)?);
            Ok(audit_heads::Model { partner_id: partner.clone(), sequence, hash })
        });
        let head = match Head::after(head.optional()?) {
            Ok(head) => head,
            Err(error) => return Ok(Err(WriteError::Failed(error.to_string()))),
        };
        let record = head.follow(event);
        self.statements.insert_audit_event.execute(params![
            record.partner_id,
            record.sequence,
            record.at,
            record.actor_kind,
            record.actor_name,
            record.action,
            record.subject_kind,
            record.subject_id,
            record.subject_name,
            record.platform,
            record.changes,
            record.address,
            record.previous,
            record.hash,
        ])?;
        let moved = params![record.partner_id, record.sequence, record.hash];
        self.statements.move_audit_head.execute(moved)?;
        Ok(Ok(()))
    }
}
