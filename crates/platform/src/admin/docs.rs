//! `/docs`: the reference page. Its script is part of the program and nothing is loaded from
//! outside; the content security policy keeps it so.

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use tower_http::set_header::SetResponseHeaderLayer;

const PAGE: &str = r##"<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Latchkey admin API</title>
    <link rel="icon" href="data:,">
  </head>
  <body>
    <div id="reference"></div>
    <noscript>This page needs JavaScript. The description itself is at
      <a href="/admin/v1/openapi.json">/admin/v1/openapi.json</a>.</noscript>
    <script src="/docs/scalar.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
"##;

/// Everything that would ask another server is off: fonts, telemetry, the request proxy, the
/// agent.
const START: &str = r##"Scalar.createApiReference("#reference", {
  url: "/admin/v1/openapi.json",
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: "never",
  documentDownloadType: "json",
});
"##;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; font-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page and its scripts.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let policy = HeaderValue::from_static(POLICY);
    let policy = SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, policy);
    Router::new()
        .route("/docs", get(async || Html(PAGE)))
        .route("/docs/start.js", get(async || script(START.as_bytes().to_vec())))
        .route("/docs/scalar.js", get(reference_script))
        .layer(policy)
}

async fn reference_script() -> Response {
    match scalar_api_reference::get_asset("scalar.js") {
        Some(text) => script(text),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn script(text: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, text).into_response()
}
