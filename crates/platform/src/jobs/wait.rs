//! Waiting for a job's end, for calls that answer with what it made.

use std::sync::Arc;

use latchkey_store::StoreError;

use super::{Job, Jobs};

impl Jobs {
    /// The job once it has ended.
    ///
    /// # Errors
    /// What the store says.
    pub async fn wait(&self, job: &Job) -> Result<Arc<Job>, StoreError> {
        let row = &job.row;
        loop {
            // Counts from here on: an end between the look and the waiting is not missed.
            let ended = self.0.ended.notified();
            let found = self.find(&row.partner_id, &row.platform, row.environment, &row.id).await?;
            match found {
                Some(job) if job.row.state.is_final() => return Ok(job),
                Some(_) => ended.await,
                None => return Err(StoreError::Corrupt("a job that is not kept".to_owned())),
            }
        }
    }
}
