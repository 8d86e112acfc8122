//! Opening and closing the database; reads from a pool, writes one at a time.

use std::{
    fs, io,
    ops::Deref,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use latchkey_contract::PartnerId;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait, sqlx::Connection as _,
};
use sea_orm_migration::{MigratorTrait, SchemaManager};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    Author, GroupedWriter, StoreError, error::sqlite_code, idempotency::Claim,
    ledger::summary::Sums, migrations::Migrator, writer::SqliteWriter,
};

/// How long another process may hold the database before a write gives up.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes in a page of a new database: half of what is usual. Repeat keys fall all over their table,
/// a page each, and a charge writes a third less this way.
pub(crate) const PAGE_SIZE: u32 = 2048;

/// Pages in the log before it is moved into the database: 16 MiB. Moving it that seldom instead of
/// every 2 writes each page less often.
pub(crate) const WAL_PAGES: u32 = 16 * 1024 * 1024 / PAGE_SIZE;

/// Connections for reading; writes take one of them in turn.
const POOL_SIZE: u32 = 5;

/// Where the database lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// Folder of `latchkey.db`; created with mode 0700 where it is absent.
    pub data_dir: PathBuf,
}

impl StoreConfig {
    /// The database's file.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.data_dir.join("latchkey.db")
    }
}

/// Whose turn it is to write. SQLite lets one write at a time and makes the others poll; waiting
/// in line here instead is fair to everybody in this process, the grouped writer included.
pub(crate) type Turn = Arc<Mutex<()>>;

/// The database, open. Clones share it.
#[derive(Clone)]
pub struct Store {
    db: DatabaseConnection,
    turn: Turn,
    sqlite: Arc<SqliteWriter>,
    writer: Arc<dyn GroupedWriter>,
    /// Who makes the changes made with this handle.
    author: Arc<Author>,
    /// The repeat key under which they are made.
    pub(crate) claim: Option<Arc<Claim>>,
    /// How far the walk through the repeat keys has come.
    pub(crate) pruned_up_to: Arc<parking_lot::Mutex<Option<(String, String)>>>,
    /// What the ledgers of large accounts summed up to.
    pub(crate) ledger_sums: Arc<parking_lot::Mutex<Sums>>,
}

impl Store {
    /// Opens, and where needed creates and migrates, `data_dir/latchkey.db`; starts the writer.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let path = config.file();
        prepare_files(&config.data_dir, &path)?;
        let db = connect(&path).await.map_err(|error| opening_error(&path, error))?;
        migrate(&db, &path).await?;
        let turn = Turn::default();
        let sqlite = Arc::new(SqliteWriter::start(&path, Arc::clone(&turn))?);
        let writer = Arc::clone(&sqlite) as Arc<dyn GroupedWriter>;
        Ok(Self {
            db,
            turn,
            sqlite,
            writer,
            author: Arc::new(Author::system()),
            claim: None,
            pruned_up_to: Arc::default(),
            ledger_sums: Arc::default(),
        })
    }

    /// Commits what waits, stops the writer and closes the file. Clones get
    /// [`StoreError::Closed`] and [`crate::WriteError::Closed`] from then on.
    pub async fn close(self) {
        let sqlite = Arc::clone(&self.sqlite);
        if tokio::task::spawn_blocking(move || sqlite.stop()).await.is_err() {
            tracing::error!("the writer did not stop in order");
        }
        if let Err(error) = self.db.close().await {
            tracing::error!(%error, "the database did not close in order");
        }
    }

    /// The same store in somebody's hands: what is changed through it is recorded as theirs. Without
    /// that it is the system's.
    #[must_use]
    pub fn by(&self, author: Author) -> Self {
        Self { author: Arc::new(author), ..self.clone() }
    }

    /// In whose hands it is.
    #[must_use]
    pub fn author(&self) -> &Author {
        &self.author
    }

    /// Drops what the grouped writer has still to count for a partner that goes.
    pub(crate) fn forget_counts(&self, partner_id: &PartnerId) {
        self.sqlite.forget(partner_id);
    }

    /// The grouped writer.
    #[must_use]
    pub fn writer(&self) -> &Arc<dyn GroupedWriter> {
        &self.writer
    }

    /// For reading.
    pub(crate) const fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// Waits for its turn and begins a transaction that may write.
    pub(crate) async fn begin_write(&self) -> Result<WriteTransaction, StoreError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.db.begin_with_options(options).await?;
        let claim = self.claim.clone();
        Ok(WriteTransaction { transaction, claim, _turn: turn })
    }
}

/// A transaction that may write; rolled back when it is dropped.
pub(crate) struct WriteTransaction {
    // Dropped before the turn passes on.
    transaction: DatabaseTransaction,
    /// The repeat key under which it is made.
    pub(crate) claim: Option<Arc<Claim>>,
    _turn: OwnedMutexGuard<()>,
}

impl WriteTransaction {
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }
}

impl Deref for WriteTransaction {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

async fn connect(path: &Path) -> Result<DatabaseConnection, DbErr> {
    let file = path.to_path_buf();
    let mut options = ConnectOptions::new("sqlite://latchkey.db");
    // SQLite ends a transaction by itself when the disk is full. sqlx goes on counting it as open,
    // and what is "committed" within it is not: such a connection is closed, never used again.
    options.map_sqlx_sqlite_before_acquire(|connection, _| {
        Box::pin(async move { Ok(!connection.is_in_transaction()) })
    });
    // Asking first whether a file is still there would cost every read a turn of its thread.
    options
        .max_connections(POOL_SIZE)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .filename(&file)
                .create_if_missing(true)
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
                .page_size(PAGE_SIZE)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .pragma("wal_autocheckpoint", WAL_PAGES.to_string())
        });
    Database::connect(options).await
}

/// Opens a database to read it only, as it is: nothing is made or migrated. `table` must be there.
pub(crate) async fn connect_to_read(
    path: &Path,
    table: &str,
) -> Result<DatabaseConnection, StoreError> {
    let failed = |error| opening_error(path, error);
    let file = path.to_path_buf();
    let mut options = ConnectOptions::new("sqlite://latchkey.db");
    options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(move |sqlite| {
        sqlite.filename(&file).read_only(true).busy_timeout(BUSY_TIMEOUT)
    });
    let db = Database::connect(options).await.map_err(failed)?;
    if SchemaManager::new(&db).has_table(table).await.map_err(failed)? {
        return Ok(db);
    }
    let reason = format!("it has no table `{table}` yet; start the server on it once");
    Err(StoreError::Unreadable { path: path.to_path_buf(), reason })
}

async fn migrate(db: &DatabaseConnection, path: &Path) -> Result<(), StoreError> {
    let failed = |error| opening_error(path, error);
    if SchemaManager::new(db).has_table("seaql_migrations").await.map_err(failed)? {
        refuse_unknown_migrations(db, path).await?;
    } else if has_tables(db).await.map_err(failed)? {
        return Err(StoreError::NotADatabase { path: path.to_path_buf() });
    }
    Migrator::up(db, None).await.map_err(failed)
}

async fn refuse_unknown_migrations(db: &DatabaseConnection, path: &Path) -> Result<(), StoreError> {
    let applied =
        Migrator::get_migration_models(db).await.map_err(|error| opening_error(path, error))?;
    let known = Migrator::migrations();
    let unknown = applied
        .iter()
        .any(|applied| !known.iter().any(|migration| migration.name() == applied.version));
    if unknown { Err(StoreError::NewerVersion { path: path.to_path_buf() }) } else { Ok(()) }
}

/// Whether somebody else's tables are in the file.
async fn has_tables(db: &DatabaseConnection) -> Result<bool, DbErr> {
    Ok(db
        .query_one_raw(sea_orm::Statement::from_string(
            sea_orm::DbBackend::Sqlite,
            "SELECT 1 FROM sqlite_master LIMIT 1",
        ))
        .await?
        .is_some())
}

/// Makes folder and file with the narrowest rights, and looks whether the file can be a database.
fn prepare_files(dir: &Path, path: &Path) -> Result<(), StoreError> {
    let unreadable = |path: &Path, error: &io::Error| match error.kind() {
        io::ErrorKind::StorageFull => StoreError::NoSpace { path: path.to_path_buf() },
        _ => StoreError::Unreadable { path: path.to_path_buf(), reason: error.to_string() },
    };
    create_dir(dir).map_err(|error| unreadable(dir, &error))?;
    let mut file = open_file(path).map_err(|error| unreadable(path, &error))?;
    let mut head = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(&mut file, 16), &mut head)
        .map_err(|error| unreadable(path, &error))?;
    if head.is_empty() || head == b"SQLite format 3\0" {
        Ok(())
    } else {
        Err(StoreError::NotADatabase { path: path.to_path_buf() })
    }
}

fn create_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn open_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// What a failure while opening means to a person.
fn opening_error(path: &Path, error: DbErr) -> StoreError {
    opening_error_of(path, sqlite_code(&error), error.to_string()).unwrap_or_else(|| error.into())
}

/// By SQLite's primary result code.
pub(crate) fn opening_error_of(
    path: &Path,
    code: Option<i32>,
    reason: String,
) -> Option<StoreError> {
    let path = path.to_path_buf();
    match code? & 0xff {
        // CORRUPT
        11 => Some(StoreError::Damaged { path }),
        // NOTADB
        26 => Some(StoreError::NotADatabase { path }),
        // PERM, READONLY, IOERR, CANTOPEN
        3 | 8 | 10 | 14 => Some(StoreError::Unreadable { path, reason }),
        5 | 6 => Some(StoreError::Busy),
        13 => Some(StoreError::NoSpace { path }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
