//! The description of the admin API: OpenAPI 3.1, checked in as `docs/openapi.json`.

use std::collections::BTreeMap;

use latchkey_contract::{Problem, keys::KeySort, usage::UsageGroup};
use utoipa::{
    IntoResponses, Modify, OpenApi,
    openapi::{
        ContentBuilder, Header, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Latchkey admin API",
        description = "What a console manages keys with. Times are UTC (RFC 3339), amounts are \
            millionths of a platform's credit. Every answer carries `X-Request-Id`. Errors are \
            problem details (RFC 9457) with a stable `code`; bad input names every field at fault \
            in `errors`. Unknown fields and parameters are refused. Lists are pages: pass \
            `next_cursor` as `cursor`. `PATCH` on what has an `ETag` takes `If-Match`: 428 without \
            one, 412 where it is stale; `*` is refused, for it would overwrite what nobody has seen.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/", description = "This server")),
    modifiers(&Shared),
    components(schemas(Problem, KeySort, UsageGroup)),
    tags(
        (name = "partners", description = "Signing up"),
        (name = "sessions", description = "Signing in and staying signed in"),
        (name = "me", description = "The signed-in member and its partner"),
        (name = "platforms", description = "What the platforms are like, and the partner's accounts"),
        (name = "keys", description = "API keys"),
        (name = "webhooks", description = "Endpoints, deliveries, attempts"),
        (name = "usage", description = "Requests and credits in buckets of time"),
        (name = "credits", description = "What moved, and why the balance is what it is"),
        (name = "audit", description = "Who changed what"),
        (name = "events", description = "What changes, as it changes"),
    )
)]
pub struct Document;

/// What calls have in common.
struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The `access_token` of a session"))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("session", SecurityScheme::Http(bearer));
        components.responses.insert(PROBLEM.to_owned(), RefOr::T(problem()));
    }
}

const PROBLEM: &str = "Problem";

/// Every way a call can fail, as one answer.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let problem = Ref::from_response_name(PROBLEM);
        BTreeMap::from([("default".to_owned(), RefOr::Ref(problem))])
    }
}

fn problem() -> Response {
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name(PROBLEM))).build();
    ResponseBuilder::new()
        .description("A problem: `code` says which")
        .content("application/problem+json", problem)
        .header("Retry-After", told("Seconds to wait, with 429 and 503"))
        .header("WWW-Authenticate", told("With 401"))
        .header("Allow", told("With 405"))
        .build()
}

fn told(description: &str) -> Header {
    HeaderBuilder::new().description(Some(description)).build()
}

/// The document as text, as it is checked in.
///
/// # Errors
/// Never for a document that was built from code.
pub fn document_text() -> Result<String, serde_json::Error> {
    let (_, document) = super::routes();
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}
