//! One HTTP call: send, read a little of the answer, and say in words what went wrong.

use std::{error::Error, io, time::Duration};

use chrono::{DateTime, Utc};
use latchkey_contract::webhooks::Header;
use latchkey_store::NewAttempt;
use reqwest::{
    Client, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, SET_COOKIE},
};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    guard::{NameError, TargetError},
    lanes::Verdict,
    policy::retry_after,
};

/// How much of an answer is kept.
const ANSWER_BYTES: usize = 20_000;
/// How many of its headers are kept, and how much of each.
const ANSWER_HEADERS: usize = 64;
const ANSWER_HEADER_BYTES: usize = 1_000;

/// What is to be sent.
pub struct Outgoing {
    /// A URL the guard let pass.
    pub url: Url,
    pub headers: HeaderMap,
    pub body: String,
}

/// An attempt as it is kept, and what the retry needs to know of it.
pub struct Attempted {
    pub kept: NewAttempt,
    /// How long the receiver wants to be left alone.
    pub retry_after: Option<Duration>,
}

impl Attempted {
    /// An attempt that ended before anything was sent.
    pub fn not_sent(at: DateTime<Utc>, reason: &str) -> Self {
        let kept = NewAttempt {
            at,
            duration_ms: 0,
            status: None,
            error: Some(format!("not sent: {reason}")),
            request_headers: Vec::new(),
            response_headers: Vec::new(),
            response_body: None,
        };
        Self { kept, retry_after: None }
    }

    pub fn succeeded(&self) -> bool {
        self.status().is_some_and(|status| status.is_success())
    }

    /// 410: the receiver never wants to hear of us again.
    pub fn is_gone(&self) -> bool {
        self.status() == Some(StatusCode::GONE)
    }

    /// What it says about how fast its endpoint is.
    pub(super) fn verdict(&self) -> Verdict {
        match self.status() {
            Some(status) if status.is_success() => {
                Verdict::Took(Duration::from_millis(self.kept.duration_ms.into()))
            }
            Some(StatusCode::TOO_MANY_REQUESTS) => Verdict::Overloaded(self.retry_after),
            Some(status) if status.is_server_error() => Verdict::Overloaded(self.retry_after),
            Some(_) => Verdict::Nothing,
            None => Verdict::Overloaded(None),
        }
    }

    fn status(&self) -> Option<StatusCode> {
        self.kept.status.and_then(|status| StatusCode::from_u16(status).ok())
    }
}

/// What came back.
#[derive(Default)]
struct Answer {
    status: Option<StatusCode>,
    headers: HeaderMap,
    body: Option<String>,
    error: Option<String>,
}

/// Sends `outgoing`, waiting for at most `limit` in all.
pub async fn send(
    http: &Client,
    mut outgoing: Outgoing,
    at: DateTime<Utc>,
    limit: Duration,
) -> Attempted {
    let started = Instant::now();
    outgoing.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let request_headers = kept_headers(&outgoing.headers);
    let answer = call(http, outgoing, started + limit, limit).await;
    Attempted {
        retry_after: retry_after(&answer.headers, at),
        kept: NewAttempt {
            at,
            duration_ms: started.elapsed().as_millis().try_into().unwrap_or(u32::MAX),
            status: answer.status.map(|status| status.as_u16()),
            error: answer.error,
            request_headers,
            response_headers: kept_headers(&answer.headers),
            response_body: answer.body,
        },
    }
}

async fn call(http: &Client, outgoing: Outgoing, deadline: Instant, limit: Duration) -> Answer {
    let request = http.post(outgoing.url).headers(outgoing.headers).body(outgoing.body).send();
    match timeout_at(deadline, request).await {
        Err(_) => Answer::none(format!("timed out after {} ms", limit.as_millis())),
        Ok(Err(error)) => Answer::none(reason(&error)),
        Ok(Ok(response)) => Answer {
            status: Some(response.status()),
            headers: response.headers().clone(),
            error: response.status().is_redirection().then(|| "redirects are not followed".into()),
            body: Some(read_start(response, deadline).await),
        },
    }
}

impl Answer {
    fn none(error: String) -> Self {
        Self { error: Some(error), ..Self::default() }
    }
}

/// The first [`ANSWER_BYTES`] of a body as text. What does not come in time, or breaks off, is
/// left out: the status has decided already.
async fn read_start(mut response: Response, deadline: Instant) -> String {
    let mut start = Vec::new();
    while start.len() < ANSWER_BYTES {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                let room = ANSWER_BYTES - start.len();
                start.extend_from_slice(&chunk[..chunk.len().min(room)]);
            }
            _ => break,
        }
    }
    as_text(&start)
}

/// Bytes as text that every database takes: no NUL, no half of a character at the cut.
fn as_text(bytes: &[u8]) -> String {
    let whole = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    };
    String::from_utf8_lossy(whole).replace('\0', "\u{fffd}")
}

/// Headers as they are kept. Cookies are the receiver's secrets and of no use here.
fn kept_headers(headers: &HeaderMap) -> Vec<Header> {
    headers
        .iter()
        .filter(|(name, _)| *name != SET_COOKIE)
        .take(ANSWER_HEADERS)
        .map(|(name, value)| Header {
            name: name.to_string(),
            value: as_text(&value.as_bytes()[..value.len().min(ANSWER_HEADER_BYTES)]),
        })
        .collect()
}

/// Why there was no answer, in words for the partner. Never contains the URL.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(words) = words_for(current) {
            return words;
        }
        cause = current.source();
    }
    let words = if error.is_connect() { "cannot be made" } else { "broke off" };
    format!("the connection {words}")
}

/// The words for one cause, where it has its own.
fn words_for(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(refused) = error.downcast_ref::<TargetError>() {
        return Some(format!("not sent: the URL {refused}"));
    }
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(format!("TLS failed: {tls}"));
    }
    if error.downcast_ref::<NameError>().is_some() {
        return Some(error.to_string());
    }
    let io = error.downcast_ref::<io::Error>()?;
    // rustls travels inside an I/O error, whose `source` leaves it out.
    if let Some(inner) = io.get_ref().and_then(|inner| words_for(inner)) {
        return Some(inner);
    }
    Some(match io.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "connection reset".to_owned(),
        io::ErrorKind::TimedOut => "timed out while connecting".to_owned(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "the host cannot be reached".to_owned()
        }
        _ => return None,
    })
}
