//! What a request brings: body, query, ids, headers. Each says what is wrong in this API's own
//! shape.
//!
//! Unknown fields and parameters are refused, not ignored: a slip in an optional field's name
//! would otherwise do nothing without a word.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
};
use chrono::{DateTime, Utc};
use latchkey_contract::{FieldError, PrefixedId};
use serde::de::{DeserializeOwned, IgnoredAny};
use tokio::time::timeout;

use super::fault::{Code, Fault};
use crate::{Context, gateway::BODY_PATIENCE};

/// A JSON body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        if !is_json(request.headers()) {
            return Err(not_json());
        }
        parse_json(&read(request, state).await?).map(Self)
    }
}

/// A JSON body whose fields may all be left out, and so may the body itself.
pub struct OptionalBody<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalBody<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let json = is_json(request.headers());
        let bytes = read(request, state).await?;
        match (bytes.is_empty(), json) {
            (true, _) => Ok(Self(T::default())),
            (false, true) => {
                let body: Option<T> = parse_json(&bytes)?;
                Ok(Self(body.unwrap_or_default()))
            }
            (false, false) => Err(not_json()),
        }
    }
}

fn not_json() -> Fault {
    Fault::new(
        Code::UnsupportedMediaType,
        "Send the body as JSON, with `Content-Type: application/json`.",
    )
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Fault> {
    let bytes =
        timeout(BODY_PATIENCE, Bytes::from_request(request, state)).await.map_err(|_| {
            Fault::new(Code::MalformedJson, "The body did not come to its end in time.")
        })?;
    bytes.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Fault::new(Code::BodyTooLarge, "The body must not be larger than 1 MB.")
        }
        _ => Fault::new(Code::MalformedJson, "The body broke off before its end."),
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| {
        essence.eq_ignore_ascii_case("application/json")
            || (essence.starts_with("application/") && essence.ends_with("+json"))
    })
}

fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    // serde would take a list for an object, field by field in their order.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Fault::invalid(vec![FieldError {
            pointer: String::new(),
            detail: "must be an object".to_owned(),
        }]));
    }
    let mut unknown = Vec::new();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut json, &mut track);
    let mut note = |path: serde_ignored::Path<'_>| {
        unknown.push(unknown_field(ignored_pointer(&path)));
    };
    let read: Result<T, serde_json::Error> =
        T::deserialize(serde_ignored::Deserializer::new(tracked, &mut note));
    let value = read.and_then(|value| json.end().map(|()| value));
    match value {
        Ok(value) if unknown.is_empty() => Ok(value),
        Ok(_) => Err(Fault::invalid(unknown)),
        // A number where a word is wanted is a syntax error to serde, though the JSON is valid.
        Err(error) if !error.is_data() && is_valid_json(bytes) => {
            let (pointer, detail) = (pointer(&track.path()), "is of the wrong type".to_owned());
            Err(Fault::invalid(vec![FieldError { pointer, detail }]))
        }
        Err(error) => Err(json_fault(&error, &track.path())),
    }
}

/// JSON is UTF-8 (RFC 8259, section 8.1), which serde does not look at in what it skips.
fn is_valid_json(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

fn json_fault(error: &serde_json::Error, path: &serde_path_to_error::Path) -> Fault {
    let (line, column) = (error.line(), error.column());
    if !error.is_data() {
        let detail = format!("The body is not valid JSON: {error}.");
        let place = format!("is not valid JSON at line {line}, column {column}");
        return Fault::new(Code::MalformedJson, detail).at("", &place);
    }
    // serde says "missing field `name` at line 1 column 9"; the place is the pointer's task.
    let text = error.to_string();
    let place = format!(" at line {line} column {column}");
    let message = text.strip_suffix(&place).unwrap_or(&text);
    let mut pointer = pointer(path);
    let detail = match field_at_fault(message) {
        Some((field, detail)) => {
            pointer.push_str(&token(field));
            detail.to_owned()
        }
        None => what_is_wrong(message),
    };
    Fault::invalid(vec![FieldError { pointer, detail }])
}

/// The field that serde names where its path ends before it.
fn field_at_fault(message: &str) -> Option<(&str, &'static str)> {
    let missing = quoted_after(message, "missing field ").map(|field| (field, "is required"));
    missing.or_else(|| Some((quoted_after(message, "duplicate field ")?, "is given twice")))
}

/// serde's words for a value that does not fit, without the value: it may be a password in the
/// wrong place.
fn what_is_wrong(message: &str) -> String {
    let quotes_it = ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant "]
        .iter()
        .any(|start| message.starts_with(start));
    let Some((_, expected)) = message.rsplit_once(", expected ").filter(|_| quotes_it) else {
        return what_cannot_be_read(message);
    };
    let expected = match expected {
        "u8" | "u16" | "u32" | "u64" | "i32" | "i64" => "a whole number within its range",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        object if object.starts_with("struct ") => "an object",
        other => other,
    };
    format!("must be {expected}")
}

/// The words of those who read times, numbers and ids, as the end of a sentence.
fn what_cannot_be_read(message: &str) -> String {
    if let Some(form) = message.strip_prefix("not an id ") {
        return format!("must be an id {form}");
    }
    match message {
        "input contains invalid characters"
        | "premature end of input"
        | "trailing input"
        | "input is out of range"
        | "no possible date and time matching input"
        | "input is not enough for unique date and time" => {
            "must be a time such as 2026-01-31T12:00:00Z".to_owned()
        }
        "provided string was not `true` or `false`" => "must be true or false".to_owned(),
        number
            if number.starts_with("invalid digit ")
                || number.starts_with("number too ")
                || number.starts_with("cannot parse integer ") =>
        {
            "must be a whole number within its range".to_owned()
        }
        other => format!("is not as expected: {other}"),
    }
}

fn quoted_after<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    text.strip_prefix(start)?.strip_prefix('`')?.strip_suffix('`')
}

/// A path as a JSON Pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => token(key),
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect()
}

/// The path of what was ignored, as a JSON Pointer.
fn ignored_pointer(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}/{index}", ignored_pointer(parent)),
        Path::Map { parent, key } => ignored_pointer(parent) + &token(key),
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => ignored_pointer(parent),
    }
}

/// One step of a JSON Pointer to a field (RFC 6901, section 3).
fn token(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn unknown_field(pointer: String) -> FieldError {
    FieldError { pointer, detail: "is not known here; check its spelling".to_owned() }
}

/// Query parameters.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        parse_query(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn parse_query<T: DeserializeOwned>(query: &str) -> Result<T, Fault> {
    let mut unknown = Vec::new();
    let pairs = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(pairs, &mut track);
    let mut note = |path: serde_ignored::Path<'_>| {
        unknown.push(unknown_field(format!("?{path}")));
    };
    let read: Result<T, serde::de::value::Error> =
        T::deserialize(serde_ignored::Deserializer::new(tracked, &mut note));
    match read {
        Ok(value) if unknown.is_empty() => Ok(value),
        Ok(_) => Err(Fault::invalid(unknown)),
        Err(error) => {
            let message = error.to_string();
            let (parameter, detail) = match field_at_fault(&message) {
                Some((field, detail)) => (field.to_owned(), detail.to_owned()),
                None => (track.path().to_string(), what_is_wrong(&message)),
            };
            Err(Fault::invalid(vec![FieldError { pointer: format!("?{parameter}"), detail }]))
        }
    }
}

/// Checks `limit` of a list.
///
/// # Errors
/// Where it is not 1 to 200.
pub fn check_page_limit(limit: Option<u16>) -> Result<(), Fault> {
    if limit.is_none_or(|limit| (1..=200).contains(&limit)) {
        return Ok(());
    }
    let (pointer, detail) = ("?limit".to_owned(), "must be 1 to 200".to_owned());
    Err(Fault::invalid(vec![FieldError { pointer, detail }]))
}

/// Checks the `platform` that a list is narrowed down to.
///
/// # Errors
/// Where there is no such platform: an empty list would hide the slip.
pub fn check_platform(context: &Context, platform: Option<&str>) -> Result<(), Fault> {
    check_platform_at(context, "?platform", platform)
}

/// The same for one that stands elsewhere than in the query.
///
/// # Errors
/// Where there is no such platform.
pub fn check_platform_at(
    context: &Context,
    pointer: &str,
    platform: Option<&str>,
) -> Result<(), Fault> {
    if platform.is_none_or(|slug| context.manifests.get(slug).is_some()) {
        return Ok(());
    }
    let slugs: Vec<_> = context.manifests.iter().map(|m| m.slug.as_str()).collect();
    let (pointer, detail) = (pointer.to_owned(), format!("must be one of: {}", slugs.join(", ")));
    Err(Fault::invalid(vec![FieldError { pointer, detail }]))
}

/// Checks the times that a list is narrowed down to.
///
/// # Errors
/// Where none can lie between them: an empty list would hide the slip.
pub fn check_range(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Result<(), Fault> {
    if from.zip(to).is_none_or(|(from, to)| from < to) {
        return Ok(());
    }
    let (pointer, detail) = ("?to".to_owned(), "must lie after `from`".to_owned());
    Err(Fault::invalid(vec![FieldError { pointer, detail }]))
}

/// An id in the path. One that cannot be an id is like one that is not there.
pub struct Id<I>(pub I);

impl<I: PrefixedId, S: Send + Sync> FromRequestParts<S> for Id<I> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let text = text.map_err(|_| Fault::not_found("resource"))?;
        I::from_str(&text.0).map(Self).map_err(|_| Fault::not_found("resource"))
    }
}

/// Nothing has it: versions count from 1.
const NO_VERSION: i64 = -1;

/// `If-Match`: the version the caller knows.
pub struct IfMatch(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Err(Fault::new(
                Code::VersionRequired,
                "Send `If-Match` with the `ETag` (the quoted `version`) of what you are changing, \
                 so that nobody else's change is overwritten.",
            ));
        };
        let tag = one_tag(value)?;
        // As it is written, to the letter: a tag that is no version of ours is stale.
        let version = tag.and_then(|tag| tag.parse().ok().filter(|n: &i64| n.to_string() == tag));
        Ok(Self(version.unwrap_or(NO_VERSION)))
    }
}

/// `If-Match` where it may be left out: what stands within its quotes.
pub struct KnownTag(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for KnownTag {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        Ok(Self(Some(one_tag(value)?.unwrap_or_default().to_owned())))
    }
}

fn one_tag(value: &HeaderValue) -> Result<Option<&str>, Fault> {
    value.to_str().ok().and_then(entity_tag).ok_or_else(|| {
        Fault::new(
            Code::InvalidHeader,
            "`If-Match` must be one version in quotes, as the `ETag` has it: \"3\".",
        )
    })
}

/// What stands within the quotes of one entity tag (RFC 9110, section 8.8.3): `Some(None)` for a
/// weak one, which `If-Match` takes for no match (section 13.1.1).
fn entity_tag(text: &str) -> Option<Option<&str>> {
    let text = text.trim();
    let (strong, quoted) = text.strip_prefix("W/").map_or((true, text), |rest| (false, rest));
    let tag = quoted.strip_prefix('"')?.strip_suffix('"').filter(|tag| !tag.contains('"'))?;
    Some(strong.then_some(tag))
}

#[cfg(test)]
mod tests {
    use latchkey_contract::{
        keys::{CreateKey, KeyQuery},
        sessions::CreateSession,
    };

    use super::*;

    fn told<T: std::fmt::Debug>(fault: Result<T, Fault>) -> String {
        format!("{:?}", fault.unwrap_err())
    }

    #[test]
    fn each_mistake_in_a_body_is_pointed_at() {
        let read = |text: &str| parse_json::<CreateKey>(text.as_bytes()).map(|_| ());
        let broken = told(read("{\"platform\":\"x\",\n  name}"));
        assert!(broken.contains("line 2, column 3"), "{broken}");
        let missing = told(read("{\"platform\":\"x\",\"environment\":\"test\"}"));
        assert!(missing.contains("\"/name\"") && missing.contains("is required"), "{missing}");
        let wrong = told(read("{\"platform\":\"x\",\"name\":7,\"environment\":\"test\"}"));
        assert!(wrong.contains("\"/name\"") && wrong.contains("must be a string"), "{wrong}");
        let kind = told(read("{\"platform\":\"x\",\"name\":\"n\",\"environment\":null}"));
        assert!(kind.contains("\"/environment\"") && kind.contains("wrong type"), "{kind}");
        let list = told(read("[\"x\", \"n\", \"test\"]"));
        assert!(list.contains("must be an object"), "{list}");
        let unknown =
            told(read("{\"platform\":\"x\",\"name\":\"n\",\"environment\":\"test\",\"scope\":[]}"));
        assert!(unknown.contains("\"/scope\""), "{unknown}");
        let odd =
            read("{\"platform\":\"x\",\"name\":\"n\",\"environment\":\"test\",\"a.b/c~d\":1}");
        assert!(told(odd).contains("\"/a.b~1c~0d\""));
        let twice = told(read("{\"platform\":\"x\",\"platform\":\"y\"}"));
        assert!(twice.contains("\"/platform\"") && twice.contains("given twice"), "{twice}");
        let time = told(read(
            "{\"platform\":\"x\",\"name\":\"n\",\"environment\":\"test\",\"expires_at\":\"soon\"}",
        ));
        assert!(time.contains("\"/expires_at\"") && time.contains("must be a time"), "{time}");
        let bytes = told(parse_json::<CreateKey>(b"{\"platform\":\"\xff\"}").map(|_| ()));
        assert!(bytes.contains("MalformedJson"), "{bytes}");
        let trailing = told(read("{\"platform\":\"x\",\"name\":\"n\",\"environment\":\"test\"} x"));
        assert!(trailing.contains("MalformedJson"), "{trailing}");
    }

    #[test]
    fn no_fault_quotes_what_was_sent() {
        let read = |text: &str| parse_json::<CreateSession>(text.as_bytes()).map(|_| ());
        for body in [
            "\"{\\\"email\\\": \\\"a@b.example\\\", \\\"password\\\": \\\"sesame, expected 7\\\"}\"",
            "{\"email\": \"a@b.example\", \"password\": 77777777777777777777}",
            "{\"email\": [\"sesame\"], \"password\": \"sesame\"}",
            "{\"email\": \"a@b.example\", \"password\": {\"sesame\": 77777777}}",
        ] {
            let fault = told(read(body));
            assert!(!fault.contains("sesame") && !fault.contains("77777777"), "{fault}");
        }
    }

    #[test]
    fn each_mistake_in_a_query_is_named() {
        let read = |text: &str| parse_query::<KeyQuery>(text).map(|_| ());
        assert!(read("platform=x&environment=live&limit=5").is_ok());
        assert!(told(read("limit=many")).contains("\"?limit\""));
        assert!(told(read("environment=prod")).contains("\"?environment\""));
        assert!(told(read("page=2")).contains("\"?page\""));
        for (query, parameter, detail) in [
            ("limit=many", "\"?limit\"", "must be a whole number"),
            ("descending=maybe", "\"?descending\"", "must be true or false"),
            ("expires_before=tomorrow", "\"?expires_before\"", "must be a time such as"),
            ("expires_before=2026-02-30T00:00:00Z", "\"?expires_before\"", "must be a time"),
            ("limit=1&limit=2", "\"?limit\"", "is given twice"),
        ] {
            let told = told(read(query));
            assert!(told.contains(parameter) && told.contains(detail), "{query}: {told}");
        }
    }

    #[test]
    fn a_tag_is_read_as_the_specification_has_it() {
        for (text, tag) in [
            ("\"3\"", Some(Some("3"))),
            (" \"x\" ", Some(Some("x"))),
            ("\"\"", Some(Some(""))),
            ("W/\"3\"", Some(None)),
            ("3", None),
            ("*", None),
            ("", None),
            ("\"", None),
            ("\"1\", \"2\"", None),
        ] {
            assert_eq!(entity_tag(text), tag, "{text}");
        }
    }
}
