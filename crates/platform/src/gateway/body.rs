//! Reading a request's body.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{
    Refusal,
    exact::{inexact_integer, place_of},
};

/// The largest body a call may have, in bytes.
pub const BODY_LIMIT: usize = 1_000_000;
/// How long a body may take to come in whole.
pub const BODY_PATIENCE: Duration = Duration::from_secs(30);
/// What is wrong with an integer that would be kept as another one.
const NOT_EXACT: &str = "has more than 64 bits and would lose digits; send it as a string";

/// The body as a JSON object.
pub async fn read_object(headers: &HeaderMap, body: Body) -> Result<Map<String, Value>, Refusal> {
    let bytes = read(body).await?;
    if !says_json(headers) {
        return Err(Refusal::NotJson);
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => match inexact_integer(&bytes) {
            Some(number) => Err(Refusal::invalid(place_of(number, &object), NOT_EXACT)),
            None => Ok(object),
        },
        Ok(_) => Err(Refusal::MalformedJson("it must be an object".to_owned())),
        Err(error) => Err(Refusal::MalformedJson(error.to_string())),
    }
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    timeout(BODY_PATIENCE, read_whole(body)).await.unwrap_or(Err(Refusal::BodyUnread))
}

async fn read_whole(body: Body) -> Result<Bytes, Refusal> {
    let mut stream = body.into_data_stream();
    let mut read = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Refusal::BodyUnread)?;
        if read.len() + chunk.len() > BODY_LIMIT {
            return Err(Refusal::BodyTooLarge);
        }
        read.extend_from_slice(&chunk);
    }
    Ok(read.freeze())
}

/// Whether the body is said to be JSON, or nothing is said.
fn says_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let media_type = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    let media_type = media_type.trim().to_ascii_lowercase();
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}
