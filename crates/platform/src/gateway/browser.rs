//! Calls from web pages. Where a platform says so, its public keys may be used from a page of any
//! origin, and nothing else may: CORS as the Fetch standard has it (section 3.2, "CORS protocol").

use axum::{
    extract::{OriginalUri, Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
            ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, ORIGIN,
        },
    },
    response::{IntoResponse, Response},
};
use latchkey_contract::keys::KeyKind;

use super::{Mount, mount::refuse_method};
use crate::{keys::KeyState, manifest::Manifest};

const ANYTHING: HeaderValue = HeaderValue::from_static("*");
/// Seconds that a browser may go by the answer to a preflight.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");

/// Answers a browser that asks whether it may read here. It sends no key when it asks, so that
/// reading with one is what is allowed; the answer to the call itself says whether the key was a
/// public one. Anything else is a method that is not possible.
pub(super) async fn answer_preflight(
    mount: State<Mount>,
    address: OriginalUri,
    request: Request,
) -> Response {
    if !mount.manifest().browser_calls || !asks_to_read(&request) {
        return refuse_method(mount, address, request).await;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANYTHING);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, REMEMBERED);
    for scheme in &mount.manifest().header_schemes {
        if let Ok(name) = HeaderValue::from_str(&scheme.header) {
            headers.append(ACCESS_CONTROL_ALLOW_HEADERS, name);
        }
    }
    // Many pages say it of every call, though a call that reads has no body.
    headers.append(ACCESS_CONTROL_ALLOW_HEADERS, CONTENT_TYPE.into());
    response
}

fn asks_to_read(request: &Request) -> bool {
    let asked = request.headers().get(ACCESS_CONTROL_REQUEST_METHOD);
    request.method() == Method::OPTIONS
        && request.headers().contains_key(ORIGIN)
        && asked.is_some_and(|method| method == Method::GET.as_str())
}

/// Lets the page that made a call with a public key read the answer, whatever it says.
pub(super) fn allow_answer(headers: &mut HeaderMap, manifest: &Manifest, key: &KeyState) {
    if manifest.browser_calls && key.row.kind == KeyKind::Public {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANYTHING);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, ANYTHING);
    }
}
