//! Building requests and reading answers: the part all calls share.

use std::time::Duration;

use latchkey_contract::Problem;
use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{AUTHORIZATION, HeaderValue, IF_MATCH},
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{Client, ClientError, IdempotencyKey};

/// Longer than any connection lives.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// One request under way.
pub(crate) struct Request(RequestBuilder);

impl Client {
    /// Starts a request to `/admin/v1` + the segments, each escaped.
    pub(crate) fn request(&self, method: Method, segments: &[&str]) -> Request {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["admin", "v1"]).extend(segments);
        }
        let mut request = self.http.request(method, url);
        if let Some(token) = &self.token {
            let text = Zeroizing::new(format!("Bearer {}", token.expose()));
            if let Ok(mut value) = HeaderValue::from_str(&text) {
                value.set_sensitive(true);
                request = request.header(AUTHORIZATION, value);
            }
        }
        Request(request)
    }

    pub(crate) fn get(&self, segments: &[&str]) -> Request {
        self.request(Method::GET, segments)
    }

    pub(crate) fn post(&self, segments: &[&str]) -> Request {
        self.request(Method::POST, segments)
    }

    pub(crate) fn patch(&self, segments: &[&str]) -> Request {
        self.request(Method::PATCH, segments)
    }

    pub(crate) fn delete(&self, segments: &[&str]) -> Request {
        self.request(Method::DELETE, segments)
    }
}

impl Request {
    pub(crate) fn query(self, query: &impl Serialize) -> Self {
        Self(self.0.query(query))
    }

    pub(crate) fn body(self, body: &impl Serialize) -> Self {
        Self(self.0.json(body))
    }

    pub(crate) fn idempotency_key(self, key: &IdempotencyKey) -> Self {
        Self(self.0.header("idempotency-key", key.as_str()))
    }

    /// Lets the server refuse the change if somebody else made one since `version`.
    pub(crate) fn if_version(self, version: i64) -> Self {
        Self(self.0.header(IF_MATCH, format!("\"{version}\"")))
    }

    /// Sends the request and reads a JSON answer.
    pub(crate) async fn answer<T: DeserializeOwned>(self) -> Result<T, ClientError> {
        let response = self.response().await?;
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(|error| ClientError::unreachable(&error))?;
        serde_json::from_slice(&body).map_err(|_| ClientError::Unexpected { status })
    }

    /// Sends the request and expects an answer without a body.
    pub(crate) async fn done(self) -> Result<(), ClientError> {
        match self.response().await?.status() {
            StatusCode::NO_CONTENT => Ok(()),
            status => Err(ClientError::Unexpected { status: status.as_u16() }),
        }
    }

    /// Sends the request without the client's time limit: the answer goes on for as long as
    /// both sides want it to.
    pub(crate) async fn stream(self) -> Result<Response, ClientError> {
        Self(self.0.timeout(A_YEAR)).response().await
    }

    async fn response(self) -> Result<Response, ClientError> {
        let response = self.0.send().await.map_err(|error| ClientError::unreachable(&error))?;
        if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
    }
}

async fn refusal(response: Response) -> ClientError {
    let status = response.status().as_u16();
    match response.bytes().await {
        Ok(body) => match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => ClientError::Problem(Box::new(problem)),
            Err(_) => ClientError::Unexpected { status },
        },
        Err(error) => ClientError::unreachable(&error),
    }
}
