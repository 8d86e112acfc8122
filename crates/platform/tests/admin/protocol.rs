//! What holds for every call: problems, headers, limits, the description and its page.

use latchkey_contract::Problem;
use reqwest::Method;

use crate::support::TestServer;

/// Status and problem of an answer, which must have the form of one.
async fn problem(answer: reqwest::Response) -> (u16, Problem) {
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let problem: Problem = answer.json().await.unwrap();
    assert_eq!((problem.status, &problem.request_id), (status, &id));
    assert_eq!(problem.kind, format!("https://latchkey.example/problems/{}", problem.code));
    (status, problem)
}

#[tokio::test]
async fn no_session_is_told_with_a_challenge() {
    let server = TestServer::start().await;
    for token in [None, Some("nonsense"), Some("two words")] {
        let mut request = server.request(Method::GET, "/me", None);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = request.send().await.unwrap();
        assert!(answer.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
        let (status, problem) = problem(answer).await;
        assert_eq!((status, problem.code.as_str()), (401, "unauthenticated"));
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_told_apart() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let post = |body: Vec<u8>, kind: &'static str| {
        let request = server.request(Method::POST, "/keys", Some(&partner));
        request.header("content-type", kind).body(body).send()
    };
    let json = "application/json";
    let mut large = b"{\"name\":\"".to_vec();
    large.resize(1024 * 1024 + 1, b'x');
    for (body, kind, status, code, pointer) in [
        (b"{\n \"name\": oops}".to_vec(), json, 400, "malformed_json", ""),
        (b"".to_vec(), json, 400, "malformed_json", ""),
        (b"\xff\xfe".to_vec(), json, 400, "malformed_json", ""),
        (b"[]".to_vec(), json, 422, "invalid_input", ""),
        (
            b"{\"platform\":\"clipia\",\"environment\":\"test\"}".to_vec(),
            json,
            422,
            "invalid_input",
            "/name",
        ),
        (
            b"{\"platform\":7,\"environment\":\"test\",\"name\":\"n\"}".to_vec(),
            json,
            422,
            "invalid_input",
            "/platform",
        ),
        (
            b"{\"platform\":\"clipia\",\"environment\":\"prod\",\"name\":\"n\"}".to_vec(),
            json,
            422,
            "invalid_input",
            "/environment",
        ),
        (
            b"{\"platform\":\"clipia\",\"environment\":\"test\",\"name\":\"n\",\"nmae\":1}"
                .to_vec(),
            json,
            422,
            "invalid_input",
            "/nmae",
        ),
        (
            b"name=n".to_vec(),
            "application/x-www-form-urlencoded",
            415,
            "unsupported_media_type",
            "-",
        ),
        (large, json, 413, "body_too_large", "-"),
    ] {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let (got, problem) = problem(post(body, kind).await.unwrap()).await;
        assert_eq!((got, problem.code.as_str()), (status, code), "{shown}");
        let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        let expected = if pointer == "-" { vec![] } else { vec![pointer] };
        assert_eq!(pointers, expected, "{shown}: {problem:?}");
    }
    let broken = problem(post(b"{\n \"name\": oops}".to_vec(), json).await.unwrap()).await.1;
    assert!(broken.detail.contains("line 2 column 10"), "{}", broken.detail);
}

#[tokio::test]
async fn addresses_and_methods_that_are_none_are_told() {
    let server = TestServer::start().await;
    for path in ["", "/", "/nowhere", "/keys/key_short/extra"] {
        let answer = server.request(Method::GET, path, None).send().await.unwrap();
        let (status, problem) = problem(answer).await;
        assert_eq!((status, problem.code.as_str()), (404, "not_found"), "{path}");
    }
    let answer = server.request(Method::DELETE, "/keys", None).send().await.unwrap();
    let allow = answer.headers()["allow"].to_str().unwrap().to_owned();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    let (status, problem) = problem(answer).await;
    assert_eq!((status, problem.code.as_str()), (405, "method_not_allowed"));
}

#[tokio::test]
async fn a_large_body_that_is_not_wanted_is_answered_all_the_same() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let body = || vec![b'x'; 8 * 1024 * 1024];
    for (session, status) in [(None, 401), (Some(&partner), 413)] {
        let request = server.request(Method::POST, "/keys", session);
        let answer = request.header("content-type", "application/json").body(body()).send().await;
        assert_eq!(answer.unwrap().status(), status);
    }
    let keyed = server.http.post(server.url("/clipia/v1/models/kling-3")).body(body());
    assert_eq!(keyed.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_checked_in_description_is_the_one_that_is_served() {
    let server = TestServer::start().await;
    let served: serde_json::Value = server
        .request(Method::GET, "/openapi.json", None)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let kept: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert!(
        served == kept,
        "docs/openapi.json is stale: cargo run -p latchkey-platform -- openapi > docs/openapi.json"
    );
    assert_eq!(served["info"]["title"], "Latchkey admin API");
    assert!(served["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut named = Vec::new();
    collect_references(&served, &mut named);
    assert!(named.len() > 100, "{named:?}");
    for reference in named {
        let place = reference.strip_prefix('#').unwrap();
        assert!(served.pointer(place).is_some(), "{reference} leads nowhere");
    }
}

fn collect_references<'d>(value: &'d serde_json::Value, found: &mut Vec<&'d str>) {
    match value {
        serde_json::Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(|reference| reference.as_str()));
            fields.values().for_each(|value| collect_references(value, found));
        }
        serde_json::Value::Array(values) => {
            values.iter().for_each(|value| collect_references(value, found));
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_rotation_needs_no_body_and_times_no_guessing() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (key, _) = partner.issue_key("clipia", latchkey_contract::Environment::Test).await;
    let path = format!("/keys/{}/rotate", key.id);
    let answer = server.request(Method::POST, &path, Some(&partner)).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let not_json = server.request(Method::POST, &path, Some(&partner)).body("force");
    assert_eq!(not_json.send().await.unwrap().status(), 415);
    for (path, pointer) in [
        ("/credits/entries?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "?to"),
        ("/audit-events?from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "?to"),
        ("/audit-events?from=yesterday", "?from"),
    ] {
        let answer = server.request(Method::GET, path, Some(&partner)).send().await.unwrap();
        let (status, problem) = problem(answer).await;
        assert_eq!((status, problem.errors[0].pointer.as_str()), (422, pointer), "{path}");
    }
    let unknown = serde_json::json!({"platform": "nowhere", "amount": 1});
    let top_up = server.request(Method::POST, "/credits/top-ups", Some(&partner)).json(&unknown);
    let (status, problem) = problem(top_up.send().await.unwrap()).await;
    assert_eq!((status, problem.errors[0].pointer.as_str()), (422, "/platform"));
}

#[tokio::test]
async fn the_reference_page_loads_nothing_from_outside() {
    let server = TestServer::start().await;
    let page = server.http.get(server.url("/docs")).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("http"), "{policy}");
    let text = page.text().await.unwrap();
    assert!(!text.contains("http://") && !text.contains("https://"), "{text}");
    let script = server.http.get(server.url("/docs/scalar.js")).send().await.unwrap();
    assert_eq!(script.status(), 200);
    assert!(script.bytes().await.unwrap().len() > 1_000_000);
}

#[tokio::test]
async fn the_server_says_that_it_is_well() {
    let server = TestServer::start().await;
    let answer = server.http.get(server.url("/healthz")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("x-request-id"));
}

#[tokio::test]
async fn a_platform_that_is_none_is_told_and_not_an_empty_list() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    for path in [
        "/keys?platform=nowhere",
        "/deliveries?platform=nowhere",
        "/credits/entries?platform=nowhere",
        "/usage?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&interval=hour&platform=nowhere",
    ] {
        let answer = server.request(Method::GET, path, Some(&partner)).send().await.unwrap();
        let (status, problem) = problem(answer).await;
        assert_eq!((status, problem.errors[0].pointer.as_str()), (422, "?platform"), "{path}");
    }
}
