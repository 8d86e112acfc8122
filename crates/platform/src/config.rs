//! How a server is set up.

use std::{fmt, net::SocketAddr, path::PathBuf};

use latchkey_contract::Amount;
use url::Url;
use zeroize::Zeroizing;

/// Everything a server is told at its start.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where database, media and the operator's socket lie; created where absent.
    pub data_dir: PathBuf,
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whether anyone who reaches the server may create a partner.
    pub allow_sign_up: bool,
    /// What a new partner gets on each platform.
    pub welcome_grant: Amount,
    /// Live operations drawn at once; with 0 they wait.
    pub job_workers: usize,
    /// Whether webhooks may go to this machine and its private networks, and over plain HTTP.
    pub allow_private_webhook_targets: bool,
    /// Seals webhook secrets at rest.
    pub server_key: ServerKey,
    /// How clients reach the server where it is not by the address it listens on.
    pub public_url: Option<Url>,
}

/// 256 bits for AES-GCM. Prints as `[redacted]`; wiped when dropped.
#[derive(Clone)]
pub struct ServerKey(Zeroizing<[u8; 32]>);

impl ServerKey {
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for the cipher.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
