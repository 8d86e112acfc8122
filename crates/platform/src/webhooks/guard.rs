//! Where webhooks may go: a partner's URL must not make this server talk to its own network.
//!
//! Names are checked after they were resolved, inside the HTTP client's own resolver: what is
//! checked is what is connected to, so a name that answers differently the second time gains
//! nothing. Addresses written out in a URL never reach a resolver, and are checked before each
//! attempt.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use futures::FutureExt;
use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use url::{Host, Url};

use super::address::is_public;
use crate::Config;

/// Where a server's webhooks may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Targets {
    /// `https` to public addresses.
    Public,
    /// This computer and private networks too, and plain `http`.
    Any,
}

/// Why a URL is no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error("must be an absolute URL such as https://example.com/webhooks")]
    NotAUrl,
    #[error("must begin with https://")]
    NotHttps,
    #[error("must begin with https:// or http://")]
    NotHttp,
    #[error("must not carry a user name or password; the signature proves who sent a webhook")]
    Credentials,
    #[error("must not name port 0, at which nobody can listen")]
    NoPort,
    #[error("must not have more than {LONGEST_URL} characters")]
    TooLong,
    #[error("leads to {0}, which is no public address; this server sends to public ones alone")]
    NotPublic(String),
}

/// A host name without an address.
#[derive(Debug, thiserror::Error)]
#[error("the name {0} does not resolve")]
pub struct NameError(String);

const USER_AGENT: &str = "Latchkey-Webhooks/0.1";
const LONGEST_URL: usize = 2048;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_CONNECTION: Duration = Duration::from_secs(30);
/// As many as may be in use at once: none is closed only to be opened again.
const IDLE_CONNECTIONS_A_HOST: usize = 8;

impl Targets {
    /// What the server's configuration allows.
    #[must_use]
    pub const fn of(config: &Config) -> Self {
        if config.allow_private_webhook_targets { Self::Any } else { Self::Public }
    }

    /// Reads a webhook's URL and checks all that can be known without resolving its name.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with the URL.
    pub fn check(self, text: &str) -> Result<Url, TargetError> {
        if text.len() > LONGEST_URL {
            return Err(TargetError::TooLong);
        }
        let url = Url::parse(text).map_err(|_| TargetError::NotAUrl)?;
        match (self, url.scheme()) {
            (_, "https") | (Self::Any, "http") => {}
            (Self::Public, _) => return Err(TargetError::NotHttps),
            (Self::Any, _) => return Err(TargetError::NotHttp),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::Credentials);
        }
        if url.port() == Some(0) {
            return Err(TargetError::NoPort);
        }
        let host = url.host().ok_or(TargetError::NotAUrl)?;
        if self == Self::Public && !may_be_public(&host) {
            return Err(TargetError::NotPublic(host.to_string()));
        }
        Ok(url)
    }
}

/// Whether `host` is a public address, or a name that might stand for one.
fn may_be_public(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => is_public((*address).into()),
        Host::Ipv6(address) => is_public((*address).into()),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name != "localhost" && !name.ends_with(".localhost")
        }
    }
}

/// Builds the HTTP client that webhooks are sent with: it follows no redirect, uses no proxy,
/// and connects only where `targets` lets it.
///
/// # Errors
/// When the system's certificates or TLS cannot be set up.
pub fn client(targets: Targets, names: Arc<dyn Resolve>) -> reqwest::Result<Client> {
    // Fails only where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_CONNECTION)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_A_HOST)
        .dns_resolver(Arc::new(GuardedNames { targets, names }))
        .build()
}

/// Resolves names through `names` and keeps only the addresses that `targets` allows.
struct GuardedNames {
    targets: Targets,
    names: Arc<dyn Resolve>,
}

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let targets = self.targets;
        let host = name.as_str().to_owned();
        let resolving = self.names.resolve(name);
        async move {
            let addresses = resolving.await.map_err(|_| NameError(host.clone()))?;
            if targets == Targets::Any {
                return Ok(addresses);
            }
            let allowed: Vec<_> = addresses.filter(|address| is_public(address.ip())).collect();
            if allowed.is_empty() {
                return Err(TargetError::NotPublic(host).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        }
        .boxed()
    }
}

/// The system's own resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        async move {
            let addresses: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        }
        .boxed()
    }
}
