//! Models as they are listed.

use serde_json::{Map, Value, json};

use super::bodies::credits;
use crate::manifest::{InputField, InputType, MediaType, Model, Pricing};

/// A model in the list.
pub fn summary(model: &Model) -> Value {
    json!({
        "slug": model.slug,
        "type": model.media,
        "name": model.name,
        "capabilities": model.capabilities,
        "pricing": pricing(model.media, &model.pricing),
    })
}

/// A model by itself: the same, and what it takes.
pub fn detail(model: &Model) -> Value {
    let mut detail = summary(model);
    let schema: Map<_, _> = model.input.iter().map(|f| (f.name.clone(), schema(f))).collect();
    detail["input_schema"] = Value::Object(schema);
    detail
}

/// Images have a price, videos a base price.
fn pricing(media: MediaType, pricing: &Pricing) -> Value {
    let price = match media {
        MediaType::Image => "credits",
        MediaType::Video => "credits_base",
    };
    let mut told = Map::new();
    told.insert(price.to_owned(), credits(pricing.credits.amount()));
    if !pricing.multipliers.is_empty() {
        let multipliers = pricing.multipliers.iter().map(|(field, factors)| {
            let factors = factors.iter().map(|(value, by)| (value.clone(), number(by.as_f64())));
            (field.clone(), Value::Object(factors.collect()))
        });
        told.insert("multipliers".to_owned(), Value::Object(multipliers.collect()));
    }
    if let Some(note) = &pricing.note {
        told.insert("note".to_owned(), note.as_str().into());
    }
    Value::Object(told)
}

fn schema(field: &InputField) -> Value {
    let kind = match field.kind {
        InputType::String | InputType::Url => "string",
        InputType::Integer => "integer",
        InputType::Number => "number",
        InputType::Boolean => "boolean",
        InputType::UrlList => "array",
    };
    let mut schema = json!({ "type": kind });
    if field.required {
        schema["required"] = true.into();
    }
    if let Some(choices) = &field.choices {
        schema["enum"] = choices.clone().into();
    }
    if let Some(default) = &field.default {
        schema["default"] = default.clone();
    }
    schema
}

/// A factor without `.0` where it is whole.
fn number(factor: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "only a whole factor is truncated")]
    if factor.fract() == 0.0 { (factor as i64).into() } else { factor.into() }
}
