//! A signed-in server: who is signed in, their tokens, and the stream of what changes.
//!
//! The access token lives in memory alone, the refresh token in the keychain as well; where there
//! is no keychain the session lasts as long as the app. Tokens are refreshed by one task at a
//! time, the others wait for it.

mod live;
mod session;

use std::{future::Future, sync::Arc};

use latchkey_client::{Client, ClientError};
use latchkey_contract::{
    Problem,
    partners::{CreatePartner, Me},
    sessions::{CreateSession, SessionTokens},
};
use latchkey_platform::Clock;
use parking_lot::Mutex;
use tokio::sync::Mutex as Gate;
use url::Url;

use crate::{
    AppError,
    error::Fault,
    notice::{Notice, Tell},
    vault::{Account, Vault},
};
use live::Live;
use session::Session;

/// The server that the console works with, and the member's session there. Clones share it.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    vault: Vault,
    clock: Clock,
    tell: Tell,
    state: Mutex<State>,
    /// Held by whoever refreshes.
    refreshing: Gate<()>,
}

#[derive(Default)]
struct State {
    server: Option<Server>,
    session: Option<Session>,
    live: Option<Live>,
}

/// A server and what it is called in the keychain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub id: String,
    pub base: Url,
}

impl Connection {
    #[must_use]
    pub fn new(http: reqwest::Client, vault: Vault, clock: Clock, tell: Tell) -> Self {
        Self(Arc::new(Inner {
            http,
            vault,
            clock,
            tell,
            state: Mutex::default(),
            refreshing: Gate::default(),
        }))
    }

    /// Works with this server from now on; the session is restored separately.
    pub fn use_server(&self, server: Server) {
        let mut state = self.0.state.lock();
        state.server = Some(server);
    }

    /// Who is signed in.
    #[must_use]
    pub fn me(&self) -> Option<Me> {
        self.0.state.lock().session.as_ref().map(|session| session.me.clone())
    }

    /// Notes what `GET /me` or `PATCH /me` answered.
    pub fn note_me(&self, me: Me) {
        if let Some(session) = &mut self.0.state.lock().session {
            session.me = me;
        }
    }

    /// Signs up, and in.
    ///
    /// # Errors
    /// The server's problem, or `offline`.
    pub async fn create_partner(&self, request: &CreatePartner) -> Result<Me, AppError> {
        let tokens = self.signed_out_client()?.create_partner(request).await?;
        Ok(self.begin(tokens).await)
    }

    /// Signs in.
    ///
    /// # Errors
    /// The server's problem, or `offline`.
    pub async fn create_session(&self, request: &CreateSession) -> Result<Me, AppError> {
        let tokens = self.signed_out_client()?.create_session(request).await?;
        Ok(self.begin(tokens).await)
    }

    /// Signs in with the refresh token that the keychain keeps, if it does.
    ///
    /// # Errors
    /// Why that did not work; a session that has ended is no error but nobody.
    pub async fn restore(&self) -> Result<Option<Me>, AppError> {
        let Some(server) = self.server() else { return Err(Fault::ServerStopped.into()) };
        let account = Account::Session { server: server.id };
        let Some(refresh_token) = self.0.vault.get(&account).await? else { return Ok(None) };
        match self.signed_out_client()?.refresh_session(&refresh_token).await {
            Ok(tokens) => Ok(Some(self.begin(tokens).await)),
            Err(ClientError::Problem(problem)) if problem.status == 401 => {
                self.forget_refresh_token().await;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Signs out: here at once, and on the server if it can be reached.
    pub async fn end_session(&self) {
        let (session, _) = self.take_session();
        if let (Some(session), Ok(client)) = (session, self.signed_out_client()) {
            let ended =
                client.with_token(session.access_token.clone()).end_session(&session.id).await;
            if let Err(error) = ended {
                tracing::info!(%error, "the session was ended here but not on the server");
            }
        }
        self.forget_refresh_token().await;
    }

    /// Makes a call as the signed-in member. A session that has run out is refreshed and the call
    /// repeated: the server has not acted on it.
    ///
    /// # Errors
    /// `signed_out`, `offline`, or the server's problem.
    pub async fn call<T, F, Fut>(&self, call: F) -> Result<T, AppError>
    where
        F: Fn(Client) -> Fut + Send,
        Fut: Future<Output = Result<T, ClientError>> + Send,
    {
        let (client, generation) = self.client().await?;
        match call(client).await {
            Err(ClientError::Problem(problem)) if is_token_problem(&problem) => {
                self.refresh(generation).await?;
                let (client, _) = self.client().await?;
                Ok(call(client).await?)
            }
            answered => Ok(answered?),
        }
    }

    /// A client with a token that holds for a while, and which token that is.
    async fn client(&self) -> Result<(Client, u64), AppError> {
        let now = self.0.clock.now();
        let stale = {
            let state = self.0.state.lock();
            let session = state.session.as_ref().ok_or(Fault::SignedOut)?;
            session.is_stale(now).then_some(session.generation)
        };
        if let Some(generation) = stale {
            self.refresh(generation).await?;
        }
        let client = self.signed_out_client()?;
        let state = self.0.state.lock();
        let session = state.session.as_ref().ok_or(Fault::SignedOut)?;
        Ok((client.with_token(session.access_token.clone()), session.generation))
    }

    fn server(&self) -> Option<Server> {
        self.0.state.lock().server.clone()
    }

    fn signed_out_client(&self) -> Result<Client, AppError> {
        let server = self.server().ok_or(Fault::ServerStopped)?;
        Ok(Client::new(self.0.http.clone(), server.base))
    }

    fn take_session(&self) -> (Option<Session>, Option<Live>) {
        let mut state = self.0.state.lock();
        (state.session.take(), state.live.take())
    }

    /// The server says the session is over. Runs to its end even where the stream of changes found
    /// it out, which ends with its session.
    fn lose_session(&self) {
        let (session, live) = self.take_session();
        if session.is_some() {
            (self.0.tell)(Notice::SignedOut);
            let connection = self.clone();
            tauri::async_runtime::spawn(async move { connection.forget_refresh_token().await });
        }
        drop(live);
    }

    /// Takes over a session that was opened for the member.
    pub async fn begin(&self, tokens: SessionTokens) -> Me {
        let me = tokens.me.clone();
        self.note_tokens(tokens).await;
        let live = Live::follow(self.clone());
        self.0.state.lock().live = Some(live);
        me
    }
}

/// The access token is at fault, not what the call asked for.
fn is_token_problem(problem: &Problem) -> bool {
    problem.status == 401
}
