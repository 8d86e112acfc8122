//! One call to a dashboard, and what came of it.

use latchkey_contract::SecretText;
use reqwest::{
    Method, StatusCode,
    header::{AUTHORIZATION, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{super::answer, DashboardConnection};
use crate::{AppError, elsewhere::CheckOutcome, error::Fault};

/// How much of an answer is read: a list of some thousand keys.
const MOST_ANSWER: usize = 1024 * 1024;
/// Characters of what a platform says.
const MOST_WORDS: usize = 300;
/// Where platforms put a sentence for people, the best place first.
const WORDS: [&str; 5] = ["/message", "/error/message", "/detail", "/error", "/title"];

/// Why a call came to nothing.
#[derive(Debug)]
pub struct Failure {
    pub fault: Fault,
    pub message: String,
}

impl Failure {
    /// What it shows of the connection; nothing where the platform understood and said no.
    pub fn outcome(&self) -> Option<CheckOutcome> {
        match self.fault {
            Fault::TokenRefused => Some(CheckOutcome::Refused),
            Fault::PlatformNotReached => Some(CheckOutcome::Unreachable),
            Fault::UnexpectedAnswer => Some(CheckOutcome::Unclear),
            _ => None,
        }
    }
}

impl From<Failure> for AppError {
    fn from(Failure { fault, message }: Failure) -> Self {
        Self::saying(fault, message)
    }
}

/// Calls `path` below the connection's address; answers the body.
pub async fn send(
    http: &reqwest::Client,
    connection: &DashboardConnection,
    token: &SecretText,
    method: Method,
    path: &str,
    body: Option<&impl Serialize>,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let bearer = Zeroizing::new(format!("Bearer {}", token.expose()));
    let Ok(mut bearer) = HeaderValue::from_str(&bearer) else {
        return Err(refused_token(connection, StatusCode::UNAUTHORIZED, None));
    };
    bearer.set_sensitive(true);
    let url = format!("{}{path}", connection.base_url);
    let request = http.request(method, url).header(AUTHORIZATION, bearer);
    let request = match body {
        Some(body) => request.json(body),
        None => request,
    };
    let answer = request.send().await.map_err(|error| unreached(connection, &error))?;
    let status = answer.status();
    let body = answer::read(answer, MOST_ANSWER).await;
    match body {
        Some(body) if status.is_success() => Ok(body),
        None if status.is_success() => Err(strange(connection, status)),
        body => Err(refusal(connection, token, status, body.as_deref().map(Vec::as_slice))),
    }
}

/// The body as what it should be.
pub fn read<T: DeserializeOwned>(
    connection: &DashboardConnection,
    body: &[u8],
) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|_| strange(connection, StatusCode::OK))
}

fn refusal(
    connection: &DashboardConnection,
    token: &SecretText,
    status: StatusCode,
    body: Option<&[u8]>,
) -> Failure {
    let words = body.and_then(|body| words_of(body, token));
    if status == StatusCode::UNAUTHORIZED {
        return refused_token(connection, status, words);
    }
    if status.is_redirection() {
        return strange(connection, status);
    }
    let name = &connection.platform_name;
    let message = match words {
        Some(words) => format!("{name} says: {words}"),
        None => format!("{name} refused this (HTTP {}). {}", status.as_u16(), remedy(status)),
    };
    Failure { fault: Fault::PlatformRefused, message }
}

fn remedy(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => "Ask there whether your account may do it.",
        StatusCode::NOT_FOUND => "It may be gone meanwhile: look at the list again.",
        StatusCode::TOO_MANY_REQUESTS => "Try again in a minute.",
        status if status.is_server_error() => "It has trouble of its own: try again in a while.",
        _ => "Change what you entered and try again.",
    }
}

fn refused_token(
    connection: &DashboardConnection,
    status: StatusCode,
    words: Option<String>,
) -> Failure {
    let DashboardConnection { platform_name, token_name, .. } = connection;
    let message = match words {
        Some(words) => format!("{platform_name} says: {words} Paste a new {token_name}."),
        None => format!(
            "{platform_name} does not take the {token_name} (HTTP {}). Paste a new one.",
            status.as_u16()
        ),
    };
    Failure { fault: Fault::TokenRefused, message }
}

fn unreached(connection: &DashboardConnection, error: &reqwest::Error) -> Failure {
    let base_url = &connection.base_url;
    let why = if error.is_timeout() { "did not answer in 20 s" } else { "is not reached" };
    let message = format!("{base_url} {why}. Check the address and try again.");
    Failure { fault: Fault::PlatformNotReached, message }
}

fn strange(connection: &DashboardConnection, status: StatusCode) -> Failure {
    let message = format!(
        "{} gave an answer that is none of this dashboard (HTTP {}). Check the address.",
        connection.base_url,
        status.as_u16()
    );
    Failure { fault: Fault::UnexpectedAnswer, message }
}

/// The platform's own sentence; a token that it repeats is taken out.
fn words_of(body: &[u8], token: &SecretText) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let words = WORDS.iter().find_map(|pointer| body.pointer(pointer)?.as_str())?;
    let words = words.replace(token.expose(), "…");
    let mut words: String = words.trim().chars().take(MOST_WORDS).collect();
    if words.is_empty() {
        return None;
    }
    if !words.ends_with(['.', '!', '?']) {
        words.push('.');
    }
    Some(words)
}
