//! A manifest with a mistake is told with its line, its field and the remedy.

use latchkey_platform::manifest::{Manifest, Manifests};

const GOOD: &str = include_str!("../../manifests/clipia.toml");
const WITH_DASHBOARD: &str = include_str!("../../manifests/stagingspaces.toml");
const GENERIC: &str = include_str!("posterworks.toml");

#[test]
fn the_built_in_manifests_are_without_mistake() {
    let manifests = Manifests::built_in().unwrap();
    assert!(manifests.iter().count() > 1);
    for manifest in manifests.iter() {
        let dialect = latchkey_platform::dialects::find(manifest);
        assert!(dialect.is_some(), "{} has no dialect", manifest.slug);
    }
}

#[test]
fn a_mistake_is_told_with_line_field_and_remedy() {
    for (good, bad, told) in [
        ("slug = \"clipia\"", "slug = \"Cl ipia\"", "line 1, field `slug`: must be lower-case"),
        ("slug = \"clipia\"", "slug = \"admin\"", "field `slug`: is taken by the server"),
        ("slug = \"clipia\"", "slug = ", "line 1: "),
        ("monogram = \"CL\"", "monogram = \"C\"", "line 3, field `monogram`"),
        ("base_path = \"/v1\"", "base_path = \"v1/\"", "line 6, field `base_path`"),
        ("monogram = \"CL\"", "monogramm = \"CL\"", "line 3: unknown field `monogramm`"),
        ("name = \"Clipia\"\n", "", "missing field `name`"),
        ("\"clipia_test_\"", "\"clipia_live_\"", "field `key_prefixes[1].prefix`: appears twice"),
        ("environment = \"live\"", "environment = \"prod\"", "unknown variant `prod`"),
        ("scope = \"generate\"", "scope = \"write\"", "`write` is not in `scopes`; add it there"),
        ("requests_per_minute = 120", "requests_per_minute = 0", "must be 1 to 100000"),
        ("limit = \"RateLimit-Limit\"", "limit = \"Rate Limit\"", "field `limits.headers.limit`"),
        ("credits = 36", "credits = 36.5", "credits: a whole number, or a decimal in quotes"),
        ("credits = 36", "credits = \"36.5 USD\"", "`36.5 USD` is no amount of credits"),
        ("10 = 2.0", "11 = 2.0", "says nothing for `10`, which the input field allows"),
        ("default = \"720p\"", "default = \"4K\"", "field `models[1].input[5].default`"),
        ("max_endpoints = 0", "max_endpoints = 1", "field `webhooks.max_endpoints`: must be 0"),
        ("v1={signature}", "v1={hmac}", "`{hmac}` is no placeholder here"),
        ("scope = \"key\"", "scope = \"planet\"", "unknown variant `planet`"),
    ] {
        assert!(GOOD.contains(good), "{good}");
        let error = Manifest::parse("clipia.toml", &GOOD.replacen(good, bad, 1)).unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with("clipia.toml, line "), "{message}");
        assert!(message.contains(told), "{bad}: {message}");
    }
}

#[test]
fn a_mistake_in_a_dashboard_is_told_likewise() {
    for (good, bad, told) in [
        ("token = \"Firebase ID token\"", "token = \" \"", "field `dashboard.token`: must say"),
        ("keys = \"/keys\"", "keys = \"keys\"", "field `dashboard.keys`: must begin"),
        ("usage = \"/usage\"", "usage = \"/usage/\"", "field `dashboard.usage`: must begin"),
        ("auto_topup = ", "top_up = ", "unknown field `top_up`"),
    ] {
        assert!(WITH_DASHBOARD.contains(good), "{good}");
        let text = WITH_DASHBOARD.replacen(good, bad, 1);
        let message = Manifest::parse("s.toml", &text).unwrap_err().to_string();
        assert!(message.starts_with("s.toml, line ") && message.contains(told), "{message}");
    }
}

#[test]
fn a_folder_is_read_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let message = |error: latchkey_platform::manifest::ManifestError| error.to_string();
    assert!(message(Manifests::with_dir(path).unwrap_err()).contains("one *.toml file a platform"));
    std::fs::write(path.join("a.toml"), GENERIC).unwrap();
    let manifests = Manifests::with_dir(path).unwrap();
    assert!(manifests.get("posterworks").is_some() && manifests.get("clipia").is_some());
    std::fs::write(path.join("b.toml"), GENERIC).unwrap();
    let taken = message(Manifests::with_dir(path).unwrap_err());
    assert!(taken.contains("b.toml") && taken.contains("a.toml"), "{taken}");
    let host = GENERIC
        .replace("posterworks\"", "posters\"")
        .replace("api.posterworks.example", "api.clipia.ai");
    std::fs::write(path.join("b.toml"), host).unwrap();
    let taken = message(Manifests::with_dir(path).unwrap_err());
    assert!(taken.contains("host `api.clipia.ai`") && taken.contains("clipia.toml"), "{taken}");
    std::fs::write(path.join("b.toml"), [0xff]).unwrap();
    assert!(message(Manifests::with_dir(path).unwrap_err()).contains("b.toml: cannot be read"));
    let nowhere = message(Manifests::with_dir(&path.join("nowhere")).unwrap_err());
    assert!(nowhere.contains("cannot be read"), "{nowhere}");
}

#[test]
fn a_mistake_in_a_route_is_told_likewise() {
    for (good, bad, told) in [
        ("/posters/{id}\"", "/posters/{id}/\"", "route.path`: must be like `/posters`"),
        (
            "/posters/{id}\"",
            "/posters/all\"",
            "field `operations[1].route.path`: must have `{id}` once",
        ),
        (
            "path = \"/account\"",
            "path = \"/posters/{id}\"",
            "operations[3].route.path`: must not have",
        ),
        ("path = \"/posters/{id}/cancel\"", "path = \"/posters\"", "must have `{id}` once"),
        ("does = \"create\"", "does = \"read\"", "field `operations[0].route.path`"),
        (
            "does = \"create\"",
            "does = \"account\"",
            "must be \"create\" where the operation has a price",
        ),
        ("method = \"POST\"", "method = \"FETCH\"", "unknown variant `FETCH`"),
        ("A3 = 1.5", "A2 = 1.5", "says nothing for `A3`"),
        ("default = \"A4\"", "default = \"A5\"", "is not one of `enum`"),
        (
            "failed = \"poster.failed\"",
            "failed = \"poster.lost\"",
            "`poster.lost` is not in `webhooks.events`",
        ),
        (
            "slug = \"posterworks\"",
            "slug = \"posterworks\"\ndialect = \"klingon\"",
            "there is no dialect `klingon`",
        ),
        ("slug = \"posterworks\"", "slug = \"clipia\"", "is for the generic dialect"),
    ] {
        assert!(GENERIC.contains(good), "{good}");
        let error = Manifest::parse("p.toml", &GENERIC.replacen(good, bad, 1)).unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with("p.toml, line ") && message.contains(told), "{bad}: {message}");
    }
    let served = GENERIC.split("[operations.route]").next().unwrap();
    let rest = GENERIC.split("[webhooks]").nth(1).unwrap();
    let none = format!("{served}\n[webhooks]{rest}");
    let message = Manifest::parse("p.toml", &none).unwrap_err().to_string();
    assert!(message.contains("nothing of the platform is served"), "{message}");
}
