//! Starting and stopping.

mod assemble;
mod connections;
mod lock;
mod observe;
mod sealing;
mod unread;
mod upkeep;

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener as StdListener},
    path::PathBuf,
    time::Duration,
};

use axum::Router;
use latchkey_store::StoreError;
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
    time::timeout,
};
use tokio_util::sync::DropGuard;

use crate::{
    Clock, Config, Context, Entropy, credits,
    jobs::MediaError,
    jobs::Runner,
    manifest::ManifestError,
    operator,
    webhooks::{Dispatcher, SealError},
};
pub use assemble::open_context;
use connections::{Connections, WithPeer};
pub use lock::DataLock;

/// How long requests under way may go on when the server stops.
const DRAIN: Duration = Duration::from_secs(5);

/// Why a server did not start, each with what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    #[error("port {} on {} is in use by another program; stop that program or choose another port", addr.port(), addr.ip())]
    PortTaken { addr: SocketAddr },
    #[error(
        "cannot listen on {addr}: {source}; choose an address of this computer, and a port it may use"
    )]
    Address { addr: SocketAddr, source: io::Error },
    #[error("another Latchkey server runs on {}; stop it or choose another data folder", path.display())]
    DataInUse { path: PathBuf },
    #[error("the data folder {} cannot be used: {source}; check that it exists, is writable, and that its disk has space", path.display())]
    DataFolder { path: PathBuf, source: io::Error },
    #[error("there is no Latchkey database in {}; check the path, or start a server on it first", path.display())]
    NoDatabase { path: PathBuf },
    #[error(
        "the server key is not the one that {} was sealed with; start with the key it had first, or, if that is lost, once with --replace-server-key", path.display()
    )]
    WrongServerKey { path: PathBuf },
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a platform's manifest has a mistake: {0}")]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Media(#[from] MediaError),
    #[error("TLS for outgoing calls could not be set up: {0}; check this computer's certificates")]
    Tls(#[source] reqwest::Error),
}

/// A server that serves. Dropping it stops it without waiting; [`Running::shutdown`] waits.
pub struct Running {
    addr: SocketAddr,
    context: Context,
    serving: JoinHandle<()>,
    working: JoinSet<()>,
    stop: DropGuard,
    lock: DataLock,
}

/// Starts a server on the system's clock and random generator.
///
/// # Errors
/// A sentence with the remedy; nothing is left running then.
pub async fn start(config: Config) -> Result<Running, StartError> {
    start_with(config, Clock::system(), Entropy::system()).await
}

/// Starts a server on a given clock and random generator.
///
/// # Errors
/// As [`start`].
pub async fn start_with(
    config: Config,
    clock: Clock,
    entropy: Entropy,
) -> Result<Running, StartError> {
    // The port comes first: callers that come early wait in its queue and not at a closed door.
    let (listener, addr) = listen(config.listen)?;
    let lock = DataLock::take(&config.data_dir)?;
    let config = Config { listen: addr, ..config };
    let context = open_context(config, clock, entropy).await?;
    context.store.set_welcome_grant(context.config.welcome_grant).await?;
    Runner::resume(&context).await?;
    credits::resume(&context).await?;
    let working = start_work(&context);
    let stop = context.stopping.clone().drop_guard();
    let serving = tokio::spawn(serve(listener, assemble::router(&context), context.clone()));
    tracing::info!(%addr, "the server listens");
    Ok(Running { addr, context, serving, working, stop, lock })
}

fn listen(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let at_fault = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::PortTaken { addr },
        _ => StartError::Address { addr, source },
    };
    let listener = StdListener::bind(addr).map_err(at_fault)?;
    listener.set_nonblocking(true).map_err(at_fault)?;
    let addr = listener.local_addr().map_err(at_fault)?;
    Ok((TcpListener::from_std(listener).map_err(at_fault)?, addr))
}

/// Everything that goes on beside requests. All of it ends when `context.stopping` is cancelled.
fn start_work(context: &Context) -> JoinSet<()> {
    let mut working = JoinSet::new();
    for task in [Runner::start(context.clone()), Dispatcher::start(context)] {
        working.spawn(async move {
            if let Err(error) = task.await {
                tracing::error!(%error, "a background task broke off");
            }
        });
    }
    working.spawn(upkeep::run(context.clone()));
    #[cfg(unix)]
    working.spawn(operator::socket::serve(context.clone()));
    working
}

async fn serve(listener: TcpListener, app: Router, context: Context) {
    let connections = Connections { listener, patience: connections::PATIENCE };
    let stopped = context.stopping.cancelled_owned();
    let serving = axum::serve(connections, WithPeer(app)).with_graceful_shutdown(stopped);
    if let Err(error) = serving.await {
        tracing::error!(%error, "the server broke off");
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("addr", &self.addr).finish_non_exhaustive()
    }
}

impl Running {
    /// Where it listens; the port is the one in use, also where 0 was asked for.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What the operator's commands act on ([`operator::run`]).
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Stops: no new requests, those under way are finished, what is counted is written.
    pub async fn shutdown(self) {
        let Self { context, serving, mut working, stop, lock, .. } = self;
        drop(stop);
        if timeout(DRAIN, serving).await.is_err() {
            tracing::warn!("requests were still under way; they are broken off");
        }
        let finish = async { while working.join_next().await.is_some() {} };
        if timeout(DRAIN, finish).await.is_err() {
            tracing::warn!("work was still under way; it is taken up again at the next start");
        }
        context.tallies.flush(&context.store);
        context.store.close().await;
        drop(lock);
        tracing::info!("the server has stopped");
    }
}
