//! Calls that a person makes, on platforms that document such: they carry an identity token in
//! place of an API key, in the same header. The two are told apart by their form.

use axum::{
    body::Body,
    extract::{FromRequestParts, Path, Request, State},
    http::{header, request::Parts},
    response::Response,
    routing::{self, MethodFilter, MethodRouter},
};
use chrono::{DateTime, Utc};
use latchkey_contract::{PartnerId, RequestId, SecretText};
use latchkey_store::SignedIn;
use parking_lot::Mutex;
use serde_json::{Map, Value};

use super::{Mount, Refusal, body, call::unless_it_panics, mount::Mounted, tallies::Origin};
use crate::{
    Context,
    manifest::Manifest,
    sessions::{self, IdentityError},
};

/// A call whose member is known, in the hands of its dialect.
pub struct MemberCall {
    pub mount: Mount,
    pub by: SignedIn,
    /// When it came in.
    pub now: DateTime<Utc>,
    parts: Parts,
    /// Never locked, as that of a [`super::Call`].
    body: Mutex<Body>,
}

/// A route for members: identify, then `handle`. Such calls are free, and no usage of any key.
pub fn member_call<F, Fut>(method: MethodFilter, handle: F) -> MethodRouter<Mount>
where
    F: Fn(MemberCall) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Response, Refusal>> + Send + 'static,
{
    routing::on(method, move |State(mount): State<Mount>, request: Request| {
        let handle = handle.clone();
        async move {
            let (parts, body) = request.into_parts();
            let request_id = parts.extensions.get::<RequestId>().cloned();
            let gateway = std::sync::Arc::clone(&mount.0);
            let answer = match gateway.identify_member(&parts).await {
                Ok(by) => {
                    let now = gateway.context.clock.now();
                    let call = MemberCall { mount, by, now, parts, body: Mutex::new(body) };
                    unless_it_panics(handle(call)).await
                }
                Err(refusal) => Err(refusal),
            };
            answer.unwrap_or_else(|refusal| gateway.refuse(&refusal, None, request_id))
        }
    })
}

impl Mounted {
    /// Finds the member behind a request's token.
    pub(super) async fn identify_member(&self, parts: &Parts) -> Result<SignedIn, Refusal> {
        let text = carried_token(parts)?;
        let own = |prefix: &str| text.starts_with(prefix);
        if self.manifest.key_prefixes.iter().any(|key| own(&key.prefix)) {
            return Err(Refusal::Unidentified("an API key was sent"));
        }
        let token = SecretText::new(text.to_owned());
        let address = self.context.address_of(parts);
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let caller = Origin { address, agent }.caller();
        sessions::identify(&self.context, &token, &caller).await.map_err(Refusal::from)
    }

    /// Whether a member asks, where members may.
    pub(super) async fn is_member(&self, parts: &Parts) -> bool {
        self.dialect.takes_members() && self.identify_member(parts).await.is_ok()
    }
}

fn carried_token(parts: &Parts) -> Result<&str, Refusal> {
    let none = Refusal::Unidentified("none was sent; send it as `Authorization: Bearer <token>`");
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().and_then(|value| value.to_str().ok()).ok_or(none.clone())?;
    if values.next().is_some() {
        return Err(Refusal::Unidentified("more than one was sent"));
    }
    let (scheme, token) = value.split_once(' ').ok_or(none.clone())?;
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() { Ok(token) } else { Err(none) }
}

impl MemberCall {
    #[must_use]
    pub fn context(&self) -> &Context {
        self.mount.context()
    }

    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.mount.manifest()
    }

    /// Whose rows this call may see.
    #[must_use]
    pub fn partner(&self) -> &PartnerId {
        &self.by.partner.id
    }

    /// The variable part of the path; empty where it is no text.
    pub async fn segment(&mut self) -> String {
        let segment = Path::<String>::from_request_parts(&mut self.parts, &()).await;
        segment.map_or_else(|_| String::new(), |Path(text)| text)
    }

    /// The body as a JSON object. Works once.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn object(&mut self) -> Result<Map<String, Value>, Refusal> {
        body::read_object(&self.parts.headers, std::mem::take(self.body.get_mut())).await
    }
}

impl From<IdentityError> for Refusal {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Refused(why) => Self::Unidentified(why),
            IdentityError::Unavailable(cause) => Self::Unavailable { cause },
            IdentityError::Store(error) => error.into(),
        }
    }
}
