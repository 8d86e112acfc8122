//! Lists by offset, and the envelopes of answers.

use std::collections::HashMap;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use latchkey_store::{Answer, Part, Window};
use serde::Serialize;
use serde_json::{Value, json};

use super::faults::Faults;
use crate::gateway::Refusal;

const LIMIT: std::ops::RangeInclusive<u64> = 1..=100;
const LIMIT_UNLESS_TOLD: u64 = 20;

/// The part of a list that is asked for.
pub fn window(query: &HashMap<String, String>) -> Result<Window, Refusal> {
    let mut faults = Faults::default();
    let limit = faults.note(match query.get("limit").map(|text| text.parse()) {
        None => Ok(LIMIT_UNLESS_TOLD),
        Some(Ok(limit)) if LIMIT.contains(&limit) => Ok(limit),
        Some(_) => Err(Refusal::invalid("limit", "must be a whole number from 1 to 100")),
    });
    let offset = faults.note(match query.get("offset").map(|text| text.parse::<u32>()) {
        None => Ok(0),
        Some(Ok(offset)) => Ok(offset.into()),
        Some(Err(_)) => Err(Refusal::invalid("offset", "must be a whole number from 0")),
    });
    faults.finish()?;
    Ok(Window { limit, offset })
}

/// One of a few words in the query.
pub fn choice<T: Copy>(
    query: &HashMap<String, String>,
    name: &str,
    choices: &[(&str, T)],
) -> Result<Option<T>, Refusal> {
    let Some(text) = query.get(name) else { return Ok(None) };
    let known = choices.iter().find(|(word, _)| word == text).map(|(_, value)| *value);
    let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
    known
        .map(Some)
        .ok_or_else(|| Refusal::invalid(name, format!("must be one of {}", words.join(", "))))
}

/// The part of rows that were read whole.
pub fn part<T>(rows: Vec<T>, window: Window) -> Part<T> {
    let total = rows.len() as u64;
    let [offset, limit] =
        [window.offset, window.limit].map(|count| usize::try_from(count).unwrap_or(usize::MAX));
    Part { rows: rows.into_iter().skip(offset).take(limit).collect(), total }
}

/// A list as it is answered.
pub fn list<T>(part: &Part<T>, window: Window, body: impl Fn(&T) -> Value) -> Json<Value> {
    let data: Vec<_> = part.rows.iter().map(body).collect();
    let seen = window.offset.saturating_add(data.len() as u64);
    Json(json!({
        "data": data,
        "pagination": {
            "total": part.total,
            "limit": window.limit,
            "offset": window.offset,
            "has_more": seen < part.total,
        },
    }))
}

/// One object as it is answered.
pub fn one(data: &Value) -> Json<Value> {
    Json(json!({ "data": data }))
}

/// The same, to be kept for repetitions.
pub fn kept(status: StatusCode, data: &impl Serialize) -> Answer {
    Answer { status: status.as_u16(), body: json!({ "data": data }).to_string() }
}

/// A kept answer on its way.
pub fn respond(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, "application/json")], answer.body).into_response()
}
