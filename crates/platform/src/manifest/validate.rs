//! What a manifest must be beyond its form.

mod routes;

use std::collections::{BTreeMap, HashSet};

use axum::http::{HeaderName, Method};
use latchkey_contract::{Environment, keys::KeyKind, platforms::WebhookTarget};
use toml::de::{DeTable, DeValue};
use url::{Host, Url};

use super::{Factors, InputField, InputType, Manifest, Model};

/// A field at fault, as a path such as `operations[1].scope`.
#[derive(Debug)]
pub struct Mistake {
    pub field: String,
    pub message: String,
}

type Checked = Result<(), Mistake>;

/// Finds the first mistake.
pub fn check(manifest: &Manifest) -> Checked {
    check_names(manifest)?;
    check_keys(manifest)?;
    check_scopes(manifest)?;
    check_limits(manifest)?;
    check_operations(manifest)?;
    routes::check(manifest)?;
    check_webhooks(manifest)?;
    manifest.models.iter().enumerate().try_for_each(|(at, model)| check_model(at, model))
}

fn require(holds: bool, field: impl Into<String>, message: impl Into<String>) -> Checked {
    if holds { Ok(()) } else { Err(Mistake { field: field.into(), message: message.into() }) }
}

fn check_names(m: &Manifest) -> Checked {
    let slug = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    require(
        !m.slug.is_empty() && m.slug.bytes().all(slug),
        "slug",
        "must be lower-case letters, digits and hyphens: it is part of URLs",
    )?;
    require(
        !["admin", "media", "docs", "health"].contains(&m.slug.as_str()),
        "slug",
        "is taken by the server itself; choose another",
    )?;
    require(!m.name.trim().is_empty(), "name", "must not be empty")?;
    let letters = m.monogram.chars().count() == 2;
    require(letters, "monogram", "must be two characters: it stands in the badge")?;
    require(
        Url::parse(&m.documentation_url).is_ok(),
        "documentation_url",
        "must be an absolute URL",
    )?;
    let path =
        m.base_path.is_empty() || (m.base_path.starts_with('/') && !m.base_path.ends_with('/'));
    require(path, "base_path", "must begin with a slash and end without one, `/v1`")?;
    let host = m.media_host.as_ref().is_none_or(|host| Host::parse(host).is_ok());
    require(host, "media_host", "is no host's name, `media.example.com`")?;
    let variable = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    require(
        !m.key_variable.is_empty() && m.key_variable.bytes().all(variable),
        "key_variable",
        "must be the name of an environment variable in capitals, `EXAMPLE_API_KEY`",
    )?;
    require(m.unit.decimals <= 6, "unit.decimals", "must be at most 6")
}

fn check_keys(m: &Manifest) -> Checked {
    require(!m.header_schemes.is_empty(), "header_schemes", "must name at least one header")?;
    for (at, scheme) in m.header_schemes.iter().enumerate() {
        let field = format!("header_schemes[{at}].header");
        require(is_header(&scheme.header), field, "is no HTTP header's name")?;
    }
    require(!m.key_prefixes.is_empty(), "key_prefixes", "must list at least one prefix")?;
    let mut seen = HashSet::new();
    for (at, key) in m.key_prefixes.iter().enumerate() {
        let field = format!("key_prefixes[{at}].prefix");
        let form = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        require(
            !key.prefix.is_empty() && key.prefix.bytes().all(form),
            &field,
            "must be letters, digits and underscores, `sk_live_`",
        )?;
        require(seen.insert(&key.prefix), &field, "appears twice; a prefix tells what a key is")?;
    }
    check_kinds(m)
}

fn check_kinds(m: &Manifest) -> Checked {
    let has = |environment, kind| m.prefix(environment, kind).is_some();
    let both = |&at: &Environment| has(at, KeyKind::Secret) && has(at, KeyKind::Public);
    let whole = m.environments().iter().all(both);
    require(!m.pairs || whole, "pairs", "needs a secret and a public prefix in each environment")?;
    let public = m.key_prefixes.iter().any(|key| key.kind == KeyKind::Public);
    require(!m.browser_calls || public, "browser_calls", "needs a prefix of public keys")
}

fn check_scopes(m: &Manifest) -> Checked {
    let mut seen = HashSet::new();
    for (at, scope) in m.scopes.iter().enumerate() {
        let field = format!("scopes[{at}].name");
        require(!scope.name.is_empty(), &field, "must not be empty")?;
        require(seen.insert(&scope.name), field, "appears twice")?;
    }
    Ok(())
}

fn check_limits(m: &Manifest) -> Checked {
    let field = "limits.requests_per_minute";
    let range = 1..=100_000;
    require(range.contains(&m.limits.requests_per_minute), field, "must be 1 to 100000")?;
    require(m.limits.concurrency != Some(0), "limits.concurrency", "must be at least 1")?;
    if let Some(headers) = &m.limits.headers {
        for (field, name) in [
            ("limit", Some(&headers.limit)),
            ("remaining", Some(&headers.remaining)),
            ("reset", headers.reset.as_ref()),
        ] {
            let valid = name.is_none_or(|name| is_header(name));
            require(valid, format!("limits.headers.{field}"), "is no HTTP header's name")?;
        }
    }
    if let Some(rules) = &m.idempotency {
        require(is_header(&rules.header), "idempotency.header", "is no HTTP header's name")?;
        require(rules.hours > 0, "idempotency.hours", "must be at least 1")?;
        require(rules.max_length > 0, "idempotency.max_length", "must be at least 1")?;
    }
    Ok(())
}

fn check_operations(m: &Manifest) -> Checked {
    require(!m.operations.is_empty(), "operations", "must list at least one")?;
    let mut seen = HashSet::new();
    for (at, operation) in m.operations.iter().enumerate() {
        let name = format!("operations[{at}].name");
        require(!operation.name.is_empty(), &name, "must not be empty")?;
        require(seen.insert(&operation.name), name, "appears twice; usage counts by it")?;
        if let Some(scope) = &operation.scope {
            let known = m.scopes.iter().any(|known| &known.name == scope);
            let field = format!("operations[{at}].scope");
            require(known, field, format!("`{scope}` is not in `scopes`; add it there"))?;
        }
    }
    let method = Method::from_bytes(m.sample.method.as_bytes()).is_ok();
    require(method, "sample.method", "is no HTTP method")?;
    require(m.sample.path.starts_with('/'), "sample.path", "must begin with a slash")?;
    check_dashboard(m)?;
    let Some(check) = &m.key_check else { return Ok(()) };
    require(check.path.starts_with('/'), "key_check.path", "must begin with a slash")?;
    let pointers = check.facts.iter().map(|fact| &fact.pointer).chain(&check.balance);
    let good = pointers.into_iter().all(|pointer| pointer.starts_with('/'));
    require(good, "key_check", "must hold JSON pointers, `/balance/credits`")
}

fn check_dashboard(m: &Manifest) -> Checked {
    let Some(dashboard) = &m.dashboard else { return Ok(()) };
    let named = !dashboard.token.trim().is_empty();
    require(named, "dashboard.token", "must say what the token is called, `ID token`")?;
    for (field, path) in [
        ("dashboard.keys", &dashboard.keys),
        ("dashboard.usage", &dashboard.usage),
        ("dashboard.auto_topup", &dashboard.auto_topup),
    ] {
        let form = path.starts_with('/') && !path.ends_with('/');
        require(form, field, "must begin with a slash and end without one, `/keys`")?;
    }
    Ok(())
}

fn check_webhooks(m: &Manifest) -> Checked {
    let by_request = m.webhooks.target == WebhookTarget::Request;
    require(
        by_request == (m.webhooks.max_endpoints == 0),
        "webhooks.max_endpoints",
        "must be 0 where `target` is \"request\", and at least 1 elsewhere",
    )?;
    let mut seen = HashSet::new();
    for (at, event) in m.webhooks.events.iter().enumerate() {
        let field = format!("webhooks.events[{at}].name");
        require(!event.name.is_empty(), &field, "must not be empty")?;
        require(seen.insert(&event.name), field, "appears twice")?;
    }
    Ok(())
}

fn check_model(at: usize, model: &Model) -> Checked {
    let path = |field: &str| format!("models[{at}].{field}");
    require(!model.slug.is_empty(), path("slug"), "must not be empty")?;
    for (number, field) in model.input.iter().enumerate() {
        check_input(field, &path(&format!("input[{number}]")))?;
    }
    check_multipliers(&model.pricing.multipliers, &model.input, &path("pricing.multipliers"))
}

/// A factor is there for every value its field may have.
fn check_multipliers(
    multipliers: &BTreeMap<String, Factors>,
    input: &[InputField],
    path: &str,
) -> Checked {
    for (name, factors) in multipliers {
        let here = format!("{path}.{name}");
        let input = input.iter().find(|field| &field.name == name);
        let Some(choices) = input.and_then(|field| field.choices.as_ref()) else {
            return require(false, here, "must be an input field with an `enum`");
        };
        for choice in choices {
            let text = choice.as_str().map_or_else(|| choice.to_string(), str::to_owned);
            require(
                factors.contains_key(&text),
                &here,
                format!("says nothing for `{text}`, which the input field allows"),
            )?;
        }
    }
    Ok(())
}

fn check_input(field: &InputField, path: &str) -> Checked {
    let values = field.choices.iter().flatten().chain(&field.default);
    for value in values {
        let fits = match field.kind {
            InputType::String | InputType::Url => value.is_string(),
            InputType::Integer => value.is_i64(),
            InputType::Number => value.is_number(),
            InputType::Boolean => value.is_boolean(),
            InputType::UrlList => value.is_array(),
        };
        require(fits, path, format!("{value} is not of the field's type"))?;
    }
    let allowed = match (&field.choices, &field.default) {
        (Some(choices), Some(default)) => choices.contains(default),
        _ => true,
    };
    require(allowed, format!("{path}.default"), "is not one of `enum`")
}

fn is_header(name: &str) -> bool {
    HeaderName::try_from(name).is_ok()
}

/// Where a field stands in the text, as a byte offset; the nearest table that exists otherwise.
pub fn locate(text: &str, field: &str) -> usize {
    let Ok(table) = DeTable::parse(text) else { return 0 };
    let root = DeValue::Table(table.get_ref().clone());
    let (mut value, mut start) = (&root, 0);
    for step in field.split(['.', '[', ']']).filter(|step| !step.is_empty()) {
        let inner = match value {
            DeValue::Table(table) => table.get(step),
            DeValue::Array(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        };
        let Some(inner) = inner else { break };
        (value, start) = (inner.get_ref(), inner.span().start);
    }
    start
}
