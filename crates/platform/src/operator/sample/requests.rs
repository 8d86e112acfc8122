//! The newest calls one by one, with the reason of each refusal as the platform tells it.

use std::sync::Arc;

use latchkey_contract::{Amount, RequestId, usage::Outcome};
use latchkey_store::NewRequest;

use super::{
    Studio,
    keys::Caller,
    traffic::{Call, Traffic},
};
use crate::{
    dialects::{self, Dialect},
    gateway::Refusal,
    manifest::{Manifest, Operation},
    pictures::Seed,
};

/// Of each platform.
const NEWEST: usize = 100;

/// The log of single calls as the last ones of a platform leave it.
pub(super) fn newest(
    studio: &Studio<'_>,
    manifest: &Arc<Manifest>,
    callers: &[Caller],
    traffic: &Traffic,
) -> Vec<NewRequest> {
    let Some(dialect) = dialects::find(manifest) else { return Vec::new() };
    let mut dice = Seed::of(&["sample requests", &manifest.slug]);
    let newest = traffic.lately.iter().rev().take(NEWEST);
    let rows = newest.filter_map(|call| {
        let caller = callers.get(call.caller)?;
        let operation = manifest.operations.get(call.operation)?;
        Some(row(studio, manifest, &*dialect, (call, caller, operation), &mut dice))
    });
    rows.collect()
}

fn row(
    studio: &Studio<'_>,
    manifest: &Manifest,
    dialect: &dyn Dialect,
    (call, caller, operation): (&Call, &Caller, &Operation),
    dice: &mut Seed,
) -> NewRequest {
    let id: RequestId = studio.context.entropy.id(call.at);
    let (method, path) = address(manifest, operation, dice);
    let refusal = (call.outcome == Outcome::Refused)
        .then(|| refusal(manifest, operation, method == "GET", dice));
    let status = match &refusal {
        Some(refusal) => dialect.refuse(refusal, &id).status().as_u16(),
        None if operation.price.is_some() => 202,
        None => 200,
    };
    let (least, most) = if operation.price.is_some() { (38.0, 420.0) } else { (3.0, 46.0) };
    NewRequest {
        id,
        partner_id: studio.partner.clone(),
        at: call.at,
        platform: manifest.slug.as_str().into(),
        environment: caller.environment,
        key_id: caller.key_id.clone(),
        operation: Arc::clone(&operation.name),
        method,
        path,
        status,
        outcome: if refusal.is_some() { Outcome::Refused } else { Outcome::Accepted },
        reason: refusal.as_ref().map(Refusal::code),
        detail: refusal.as_ref().map(ToString::to_string),
        credits: Amount(if refusal.is_some() { 0 } else { call.price }),
        duration_ms: dice.range(least, most) as u32,
        address: Some(caller.address.to_owned()),
    }
}

/// Where an operation is called: as the manifest says, or as its name has it.
fn address(manifest: &Manifest, operation: &Operation, dice: &mut Seed) -> (String, String) {
    let id = format!("{:06x}{:06x}", dice.index(1 << 24), dice.index(1 << 24));
    let at = |path: &str| format!("/{}{}{path}", manifest.slug, manifest.base_path);
    if let Some(route) = &operation.route {
        let method = format!("{:?}", route.method).to_uppercase();
        return (method, at(&route.path.replace("{id}", &id)));
    }
    let (things, verb) = operation.name.split_once('.').unwrap_or((&operation.name, ""));
    // There is but one account to be read.
    let one = !things.ends_with('s')
        || manifest.key_check.as_ref().is_some_and(|check| check.path == format!("/{things}"));
    let (method, path) = match verb {
        "read" if one => ("GET", at(&format!("/{things}"))),
        "read" | "result" | "status" | "check" => ("GET", at(&format!("/{things}/{id}"))),
        "list" => ("GET", at(&format!("/{things}"))),
        "update" => ("PATCH", at(&format!("/{things}/{id}"))),
        "cancel" | "archive" => ("POST", at(&format!("/{things}/{id}/{verb}"))),
        _ => ("POST", at(&format!("/{things}"))),
    };
    (method.to_owned(), path)
}

/// One of the reasons that calls of this kind are turned away for.
fn refusal(manifest: &Manifest, operation: &Operation, reads: bool, dice: &mut Seed) -> Refusal {
    let mut reasons = vec![Refusal::TooManyRequests {
        limit: manifest.limits.requests_per_minute,
        retry_after: 1 + dice.index(40) as u32,
    }];
    if reads {
        let id = format!("{:06x}", dice.index(1 << 24));
        reasons.push(Refusal::NotFound { what: "thing", id });
    } else {
        let of_models = manifest.models.iter().flat_map(|model| &model.input);
        let of_route = operation.route.iter().flat_map(|route| &route.input);
        let mut fields = of_route.chain(of_models).filter(|field| field.required);
        reasons.push(match fields.next() {
            Some(field) => Refusal::missing(field.name.clone()),
            None => Refusal::MalformedJson("it ends too early".to_owned()),
        });
        if let Some(limit) = manifest.limits.concurrency {
            reasons.push(Refusal::TooManyAtOnce { limit });
        }
        if let Some(keys) = manifest.idempotency.as_ref().filter(|keys| keys.required) {
            reasons.push(Refusal::IdempotencyKeyMissing { header: keys.header.clone() });
        }
    }
    let chosen = dice.index(reasons.len());
    reasons.swap_remove(chosen)
}
