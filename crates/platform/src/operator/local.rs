use std::sync::Arc;

use super::{Command, CommandError, Done, run};
use crate::{
    Clock, Config, Entropy, StartError,
    server::{DataLock, open_context},
};

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum PerformError {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[cfg(unix)]
    #[error("the server that runs on this data folder: {0}")]
    Running(#[from] super::socket::SendError),
    /// What the caller needs to open the database itself, such as the server's key.
    #[error("{0}")]
    Config(String),
}

/// Does a command on a data folder: through the server that runs on it, or on the database itself
/// where none does. `config` is asked for in the second case only.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub async fn perform(
    data_dir: &std::path::Path,
    command: Command,
    config: impl FnOnce() -> Result<Config, String>,
) -> Result<Done, PerformError> {
    // Fails only where a provider was chosen before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let lock = match DataLock::take_known(data_dir) {
        Ok(lock) => lock,
        #[cfg(unix)]
        Err(StartError::DataInUse { .. }) => {
            return Ok(super::socket::send(data_dir, &command).await?);
        }
        Err(error) => return Err(error.into()),
    };
    let config = config().map_err(PerformError::Config)?;
    let mut context = open_context(config, Clock::system(), Entropy::system()).await?;
    // A new partner is welcomed as the server would do it.
    let welcome_grant = context.store.get_server().await.map_err(StartError::from)?.welcome_grant;
    context.config = Arc::new(Config { welcome_grant, ..(*context.config).clone() });
    let done = run(&context, command).await;
    context.store.close().await;
    drop(lock);
    Ok(done?)
}
