//! Follows the server's stream of changes, so that an open console is never stale.

use std::time::Duration;

use futures::StreamExt;
use latchkey_client::ClientError;
use latchkey_contract::events::{Change, Topic};
use tauri::async_runtime::JoinHandle;

use super::Connection;
use crate::{
    AppError,
    notice::{self, Notice},
};

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The task that follows; it ends when this is dropped.
pub(super) struct Live(JoinHandle<()>);

impl Drop for Live {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Live {
    /// Follows until the session ends, opening the stream again whenever it breaks.
    pub(super) fn follow(connection: Connection) -> Self {
        Self(tauri::async_runtime::spawn(async move {
            let mut pause = FIRST_PAUSE;
            while connection.me().is_some() {
                match connection.follow_once().await {
                    Ok(()) => pause = FIRST_PAUSE,
                    Err(error) => {
                        tracing::info!(code = error.code, "the stream of changes is not open")
                    }
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }))
    }
}

impl Connection {
    /// Opens the stream and passes changes on until it ends.
    async fn follow_once(&self) -> Result<(), AppError> {
        let opened =
            self.call(|client| async move { client.events().await.map(StreamExt::boxed) }).await;
        let mut changes = opened.inspect_err(|_| self.tell_online(false))?;
        // Whatever happened while nobody listened.
        (self.0.tell)(Notice::Changed(Change { topic: Topic::Everything, platform: None }));
        self.tell_online(true);
        while let Some(change) = changes.next().await {
            match change {
                Ok(change) => (self.0.tell)(Notice::Changed(change)),
                // A topic of a newer server.
                Err(ClientError::Unexpected { .. }) => {}
                Err(error) => {
                    self.tell_online(false);
                    return Err(error.into());
                }
            }
        }
        Ok(())
    }

    fn tell_online(&self, online: bool) {
        let as_of = self.0.clock.now();
        (self.0.tell)(Notice::Connection(notice::Connection { online, as_of }));
    }
}
