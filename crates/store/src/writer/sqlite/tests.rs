//! What only shows on a connection of the writer's own: a full disk, a database somebody holds.

use chrono::DateTime;
use latchkey_contract::{Amount, Environment, KeyId, PartnerId, PrefixedId, usage::Outcome};
use tempfile::TempDir;

use super::*;
use crate::{Caller, NewJob, SpendLimits, Store, StoreConfig};

struct Small {
    dir: TempDir,
    writer: SqliteWriter,
    limits: Connection,
}

/// A migrated database with an account of 100 credits, seen by a writer with limits.
async fn small(limit: impl FnOnce(&Connection)) -> Small {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreConfig { data_dir: dir.path().to_path_buf() }).await.unwrap();
    store.close().await;
    let path = dir.path().join("latchkey.db");
    let limits = Connection::open(&path).unwrap();
    let partner = partner_id();
    limits
        .execute(
            "INSERT INTO partners (id, name, created_at) VALUES (?1, 'Acme', 0)",
            [partner.as_str()],
        )
        .unwrap();
    let account = "INSERT INTO accounts (partner_id, platform, balance, granted, captured, held, created_at) \
                   VALUES (?1, 'red', 100000000, 100000000, 0, 0, 0)";
    limits.execute(account, [partner.as_str()]).unwrap();
    limits
        .execute_batch(
            "CREATE TABLE ballast (bytes BLOB); INSERT INTO ballast VALUES (zeroblob(400000))",
        )
        .unwrap();
    let connection = open(&path).unwrap();
    limit(&connection);
    let (writer, ready) = SqliteWriter::start_on(connection, Turn::default()).unwrap();
    ready.recv().unwrap().unwrap();
    Small { dir, writer, limits }
}

fn partner_id() -> PartnerId {
    PartnerId::from_parts(0, 1)
}

fn charge(job: &str, bytes: usize) -> Charge {
    Charge {
        now: DateTime::from_timestamp(1_732_000_000, 0).unwrap(),
        partner_id: partner_id(),
        platform: "red".into(),
        environment: Environment::Live,
        key_id: KeyId::from_parts(0, 1),
        operation: "images.create".into(),
        price: Amount(1),
        limits: SpendLimits::default(),
        low_balance: None,
        job: NewJob {
            id: job.to_owned(),
            request: "x".repeat(bytes),
            webhook_url: None,
            output: None,
        },
        idempotency: None,
        events: Vec::new(),
        caller: Caller::default(),
    }
}

fn tally() -> Tally {
    let charge = charge("", 0);
    Tally {
        now: charge.now,
        partner_id: charge.partner_id,
        platform: charge.platform,
        environment: charge.environment,
        key_id: charge.key_id,
        operation: charge.operation,
        outcome: Outcome::Refused,
        requests: 1,
        credits: Amount::ZERO,
        last_used: None,
    }
}

fn number(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_full_disk_refuses_everybody_and_the_writer_goes_on_when_there_is_space() {
    let small = small(|connection| {
        let pages = number(connection, "PRAGMA page_count");
        let limit = format!("PRAGMA max_page_count = {}", pages + 20);
        assert_eq!(number(connection, &limit), pages + 20);
    })
    .await;
    let writer = &small.writer;
    let mut accepted: i64 = 0;
    let error = loop {
        match writer.submit(charge(&format!("job-{accepted}"), 9_000)).await.unwrap() {
            Ok(_) => accepted += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error, WriteError::DiskFull);
    writer.tally(vec![tally()]);
    let waiting: Vec<_> =
        (0..8).map(|number| writer.submit(charge(&format!("late-{number}"), 9_000))).collect();
    for answer in waiting {
        assert_eq!(answer.await.unwrap(), Err(WriteError::DiskFull));
    }
    let spent = "SELECT 100000000 - balance FROM accounts";
    let jobs = "SELECT COUNT(*) FROM jobs";
    assert_eq!((number(&small.limits, spent), number(&small.limits, jobs)), (accepted, accepted));
    small.limits.execute_batch("DROP TABLE ballast").unwrap();
    assert!(matches!(
        writer.submit(charge("after", 9_000)).await.unwrap(),
        Ok(Charged::Accepted { .. })
    ));
    writer.stop();
    assert_eq!(number(&small.limits, jobs), accepted + 1);
    let refused = "SELECT SUM(requests) FROM usage WHERE span_s = 900 AND outcome = 'refused'";
    assert_eq!(number(&small.limits, refused), 1, "what was counted meanwhile was kept");
    drop(small.dir);
}

#[tokio::test]
async fn a_database_somebody_holds_is_busy_and_the_writer_goes_on() {
    let small =
        small(|connection| connection.busy_timeout(Duration::from_millis(20)).unwrap()).await;
    small.limits.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(small.writer.submit(charge("job-1", 1)).await.unwrap(), Err(WriteError::Busy));
    small.limits.execute_batch("ROLLBACK").unwrap();
    assert!(matches!(
        small.writer.submit(charge("job-1", 1)).await.unwrap(),
        Ok(Charged::Accepted { .. })
    ));
    small.writer.stop();
    assert!(small.writer.submit(charge("job-2", 1)).await.is_err(), "stopped");
    drop(small.dir);
}
