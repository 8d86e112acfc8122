//! How a server is set up.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use latchkey_contract::Amount;
use url::Url;
use zeroize::Zeroizing;

use crate::proxies::TrustedProxies;

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
    /// A folder of manifests: platforms beside the built-in ones.
    pub platforms_dir: Option<PathBuf>,
    /// How clients reach the server where it is not by the address it listens on.
    pub public_url: Option<Url>,
    /// Proxies that are believed in where they say a request comes from; none unless told.
    pub trusted_proxies: TrustedProxies,
    /// Whose identity tokens are trusted beside our own sessions, where a platform takes such.
    pub openid: Option<OpenIdIssuer>,
}

impl Config {
    /// A server for whoever sits at this computer: on a free port of it, open to sign-up, webhooks
    /// to private targets. Nobody is welcomed with credits, and no jobs are drawn.
    #[must_use]
    pub fn on_this_computer(data_dir: PathBuf, server_key: ServerKey) -> Self {
        Self {
            data_dir,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            allow_sign_up: true,
            welcome_grant: Amount::ZERO,
            job_workers: 0,
            allow_private_webhook_targets: true,
            server_key,
            platforms_dir: None,
            public_url: None,
            trusted_proxies: TrustedProxies::default(),
            openid: None,
        }
    }
}

/// An OpenID issuer and what its tokens must be for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIdIssuer {
    /// Its URL, exactly as its tokens write it.
    pub issuer: String,
    /// The audience of tokens meant for us.
    pub audience: String,
}

/// 256 bits for AES-GCM. Prints as `[redacted]`; wiped when dropped.
#[derive(Clone)]
pub struct ServerKey {
    bytes: Zeroizing<[u8; 32]>,
    origin: KeyOrigin,
}

/// Where a server's key comes from, which says what a database sealed with another one means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyOrigin {
    Operator,
    Keychain,
    Replacement,
}

impl ServerKey {
    /// The operator's: a database that was sealed with another is refused.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { bytes: Zeroizing::new(bytes), origin: KeyOrigin::Operator }
    }

    /// A keychain's, or one in its place. Keychains get lost: a database that was sealed with
    /// another key opens all the same, and its webhook secrets stay closed until that key is back.
    #[must_use]
    pub fn of_keychain(bytes: [u8; 32]) -> Self {
        Self { bytes: Zeroizing::new(bytes), origin: KeyOrigin::Keychain }
    }

    /// This key, for good in the place of one that is lost: what was sealed with that stays closed.
    #[must_use]
    pub fn as_replacement(self) -> Self {
        Self { origin: KeyOrigin::Replacement, ..self }
    }

    /// The bytes, for the cipher.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.bytes
    }

    pub(crate) fn may_be_lost(&self) -> bool {
        self.origin == KeyOrigin::Keychain
    }

    pub(crate) fn replaces_another(&self) -> bool {
        self.origin == KeyOrigin::Replacement
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
