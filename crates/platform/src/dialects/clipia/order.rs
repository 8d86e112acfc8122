//! What a request asks to be generated, as it is kept with its job.

use std::time::Duration;

use latchkey_contract::Amount;
use latchkey_store::JobRow;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    super::{Drawing, sample},
    bodies::credits,
};
use crate::{
    Context,
    gateway::Refusal,
    jobs::Stored,
    manifest::{MediaType, Model},
    pictures::{Artwork, AspectRatio, Clip},
};

/// A checked request.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// Where the caller reached this server; webhooks name media below it.
    pub origin: String,
    /// Slug of the model.
    pub model: String,
    pub media: MediaType,
    /// What a live call costs, in credits.
    pub cost: Value,
    input: Map<String, Value>,
}

impl Order {
    pub fn new(model: &Model, input: Map<String, Value>, price: Amount, origin: String) -> Self {
        let (model, media) = (model.slug.clone(), model.media);
        Self { origin, model, media, cost: credits(price), input }
    }

    /// The order of a job; `None` if it is none of this platform's.
    pub fn of_job(job: &JobRow) -> Option<Self> {
        serde_json::from_str(&job.request).ok()
    }

    /// As it is kept with its job.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// One drawing an image, or one clip.
    pub fn drawings(&self) -> Vec<Drawing> {
        match self.media {
            MediaType::Image => {
                let count = self.input.get("num_images").and_then(Value::as_u64).unwrap_or(1);
                (0..u32::try_from(count).unwrap_or(1)).map(|n| self.image_drawing(n)).collect()
            }
            MediaType::Video => {
                let clip = self.clip();
                vec![Box::new(move |fonts| Ok(clip.render(fonts)?.picture))]
            }
        }
    }

    fn image_drawing(&self, variation: u32) -> Drawing {
        let (prompt, aspect_ratio) = (self.text("prompt").to_owned(), self.aspect_ratio());
        let artwork = Artwork { prompt, aspect_ratio, variation };
        Box::new(move |fonts| artwork.render(fonts))
    }

    fn clip(&self) -> Clip {
        Clip {
            prompt: self.text("prompt").to_owned(),
            aspect_ratio: self.aspect_ratio(),
            duration: Duration::from_secs(self.seconds()),
            resolution: self.text("resolution").to_owned(),
        }
    }

    /// What is remembered of what was drawn.
    pub fn output(&self, kept: &[Stored]) -> Value {
        match self.media {
            MediaType::Image => json!({ "images": kept.iter().map(image).collect::<Vec<_>>() }),
            MediaType::Video => {
                let length = self.clip().length();
                json!({ "video": kept.first().map(|clip| video(clip, length)) })
            }
        }
    }

    /// What a test call gets at once: a sample that is the same for everyone.
    pub async fn mock(&self, context: &Context) -> Result<Value, Refusal> {
        match self.media {
            MediaType::Image => Ok(self.output(&[sample::artwork(context).await?])),
            MediaType::Video => {
                let clip = Self::sample_clip();
                let length = clip.length();
                let kept = sample::clip(context, "clip", clip).await?;
                Ok(json!({ "video": video(&kept, length) }))
            }
        }
    }

    fn sample_clip() -> Clip {
        Clip {
            prompt: "A sample".to_owned(),
            aspect_ratio: AspectRatio::WIDE,
            duration: Duration::from_secs(5),
            resolution: "720p".to_owned(),
        }
    }

    fn text(&self, field: &str) -> &str {
        self.input.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    fn seconds(&self) -> u64 {
        self.input.get("duration").and_then(Value::as_u64).unwrap_or(5)
    }

    fn aspect_ratio(&self) -> AspectRatio {
        self.text("aspect_ratio").parse().unwrap_or_default()
    }
}

/// A clip tells how long it is, in seconds, whole where they are.
fn video(kept: &Stored, length: Duration) -> Value {
    let mut video = image(kept);
    let whole = length.subsec_nanos() == 0;
    video["duration"] = if whole { length.as_secs().into() } else { length.as_secs_f64().into() };
    video
}

fn image(kept: &Stored) -> Value {
    json!({ "path": kept.path, "width": kept.width, "height": kept.height })
}
