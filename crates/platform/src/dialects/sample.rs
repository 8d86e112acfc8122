//! What test calls of models get at once: a picture and a clip that are the same for everyone.

use crate::{
    Context,
    gateway::Refusal,
    jobs::Stored,
    pictures::{Artwork, Clip, Fonts, Placeholder, Subject},
};

/// The sample of a model's picture.
pub(super) async fn artwork(context: &Context) -> Result<Stored, Refusal> {
    let side = Artwork::LONG_SIDE;
    let sample = Placeholder { subject: Subject::Artwork, width: side, height: side };
    let draw = move |fonts: &Fonts| sample.render(fonts);
    Ok(context.media.sample("image", &context.fonts, draw).await?)
}

/// A clip that is kept by this name.
pub(super) async fn clip(context: &Context, name: &str, clip: Clip) -> Result<Stored, Refusal> {
    let draw = move |fonts: &Fonts| Ok(clip.render(fonts)?.picture);
    Ok(context.media.sample(name, &context.fonts, draw).await?)
}
