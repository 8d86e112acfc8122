//! The writer's SQL for SQLite: every statement is prepared once. Parameters are `?n`: SQLite takes
//! `$n` for a name and numbers it by its first appearance.

use rusqlite::{Connection, ErrorCode, Statement, ffi};

use super::WriteError;

/// The key whose count the key ?1 of the partner ?2 spends from.
macro_rules! spend_key {
    () => {
        "(SELECT COALESCE(spends_with, id) FROM api_keys WHERE id = ?1 AND partner_id = ?2)"
    };
}

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident: $sql:expr;)*) => {
        /// The prepared statements, and the connection they belong to.
        pub(super) struct Statements<'c> {
            connection: &'c Connection,
            $($(#[$doc])* pub $name: Statement<'c>,)*
        }

        impl<'c> Statements<'c> {
            pub(super) fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
                Ok(Self { connection, $($name: connection.prepare($sql)?,)* })
            }
        }
    };
}

/// Columns of `jobs` in the order [`super::batch`] reads them.
macro_rules! job_columns {
    () => {
        "id, partner_id, platform, environment, key_id, operation, state, price, captured, request, webhook_url, \
         progress, output, failure_code, failure_message, created_at, started_at, finished_at, \
         spend_day"
    };
}

statements! {
    begin: "BEGIN IMMEDIATE";
    commit: "COMMIT";
    rollback: "ROLLBACK";

    /// Takes a repeat key that is new or has expired; changes no row where it still holds.
    take_key: "INSERT INTO idempotency (scope, idempotency_key, payload_digest, job_id, expires_at) \
        VALUES (?1, ?2, ?3, ?4, ?5) \
        ON CONFLICT (scope, idempotency_key) DO UPDATE SET payload_digest = excluded.payload_digest, \
            job_id = excluded.job_id, expires_at = excluded.expires_at \
        WHERE idempotency.expires_at <= ?6";
    read_key: "SELECT payload_digest, job_id FROM idempotency WHERE scope = ?1 AND idempotency_key = ?2";
    drop_key: "DELETE FROM idempotency WHERE scope = ?1 AND idempotency_key = ?2";

    /// The guarded debit: changes no row where the balance is below the price. (SQLite gathers what
    /// `RETURNING` returns in a table of its own, which costs more than the read that follows.)
    hold: "UPDATE accounts SET balance = balance - ?1, held = held + ?1 \
        WHERE partner_id = ?2 AND platform = ?3 AND balance >= ?1";
    /// ?1 was held, ?2 of it is spent, the rest goes back.
    settle: "UPDATE accounts SET balance = balance + (?1 - ?2), held = held - ?1, captured = captured + ?2 \
        WHERE partner_id = ?3 AND platform = ?4";
    note_low_balance: "UPDATE accounts SET low_since = ?1 WHERE partner_id = ?2 AND platform = ?3";
    read_balance: "SELECT balance FROM accounts WHERE partner_id = ?1 AND platform = ?2";
    insert_entry: "INSERT INTO ledger (operation_key, partner_id, platform, kind, amount, settled, job_id, key_id, at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

    /// Counts a hold of ?3 on the day ?4, within ?5 in all and ?6 a day; changes no row where that is
    /// too much. What was counted on the next day already counts there (see `spend::is_day`).
    count_spend: concat!("UPDATE key_spend SET spent = spent + ?3, \
            spent_on_day = ?3 + CASE WHEN day IN (?4, ?4 + 1) THEN spent_on_day ELSE 0 END, \
            day = CASE WHEN day = ?4 + 1 THEN day ELSE ?4 END \
        WHERE key_id = ", spend_key!(), " AND partner_id = ?2 AND (?5 IS NULL OR spent + ?3 <= ?5) \
            AND (?6 IS NULL OR ?3 + CASE WHEN day IN (?4, ?4 + 1) THEN spent_on_day ELSE 0 END <= ?6) \
        RETURNING day");
    /// Gives ?3 back, to the day ?4 too unless that is over.
    give_back: concat!("UPDATE key_spend SET spent = spent - ?3, \
            spent_on_day = spent_on_day - CASE WHEN day = ?4 THEN ?3 ELSE 0 END \
        WHERE key_id = ", spend_key!(), " AND partner_id = ?2");
    read_spend: concat!("SELECT spent, day, spent_on_day FROM key_spend \
        WHERE key_id = ", spend_key!(), " AND partner_id = ?2");

    insert_job: "INSERT INTO jobs (id, partner_id, platform, environment, key_id, operation, state, price, captured, \
        request, webhook_url, output, created_at, finished_at, spend_day) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?11, ?12, ?13, ?14)";
    read_job: concat!("SELECT ", job_columns!(), " FROM jobs WHERE id = ?1 AND partner_id = ?2");
    /// Ends a job that has not ended; ?3 is what is spent, within what was held.
    end_job: concat!("UPDATE jobs SET state = ?4, captured = ?3, output = ?5, failure_code = ?6, failure_message = ?7, \
        progress = NULL, finished_at = ?8 \
        WHERE id = ?1 AND partner_id = ?2 AND finished_at IS NULL AND ?3 BETWEEN 0 AND price \
        RETURNING ", job_columns!());

    insert_event: "INSERT INTO events (id, partner_id, platform, environment, event_type, subject, body, at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    /// Nothing where the endpoint is off, deleted or somebody else's.
    insert_delivery: "INSERT INTO deliveries (id, partner_id, endpoint_id, event_id, platform, environment, event_type, \
        url, state, created_at, attempts, scheduled_attempts, next_attempt_at, due_at) \
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'waiting', ?9, 0, 0, ?10, ?10 \
        WHERE EXISTS (SELECT 1 FROM webhook_endpoints \
            WHERE id = ?3 AND partner_id = ?2 AND platform = ?5 AND disabled_at IS NULL AND deleted_at IS NULL)";

    read_audit_head: "SELECT sequence, hash FROM audit_heads WHERE partner_id = ?1";
    insert_audit_event: "INSERT INTO audit_events (partner_id, sequence, at, actor_kind, actor_name, action, \
        subject_kind, subject_id, subject_name, platform, changes, address, previous, hash) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    move_audit_head: "INSERT INTO audit_heads (partner_id, sequence, hash) VALUES (?1, ?2, ?3) \
        ON CONFLICT (partner_id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash";

    read_delivery: "SELECT d.attempts, d.scheduled_attempts, d.next_attempt_at, d.replay_at, d.created_at, \
        e.disabled_at IS NOT NULL, e.deleted_at IS NOT NULL \
        FROM deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id \
        WHERE d.id = ?1 AND d.partner_id = ?2";
    insert_attempt: "INSERT INTO attempts (delivery_id, number, partner_id, endpoint_id, at, duration_ms, status, error, \
        request_headers, response_headers, response_body) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    end_attempt: "UPDATE deliveries SET attempts = ?2, last_attempt_at = ?3, last_status = ?4, last_error = ?5, \
        last_duration_ms = ?6, state = COALESCE(?7, state), scheduled_attempts = ?8, next_attempt_at = ?9, \
        replay_at = ?10, due_at = ?11 WHERE id = ?1";
    /// Whether an endpoint has taken anything from ?2 on.
    took_something: "SELECT EXISTS (SELECT 1 FROM attempts \
        WHERE endpoint_id = ?1 AND at >= ?2 AND status BETWEEN 200 AND 299)";
    switch_off: "UPDATE webhook_endpoints SET disabled_at = ?3, disabled_reason = ?4, version = version + 1 \
        WHERE id = ?1 AND partner_id = ?2 AND disabled_at IS NULL AND deleted_at IS NULL";
    /// As `deliveries::waiting::hold_back`.
    hold_back: "UPDATE deliveries SET due_at = NULL WHERE endpoint_id = ?1 AND due_at IS NOT NULL";

    add_usage: "INSERT INTO usage (partner_id, span_s, bucket, platform, environment, key_id, operation, outcome, \
        requests, credits) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
        ON CONFLICT (partner_id, span_s, bucket, platform, environment, key_id, operation, outcome) \
        DO UPDATE SET requests = usage.requests + excluded.requests, credits = usage.credits + excluded.credits";
    add_hour: "INSERT INTO usage_hours (partner_id, platform, hour, environment, accepted, refused, failed, credits) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
        ON CONFLICT (partner_id, platform, hour, environment) \
        DO UPDATE SET accepted = usage_hours.accepted + excluded.accepted, \
            refused = usage_hours.refused + excluded.refused, failed = usage_hours.failed + excluded.failed, \
            credits = usage_hours.credits + excluded.credits";
    note_use: "UPDATE api_keys SET last_used_at = ?1, last_used_address = ?2, last_used_agent = ?3, \
            first_used_at = COALESCE(first_used_at, ?6) \
        WHERE id = ?4 AND partner_id = ?5 AND (last_used_at IS NULL OR last_used_at <= ?1)";

    insert_request: "INSERT INTO requests (partner_id, id, at, platform, environment, key_id, operation, method, path, \
        status, outcome, reason, detail, credits, duration_ms, address) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) \
        ON CONFLICT (partner_id, id) DO NOTHING";
    /// Leaves a partner its newest ?2 calls.
    drop_requests: "DELETE FROM requests WHERE partner_id = ?1 AND id <= \
        (SELECT id FROM requests WHERE partner_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
}

impl Statements<'_> {
    /// Ends a transaction that failed, unless SQLite has done so itself.
    pub(super) fn abort(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.rollback.execute([])
        {
            tracing::error!(%error, "a failed batch could not be rolled back");
        }
    }
}

/// What an error of SQLite means to who waits. Messages name tables and columns, never values.
pub(super) fn write_error(error: &rusqlite::Error) -> WriteError {
    let code = error.sqlite_error().map(|error| (error.code, error.extended_code));
    match code {
        // The shared-memory file beside the log could not grow.
        Some((ErrorCode::DiskFull, _) | (_, ffi::SQLITE_IOERR_SHMSIZE)) => WriteError::DiskFull,
        Some((ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _)) => WriteError::Busy,
        _ => WriteError::Failed(error.to_string()),
    }
}
