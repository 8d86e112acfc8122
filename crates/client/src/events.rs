use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use latchkey_contract::events::Change;

use crate::{Client, ClientError, sse::Parser};

/// The server sends a comment every 15 seconds; a connection silent for longer than this is dead
/// even if no one closed it (a computer that slept, a cable that was pulled).
const SILENCE: Duration = Duration::from_secs(45);

impl Client {
    /// `GET /events`: what changes, as it changes. Returns once the stream is open. It ends with
    /// the session or the server; open it again then, and ask for everything again.
    pub async fn events(
        &self,
    ) -> Result<impl Stream<Item = Result<Change, ClientError>> + Send + use<>, ClientError> {
        let response = self.get(&["events"]).stream().await?;
        let status = response.status().as_u16();
        let chunks = response.bytes_stream().boxed();
        let state = Some((chunks, Parser::default()));
        let batches = stream::unfold(state, move |state| async move {
            let (mut chunks, mut parser) = state?;
            match tokio::time::timeout(SILENCE, chunks.next()).await {
                Ok(Some(Ok(chunk))) => {
                    let events = parser.feed(&chunk);
                    let changes: Vec<_> = events.iter().map(|data| parse(data, status)).collect();
                    Some((changes, Some((chunks, parser))))
                }
                Ok(Some(Err(error))) => Some((vec![Err(ClientError::unreachable(&error))], None)),
                Ok(None) => None,
                Err(_) => Some((vec![Err(silent())], None)),
            }
        });
        Ok(batches.flat_map(stream::iter))
    }
}

fn parse(data: &str, status: u16) -> Result<Change, ClientError> {
    serde_json::from_str(data).map_err(|_| ClientError::Unexpected { status })
}

fn silent() -> ClientError {
    ClientError::Unreachable { reason: "the connection fell silent".to_owned(), timed_out: true }
}
