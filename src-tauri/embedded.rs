//! The platform server inside the app.
//!
//! It listens on this computer only: on port 4780, else on the port it had to take last time, else
//! on any free one. The key that seals webhook secrets is kept in the keychain. Where that is
//! unavailable the server runs with a key of this session: secrets sealed before stay sealed and
//! untouched, and once the keychain is back its key is used again, or the session's key is kept
//! if there was none.

mod identity;
mod server_key;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use latchkey_contract::{Amount, sessions::SessionTokens};
use latchkey_platform::{
    Config, Context, Entropy, Running, StartError,
    operator::{self, Command, CommandError},
};
use parking_lot::Mutex;
use tokio::sync::Mutex as Gate;
use url::Url;

use crate::{AppError, connection::Server, error::Fault, settings::SettingsFile, vault::Vault};
use server_key::{Held, Kept};

/// Where documentation and snippets expect the local platform.
const USUAL_PORT: u16 = 4_780;
/// What a new partner gets on each platform.
const WELCOME: Amount = Amount::from_credits(100);
/// Folder of further platforms' manifests, where there is one.
const PLATFORMS: &str = "platforms";
/// Pictures drawn at once.
const JOB_WORKERS: usize = 2;

/// The embedded server.
pub struct Embedded {
    data_dir: PathBuf,
    vault: Vault,
    entropy: Entropy,
    settings: Arc<SettingsFile>,
    now: Mutex<Now>,
    running: Gate<Option<Started>>,
}

struct Started {
    server: Running,
    key: Held,
}

/// How it stands with the server.
#[derive(Debug, Clone, Default)]
pub struct Now {
    /// Where it listens and what the keychain calls it.
    pub server: Option<Server>,
    /// Why it does not run.
    pub error: Option<AppError>,
    /// What the person should know about its port.
    pub port_note: Option<String>,
}

impl Embedded {
    #[must_use]
    pub fn new(
        data_dir: PathBuf,
        vault: Vault,
        entropy: Entropy,
        settings: Arc<SettingsFile>,
    ) -> Self {
        Self { data_dir, vault, entropy, settings, now: Mutex::default(), running: Gate::default() }
    }

    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    #[must_use]
    pub fn now(&self) -> Now {
        self.now.lock().clone()
    }

    /// Starts the server, unless it runs.
    ///
    /// # Errors
    /// Why it does not run and what to do.
    pub async fn start(&self) -> Result<Server, AppError> {
        let mut running = self.running.lock().await;
        if let (Some(_), Some(server)) = (&*running, self.now().server) {
            return Ok(server);
        }
        let started = self.start_anew().await;
        let now = match &started {
            Ok((server, started)) => Now {
                server: Some(server.clone()),
                error: None,
                port_note: port_note(started.server.addr().port()),
            },
            Err(error) => Now { error: Some(error.clone()), ..Now::default() },
        };
        *self.now.lock() = now;
        let (server, started) = started?;
        *running = Some(started);
        Ok(server)
    }

    /// Stops the server, letting calls under way finish.
    pub async fn stop(&self) {
        if let Some(started) = self.running.lock().await.take() {
            started.server.shutdown().await;
            self.now.lock().server = None;
        }
    }

    /// Does a command of the operator's on the server that runs here; answers what came of it.
    ///
    /// # Errors
    /// What is wrong with the command, or that the server does not run.
    pub async fn operate(&self, command: Command) -> Result<String, AppError> {
        let context = self.context().await?;
        let done = operator::run(&context, command).await.map_err(|error| refused(&error))?;
        Ok(sentence(&done.message))
    }

    /// Opens a session for the member of the sample partner, which is made where there is none.
    ///
    /// # Errors
    /// What is wrong, or that the server does not run.
    pub async fn open_sample(&self) -> Result<SessionTokens, AppError> {
        let context = self.context().await?;
        operator::sample::open(&context).await.map_err(|error| refused(&error))
    }

    async fn context(&self) -> Result<Context, AppError> {
        let running = self.running.lock().await;
        let started = running.as_ref().ok_or(Fault::ServerStopped)?;
        Ok(started.server.context().clone())
    }

    /// Brings the sealing key and the keychain together after the keychain came back. Answers
    /// whether the server must start again, to use the key that the keychain had all along.
    pub async fn reconcile_key(&self) -> bool {
        let mut running = self.running.lock().await;
        let (Some(started), Some(server)) = (running.as_mut(), self.now().server) else {
            return false;
        };
        match started.key.reconcile(&self.vault, &server.id).await {
            Kept::InKeychain => false,
            Kept::AnotherInKeychain => true,
            Kept::Nowhere => false,
        }
    }

    async fn start_anew(&self) -> Result<(Server, Started), AppError> {
        let id = identity::of(&self.data_dir, &self.entropy).map_err(|error| {
            let folder = self.data_dir.display();
            AppError::saying(
                Fault::ServerStopped,
                format!("The data folder {folder} cannot be used: {error}. Make it writable, then start again."),
            )
        })?;
        let key = Held::find(&self.vault, &id, &self.entropy).await;
        let server = self.listen(&key).await?;
        let port = server.addr().port();
        if port != USUAL_PORT {
            self.settings.remember_port(port);
        }
        let base = base_url(server.addr())?;
        Ok((Server { id, base }, Started { server, key }))
    }

    /// Tries the ports in turn.
    async fn listen(&self, key: &Held) -> Result<Running, AppError> {
        let ports = [Some(USUAL_PORT), self.settings.port(), Some(0)];
        let mut last = None;
        for port in ports.into_iter().flatten() {
            match latchkey_platform::start(self.config(port, key)).await {
                Ok(running) => return Ok(running),
                Err(error @ StartError::PortTaken { .. }) => last = Some(error),
                Err(error) => return Err(stopped(&error)),
            }
        }
        Err(last.map_or_else(|| Fault::ServerStopped.into(), |error| stopped(&error)))
    }

    fn config(&self, port: u16, key: &Held) -> Config {
        Config {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            welcome_grant: WELCOME,
            job_workers: JOB_WORKERS,
            platforms_dir: Some(self.data_dir.join(PLATFORMS)).filter(|folder| folder.is_dir()),
            ..Config::on_this_computer(self.data_dir.clone(), key.key())
        }
    }
}

fn base_url(addr: SocketAddr) -> Result<Url, AppError> {
    format!("http://{addr}").parse().map_err(|_| Fault::Internal.into())
}

fn port_note(port: u16) -> Option<String> {
    (port != USUAL_PORT).then(|| {
        format!(
            "Port {USUAL_PORT} is taken by another program, so the platform listens on port {port}."
        )
    })
}

fn stopped(error: &StartError) -> AppError {
    tracing::error!(%error, "the embedded server does not start");
    AppError::saying(Fault::ServerStopped, sentence(&error.to_string()))
}

/// An operator's command that was not done, in the operator's own words.
fn refused(error: &CommandError) -> AppError {
    match error {
        CommandError::Store(_) | CommandError::Failed(_) => {
            tracing::error!(%error, "an operator's command failed");
            Fault::Internal.into()
        }
        _ => AppError::saying(Fault::InvalidInput, sentence(&error.to_string())),
    }
}

/// Words as a sentence.
fn sentence(words: &str) -> String {
    let mut letters = words.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
