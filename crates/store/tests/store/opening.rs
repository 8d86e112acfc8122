use std::fs;

use latchkey_store::{Store, StoreConfig, StoreError};

use crate::common::{TestStore, accept, charge, new_key, open, partner};
use latchkey_contract::Amount;

fn config(dir: &tempfile::TempDir) -> StoreConfig {
    StoreConfig { data_dir: dir.path().to_path_buf() }
}

async fn refusal(config: &StoreConfig) -> StoreError {
    match Store::open(config).await {
        Ok(_) => panic!("the store opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn an_empty_folder_gets_every_table_and_opens_again() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let tables: i64 = store
        .raw()
        .query_row(
            "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert!(tables >= 20, "{tables} tables");
    let TestStore { store, dir } = store;
    store.close().await;
    let again = open(&dir).await;
    assert_eq!(again.get_partner(&ada.id).await.unwrap().unwrap().name, "Acme");
}

#[tokio::test]
async fn it_writes_ahead_and_syncs() {
    let store = TestStore::new().await;
    let mode: String = store.raw().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_folder_and_file() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("a/b");
    let store = Store::open(&StoreConfig { data_dir: data_dir.clone() }).await.unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data_dir), 0o700);
    assert_eq!(mode(&data_dir.join("latchkey.db")), 0o600);
    assert_eq!(mode(&data_dir.join("latchkey.db-wal")), 0o600);
    store.close().await;
}

#[tokio::test]
async fn other_files_are_no_database() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("latchkey.db");
    for content in [
        "hello",
        "this text is surely longer than a header would be",
        "SQLite format 3\0 and then rubbish",
    ] {
        fs::write(&path, content).unwrap();
        let error = refusal(&config(&dir)).await;
        assert!(matches!(error, StoreError::NotADatabase { .. }), "{content}: {error:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content, "left as it was");
    }
}

#[tokio::test]
async fn a_damaged_database_is_told_from_another_file() {
    let TestStore { store, dir } = TestStore::new().await;
    store.close().await;
    let path = config(&dir).file();
    let mut bytes = fs::read(&path).unwrap();
    // The page after the header's: what the file says of its tables stays, the page does not.
    bytes[100..4096].fill(0xee);
    fs::write(&path, &bytes).unwrap();
    let error = refusal(&config(&dir)).await;
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("restore it from a backup"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), bytes, "left as it was");
}

#[tokio::test]
async fn another_programs_database_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let other = rusqlite::Connection::open(dir.path().join("latchkey.db")).unwrap();
    other.execute_batch("CREATE TABLE recipes (id INTEGER)").unwrap();
    drop(other);
    assert!(matches!(refusal(&config(&dir)).await, StoreError::NotADatabase { .. }));
}

#[tokio::test]
async fn a_newer_database_is_refused_and_untouched() {
    let TestStore { store, dir } = TestStore::new().await;
    store.close().await;
    let raw = rusqlite::Connection::open(dir.path().join("latchkey.db")).unwrap();
    raw.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)", [])
        .unwrap();
    drop(raw);
    let error = refusal(&config(&dir)).await;
    assert!(matches!(error, StoreError::NewerVersion { .. }), "{error:?}");
    assert!(error.to_string().contains("newer version"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_read_is_said() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("latchkey.db")).unwrap();
    assert!(matches!(refusal(&config(&dir)).await, StoreError::Unreadable { .. }));
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(
        refusal(&StoreConfig { data_dir: file }).await,
        StoreError::Unreadable { .. }
    ));
}

#[tokio::test]
async fn a_closed_store_answers_and_keeps_what_it_accepted() {
    let TestStore { store, dir } = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    accept(&store, charge(&ada, "job-1", Amount(5))).await;
    let clone = store.clone();
    store.close().await;
    assert!(matches!(
        clone.charge(charge(&ada, "job-2", Amount(5))).await,
        Err(latchkey_store::WriteError::Closed)
    ));
    assert!(matches!(clone.create_key(new_key(&ada.id, "red")).await, Err(StoreError::Closed)));
    let again = open(&dir).await;
    assert!(again.get_job(&ada.id, "red", "job-1").await.unwrap().is_some());
}

#[tokio::test]
async fn a_first_start_that_was_cut_short_is_made_good() {
    let TestStore { store, dir } = TestStore::new().await;
    store.close().await;
    let raw = rusqlite::Connection::open(dir.path().join("latchkey.db")).unwrap();
    let tables: Vec<String> = raw
        .prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'seaql_migrations'",
        )
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for table in tables {
        raw.execute_batch(&format!("PRAGMA foreign_keys = OFF; DROP TABLE {table}")).unwrap();
    }
    raw.execute("DELETE FROM seaql_migrations", []).unwrap();
    drop(raw);
    partner(&open(&dir).await, "ada@example.com").await;
}
