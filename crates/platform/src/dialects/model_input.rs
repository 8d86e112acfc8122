//! Input as a manifest describes it: a model's, or a generic operation's.

use serde_json::{Map, Value};

use crate::{
    gateway::{Fields, Refusal, fields::is_web_address},
    manifest::{InputField, InputType},
};

/// Whether required fields must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// For a submit.
    Whole,
    /// For an estimate: the prompt, for one, does not change the price.
    WhatIsThere,
}

/// The known fields, checked, with defaults filled in. What is not known is left out, as a
/// model's documentation only says what is common.
///
/// # Errors
/// The first field that is missing or wrong.
pub fn read(
    known: &[InputField],
    input: &Fields<'_>,
    strictness: Strictness,
) -> Result<Map<String, Value>, Refusal> {
    let mut read = Map::new();
    for field in known {
        let value = match input.get(&field.name) {
            Some(value) => {
                check(field, value, input)?;
                Some(value.clone())
            }
            None if field.required && strictness == Strictness::Whole => {
                return Err(Refusal::missing(input.place(&field.name)));
            }
            None => field.default.clone(),
        };
        read.extend(value.map(|value| (field.name.clone(), value)));
    }
    Ok(read)
}

fn check(field: &InputField, value: &Value, input: &Fields<'_>) -> Result<(), Refusal> {
    let (fits, wanted) = match field.kind {
        InputType::String => (value.is_string(), "a string"),
        InputType::Integer => (value.is_i64(), "a whole number"),
        InputType::Number => (value.is_number(), "a number"),
        InputType::Boolean => (value.is_boolean(), "true or false"),
        InputType::Url => (is_url(value), "a URL such as https://example.com/picture.png"),
        InputType::UrlList => {
            (value.as_array().is_some_and(|list| list.iter().all(is_url)), "a list of URLs")
        }
    };
    if !fits {
        return input.wrong(&field.name, format!("must be {wanted}"));
    }
    if field.required && value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return input.wrong(&field.name, "must not be empty");
    }
    match &field.choices {
        Some(choices) if !choices.contains(value) => {
            let choices: Vec<_> = choices.iter().map(plain).collect();
            input.wrong(&field.name, format!("must be one of {}", choices.join(", ")))
        }
        _ => Ok(()),
    }
}

fn is_url(value: &Value) -> bool {
    value.as_str().is_some_and(is_web_address)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
