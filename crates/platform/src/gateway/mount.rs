//! Where platforms are reached: below their slug, and by the `Host` of a request in production.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    extract::{OriginalUri, Request, State},
    http::{HeaderMap, HeaderName, StatusCode, Uri, header, request::Parts, uri::Authority},
    response::{IntoResponse, Response},
    routing::any,
};
use tower::ServiceExt;

use super::{
    Refusal,
    authorise::{Scheme, check_kind, check_standing},
    idempotency::Gate,
    tallies::Tallies,
};
use crate::{
    Context,
    dialects::{self, Dialect},
    manifest::{LimitHeaders, Manifest},
};

/// One platform, mounted. Cheap to clone.
#[derive(Clone)]
pub struct Mount(pub(super) Arc<Mounted>);

pub struct Mounted {
    pub(super) context: Context,
    pub(super) manifest: Arc<Manifest>,
    pub(super) dialect: Arc<dyn Dialect>,
    pub(super) schemes: Vec<Scheme>,
    pub(super) rate_headers: Option<RateHeaders>,
    pub(super) idempotency: Option<Gate>,
}

/// Names of the headers that tell where a key stands.
pub(super) struct RateHeaders {
    pub limit: HeaderName,
    pub remaining: HeaderName,
    pub reset: Option<HeaderName>,
}

/// The keyed API of every platform, and the task that writes their counts.
///
/// Requests that match nothing else are served by the platform whose host they name.
pub fn router(context: &Context) -> Router {
    tokio::spawn(Tallies::run(context.clone()));
    let mut hosts = HashMap::new();
    let mut router = Router::new();
    for manifest in context.manifests.iter() {
        let Some(dialect) = dialects::find(manifest) else {
            tracing::error!(platform = manifest.slug, "no dialect of this name; not served");
            continue;
        };
        let mount = Mount::new(context, manifest, dialect);
        let platform = platform_router(mount.clone());
        for host in &manifest.hosts {
            hosts.insert(host.to_ascii_lowercase(), platform.clone());
        }
        let slug = &manifest.slug;
        // What is nested answers at `/slug` and below `/slug/`, not at `/slug/` itself.
        let bare = any(refuse_route).with_state(mount);
        router = router.nest(&format!("/{slug}"), platform).route(&format!("/{slug}/"), bare);
    }
    let hosts = Arc::new(hosts);
    router.fallback(move |request: Request| serve_by_host(Arc::clone(&hosts), request))
}

fn platform_router(mount: Mount) -> Router {
    let routes = mount.dialect().routes();
    let base_path = mount.manifest().base_path.clone();
    let below = if base_path.is_empty() { routes } else { Router::new().nest(&base_path, routes) };
    let all = below.merge(mount.dialect().other_routes());
    all.method_not_allowed_fallback(refuse_method).fallback(refuse_route).with_state(mount)
}

/// Routes of the platforms, by their hosts.
type Hosts = HashMap<String, Router>;

async fn serve_by_host(hosts: Arc<Hosts>, request: Request) -> Response {
    let host = host(request.headers(), request.uri()).map(|host| host.host().to_ascii_lowercase());
    let Some(platform) = host.and_then(|host| hosts.get(&host)) else {
        return (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response();
    };
    platform.clone().oneshot(request).await.unwrap_or_else(|never| match never {})
}

async fn refuse_route(
    State(mount): State<Mount>,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let (method, path) = (parts.method.clone(), uri.path().to_owned());
    turn_away(&mount, &parts, Refusal::NoSuchRoute { method, path }).await
}

pub(super) async fn refuse_method(
    State(mount): State<Mount>,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let (method, path) = (parts.method.clone(), uri.path().to_owned());
    turn_away(&mount, &parts, Refusal::MethodNotAllowed { method, path }).await
}

/// Refuses a request that is no call of the platform. Whoever has no key that holds is told that
/// first: what there is and is not concerns those alone who may call.
async fn turn_away(mount: &Mount, request: &Parts, refusal: Refusal) -> Response {
    let now = mount.context().clock.now();
    let (key, refusal) = match mount.0.identify(&request.headers).await {
        Ok(key) => {
            let standing = check_standing(&key, now, mount.context().address_of(request))
                .and_then(|()| check_kind(&key, &request.method));
            (Some(key), standing.err().unwrap_or(refusal))
        }
        Err(_) if mount.0.is_member(request).await => (None, refusal),
        Err(unknown) => (None, unknown),
    };
    mount.turn_away(request, key, refusal, now)
}

impl Mount {
    fn new(context: &Context, manifest: &Arc<Manifest>, dialect: Arc<dyn Dialect>) -> Self {
        let headers = manifest.limits.headers.as_ref();
        Self(Arc::new(Mounted {
            context: context.clone(),
            manifest: Arc::clone(manifest),
            dialect,
            schemes: manifest.header_schemes.iter().filter_map(Scheme::of).collect(),
            rate_headers: headers.and_then(RateHeaders::of),
            idempotency: manifest.idempotency.as_ref().and_then(Gate::of),
        }))
    }

    #[must_use]
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    #[must_use]
    pub fn dialect(&self) -> &dyn Dialect {
        &*self.0.dialect
    }
}

impl Mounted {
    /// Scheme and host that the caller reaches this platform's media at.
    pub(super) fn origin(&self, headers: &HeaderMap, uri: &Uri) -> String {
        match (host(headers, uri), &self.manifest.media_host) {
            (Some(host), Some(media)) if self.is_own_host(&host) => {
                let port = host.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
                format!("https://{media}{port}")
            }
            _ => self.api_origin(headers, uri),
        }
    }

    /// Scheme and host by which the caller reaches this server.
    fn api_origin(&self, headers: &HeaderMap, uri: &Uri) -> String {
        match (host(headers, uri), &self.context.config.public_url) {
            (Some(host), _) if self.is_own_host(&host) => format!("https://{host}"),
            (_, Some(url)) => url.as_str().trim_end_matches('/').to_owned(),
            (Some(host), None) => format!("http://{host}"),
            (None, None) => format!("http://{}", self.context.config.listen),
        }
    }

    /// Where the caller reaches this platform's API, without a trailing slash.
    pub(super) fn base_url(&self, headers: &HeaderMap, uri: &Uri) -> String {
        let origin = self.api_origin(headers, uri);
        match host(headers, uri) {
            Some(host) if self.is_own_host(&host) => origin + &self.manifest.base_path,
            _ => self.manifest.base_url(&origin),
        }
    }

    fn is_own_host(&self, host: &Authority) -> bool {
        self.manifest.hosts.iter().any(|own| own.eq_ignore_ascii_case(host.host()))
    }
}

impl RateHeaders {
    /// `None` for a header's name that is none; manifests are checked for that.
    fn of(names: &LimitHeaders) -> Option<Self> {
        Some(Self {
            limit: names.limit.parse().ok()?,
            remaining: names.remaining.parse().ok()?,
            reset: names.reset.as_ref().and_then(|name| name.parse().ok()),
        })
    }
}

/// The host a request names, with its port.
fn host(headers: &HeaderMap, uri: &Uri) -> Option<Authority> {
    let named = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    named.and_then(|host| host.parse().ok()).or_else(|| uri.authority().cloned())
}
