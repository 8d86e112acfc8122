//! What a prediction is asked for, as it is kept with its job.

use std::time::Duration;

use latchkey_contract::Amount;
use latchkey_store::JobRow;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::{
    Drawing,
    model_input::{self, Strictness},
};
use crate::{
    gateway::{Call, Fields, Refusal},
    manifest::{MediaType, Model},
    pictures::{Artwork, AspectRatio, Clip},
};

/// Images of one prediction at most.
const MOST_IMAGES: u32 = 4;

/// A checked request.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// Where the caller reached this server; media lie below it.
    pub origin: String,
    /// Where the caller reached this API, without a trailing slash.
    pub base_url: String,
    /// `{provider}/{model}`.
    pub model: String,
    media: MediaType,
    image_count: u32,
    input: Map<String, Value>,
}

/// Provider and model may be repeated in the body; they are those of the address then.
pub fn check_repeated_names(body: &Fields<'_>, model: &Model) -> Result<(), Refusal> {
    let (provider, name) = model.slug.split_once('/').unwrap_or_default();
    body.choice("provider", &[provider])?;
    body.choice("model", &[name, &model.slug])?;
    Ok(())
}

impl Order {
    /// Checks the body against what the model takes.
    ///
    /// # Errors
    /// The first field that is missing or wrong.
    pub fn read(body: &Fields<'_>, model: &Model, call: &Call) -> Result<Self, Refusal> {
        let most = match model.media {
            MediaType::Image => MOST_IMAGES,
            MediaType::Video => 1,
        };
        let input = body.required("input", body.inner("input")?)?;
        Ok(Self {
            origin: call.origin(),
            base_url: call.base_url(),
            model: model.slug.clone(),
            media: model.media,
            input: model_input::read(&model.input, &input, Strictness::Whole)?,
            image_count: body.integer("image_count", 1..=most)?.unwrap_or(1),
        })
    }

    /// The order of a job; `None` if it is none of this platform's.
    pub fn of_job(job: &JobRow) -> Option<Self> {
        serde_json::from_str(&job.request).ok()
    }

    /// As it is kept with its job.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What it costs, in dollars of so many decimals.
    pub fn price(&self, model: &Model, decimals: u8) -> Amount {
        model.pricing.price(&self.input, decimals) * i64::from(self.image_count)
    }

    /// One drawing an image, or one clip.
    pub fn drawings(&self) -> Vec<Drawing> {
        let prompt = self.text("prompt");
        // A ratio to be matched is not known, for inputs are not fetched: it is a square then.
        let aspect_ratio: AspectRatio = self.text("aspect_ratio").parse().unwrap_or_default();
        match self.media {
            MediaType::Image => (0..self.image_count)
                .map(|variation| {
                    let artwork = Artwork { prompt: prompt.to_owned(), aspect_ratio, variation };
                    Box::new(move |fonts: &_| artwork.render(fonts)) as Drawing
                })
                .collect(),
            MediaType::Video => {
                let seconds = self.input.get("seconds").and_then(Value::as_u64).unwrap_or(4);
                let clip = Clip {
                    prompt: prompt.to_owned(),
                    aspect_ratio,
                    duration: Duration::from_secs(seconds),
                    resolution: "720p".to_owned(),
                };
                vec![Box::new(move |fonts| Ok(clip.render(fonts)?.picture))]
            }
        }
    }

    fn text(&self, field: &str) -> &str {
        self.input.get(field).and_then(Value::as_str).unwrap_or_default()
    }
}
