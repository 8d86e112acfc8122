//! The keys of one platform and what became of them.

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{Environment, KeyId, keys::KeyKind};
use latchkey_store::{KeyChange, NewKey, Rotation, SpendLimits};

use super::{
    Studio,
    acts::{Act, Step},
    shape::Pattern,
};
use crate::{
    keys::{PlainKey, other_of_pair},
    manifest::{Credits, Manifest},
};

/// A program that calls with a key.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) key_id: KeyId,
    pub(super) environment: Environment,
    pub(super) scopes: Vec<String>,
    /// Of the platform's calls.
    pub(super) share: f32,
    pub(super) pattern: Pattern,
    pub(super) from: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
    /// What it calls with, and from where.
    pub(super) agent: &'static str,
    pub(super) address: &'static str,
}

/// The keys of one platform.
pub(super) struct Keys {
    pub(super) steps: Vec<Step>,
    pub(super) callers: Vec<Caller>,
}

/// What a key is for, and how it fares.
struct Role {
    name: &'static str,
    environment: Environment,
    share: f32,
    pattern: Pattern,
    /// Made so many days ago.
    made: i64,
    life: Life,
    agent: &'static str,
    address: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Plain,
    /// The platform's usual limit became too little.
    Raised,
    /// May not call that often.
    Limited,
    /// May do one thing alone, and is paused.
    Paused,
    /// Another key is taking its place.
    Rotating,
    Revoked,
    /// Works from some addresses and for some days more.
    Ending,
}

use Environment::{Live, Test};
use Pattern::{Day, Night, Office};

const ROLES: [Role; 8] = [
    role("Production", Live, 0.56, Day, 364, Life::Raised, "node-fetch/3.3", "203.0.113.10"),
    role("Website", Live, 0.2, Day, 318, Life::Rotating, "axios/1.12", "203.0.113.24"),
    role(
        "Nightly batch",
        Live,
        0.1,
        Night,
        264,
        Life::Limited,
        "python-httpx/0.28",
        "203.0.113.77",
    ),
    role("Reports", Live, 0.04, Office, 207, Life::Paused, "python-requests/2.32", "198.51.100.8"),
    role("Prototype", Live, 0.06, Office, 362, Life::Revoked, "curl/8.11", "198.51.100.23"),
    role("Contractor", Live, 0.04, Office, 54, Life::Ending, "Go-http-client/2.0", "192.0.2.40"),
    role("Local development", Test, 0.05, Office, 363, Life::Plain, "curl/8.11", "198.51.100.23"),
    role("Continuous integration", Test, 0.08, Day, 331, Life::Plain, "reqwest/0.12", "192.0.2.91"),
];

#[expect(clippy::too_many_arguments, reason = "a row of the table above")]
const fn role(
    name: &'static str,
    environment: Environment,
    share: f32,
    pattern: Pattern,
    made: i64,
    life: Life,
    agent: &'static str,
    address: &'static str,
) -> Role {
    Role { name, environment, share, pattern, made, life, agent, address }
}

/// The keys that a platform has, by its manifest.
pub(super) fn plan(studio: &mut Studio<'_>, manifest: &Manifest) -> Keys {
    let mut keys = Keys { steps: Vec::new(), callers: Vec::new() };
    for role in &ROLES {
        let Some(prefix) = manifest.prefix(role.environment, KeyKind::Secret) else { continue };
        let made = studio.around(role.made);
        let mut new = new_key(studio, manifest, role, prefix, made);
        shape(&mut new, role, manifest, studio.year.now);
        // Of this one, too, the digest alone is kept.
        let pair = other_of_pair(studio.context, &mut new).map(|(_, pair)| Box::new(pair));
        let caller = Caller {
            key_id: new.id.clone(),
            environment: role.environment,
            scopes: new.scopes.clone(),
            share: role.share,
            pattern: role.pattern,
            from: made + TimeDelta::minutes(20),
            until: studio.year.now,
            agent: role.agent,
            address: role.address,
        };
        let grant = manifest.first_key_grant.map(Credits::amount);
        let key = new.clone();
        let create = Act::CreateKey { new: Box::new(new), pair, first_grant: grant };
        keys.steps.push(Step { at: made, act: create });
        live(studio, manifest, role, &key, caller, &mut keys);
    }
    keys
}

/// What happens to a key after it was made.
fn live(
    studio: &mut Studio<'_>,
    manifest: &Manifest,
    role: &Role,
    key: &NewKey,
    mut caller: Caller,
    keys: &mut Keys,
) {
    let id = || key.id.clone();
    let rate = manifest.limits.requests_per_minute;
    match role.life {
        Life::Plain | Life::Ending => {}
        Life::Raised => {
            let change =
                KeyChange { requests_per_minute: Some(Some(rate * 2)), ..KeyChange::default() };
            let at = studio.around(131);
            keys.steps.push(Step { at, act: Act::ChangeKey { id: id(), change } });
        }
        Life::Limited => {
            let change = KeyChange {
                requests_per_minute: Some(Some((rate / 2).max(1))),
                concurrent_limit: Some(manifest.limits.concurrency.map(|most| (most / 2).max(1))),
                ..KeyChange::default()
            };
            let at = studio.around(20);
            keys.steps.push(Step { at, act: Act::ChangeKey { id: id(), change } });
        }
        Life::Paused => {
            caller.until = studio.around(3);
            let change = KeyChange { paused_at: Some(Some(caller.until)), ..KeyChange::default() };
            keys.steps.push(Step { at: caller.until, act: Act::ChangeKey { id: id(), change } });
        }
        Life::Revoked => {
            caller.until = studio.around(233);
            keys.steps.push(Step { at: caller.until, act: Act::RevokeKey { id: id() } });
        }
        Life::Rotating => rotate(studio, key, &mut caller, keys),
    }
    keys.callers.push(caller);
}

/// Most calls come with the new key already, some with the old one still.
fn rotate(studio: &mut Studio<'_>, key: &NewKey, caller: &mut Caller, keys: &mut Keys) {
    let at = studio.year.now - TimeDelta::hours(9);
    let plain = PlainKey::issue(&key.prefix, &studio.context.entropy);
    let rotation = Rotation {
        id: studio.context.entropy.id(at),
        last4: plain.last4().to_owned(),
        digest: plain.digest().0,
        grace_ends_at: at + TimeDelta::hours(24),
        force: false,
        by: studio.author.actor.name.clone(),
        author: studio.author.clone(),
        now: at,
    };
    let mut new = Caller { key_id: rotation.id.clone(), from: at, ..caller.clone() };
    new.share = caller.share * 0.85;
    keys.callers.push(new);
    keys.callers.push(Caller { from: at, share: caller.share * 0.15, ..caller.clone() });
    caller.until = at;
    keys.steps.push(Step { at, act: Act::RotateKey { id: key.id.clone(), rotation } });
}

/// What is set when a key is made.
fn shape(new: &mut NewKey, role: &Role, manifest: &Manifest, now: DateTime<Utc>) {
    match role.life {
        Life::Paused => {
            let last = manifest.scopes.last().filter(|_| manifest.scopes.len() > 1);
            new.scopes.retain(|scope| last.is_none_or(|last| last.name == *scope));
        }
        Life::Ending => {
            new.expires_at = Some(now + TimeDelta::hours(6 * 24 + 5));
            new.ip_rules = vec!["192.0.2.0/24".to_owned(), "2001:db8:40::/48".to_owned()];
        }
        _ => {}
    }
}

fn new_key(
    studio: &Studio<'_>,
    manifest: &Manifest,
    role: &Role,
    prefix: &str,
    made: DateTime<Utc>,
) -> NewKey {
    // The key itself is gone at the end of this function: only its digest is kept.
    let plain = PlainKey::issue(prefix, &studio.context.entropy);
    NewKey {
        id: studio.context.entropy.id(made),
        partner_id: studio.partner.clone(),
        platform: manifest.slug.clone(),
        name: role.name.to_owned(),
        kind: KeyKind::Secret,
        environment: role.environment,
        prefix: prefix.to_owned(),
        last4: plain.last4().to_owned(),
        digest: plain.digest().0,
        scopes: manifest.default_scopes(),
        requests_per_minute: None,
        concurrent_limit: None,
        spend_limits: SpendLimits::default(),
        ip_rules: Vec::new(),
        expires_at: None,
        pair_id: None,
        created_by: studio.author.actor.name.clone(),
        now: made,
    }
}
