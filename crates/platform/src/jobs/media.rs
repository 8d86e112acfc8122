//! Media: what jobs made, kept as objects and served by URL.
//!
//! A name is drawn at random and never used again, so an object never changes: whoever was told
//! the name may fetch it, and may keep it for good.

use std::{collections::HashMap, fmt, io, path::Path, sync::Arc};

use axum::{
    Router,
    extract::{Path as Segment, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing,
};
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path as ObjectPath,
};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::{
    Context, Entropy,
    pictures::{Fonts, Picture, PictureError},
};

const PREFIX: &str = "/media/";
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// An object may be shown and nothing else, also when it is opened by itself.
const POLICY: &str = "default-src 'none'; sandbox";
const TYPES: [(&str, &str); 3] =
    [("png", "image/png"), ("gif", "image/gif"), ("jpg", "image/jpeg")];

/// Where objects are kept. Cheap to clone.
#[derive(Clone)]
pub struct Media {
    objects: Arc<dyn ObjectStore>,
    samples: Arc<Mutex<HashMap<String, Stored>>>,
}

/// A kept object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Its address on this server, `/media/…`.
    pub path: String,
    /// Pixels.
    pub width: u32,
    pub height: u32,
    pub content_type: String,
}

/// Why something was not drawn or not kept.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    #[error("the picture could not be drawn: {0}")]
    Picture(#[from] PictureError),
    #[error("the media folder cannot be used: {0}")]
    Folder(#[from] io::Error),
    #[error("the picture could not be kept: {0}")]
    Store(#[from] object_store::Error),
    #[error("the request cannot be read back")]
    NothingAsked,
    #[error("drawing stopped unexpectedly")]
    Stopped,
}

impl Media {
    /// Keeps objects in `media` below the data folder.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn in_folder(data_dir: &Path) -> Result<Self, MediaError> {
        let folder = data_dir.join("media");
        std::fs::create_dir_all(&folder)?;
        let objects = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { objects: Arc::new(objects), samples: Arc::default() })
    }

    /// Keeps a picture under a new name that nobody can guess.
    ///
    /// # Errors
    /// What the object store says.
    pub async fn keep(&self, picture: Picture, entropy: &Entropy) -> Result<Stored, MediaError> {
        self.put(&hex::encode(entropy.bytes::<16>()), picture).await
    }

    /// A picture that is the same for everyone: drawn and kept once, then known by its name.
    ///
    /// # Errors
    /// As [`Media::keep`], and when it cannot be drawn.
    pub async fn sample(
        &self,
        name: &str,
        fonts: &Fonts,
        draw: impl FnOnce(&Fonts) -> Result<Picture, PictureError> + Send + 'static,
    ) -> Result<Stored, MediaError> {
        let known = self.samples.lock().get(name).cloned();
        if let Some(stored) = known {
            return Ok(stored);
        }
        let stored = self.put(&format!("sample-{name}"), self::draw(fonts, draw).await?).await?;
        self.samples.lock().insert(name.to_owned(), stored.clone());
        Ok(stored)
    }

    async fn put(&self, name: &str, picture: Picture) -> Result<Stored, MediaError> {
        let extension = TYPES.iter().find(|(_, kind)| *kind == picture.content_type);
        let name = format!("{name}.{}", extension.map_or("bin", |(extension, _)| extension));
        self.objects.put(&ObjectPath::from(name.as_str()), PutPayload::from(picture.bytes)).await?;
        Ok(Stored {
            path: format!("{PREFIX}{name}"),
            width: picture.width,
            height: picture.height,
            content_type: picture.content_type.to_owned(),
        })
    }
}

/// Draws off the threads that serve requests.
///
/// # Errors
/// When it cannot be drawn.
pub async fn draw(
    fonts: &Fonts,
    draw: impl FnOnce(&Fonts) -> Result<Picture, PictureError> + Send + 'static,
) -> Result<Picture, MediaError> {
    let fonts = fonts.clone();
    let drawn = tokio::task::spawn_blocking(move || draw(&fonts)).await;
    Ok(drawn.map_err(|_| MediaError::Stopped)??)
}

/// Serves kept objects.
pub fn router(context: &Context) -> Router {
    Router::new()
        .route(&format!("{PREFIX}{{name}}"), routing::get(serve))
        .with_state(context.media.clone())
}

async fn serve(
    State(media): State<Media>,
    Segment(name): Segment<String>,
    headers: HeaderMap,
) -> Response {
    let Some(content_type) = content_type(&name) else { return not_found() };
    let tag = format!("\"{name}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag)) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    let found = match media.objects.get(&ObjectPath::from(name.as_str())).await {
        Ok(object) => object.bytes().await,
        Err(error) => Err(error),
    };
    match found {
        Ok(bytes) => {
            let headers = [
                (header::CONTENT_TYPE, content_type),
                (header::CACHE_CONTROL, FOR_GOOD),
                (header::CONTENT_SECURITY_POLICY, POLICY),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            ];
            (headers, [(header::ETAG, tag)], bytes).into_response()
        }
        Err(object_store::Error::NotFound { .. }) => not_found(),
        Err(error) => {
            tracing::error!(%error, "an object could not be read");
            (StatusCode::INTERNAL_SERVER_ERROR, "The file could not be read.\n").into_response()
        }
    }
}

/// The type of an object by its name; `None` for what is no object's name.
fn content_type(name: &str) -> Option<&'static str> {
    let (stem, extension) = name.split_once('.')?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !stem.bytes().all(plain) {
        return None;
    }
    TYPES.iter().find(|(known, _)| *known == extension).map(|(_, kind)| *kind)
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "There is no such file.\n").into_response()
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Media")
    }
}
