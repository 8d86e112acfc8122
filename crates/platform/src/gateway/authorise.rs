//! Who calls, and whether they may: the first step of the pipeline.

use std::{net::IpAddr, sync::Arc};

use axum::http::{HeaderMap, HeaderName, Method, header::AUTHORIZATION};
use chrono::{DateTime, Utc};
use latchkey_contract::{Environment, keys::KeyKind, platforms::HeaderScheme};

use super::{Refusal, mount::Mounted};
use crate::{
    keys::{KeyState, PlainKey},
    manifest::Operation,
};

/// A way to carry a key, ready for matching.
#[derive(Debug)]
pub struct Scheme {
    header: HeaderName,
    prefix: String,
}

impl Scheme {
    /// `None` for a header's name that is none; manifests are checked for that.
    pub fn of(scheme: &HeaderScheme) -> Option<Self> {
        let header = scheme.header.parse().ok()?;
        Some(Self { header, prefix: scheme.prefix.clone() })
    }

    /// Whether it is the bearer scheme of RFC 6750.
    pub(super) fn is_bearer(&self) -> bool {
        self.header == AUTHORIZATION && self.prefix.trim().eq_ignore_ascii_case("bearer")
    }
}

impl Mounted {
    /// Finds the key a request carries. Its checksum is tested before anything is looked up.
    pub async fn identify(&self, headers: &HeaderMap) -> Result<Arc<KeyState>, Refusal> {
        let text = self.carried_key(headers)?;
        let prefixes = self.manifest.key_prefixes.iter().map(|key| key.prefix.as_str());
        let key = PlainKey::parse(text, prefixes).ok_or(Refusal::MalformedKey)?;
        let found = self.context.keys.find(&key.digest()).await?;
        // Platforms share prefixes: a key of another one is unknown here.
        found.filter(|state| state.row.platform == self.manifest.slug).ok_or(Refusal::UnknownKey)
    }

    /// The one key in the headers.
    fn carried_key<'h>(&self, headers: &'h HeaderMap) -> Result<&'h str, Refusal> {
        let mut carried = None;
        for scheme in &self.schemes {
            for value in headers.get_all(&scheme.header) {
                let value = value.to_str().map_err(|_| Refusal::MalformedKey)?.trim();
                // An empty header carries no key.
                let key = strip_prefix(value, &scheme.prefix).filter(|key| !key.is_empty());
                let Some(key) = key else { continue };
                if carried.replace(key).is_some() {
                    return Err(Refusal::TwoSchemes(self.recommended_scheme()));
                }
            }
        }
        carried.ok_or_else(|| Refusal::NoKey(self.recommended_scheme()))
    }

    /// As a person would write it: `Authorization: Bearer <key>`.
    fn recommended_scheme(&self) -> String {
        let scheme = self.manifest.header_schemes.first();
        scheme.map_or_else(String::new, |s| format!("`{}: {}<key>`", s.header, s.prefix))
    }

    /// Whether the key may do this now, from there.
    pub fn authorise(
        &self,
        key: &KeyState,
        method: &Method,
        operation: &Operation,
        now: DateTime<Utc>,
        address: IpAddr,
    ) -> Result<(), Refusal> {
        check_standing(key, now, address)?;
        check_kind(key, method)?;
        check_permission(key, operation)
    }
}

/// What follows `prefix`, whose case does not matter (RFC 9110, section 11.1).
fn strip_prefix<'v>(value: &'v str, prefix: &str) -> Option<&'v str> {
    let (start, rest) = value.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| rest.trim_start())
}

/// Whether the key may do anything now, from there.
pub(super) fn check_standing(
    key: &KeyState,
    now: DateTime<Utc>,
    address: IpAddr,
) -> Result<(), Refusal> {
    check_life(key, now)?;
    check_account(key)?;
    check_address(key, address)
}

fn check_life(key: &KeyState, now: DateTime<Utc>) -> Result<(), Refusal> {
    if key.row.revoked_at.is_some() {
        return Err(Refusal::Revoked);
    }
    if key.row.ends_at().is_some_and(|end| end <= now) {
        return Err(Refusal::Expired);
    }
    if key.row.paused_at.is_some() {
        return Err(Refusal::Paused);
    }
    Ok(())
}

fn check_account(key: &KeyState) -> Result<(), Refusal> {
    if key.partner_suspended || key.account_suspended {
        return Err(Refusal::Suspended);
    }
    if key.row.environment == Environment::Live && !key.live_enabled {
        return Err(Refusal::LiveDisabled);
    }
    Ok(())
}

fn check_address(key: &KeyState, address: IpAddr) -> Result<(), Refusal> {
    if key.ip_rules.allow(address) && key.account_ip_rules.allow(address) {
        return Ok(());
    }
    Err(Refusal::IpNotAllowed { address })
}

/// Public keys read and do nothing else.
pub(super) fn check_kind(key: &KeyState, method: &Method) -> Result<(), Refusal> {
    match key.row.kind {
        KeyKind::Public if !method.is_safe() => Err(Refusal::PublicKey),
        KeyKind::Public | KeyKind::Secret => Ok(()),
    }
}

fn check_permission(key: &KeyState, operation: &Operation) -> Result<(), Refusal> {
    match &operation.scope {
        Some(scope) if !key.row.scopes.contains(scope) => Err(Refusal::MissingScope(scope.clone())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_matches_in_any_case_and_only_whole() {
        assert_eq!(strip_prefix("bearer  k", "Bearer "), Some("k"));
        assert_eq!(strip_prefix("Bearerk", "Bearer "), None);
        assert_eq!(strip_prefix("Bear", "Bearer "), None);
        assert_eq!(strip_prefix("Bearé r", "Bearer "), None);
        assert_eq!(strip_prefix("k", ""), Some("k"));
    }
}
