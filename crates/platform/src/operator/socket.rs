//! The operator's door to a running server: a Unix socket in the data folder that only its owner
//! may use.

use std::{
    fs::{self, File, Permissions},
    io,
    os::{fd::AsRawFd, unix::fs::PermissionsExt},
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
    #[error("it cannot be reached: {0}")]
    NoWay(#[from] io::Error),
}

/// The socket's name in the data folder.
const NAME: &str = "operator.sock";
/// The longest address of a Unix socket that every system takes, in bytes.
const LONGEST: usize = 103;

/// Where the socket is reached.
struct Address {
    path: PathBuf,
    /// Open for as long as the address is in use, where that goes through it.
    _folder: Option<File>,
}

impl Address {
    /// The socket of a data folder. Where its path is too long for an address, the way to it is
    /// through the open folder, which Linux offers.
    fn of(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(NAME);
        if path.as_os_str().len() <= LONGEST {
            return Ok(Self { path, _folder: None });
        }
        if !cfg!(target_os = "linux") {
            let message =
                "the path of the data folder is too long for a socket; choose a shorter one";
            return Err(io::Error::new(io::ErrorKind::InvalidFilename, message));
        }
        let folder = File::open(data_dir)?;
        let path = PathBuf::from(format!("/proc/self/fd/{}/{NAME}", folder.as_raw_fd()));
        Ok(Self { path, _folder: Some(folder) })
    }
}

/// Takes commands until the server stops. Without the socket the server runs all the same.
pub(crate) async fn serve(context: Context) {
    let data_dir = context.config.data_dir.clone();
    let bound = Address::of(&data_dir).and_then(|address| Ok((bind(&address.path)?, address)));
    let (listener, address) = match bound {
        Ok(bound) => bound,
        Err(error) => {
            tracing::warn!(folder = %data_dir.display(), %error, "the operator's commands cannot reach this server");
            return;
        }
    };
    let stopped = context.stopping.clone().cancelled_owned();
    let app = Router::new().route("/", post(take)).with_state(context);
    if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(stopped).await {
        tracing::warn!(%error, "the operator's socket broke off");
    }
    // Gone already, or left for the next start to replace.
    let _ = fs::remove_file(&address.path);
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
    let address = Address::of(data_dir)?;
    let client =
        reqwest::Client::builder().unix_socket(address.path.as_path()).timeout(PATIENCE).build()?;
    let response = client.post("http://operator/").json(command).send().await?;
    if response.status().is_success() {
        return Ok(response.json().await?);
    }
    let refused = response.json::<Refused>().await?;
    Err(SendError::Refused(refused.message))
}
