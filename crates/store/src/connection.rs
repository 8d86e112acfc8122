//! Opening and closing the database.

use std::{path::PathBuf, sync::Arc};

use crate::{GroupedWriter, StoreError};

/// Where the database lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// Folder of `latchkey.db`; created with mode 0700 where it is absent.
    pub data_dir: PathBuf,
}

/// The database, open. Clones share it.
#[derive(Clone)]
pub struct Store {
    writer: Arc<dyn GroupedWriter>,
}

impl Store {
    /// Opens, and where needed creates and migrates, `data_dir/latchkey.db`; starts the writer.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        todo!()
    }

    /// Commits what waits, stops the writer and closes the file. Clones get
    /// [`StoreError::Closed`] and [`crate::WriteError::Closed`] from then on.
    pub async fn close(self) {
        todo!()
    }

    /// The grouped writer.
    #[must_use]
    pub fn writer(&self) -> &Arc<dyn GroupedWriter> {
        &self.writer
    }
}
