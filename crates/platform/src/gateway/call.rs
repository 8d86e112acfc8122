//! One call on its way through the pipeline.

use std::{collections::HashMap, net::IpAddr, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    body::Body,
    extract::{FromRequestParts, Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{self, MethodFilter, MethodRouter},
};
use chrono::{DateTime, Duration, Utc};
use futures::FutureExt;
use latchkey_contract::{Amount, Environment, RequestId, usage::Outcome};
use latchkey_store::{KeySpend, UsageFilter, UsageSpan};
use parking_lot::Mutex;
use serde_json::{Map, Value};

use super::{
    Claim, FilesFor, Form, Mount, Refusal,
    authorise::Scheme,
    body, browser, form,
    limit::Rate,
    mount::Mounted,
    requests::{Answer, Arrival},
    retirement,
    tallies::Origin,
};
use crate::{
    Context,
    jobs::Job,
    keys::KeyState,
    manifest::{Manifest, Operation},
};

const BEARER: HeaderValue = HeaderValue::from_static("Bearer");

/// An admitted call, in the hands of its dialect.
pub struct Call {
    pub mount: Mount,
    pub key: Arc<KeyState>,
    /// Its name in usage.
    pub operation: Arc<str>,
    /// When it came in.
    pub now: DateTime<Utc>,
    /// Where it came from.
    address: IpAddr,
    parts: Parts,
    /// Never locked: a body cannot be shared between threads, and a call in a future must be.
    body: Mutex<Body>,
}

/// What a dialect answers.
pub struct Reply {
    response: Response,
    /// Whether a charge has counted the call already.
    counted: bool,
    /// What the call cost, or holds.
    credits: Amount,
}

/// A route: the pipeline with `handle` inside, counted as `operation`.
pub fn call<F, Fut>(
    method: MethodFilter,
    operation: impl Into<Arc<str>>,
    handle: F,
) -> MethodRouter<Mount>
where
    F: Fn(Call) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, Refusal>> + Send + 'static,
{
    let operation = operation.into();
    let route = routing::on(method, move |State(mount): State<Mount>, request: Request| {
        let (operation, handle) = (Arc::clone(&operation), handle.clone());
        async move { mount.serve(&operation, request, handle).await }
    });
    // Where something is read a browser may ask whether it is allowed to.
    if method == MethodFilter::GET { route.fallback(browser::answer_preflight) } else { route }
}

impl Mount {
    async fn serve<F, Fut>(self, operation: &str, request: Request, handle: F) -> Response
    where
        F: Fn(Call) -> Fut,
        Fut: Future<Output = Result<Reply, Refusal>>,
    {
        let (parts, body) = request.into_parts();
        let request_id = parts.extensions.get::<RequestId>().cloned();
        let gateway = Arc::clone(&self.0);
        let (key, operation) = match gateway.recognise(&parts.headers, operation).await {
            Ok(recognised) => recognised,
            Err(refusal) => return gateway.refuse(&refusal, None, request_id),
        };
        let now = gateway.context.clock.now();
        let address = gateway.context.address_of(&parts);
        let arrival = Arrival::of(&parts, &gateway.context, now, address);
        let agent = parts.headers.get(header::USER_AGENT).cloned();
        let answer = match gateway.admit(&key, &parts.method, operation, now, address) {
            Ok(()) => {
                let (key, operation) = (Arc::clone(&key), Arc::clone(&operation.name));
                let body = Mutex::new(body);
                let call = Call { mount: self, key, operation, now, address, parts, body };
                unless_it_panics(handle(call)).await
            }
            Err(refusal) => Err(refusal),
        };
        if let Some(outcome) = outcome(&answer) {
            let agent = agent.as_ref().and_then(|agent| agent.to_str().ok());
            let from = Origin { address, agent };
            gateway.context.tallies.count(&key, &operation.name, outcome, now, from);
        }
        let credits = answer.as_ref().map_or(Amount::ZERO, |reply| reply.credits);
        let (response, refusal) = match answer {
            Ok(reply) => (gateway.finish(reply.response, Some(&key)), None),
            Err(refusal) => (gateway.refuse(&refusal, Some(&key), request_id), Some(refusal)),
        };
        let answer = Answer { status: response.status(), refusal, credits };
        arrival.answered(&gateway.context, &key, &operation.name, answer);
        response
    }

    /// Refuses a request that is no call of the platform.
    pub(super) fn turn_away(
        &self,
        request: &Parts,
        key: Option<Arc<KeyState>>,
        refusal: Refusal,
        now: DateTime<Utc>,
    ) -> Response {
        let context = &self.0.context;
        let request_id = request.extensions.get::<RequestId>().cloned();
        let response = self.0.refuse(&refusal, key.as_deref(), request_id);
        if let Some(key) = key {
            let from = context.address_of(request);
            let arrival = Arrival::of(request, context, now, from);
            let (status, credits) = (response.status(), Amount::ZERO);
            let answer = Answer { status, refusal: Some(refusal), credits };
            arrival.answered(context, &key, &Arc::from(""), answer);
        }
        response
    }
}

/// How a call is counted; `None` where its charge has done so.
fn outcome(answer: &Result<Reply, Refusal>) -> Option<Outcome> {
    match answer {
        Ok(Reply { counted: true, .. }) => None,
        Ok(_) => Some(Outcome::Accepted),
        Err(_) => Some(Outcome::Refused),
    }
}

impl Mounted {
    /// Whose key it is, and what the platform's manifest says of the operation.
    async fn recognise(
        &self,
        headers: &HeaderMap,
        operation: &str,
    ) -> Result<(Arc<KeyState>, &Operation), Refusal> {
        let key = self.identify(headers).await?;
        let known = self.manifest.operation(operation);
        let cause = || format!("the manifest lists no operation `{operation}`");
        Ok((key, known.ok_or_else(|| Refusal::Internal { cause: cause() })?))
    }

    /// Authorise, then limit.
    fn admit(
        &self,
        key: &KeyState,
        method: &Method,
        operation: &Operation,
        now: DateTime<Utc>,
        address: IpAddr,
    ) -> Result<(), Refusal> {
        self.authorise(key, method, operation, now, address)?;
        match key.meter.count(self.rate_limit(key), self.context.ticker.now()) {
            Ok(_) => Ok(()),
            Err(Rate { limit, reset, .. }) => {
                Err(Refusal::TooManyRequests { limit, retry_after: reset.max(1) })
            }
        }
    }

    /// Requests a minute.
    pub(super) fn rate_limit(&self, key: &KeyState) -> u32 {
        key.row.requests_per_minute.unwrap_or(self.manifest.limits.requests_per_minute)
    }

    pub(super) fn refuse(
        &self,
        refusal: &Refusal,
        key: Option<&KeyState>,
        request_id: Option<RequestId>,
    ) -> Response {
        let context = &self.context;
        let request_id = request_id.unwrap_or_else(|| context.entropy.id(context.clock.now()));
        if let Some(cause) = refusal.cause() {
            tracing::error!(%request_id, platform = self.manifest.slug, cause, "a call failed");
        }
        let mut response = self.dialect.refuse(refusal, &request_id);
        if let Some(seconds) = refusal.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        // Whoever is not known is told how to say who they are (RFC 9110, section 15.5.2).
        let unknown = response.status() == StatusCode::UNAUTHORIZED;
        if unknown && self.schemes.iter().any(Scheme::is_bearer) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, BEARER);
        }
        self.finish(response, key)
    }

    /// Tells where the key stands; an unknown key stands where a new one would.
    fn finish(&self, mut response: Response, key: Option<&KeyState>) -> Response {
        if let Some(key) = key {
            retirement::tell(response.headers_mut(), &key.row, || self.context.clock.now());
            browser::allow_answer(response.headers_mut(), &self.manifest, key);
        }
        let Some(names) = &self.rate_headers else { return response };
        let default = self.manifest.limits.requests_per_minute;
        let rate = key.map_or(Rate { limit: default, remaining: default, reset: 0 }, |key| {
            key.meter.look(self.rate_limit(key), self.context.ticker.now())
        });
        let headers = response.headers_mut();
        headers.insert(&names.limit, rate.limit.into());
        headers.insert(&names.remaining, rate.remaining.into());
        if let Some(reset) = &names.reset {
            headers.insert(reset, rate.reset.into());
        }
        response
    }
}

impl Call {
    #[must_use]
    pub fn context(&self) -> &Context {
        self.mount.context()
    }

    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.mount.manifest()
    }

    #[must_use]
    pub fn environment(&self) -> Environment {
        self.key.row.environment
    }

    /// Scheme and host by which the caller reaches this server: its media lie below.
    #[must_use]
    pub fn origin(&self) -> String {
        self.mount.0.origin(&self.parts.headers, &self.parts.uri)
    }

    /// Where the caller reaches this platform's API, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.mount.0.base_url(&self.parts.headers, &self.parts.uri)
    }

    /// Requests a minute of the calling key.
    #[must_use]
    pub fn rate_limit(&self) -> u32 {
        self.mount.0.rate_limit(&self.key)
    }

    /// Operations of the calling key under way at once; `None` without a limit.
    #[must_use]
    pub fn concurrent_limit(&self) -> Option<u32> {
        self.key.row.concurrent_limit.or(self.manifest().limits.concurrency)
    }

    /// What the calling key has spent of its limits; `None` where it has none.
    ///
    /// # Errors
    /// What the store says.
    pub async fn spend(&self) -> Result<Option<KeySpend>, Refusal> {
        let key = &self.key.row;
        if !key.spend_limits.any() {
            return Ok(None);
        }
        let (store, keys) = (&self.context().store, std::slice::from_ref(key.spend_key()));
        let spent = store.list_key_spend(&key.partner_id, keys).await?;
        Ok(Some(spent.get(key.spend_key()).copied().unwrap_or_default()))
    }

    /// The path below the platform's base path: the same whether the caller came by the slug or
    /// by a host of the platform.
    pub(super) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// What asks for the calling key's use in its environment, from `since` on.
    #[must_use]
    pub fn usage_since(&self, since: DateTime<Utc>) -> UsageFilter {
        let key = &self.key.row;
        UsageFilter {
            span: UsageSpan::QuarterHour,
            from: since,
            to: self.now + Duration::seconds(UsageSpan::QuarterHour.seconds()),
            environment: Some(key.environment),
            platform: Some(key.platform.clone()),
            key_id: Some(key.id.clone()),
            operation: None,
            group_by: None,
        }
    }

    /// The variable part of the path; empty where it is no text.
    pub async fn segment(&mut self) -> String {
        let segment = Path::<String>::from_request_parts(&mut self.parts, &()).await;
        segment.map_or_else(|_| String::new(), |Path(text)| text)
    }

    /// The two variable parts of the path, likewise.
    pub async fn two_segments(&mut self) -> (String, String) {
        let segments = Path::<(String, String)>::from_request_parts(&mut self.parts, &()).await;
        segments.map_or_else(|_| Default::default(), |Path(both)| both)
    }

    /// The query's parameters; where a name comes twice the last one counts.
    #[must_use]
    pub fn query(&self) -> HashMap<String, String> {
        let query = self.parts.uri.query().unwrap_or_default();
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// The body as a JSON object. Works once.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn object(&mut self) -> Result<Map<String, Value>, Refusal> {
        body::read_object(&self.parts.headers, std::mem::take(self.body.get_mut())).await
    }

    /// The body as a form, its files kept for a job to be. Works once.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn form(&mut self, files: FilesFor<'_>) -> Result<Form, Refusal> {
        let body = std::mem::take(self.body.get_mut());
        let uploads = self.mount.context().jobs.uploads();
        form::read_form(&self.parts.headers, body, uploads, files).await
    }

    /// The submit's repeat key, where the platform knows such and the request has one.
    ///
    /// # Errors
    /// Where it is missing, malformed, or of a submit that is still being accepted.
    pub fn claim(&self) -> Result<Option<Claim>, Refusal> {
        let gate = self.mount.0.idempotency.as_ref();
        gate.map_or(Ok(None), |gate| gate.claim(&self.parts.headers, &self.key))
    }

    /// One of the partner's own jobs in the key's environment.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an unknown one and another partner's alike; `what` names it.
    pub async fn job(&self, what: &'static str, id: String) -> Result<Arc<Job>, Refusal> {
        let key = &self.key.row;
        let jobs = &self.context().jobs;
        let job = jobs.find(&key.partner_id, &key.platform, key.environment, &id).await?;
        job.ok_or(Refusal::NotFound { what, id })
    }

    /// Where the call came from.
    pub(super) fn caller(&self) -> Origin<'_> {
        let agent = self.parts.headers.get(header::USER_AGENT);
        let agent = agent.and_then(|value: &HeaderValue| value.to_str().ok());
        Origin { address: self.address, agent }
    }
}

impl Reply {
    /// The answer to a call that a charge has counted, and what that took.
    pub fn of_counted(response: impl IntoResponse, credits: Amount) -> Self {
        Self { response: response.into_response(), counted: true, credits }
    }
}

impl<R: IntoResponse> From<R> for Reply {
    fn from(response: R) -> Self {
        Self { response: response.into_response(), counted: false, credits: Amount::ZERO }
    }
}

/// A panic is a fault of ours: it is answered as one, in the platform's own shape.
pub(super) async fn unless_it_panics<T>(
    handled: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    let caught = AssertUnwindSafe(handled).catch_unwind().await;
    caught.unwrap_or_else(|_| Err(Refusal::Internal { cause: "the code panicked".to_owned() }))
}
