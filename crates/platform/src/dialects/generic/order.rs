//! What a job was asked for, as it is kept with it.

use std::time::Duration;

use latchkey_store::JobRow;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    super::{Drawing, sample},
    bodies,
};
use crate::{
    Context,
    gateway::Refusal,
    manifest::MediaType,
    pictures::{Artwork, AspectRatio, Clip},
};

const CLIP_LENGTH: Duration = Duration::from_secs(4);

/// A checked request.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// Where the caller reached this server; media lie below it.
    pub origin: String,
    pub media: MediaType,
    pub input: Map<String, Value>,
}

impl Order {
    /// The order of a job; `None` if it is none of this dialect's.
    pub fn of_job(job: &JobRow) -> Option<Self> {
        serde_json::from_str(&job.request).ok()
    }

    /// As it is kept with its job.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub fn drawing(&self) -> Drawing {
        let (prompt, aspect_ratio) = (self.prompt(), self.aspect_ratio());
        match self.media {
            MediaType::Image => {
                let artwork = Artwork { prompt, aspect_ratio, variation: 0 };
                Box::new(move |fonts| artwork.render(fonts))
            }
            MediaType::Video => {
                let clip = clip(prompt, aspect_ratio);
                Box::new(move |fonts| Ok(clip.render(fonts)?.picture))
            }
        }
    }

    /// What a test call gets at once: a sample that is the same for everyone.
    pub async fn mock(&self, context: &Context) -> Result<Value, Refusal> {
        let stored = match self.media {
            MediaType::Image => sample::artwork(context).await?,
            MediaType::Video => {
                let clip = clip("A sample".to_owned(), AspectRatio::WIDE);
                sample::clip(context, "generic-clip", clip).await?
            }
        };
        Ok(bodies::output(&[stored]))
    }

    /// What the picture is seeded by: the field `prompt`, else the whole input.
    fn prompt(&self) -> String {
        let prompt = self.input.get("prompt").and_then(Value::as_str).map(str::to_owned);
        prompt.unwrap_or_else(|| Value::Object(self.input.clone()).to_string())
    }

    fn aspect_ratio(&self) -> AspectRatio {
        let ratio = self.input.get("aspect_ratio").and_then(Value::as_str).unwrap_or_default();
        ratio.parse().unwrap_or_default()
    }
}

fn clip(prompt: String, aspect_ratio: AspectRatio) -> Clip {
    Clip { prompt, aspect_ratio, duration: CLIP_LENGTH, resolution: "720p".to_owned() }
}
