//! The operator's door to a running server: a Unix socket in the data folder that only its owner
//! may use.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde::{Deserialize, Serialize};
use tokio::net::UnixListener;

use super::{Command, Done, run};
use crate::Context;

/// An Argon2id hash and a commit take far less.
const PATIENCE: Duration = Duration::from_secs(30);

/// The answer to a command that was not done.
#[derive(Debug, Serialize, Deserialize)]
struct Refused {
    message: String,
}

/// Why the running server did not do a command.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    #[error("{0}")]
    Refused(String),
    #[error("no answer came: {0}")]
    NoAnswer(#[from] reqwest::Error),
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("operator.sock")
}

/// Takes commands until the server stops. Without the socket the server runs all the same.
pub(crate) async fn serve(context: Context) {
    let path = path(&context.config.data_dir);
    let listener = match bind(&path) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the operator's commands cannot reach this server");
            return;
        }
    };
    let stopped = context.stopping.clone().cancelled_owned();
    let app = Router::new().route("/", post(take)).with_state(context);
    if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(stopped).await {
        tracing::warn!(%error, "the operator's socket broke off");
    }
    // Gone already, or left for the next start to replace.
    let _ = fs::remove_file(&path);
}

/// The folder is the owner's alone; the mode says so of the socket too.
fn bind(path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

async fn take(
    State(context): State<Context>,
    Json(command): Json<Command>,
) -> Result<Json<Done>, (StatusCode, Json<Refused>)> {
    run(&context, command).await.map(Json).map_err(|error| {
        let refused = Refused { message: error.to_string() };
        (StatusCode::UNPROCESSABLE_ENTITY, Json(refused))
    })
}

/// Sends a command to the server that runs on `data_dir`.
///
/// # Errors
/// What the server says, or that it does not answer.
pub async fn send(data_dir: &Path, command: &Command) -> Result<Done, SendError> {
    let client =
        reqwest::Client::builder().unix_socket(path(data_dir)).timeout(PATIENCE).build()?;
    let response = client.post("http://operator/").json(command).send().await?;
    if response.status().is_success() {
        return Ok(response.json().await?);
    }
    let refused = response.json::<Refused>().await?;
    Err(SendError::Refused(refused.message))
}
