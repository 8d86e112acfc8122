//! Putting the parts together.

use std::sync::Arc;

use axum::{Json, Router, middleware::from_fn_with_state, routing::get};
use latchkey_store::{Store, StoreConfig};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use super::{StartError, observe, sealing};
use crate::{
    Clock, Config, Context, Entropy, admin,
    credits::{Credits, OnAccount},
    gateway::{self, Tallies, limit::Ticker},
    jobs::{self, Jobs, Media, Uploads},
    keys::KeyCache,
    live::LiveFeed,
    manifest::Manifests,
    pictures::Fonts,
    sessions::Sessions,
    webhooks::Webhooks,
};

/// Opens the database and everything around it, without serving. Whoever calls it holds the
/// [`super::DataLock`].
///
/// # Errors
/// A sentence with the remedy.
pub async fn open_context(
    config: Config,
    clock: Clock,
    entropy: Entropy,
) -> Result<Context, StartError> {
    // Fails only where a provider was chosen before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let manifests = Arc::new(match &config.platforms_dir {
        Some(folder) => Manifests::with_dir(folder)?,
        None => Manifests::built_in()?,
    });
    let webhooks = Webhooks::from_config(&config).map_err(StartError::Tls)?;
    let sessions = Sessions::from_config(&config).map_err(StartError::Tls)?;
    let store = Store::open(&StoreConfig { data_dir: config.data_dir.clone() }).await?;
    let media = Media::in_folder(&config.data_dir)?;
    let uploads = Uploads::in_folder(&config.data_dir).map_err(jobs::MediaError::Folder)?;
    let context = Context {
        keys: Arc::new(KeyCache::new(store.clone())),
        credits: Credits::new(OnAccount),
        jobs: Jobs::new(store.clone(), uploads),
        store,
        clock,
        entropy,
        config: Arc::new(config),
        live: LiveFeed::default(),
        sessions,
        stopping: CancellationToken::new(),
        manifests,
        tallies: Arc::new(Tallies::default()),
        ticker: Ticker::default(),
        media,
        fonts: Fonts::bundled(),
        webhooks,
    };
    sealing::check(&context).await?;
    Ok(context)
}

/// Every address this server answers at.
pub(super) fn router(context: &Context) -> Router {
    Router::new()
        .route("/healthz", get(async || Json(json!({ "status": "ok" }))))
        .merge(admin::router(context))
        .merge(jobs::media::router(context))
        .merge(gateway::router(context))
        .layer(CatchPanicLayer::custom(observe::answer_panic))
        .layer(from_fn_with_state(observe::Ids::of(context), observe::observe))
}
