//! Reading on what nobody read. A caller that is still sending its body when the answer comes
//! would see a broken connection instead; so a body that was refused is read to its end, unkept.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, BodyDataStream, HttpBody},
    extract::Request,
    http::header,
};
use futures::{Stream, StreamExt, stream};
use parking_lot::Mutex;
use tokio::time::timeout;

/// Bodies up to this many bytes have come by the time of an answer; hyper sees to them.
const SMALL: u64 = 8 * 1024;
/// How much is read on, in bytes, and for how long.
const MOST: usize = 48_000_000;
const LONGEST: Duration = Duration::from_secs(10);

/// What is left of a request's body.
pub(super) struct Unread(Arc<Mutex<BodyDataStream>>);

impl Unread {
    /// Keeps hold of a request's body; `None` where nothing needs to be read on: it is small, or
    /// its sender waits to be asked for it.
    pub(super) fn of(request: &mut Request) -> Option<Self> {
        let small = request.body().size_hint().upper().is_some_and(|size| size <= SMALL);
        if small || request.headers().contains_key(header::EXPECT) {
            return None;
        }
        let body = std::mem::take(request.body_mut());
        let unread = Self(Arc::new(Mutex::new(body.into_data_stream())));
        *request.body_mut() = Body::from_stream(unread.rest());
        Some(unread)
    }

    /// Reads on to the end, within bounds.
    pub(super) async fn read_on(self) {
        let mut rest = self.rest();
        let reading = async {
            let mut left = MOST;
            while let Some(Ok(chunk)) = rest.next().await {
                let Some(less) = left.checked_sub(chunk.len()) else { return };
                left = less;
            }
        };
        let _ = timeout(LONGEST, reading).await;
    }

    fn rest(
        &self,
    ) -> impl Stream<Item = <BodyDataStream as Stream>::Item> + Unpin + Send + 'static {
        let body = Arc::clone(&self.0);
        stream::poll_fn(move |context| body.lock().poll_next_unpin(context))
    }
}
