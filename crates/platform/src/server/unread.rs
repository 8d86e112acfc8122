//! Reading on what nobody read. A caller that is still sending its body when the answer comes
//! would see a broken connection instead; so a body that was refused is read to its end, unkept.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, HttpBody},
    extract::Request,
    http::header,
};
use futures::{Stream, StreamExt, stream};
use parking_lot::Mutex;
use tokio::{runtime::Handle, time::timeout};

/// A sender of so many bytes is never stopped by a full connection: it reads its answer all the
/// same, and what it sends is read on beside that.
const SMALL: u64 = 8 * 1024;
/// How much is read on, in bytes, and for how long.
const MOST: usize = 48_000_000;
const LONGEST: Duration = Duration::from_secs(10);

/// What is left of a request's body.
pub(super) struct Unread(Arc<Mutex<BodyDataStream>>);

impl Unread {
    /// Keeps hold of a request's body; `None` where the answer need not wait for it: there is none,
    /// it is small, or its sender waits to be asked for it.
    pub(super) fn of(request: &mut Request) -> Option<Self> {
        let none = request.body().is_end_stream();
        if none || request.headers().contains_key(header::EXPECT) {
            return None;
        }
        if request.body().size_hint().upper().is_some_and(|size| size <= SMALL) {
            let body = std::mem::take(request.body_mut());
            *request.body_mut() = Body::from_stream(Small(Some(body.into_data_stream())));
            return None;
        }
        let body = std::mem::take(request.body_mut());
        let unread = Self(Arc::new(Mutex::new(body.into_data_stream())));
        *request.body_mut() = Body::from_stream(unread.rest());
        Some(unread)
    }

    /// Reads on to the end, within bounds.
    pub(super) async fn read_on(self) {
        read_to_end(self.rest()).await;
    }

    fn rest(
        &self,
    ) -> impl Stream<Item = <BodyDataStream as Stream>::Item> + Unpin + Send + 'static {
        let body = Arc::clone(&self.0);
        stream::poll_fn(move |context| body.lock().poll_next_unpin(context))
    }
}

/// A small body. Given up before its end it is read on by a task of its own: hyper would close the
/// connection without a word, and the caller's next request on it would be lost.
struct Small(Option<BodyDataStream>);

impl Stream for Small {
    type Item = <BodyDataStream as Stream>::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(body) = &mut self.0 else { return Poll::Ready(None) };
        let polled = body.poll_next_unpin(context);
        if !matches!(polled, Poll::Pending | Poll::Ready(Some(Ok(_)))) {
            self.0 = None;
        }
        polled
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        if let (Some(rest), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(read_to_end(rest));
        }
    }
}

async fn read_to_end(mut rest: impl Stream<Item = <BodyDataStream as Stream>::Item> + Unpin) {
    let reading = async {
        let mut left = MOST;
        while let Some(Ok(chunk)) = rest.next().await {
            let Some(less) = left.checked_sub(chunk.len()) else { return };
            left = less;
        }
    };
    let _ = timeout(LONGEST, reading).await;
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::{Router, middleware, routing::post};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    /// Answers before it has read anything.
    async fn serve() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let hold = middleware::from_fn(async |mut request: Request, next: middleware::Next| {
            let unread = Unread::of(&mut request);
            let answer = next.run(request).await;
            if let Some(unread) = unread {
                unread.read_on().await;
            }
            answer
        });
        let app = Router::new().route("/", post(async || "no, thanks")).layer(hold);
        tokio::spawn(async move { axum::serve(listener, app).await });
        addr
    }

    async fn answer(stream: &mut TcpStream) -> String {
        let mut told = String::new();
        while !told.ends_with("no, thanks") {
            let mut bytes = [0; 1024];
            let read = stream.read(&mut bytes).await.unwrap();
            assert_ne!(read, 0, "closed after {told:?}");
            told.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        }
        told
    }

    #[tokio::test]
    async fn a_connection_outlives_a_body_that_nobody_wanted() {
        let mut stream = TcpStream::connect(serve().await).await.unwrap();
        for _ in 0..3 {
            stream
                .write_all(b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\n")
                .await
                .unwrap();
            // The answer is there before the body.
            answer(&mut stream).await;
            stream.write_all(b"late").await.unwrap();
        }
    }
}
