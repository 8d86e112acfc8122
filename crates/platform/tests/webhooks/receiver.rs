//! A partner's program that receives webhooks: a real server on a port of its own.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Response, Uri},
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// A webhook as it arrived.
#[derive(Clone)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// How the receiver answers; told the number of the call, 1 for the first.
type Answer = dyn Fn(usize) -> Reply + Send + Sync;

pub enum Reply {
    Now(Response<Body>),
    /// The connection stays open and nothing is ever said.
    Never,
}

pub fn status(code: u16) -> Reply {
    Reply::Now(Response::builder().status(code).body(Body::empty()).unwrap())
}

pub struct Receiver {
    pub address: SocketAddr,
    seen: watch::Receiver<Vec<Received>>,
    server: JoinHandle<()>,
}

struct Desk {
    answer: Box<Answer>,
    seen: watch::Sender<Vec<Received>>,
    calls: Mutex<usize>,
}

impl Receiver {
    /// Answers every call with 200.
    pub async fn start() -> Self {
        Self::answering(|_| status(200)).await
    }

    pub async fn answering(answer: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        let (sender, seen) = watch::channel(Vec::new());
        let desk = Desk { answer: Box::new(answer), seen: sender, calls: Mutex::new(0) };
        let routes = Router::new().fallback(receive).with_state(Arc::new(desk));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { address, seen, server }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn seen(&self) -> Vec<Received> {
        self.seen.borrow().clone()
    }

    /// Waits until `count` webhooks have arrived.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let mut seen = self.seen.clone();
        let enough = seen.wait_for(|seen| seen.len() >= count);
        let found = tokio::time::timeout(Duration::from_secs(30), enough).await;
        found.unwrap_or_else(|_| panic!("{count} webhooks did not arrive")).unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn receive(
    State(desk): State<Arc<Desk>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let call = {
        let mut calls = desk.calls.lock().unwrap();
        *calls += 1;
        *calls
    };
    let received = Received { path: uri.path().to_owned(), headers, body };
    desk.seen.send_modify(|seen| seen.push(received));
    match (desk.answer)(call) {
        Reply::Now(response) => response,
        Reply::Never => std::future::pending().await,
    }
}
