//! Connections, and the end of those that nothing comes of.
//!
//! A caller may send its headers byte by byte, or nothing at all, and hold a connection for ever.
//! One timer a connection looks once in a while whether anything was asked or answered on it since
//! the last look, and lets it go otherwise. A timer a request, which hyper has, would cost every
//! call.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    io,
    mem::take,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready as wait},
    time::Duration,
};

use axum::{
    Extension, Router,
    extract::ConnectInfo,
    middleware::AddExtension,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::{Instant, Sleep, sleep},
};
use tower::{Layer, Service};

/// How long a connection may be silent, and a call go without an answer; at most twice as long, as
/// it is only looked at so often. What streams answers says something more often, and no call takes
/// as long.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Listens for connections that end when nothing comes of them.
pub(super) struct Connections {
    pub listener: TcpListener,
    pub patience: Duration,
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        // Answers are small and must not wait for company.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let (patience, look) = (self.patience, Box::pin(sleep(self.patience)));
        (Connection { stream, patience, look, since: Since::default() }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that ends by itself.
pub(super) struct Connection {
    stream: TcpStream,
    patience: Duration,
    look: Pin<Box<Sleep>>,
    since: Since,
}

/// What was on a connection since it was last looked at.
#[derive(Default)]
struct Since {
    /// Bytes came.
    asked: bool,
    /// Bytes came even before that, and nothing has answered them.
    waits: bool,
    /// Something was answered.
    answered: bool,
}

impl Since {
    /// Looks at what was since the last time; whether it may stay.
    fn may_stay(&mut self) -> bool {
        let (asked, answered) = (take(&mut self.asked), take(&mut self.answered));
        let begins_to_wait = asked && !answered && !self.waits;
        self.waits = begins_to_wait;
        answered || begins_to_wait
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.look.as_mut().poll(context).is_ready() {
            if !self.since.may_stay() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            let next = Instant::now() + self.patience;
            self.look.as_mut().reset(next);
        }
        wait!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.since.asked = true;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = wait!(Pin::new(&mut self.stream).poll_write(context, bytes));
        self.since.answered = true;
        Poll::Ready(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = wait!(Pin::new(&mut self.stream).poll_write_vectored(context, slices));
        self.since.answered = true;
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The application, told with each connection who is at its other end.
pub(super) struct WithPeer(pub Router);

impl Service<IncomingStream<'_, Connections>> for WithPeer {
    type Response = AddExtension<Router, ConnectInfo<SocketAddr>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, connection: IncomingStream<'_, Connections>) -> Self::Future {
        let peer = ConnectInfo(*connection.remote_addr());
        ready(Ok(Extension(peer).layer(self.0.clone())))
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        time::{interval, timeout},
    };

    use super::*;

    const SHORT: Duration = Duration::from_millis(200);

    async fn serve() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let slow = get(async || {
            sleep(SHORT).await;
            "there"
        });
        let app = Router::new().route("/", get(async || "here")).route("/slow", slow);
        let connections = Connections { listener, patience: SHORT };
        tokio::spawn(async move { axum::serve(connections, WithPeer(app)).await });
        addr
    }

    /// Sends `text` byte by byte, again and again, until the other end is closed; answers what
    /// came back.
    async fn drip(addr: SocketAddr, text: &[u8]) -> Vec<u8> {
        let (mut from, mut to) = TcpStream::connect(addr).await.unwrap().into_split();
        let text = text.to_vec();
        let dripping = tokio::spawn(async move {
            let mut pace = interval(Duration::from_millis(5));
            for byte in text.iter().cycle() {
                pace.tick().await;
                if to.write_all(&[*byte]).await.is_err() {
                    break;
                }
            }
        });
        let mut told = Vec::new();
        // A reset tells the same as an end.
        let _ = timeout(10 * SHORT, from.read_to_end(&mut told)).await.map(drop);
        dripping.abort();
        told
    }

    #[tokio::test]
    async fn a_caller_that_never_ends_its_headers_is_let_go() {
        let addr = serve().await;
        assert!(drip(addr, b"GET / HTTP/1.1\r\nx: ").await.is_empty());
        let mut silent = TcpStream::connect(addr).await.unwrap();
        let ended = timeout(10 * SHORT, silent.read(&mut [0; 1])).await;
        assert_eq!(ended.unwrap().unwrap(), 0);
    }

    #[tokio::test]
    async fn a_slow_caller_that_is_answered_stays() {
        let addr = serve().await;
        let told = drip(addr, b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
        let answers = String::from_utf8(told).unwrap().matches("here").count();
        // Longer than a connection without an answer would last.
        assert!(answers > 5, "{answers}");
    }

    #[tokio::test]
    async fn a_call_late_in_a_silence_is_answered() {
        let addr = serve().await;
        let mut stream = TcpStream::connect(addr).await.unwrap();
        sleep(SHORT / 2).await;
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
        let mut told = Vec::new();
        // It is silent after that, and so it ends.
        timeout(10 * SHORT, stream.read_to_end(&mut told)).await.unwrap().unwrap();
        assert!(String::from_utf8(told).unwrap().ends_with("there"));
    }

    #[test]
    fn what_was_since_the_last_look_decides() {
        let (asked, answered, both, silent) =
            ((true, false), (false, true), (true, true), (false, false));
        for (looks, stays) in [
            (vec![silent], false),
            (vec![answered], true),
            (vec![answered, silent], false),
            (vec![asked], true),
            (vec![asked, answered, asked], true),
            (vec![asked, both, both], true),
            (vec![asked, asked], false),
            (vec![asked, silent], false),
        ] {
            let mut since = Since::default();
            let mut last = true;
            for (asked, answered) in &looks {
                (since.asked, since.answered) = (*asked, *answered);
                last = since.may_stay();
            }
            assert_eq!(last, stays, "{looks:?}");
        }
    }
}
