//! Pages of any origin may read with public keys; nothing else is open to them.

use reqwest::Method;

use super::{
    super::house::{Answer, House, TEST, send},
    PLATFORM, get, request,
};

const ORIGIN: &str = "https://shop.example.com";

fn is_open(answer: &Answer) -> bool {
    answer.headers.keys().any(|name| name.as_str().starts_with("access-control-"))
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_public_keys_are_open_and_no_others() {
    let house = House::with(0, 0).await;
    let (secret, public) =
        (house.key(PLATFORM, TEST).await, house.public_key(PLATFORM, TEST).await);
    for path in ["/plans", "/plans?limit=0", "/plans/x", "/nowhere"] {
        let answer = get(&house, &public, path).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{answer:?}");
        assert!(answer.header("access-control-allow-credentials").is_none());
        assert!(!is_open(&get(&house, &secret, path).await), "{path}");
    }
    assert!(!is_open(&send(request(&house, Method::GET, "/plans")).await));
    let unknown = request(&house, Method::GET, "/plans").bearer_auth("pk_test_x");
    assert!(!is_open(&send(unknown).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_may_ask_to_read_with_a_key_and_for_nothing_more() {
    let house = House::with(0, 0).await;
    let ask = async |path: &str, method: &str| {
        let preflight = house.request(Method::OPTIONS, path).header("Origin", ORIGIN);
        let preflight = preflight.header("Access-Control-Request-Method", method);
        send(preflight.header("Access-Control-Request-Headers", "authorization")).await
    };
    let base = "/prolifi/api/v1/public";
    for path in ["/plans", "/plans/x", "/customers", "/customers/x", "/customers/x/usage"] {
        let answer = ask(&format!("{base}{path}"), "GET").await;
        assert_eq!(answer.status, 204, "{path}: {answer:?}");
        for (header, value) in [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "GET"),
            ("access-control-allow-headers", "Authorization"),
        ] {
            assert_eq!(answer.header(header), Some(value), "{path}");
        }
        let mut allowed = answer.headers.get_all("access-control-allow-headers").iter();
        assert!(allowed.any(|name| name == "content-type"), "{answer:?}");
    }
    for (path, method) in [
        (format!("{base}/customers"), "POST"),
        (format!("{base}/customers/x"), "PATCH"),
        (format!("{base}/customers/x"), "DELETE"),
        (format!("{base}/events"), "POST"),
        (format!("{base}/events"), "GET"),
        (format!("{base}/entitlements/check"), "POST"),
        (format!("{base}/entitlements/check"), "GET"),
        (format!("{base}/nowhere"), "GET"),
        ("/clipia/v1/models".to_owned(), "GET"),
        ("/deepcreative/v1/account".to_owned(), "GET"),
        ("/proclubs/v1/images/img_1".to_owned(), "GET"),
        ("/admin/v1/platforms".to_owned(), "GET"),
        ("/admin/v1/sessions".to_owned(), "POST"),
        ("/healthz".to_owned(), "GET"),
    ] {
        let answer = ask(&path, method).await;
        assert!(!is_open(&answer) && answer.status >= 400, "{method} {path}: {answer:?}");
    }
    let no_page = request(&house, Method::OPTIONS, "/plans");
    assert!(!is_open(&send(no_page).await), "what is no preflight is none");
}
