//! What a request asks to be generated, as it is kept with its job.

use latchkey_contract::Amount;
use latchkey_store::JobRow;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{super::Drawing, bodies::credits};
use crate::{
    Context,
    gateway::Refusal,
    jobs::Stored,
    manifest::{Manifest, MediaType, Model},
    pictures::{Artwork, AspectRatio, Clip, Fonts},
};

/// Pixels of an image's longer side.
const IMAGE_SIDE: u32 = 1024;
/// Pixels of a clip's longer side: it is drawn small and as a GIF, whatever was asked for.
const CLIP_SIDE: u32 = 480;
const SAMPLE_PROMPT: &str = "A sample";

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
        serde_json::from_value(job.request.clone()).ok()
    }

    /// As it is kept with its job.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// One drawing an image, or one clip.
    pub fn drawings(&self, _manifest: &Manifest) -> Vec<Drawing> {
        let (prompt, aspect) = (self.prompt().to_owned(), self.aspect());
        match self.media {
            MediaType::Video => {
                let (width, height) = aspect.size(CLIP_SIDE);
                vec![Box::new(move |_: &Fonts| Clip { prompt, width, height }.render())]
            }
            MediaType::Image => {
                let count = self.input.get("num_images").and_then(Value::as_u64).unwrap_or(1);
                let (width, height) = aspect.size(IMAGE_SIDE);
                let draw = |variant| -> Drawing {
                    let prompt = prompt.clone();
                    Box::new(move |fonts: &Fonts| {
                        Artwork { prompt, variant, width, height }.render(fonts)
                    })
                };
                (0..u32::try_from(count).unwrap_or(1)).map(draw).collect()
            }
        }
    }

    /// What is remembered of what was drawn.
    pub fn output(&self, kept: &[Stored]) -> Value {
        match self.media {
            MediaType::Image => json!({ "images": kept.iter().map(image).collect::<Vec<_>>() }),
            MediaType::Video => json!({ "video": kept.first().map(|clip| self.video(clip)) }),
        }
    }

    /// What a test call gets at once: a sample that is the same for everyone.
    pub async fn mock(&self, context: &Context) -> Result<Value, Refusal> {
        let prompt = SAMPLE_PROMPT.to_owned();
        let aspect = AspectRatio::WIDE;
        let sample = match self.media {
            MediaType::Image => {
                let draw = |fonts: &Fonts| {
                    let (width, height) = AspectRatio::SQUARE.size(IMAGE_SIDE);
                    Artwork { prompt, variant: 0, width, height }.render(fonts)
                };
                context.media.sample("image", &context.fonts, draw).await?
            }
            MediaType::Video => {
                let draw = move |_: &Fonts| {
                    let (width, height) = aspect.size(CLIP_SIDE);
                    Clip { prompt, width, height }.render()
                };
                context.media.sample("clip", &context.fonts, draw).await?
            }
        };
        Ok(self.output(&[sample]))
    }

    fn video(&self, clip: &Stored) -> Value {
        let mut video = image(clip);
        if let Some(duration) = self.input.get("duration") {
            video["duration"] = duration.clone();
        }
        video
    }

    fn prompt(&self) -> &str {
        self.input.get("prompt").and_then(Value::as_str).unwrap_or_default()
    }

    fn aspect(&self) -> AspectRatio {
        let text = self.input.get("aspect_ratio").and_then(Value::as_str);
        text.and_then(|text| text.parse().ok()).unwrap_or_default()
    }
}

fn image(kept: &Stored) -> Value {
    json!({ "path": kept.path, "width": kept.width, "height": kept.height })
}
