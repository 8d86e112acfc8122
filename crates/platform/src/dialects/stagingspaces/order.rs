//! What a call asks for, as it is kept with its job.

use latchkey_contract::Environment;
use latchkey_store::JobRow;
use serde::{Deserialize, Serialize};

use super::super::Drawing;
use crate::{
    gateway::{Fields, Form, Refusal},
    jobs::Uploads,
    pictures::room::{Enhanced, Mark, Placed, RoomType, Staged, Style, measure},
};

/// The fields of a form that are files.
pub const FILES: &[&str] = &[PHOTO, PRODUCT];
const PHOTO: &str = "image";
const PRODUCT: &str = "product";

/// A checked request.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// Where the caller reached this server; media lie below it.
    pub origin: String,
    #[serde(flatten)]
    pub work: Work,
}

/// What is to be made of the photo.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum Work {
    Stage { style: String, room_type: String, claim_code: String },
    Enhance,
    PlaceProduct { product: bool },
}

/// The style and the room of a form, both as requests write them.
pub fn read_staging(form: &Form) -> Result<(String, String), Refusal> {
    let fields = Fields::of_body(&form.texts);
    let style = fields.choice("style", &Style::words())?;
    let style = fields.required("style", style)?;
    let room_type = fields.choice("room_type", &RoomType::words())?;
    let room_type = fields.required("room_type", room_type)?;
    Ok((style.to_owned(), room_type.to_owned()))
}

/// Whether there is a product among the files.
pub fn has_product(form: &Form) -> bool {
    form.file(PRODUCT).is_some()
}

/// Looks at every file of the form; `image` must be there.
///
/// # Errors
/// The first that is no photo to be worked on.
pub async fn check_photos(form: &Form) -> Result<(), Refusal> {
    if form.file(PHOTO).is_none() {
        return Err(Refusal::missing(PHOTO));
    }
    for field in FILES {
        let Some(file) = form.file(field) else { continue };
        let path = file.path().to_owned();
        let measured = tokio::task::spawn_blocking(move || measure(&path)).await;
        let measured = measured.map_err(|error| Refusal::Internal { cause: error.to_string() })?;
        measured.map_err(|error| Refusal::invalid(*field, error.to_string()))?;
    }
    Ok(())
}

impl Order {
    /// The order of a job; `None` if it is none of this platform's.
    pub fn of_job(job: &JobRow) -> Option<Self> {
        serde_json::from_str(&job.request).ok()
    }

    /// As it is kept with its job.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The one picture it asks for.
    pub fn drawing(&self, job: &JobRow, uploads: &Uploads) -> Option<Drawing> {
        let photo = uploads.path(&job.id, PHOTO);
        let mark = match job.environment {
            Environment::Live => Mark::None,
            Environment::Test => Mark::Development,
        };
        Some(match &self.work {
            Work::Stage { style, room_type, .. } => {
                let (style, room_type) = (Style::of(style)?, RoomType::of(room_type)?);
                let staged = Staged { photo, style, room_type, mark };
                Box::new(move |fonts| staged.render(fonts))
            }
            Work::Enhance => {
                let enhanced = Enhanced { photo, mark };
                Box::new(move |fonts| enhanced.render(fonts))
            }
            Work::PlaceProduct { product } => {
                let product = product.then(|| uploads.path(&job.id, PRODUCT));
                let placed = Placed { photo, product, mark };
                Box::new(move |fonts| placed.render(fonts))
            }
        })
    }
}
