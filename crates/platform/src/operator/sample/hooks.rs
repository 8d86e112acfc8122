//! Webhook endpoints and what was sent to them, at names that are reserved for examples (RFC 2606):
//! nothing there is ever called.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{
    EndpointId, Environment, EventId, KeyId, PrefixedId,
    platforms::WebhookTarget,
    webhooks::{DeliveryState, Header},
};
use latchkey_store::{DeliveryRow, NewAttempt, NewEndpoint, NewSecret, SampleDelivery};
use serde_json::json;

use super::{
    Studio,
    acts::{Act, Step},
    keys::Caller,
    shape::{Levels, Pattern},
};
use crate::{
    manifest::Manifest, operator::CommandError, pictures::Seed, webhooks::secret::SigningSecret,
};

/// Days that deliveries are told of, and how many a mean day has.
const DAYS: i64 = 30;
const A_DAY: f32 = 9.0;
/// The endpoint that was left behind: its receiver went away and it was given up so many days ago.
const BROKE: i64 = 9;
const OFF: i64 = 5;

/// An endpoint of the sample.
struct Endpoint {
    id: EndpointId,
    /// Where events went.
    url: String,
    environment: Environment,
    /// Whether its receiver went away.
    broken: bool,
    steps: Vec<Step>,
}

/// Endpoints and deliveries of one platform.
pub(super) struct Hooks {
    pub(super) steps: Vec<Step>,
    pub(super) deliveries: Vec<SampleDelivery>,
}

/// What a platform's partner is told by webhook.
///
/// # Errors
/// Where a signing secret cannot be sealed, or what the store says.
pub(super) async fn plan(
    studio: &mut Studio<'_>,
    manifest: &Manifest,
    callers: &[Caller],
    levels: &Levels,
) -> Result<Hooks, CommandError> {
    let mut hooks = Hooks { steps: Vec::new(), deliveries: Vec::new() };
    if manifest.webhooks.events.is_empty() {
        return Ok(hooks);
    }
    for endpoint in endpoints(studio, manifest, callers).await? {
        hooks.deliveries.extend(deliveries(studio, manifest, &endpoint, levels));
        hooks.steps.extend(endpoint.steps);
    }
    Ok(hooks)
}

async fn endpoints(
    studio: &mut Studio<'_>,
    manifest: &Manifest,
    callers: &[Caller],
) -> Result<Vec<Endpoint>, CommandError> {
    let slug = &manifest.slug;
    let of =
        |environment| callers.iter().find(|caller: &&Caller| caller.environment == environment);
    let live = of(Environment::Live).or_else(|| callers.first());
    let environment = live.map_or(Environment::Live, |caller| caller.environment);
    if manifest.webhooks.target == WebhookTarget::Request {
        let own = studio.context.store.list_endpoints(&studio.partner, Some(slug)).await?;
        let of_account = own.into_iter().map(|row| Endpoint {
            id: row.id,
            url: format!("https://app.sample-studio.example/callbacks/{slug}"),
            environment,
            broken: false,
            steps: Vec::new(),
        });
        return Ok(of_account.collect());
    }
    let by_key = manifest.webhooks.target == WebhookTarget::Key;
    let key =
        |caller: Option<&Caller>| caller.filter(|_| by_key).map(|caller| caller.key_id.clone());
    let url = format!("https://hooks.sample-studio.example/{slug}");
    let mut all = vec![endpoint(studio, manifest, (url, environment, 359), key(live), false)?];
    let test = of(Environment::Test);
    if manifest.webhooks.max_endpoints > 1 || (by_key && test.is_some()) {
        let url = format!("https://staging.sample-studio.example/hooks/{slug}");
        let environment = test.map_or(environment, |caller| caller.environment);
        all.push(endpoint(studio, manifest, (url, environment, 131), key(test), true)?);
    }
    Ok(all)
}

fn endpoint(
    studio: &mut Studio<'_>,
    manifest: &Manifest,
    (url, environment, made): (String, Environment, i64),
    key_id: Option<KeyId>,
    broken: bool,
) -> Result<Endpoint, CommandError> {
    let (at, rotated) = (studio.around(made), studio.around(38));
    let context = studio.context;
    let id: EndpointId = context.entropy.id(at);
    let seal = || {
        let plain = SigningSecret::draw(&context.entropy);
        let sealed = context.webhooks.seal.seal(&id, &plain, &context.entropy);
        let sealed = sealed.map_err(|error| CommandError::Failed(error.to_string()))?;
        Ok::<_, CommandError>((sealed, plain.last4().to_owned()))
    };
    let (secret, secret_last4) = seal()?;
    let new = NewEndpoint {
        id: id.clone(),
        partner_id: studio.partner.clone(),
        platform: manifest.slug.clone(),
        key_id,
        url: Some(url.clone()),
        events: manifest.webhooks.events.iter().map(|event| event.name.clone()).collect(),
        secret,
        secret_last4,
        now: at,
    };
    let most = manifest.webhooks.max_endpoints;
    let mut steps = vec![Step { at, act: Act::CreateEndpoint { new, most } }];
    if broken {
        let at = studio.noon(OFF);
        steps.push(Step { at, act: Act::DisableEndpoint { id: id.clone() } });
    } else {
        let (secret, last4) = seal()?;
        let secret = NewSecret {
            secret,
            last4,
            overlap_until: None,
            author: studio.author.clone(),
            now: rotated,
        };
        steps.push(Step { at: rotated, act: Act::RotateSecret { id: id.clone(), secret } });
    }
    Ok(Endpoint { id, url, environment, broken, steps })
}

fn deliveries(
    studio: &Studio<'_>,
    manifest: &Manifest,
    endpoint: &Endpoint,
    levels: &Levels,
) -> Vec<SampleDelivery> {
    let year = studio.year;
    let mut dice = Seed::of(&["sample webhooks", &manifest.slug, &endpoint.url]);
    let until = if endpoint.broken { studio.noon(OFF) } else { year.now };
    let mut made = Vec::new();
    let first = levels.index(year.now - TimeDelta::days(DAYS));
    for (index, level) in levels.hours(Pattern::Day).iter().enumerate().skip(first) {
        let hour = levels.start(index);
        let events = A_DAY * level + dice.unit();
        for _ in 0..events as u32 {
            let at = hour + TimeDelta::milliseconds(dice.range(0.0, 3_599_000.0) as i64);
            if at < until - TimeDelta::seconds(2) {
                made.push(delivery(studio, manifest, endpoint, at, &mut dice));
            }
        }
    }
    made
}

fn delivery(
    studio: &Studio<'_>,
    manifest: &Manifest,
    endpoint: &Endpoint,
    at: DateTime<Utc>,
    dice: &mut Seed,
) -> SampleDelivery {
    let event = if dice.chance(0.88) { 0 } else { dice.index(manifest.webhooks.events.len()) };
    let event_type = manifest.webhooks.events.get(event).map_or("", |event| &event.name);
    let entropy = &studio.context.entropy;
    let subject = format!("job_{}", hex::encode(entropy.bytes::<8>()));
    let id = entropy.id(at);
    let attempts = attempts(studio, manifest, endpoint, at, dice);
    let last = attempts.last();
    let succeeded = last.is_some_and(|attempt| attempt.status == Some(200));
    let pause = pauses(studio, manifest).into_iter().nth(attempts.len() - 1);
    // What still waits for an endpoint that is off is held back.
    let next = last.zip(pause).map(|(last, pause)| last.at + pause).filter(|_| !succeeded);
    let state = match (succeeded, next) {
        (true, _) => DeliveryState::Delivered,
        (false, Some(_)) => DeliveryState::Waiting,
        (false, None) => DeliveryState::Failed,
    };
    let event_id: EventId = entropy.id(at);
    let body = json!({
        "id": event_id.as_str(),
        "event": event_type,
        "created_at": at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        "environment": endpoint.environment,
        "data": { "id": subject },
    });
    let delivery = DeliveryRow {
        id,
        partner_id: studio.partner.clone(),
        endpoint_id: endpoint.id.clone(),
        platform: manifest.slug.clone(),
        environment: endpoint.environment,
        event_id,
        event_type: event_type.to_owned(),
        url: endpoint.url.clone(),
        state,
        created_at: at,
        attempts: attempts.len() as u32,
        last_attempt_at: last.map(|last| last.at),
        next_attempt_at: next,
        last_status: last.and_then(|last| last.status),
        last_error: last.and_then(|last| last.error.clone()),
        last_duration_ms: last.map(|last| last.duration_ms),
    };
    SampleDelivery { delivery, subject, body: body.to_string(), attempts }
}

/// The attempts that were made by now, one at least: most deliveries are taken at once, a few after
/// some time, and very few never.
fn attempts(
    studio: &Studio<'_>,
    manifest: &Manifest,
    endpoint: &Endpoint,
    created: DateTime<Utc>,
    dice: &mut Seed,
) -> Vec<NewAttempt> {
    let pauses = pauses(studio, manifest);
    let now = if endpoint.broken { studio.noon(OFF) } else { studio.year.now };
    let after = |failures: usize| created + pauses.iter().take(failures).sum::<TimeDelta>();
    let all = pauses.len() + 1;
    let gone = endpoint.broken && created > studio.noon(BROKE);
    let failures = match gone {
        // As many as there was time for.
        true => (1..=all).rfind(|failures| after(failures - 1) < now).unwrap_or(1),
        false if dice.chance(0.965) => 0,
        // An endpoint that is on has given up what has had its whole schedule.
        false if dice.chance(0.3) && after(all) < now => all,
        false => 1 + dice.index(2),
    };
    let failures = if gone || after(failures) < now { failures } else { 0 };
    let made = (0..failures).map(|before| failed(studio, after(before), dice));
    let mut made: Vec<_> = made.collect();
    if !gone && failures < all {
        made.push(taken(studio, after(failures), dice));
    }
    made
}

/// The pause after each attempt but the last.
fn pauses(studio: &Studio<'_>, manifest: &Manifest) -> Vec<TimeDelta> {
    let of = |pause: Duration| TimeDelta::from_std(pause).unwrap_or_default();
    match manifest.webhooks.retry_seconds.as_deref() {
        Some(own) => own.iter().map(|seconds| of(Duration::from_secs(*seconds))).collect(),
        None => studio.context.webhooks.policy.pauses.iter().map(|pause| of(*pause)).collect(),
    }
}

fn taken(studio: &Studio<'_>, at: DateTime<Utc>, dice: &mut Seed) -> NewAttempt {
    NewAttempt {
        at,
        duration_ms: dice.range(38.0, 340.0) as u32,
        status: Some(200),
        error: None,
        request_headers: sent(studio, at),
        response_headers: vec![header("content-type", "text/plain; charset=utf-8")],
        response_body: Some("ok".to_owned()),
    }
}

fn failed(studio: &Studio<'_>, at: DateTime<Utc>, dice: &mut Seed) -> NewAttempt {
    let (status, error, body, took) = dice.pick([
        (Some(503), None, "Service Unavailable", 90.0),
        (Some(500), None, "Internal Server Error", 260.0),
        (Some(502), None, "Bad Gateway", 1_400.0),
        (None, Some("timed out after 10000 ms"), "", 10_000.0),
        (None, Some("connection refused"), "", 4.0),
    ]);
    NewAttempt {
        at,
        duration_ms: (took * dice.range(1.0, 1.2)) as u32,
        status,
        error: error.map(str::to_owned),
        request_headers: sent(studio, at),
        response_headers: status.map(|_| header("content-type", "text/html")).into_iter().collect(),
        response_body: status.map(|_| body.to_owned()),
    }
}

/// What an attempt carries; the signature is none.
fn sent(studio: &Studio<'_>, at: DateTime<Utc>) -> Vec<Header> {
    let signature = format!("v1,{}", STANDARD.encode(studio.context.entropy.bytes::<32>()));
    vec![
        header("webhook-timestamp", &at.timestamp().to_string()),
        header("webhook-signature", &signature),
        header("content-type", "application/json"),
    ]
}

fn header(name: &str, value: &str) -> Header {
    Header { name: name.to_owned(), value: value.to_owned() }
}
