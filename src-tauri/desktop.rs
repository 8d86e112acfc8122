//! The app behind the window: everything the commands work with.

use std::{io::Write, path::PathBuf, sync::Arc, time::Duration};

use latchkey_contract::{KeyId, partners::Me};
use latchkey_platform::{Clock, Entropy, manifest::Manifests};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::{
    AppError,
    clipboard::Clipboard,
    connection::Connection,
    elsewhere::Elsewhere,
    embedded::Embedded,
    error::Fault,
    notice::{Notice, Tell},
    secrets::Secrets,
    settings::SettingsFile,
    vault::{Account, KeychainState, Vault},
};

/// What one call to the server may take.
const CALL_LIMIT: Duration = Duration::from_secs(20);

/// What calls under way may still take when the app ends.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// The app behind the window.
pub struct Desktop {
    pub clock: Clock,
    pub entropy: Entropy,
    pub vault: Vault,
    pub secrets: Secrets,
    pub clipboard: Clipboard,
    pub settings: Arc<SettingsFile>,
    pub server: Embedded,
    pub connection: Connection,
    /// Keys and dashboards of platforms elsewhere.
    pub elsewhere: Elsewhere,
    pub tell: Tell,
    /// Monograms of the built-in platforms, for the sign-in screen.
    pub monograms: Vec<String>,
    /// Keys that were revoked while the keychain could not remove them.
    unremoved: Mutex<Vec<KeyId>>,
    ready: watch::Sender<bool>,
}

/// Where the app keeps its files.
#[derive(Debug, Clone)]
pub struct Folders {
    pub data: PathBuf,
    pub config: PathBuf,
}

impl Desktop {
    /// Puts the parts together; nothing is started yet.
    ///
    /// # Errors
    /// Where the system gives no HTTP client, or a built-in manifest has a mistake.
    pub fn new(folders: Folders, vault: Vault, tell: Tell) -> anyhow::Result<Self> {
        let (clock, entropy) = (Clock::system(), Entropy::system());
        let settings = Arc::new(SettingsFile::open(folders.config.join("settings.json")));
        let http = http_client()?;
        let told = Arc::clone(&tell);
        let watch = Arc::new(move |state| told(Notice::Clipboard(state)));
        let manifests = Manifests::built_in()?;
        let monograms = manifests.iter().map(|manifest| manifest.monogram.clone()).collect();
        let elsewhere = Elsewhere::new(
            manifests,
            Arc::clone(&settings),
            vault.clone(),
            clock.clone(),
            entropy.clone(),
        )?;
        Ok(Self {
            elsewhere,
            monograms,
            clipboard: Clipboard::start(clock.clone(), watch),
            server: Embedded::new(
                folders.data,
                vault.clone(),
                entropy.clone(),
                Arc::clone(&settings),
            ),
            connection: Connection::new(http, vault.clone(), clock.clone(), Arc::clone(&tell)),
            secrets: Secrets::default(),
            unremoved: Mutex::default(),
            ready: watch::Sender::new(false),
            clock,
            entropy,
            vault,
            settings,
            tell,
        })
    }

    /// Starts the server and restores the session; the window does not wait for it.
    pub async fn start(&self) {
        match self.start_server().await {
            Ok(()) if self.connection.me().is_some() => {}
            Ok(()) => self.restore_session().await,
            Err(error) => tracing::error!(
                code = error.code,
                "the local platform does not run: {}",
                error.message
            ),
        }
        self.ready.send_replace(true);
    }

    /// Returns once `start` has done what it can.
    pub async fn wait_until_ready(&self) {
        // The sender lives as long as `self`: waiting cannot fail.
        let _ = self.ready.subscribe().wait_for(|ready| *ready).await;
    }

    /// Starts the server, unless it runs, and works with it.
    ///
    /// # Errors
    /// Why it does not run.
    pub async fn start_server(&self) -> Result<(), AppError> {
        let server = self.server.start().await?;
        say(&format!(
            "latchkey: platform listening on {}",
            server.base.as_str().trim_end_matches('/')
        ));
        self.connection.use_server(server);
        Ok(())
    }

    /// The name under which the keychain knows the server.
    ///
    /// # Errors
    /// `server_stopped` while none runs.
    pub fn server_id(&self) -> Result<String, AppError> {
        Ok(self.server.now().server.ok_or(Fault::ServerStopped)?.id)
    }

    /// Where a key stands in the keychain.
    ///
    /// # Errors
    /// `server_stopped` while no server runs.
    pub fn key_account(&self, id: &KeyId) -> Result<Account, AppError> {
        Ok(Account::Key { server: self.server_id()?, id: id.clone() })
    }

    /// Removes a key from memory and keychain; tried again later where the keychain cannot now.
    pub async fn forget_key(&self, id: &KeyId) {
        self.secrets.forget(id);
        if let Ok(account) = self.key_account(id)
            && let Err(error) = self.vault.delete(&account).await
        {
            tracing::warn!(%error, "a revoked key is still in the keychain");
            self.unremoved.lock().push(id.clone());
            (self.tell)(Notice::Keychain(error.state()));
        }
    }

    /// The keychain is there again: keeps what waited for it and removes what should be gone.
    pub async fn catch_up_with_keychain(&self) -> KeychainState {
        let unremoved = std::mem::take(&mut *self.unremoved.lock());
        for id in unremoved {
            self.forget_key(&id).await;
        }
        for (id, secret) in self.secrets.session_only() {
            if let Ok(account) = self.key_account(&id)
                && self.vault.keep(&account, &secret).await.is_ok()
            {
                self.secrets.mark_kept(&id);
            }
        }
        self.elsewhere.catch_up().await;
        if self.server.reconcile_key().await {
            self.server.stop().await;
            if let Err(error) = self.start_server().await {
                tracing::error!(code = error.code, "the local platform did not start again");
            }
        }
        match self.connection.me() {
            Some(_) => self.connection.keep_session().await,
            None => self.restore_session().await,
        }
        self.vault.state().await
    }

    /// Notes who signed in, for the next sign-in. Nobody types the address of sample data.
    pub fn note_sign_in(&self, me: &Me) {
        if me.partner.sample {
            return;
        }
        if let Ok(server) = self.server_id() {
            self.settings.remember_email(&server, &me.member.email);
        }
    }

    /// Ends what should not outlive the app.
    pub async fn stop(&self) {
        self.clipboard.clear_at_exit();
        self.secrets.forget_all();
        if tokio::time::timeout(STOP_LIMIT, self.server.stop()).await.is_err() {
            tracing::warn!("the local platform was still busy when the app ended");
        }
    }

    async fn restore_session(&self) {
        match self.connection.restore().await {
            Ok(Some(me)) => self.note_sign_in(&me),
            Ok(None) => {}
            Err(error) => {
                tracing::info!(code = error.code, "the last session could not be restored")
            }
        }
    }
}

fn http_client() -> anyhow::Result<reqwest::Client> {
    // A second installation in one process changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder()
        .user_agent(concat!("Latchkey/", env!("CARGO_PKG_VERSION")))
        .timeout(CALL_LIMIT)
        .build()?)
}

/// A line that scripts and people wait for. Nobody listening is no failure.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
