//! Keys between their row types and their columns.

use latchkey_contract::{Amount, Environment, keys::KeyKind};
use sea_orm::{ActiveValue::Set, EntityTrait, ExprTrait, UpdateMany, sea_query::Expr};

use super::{KeyChange, KeyRow, NewKey, Replaced};
use crate::{
    SpendLimits, StoreError,
    columns::{
        Word, count, digest, first_time_kept, id, micros, strings, strings_text, time, time_opt,
    },
    entities::api_keys::{self, Column},
};

pub(super) fn active(new: NewKey) -> api_keys::ActiveModel {
    api_keys::ActiveModel {
        id: Set(new.id.to_string()),
        partner_id: Set(new.partner_id.to_string()),
        platform: Set(new.platform),
        name_folded: Set(new.name.to_lowercase()),
        name: Set(new.name),
        kind: Set(new.kind.word().to_owned()),
        environment: Set(new.environment.word().to_owned()),
        prefix: Set(new.prefix),
        last4: Set(new.last4),
        digest: Set(new.digest.to_vec()),
        scopes: Set(strings_text(&new.scopes)),
        requests_per_minute: Set(new.requests_per_minute.map(i64::from)),
        concurrent_limit: Set(new.concurrent_limit.map(i64::from)),
        daily_limit: Set(new.spend_limits.daily_limit.map(|limit| limit.0)),
        credit_allowance: Set(new.spend_limits.credit_allowance.map(|limit| limit.0)),
        ip_rules: Set(rules_text(&new.ip_rules)),
        expires_at: Set(new.expires_at.map(micros)),
        pair_id: Set(new.pair_id.map(|pair| pair.to_string())),
        created_at: Set(micros(new.now)),
        created_by: Set(new.created_by),
        version: Set(1),
        ..Default::default()
    }
}

pub(super) fn next_version() -> UpdateMany<api_keys::Entity> {
    api_keys::Entity::update_many().col_expr(Column::Version, Expr::col(Column::Version).add(1))
}

pub(super) fn apply(change: KeyChange) -> UpdateMany<api_keys::Entity> {
    let mut update = next_version();
    if let Some(name) = change.name {
        update = update
            .col_expr(Column::NameFolded, Expr::value(name.to_lowercase()))
            .col_expr(Column::Name, Expr::value(name));
    }
    if let Some(scopes) = change.scopes {
        update = update.col_expr(Column::Scopes, Expr::value(strings_text(&scopes)));
    }
    if let Some(limit) = change.requests_per_minute {
        update = update.col_expr(Column::RequestsPerMinute, Expr::value(limit.map(i64::from)));
    }
    if let Some(limit) = change.concurrent_limit {
        update = update.col_expr(Column::ConcurrentLimit, Expr::value(limit.map(i64::from)));
    }
    if let Some(limit) = change.daily_limit {
        update = update.col_expr(Column::DailyLimit, Expr::value(limit.map(|limit| limit.0)));
    }
    if let Some(limit) = change.credit_allowance {
        update = update.col_expr(Column::CreditAllowance, Expr::value(limit.map(|limit| limit.0)));
    }
    if let Some(paused_at) = change.paused_at {
        update = update.col_expr(Column::PausedAt, first_time_kept(Column::PausedAt, paused_at));
    }
    if let Some(expires_at) = change.expires_at {
        update = update.col_expr(Column::ExpiresAt, Expr::value(expires_at.map(micros)));
    }
    if let Some(ip_rules) = change.ip_rules {
        update = update.col_expr(Column::IpRules, Expr::value(rules_text(&ip_rules)));
    }
    update
}

/// Most keys have no rules, and so nothing in that column.
fn rules_text(rules: &[String]) -> Option<String> {
    (!rules.is_empty()).then(|| strings_text(rules))
}

/// The three columns of a rotation are set together.
fn replaced(model: &api_keys::Model) -> Result<Option<Replaced>, StoreError> {
    let (Some(by), Some(at), Some(ends_at)) =
        (&model.replaced_by, model.rotated_at, model.grace_ends_at)
    else {
        return Ok(None);
    };
    Ok(Some(Replaced { by: id(by.clone())?, at: time(at)?, grace_ends_at: time(ends_at)? }))
}

impl TryFrom<api_keys::Model> for KeyRow {
    type Error = StoreError;

    fn try_from(model: api_keys::Model) -> Result<Self, StoreError> {
        Ok(Self {
            replaced: replaced(&model)?,
            id: id(model.id)?,
            partner_id: id(model.partner_id)?,
            platform: model.platform,
            name: model.name,
            kind: KeyKind::from_word(&model.kind)?,
            environment: Environment::from_word(&model.environment)?,
            prefix: model.prefix,
            last4: model.last4,
            digest: digest(&model.digest)?,
            scopes: strings(&model.scopes)?,
            requests_per_minute: model.requests_per_minute.map(count).transpose()?,
            concurrent_limit: model.concurrent_limit.map(count).transpose()?,
            spend_limits: SpendLimits {
                daily_limit: model.daily_limit.map(Amount),
                credit_allowance: model.credit_allowance.map(Amount),
            },
            ip_rules: model.ip_rules.as_deref().map(strings).transpose()?.unwrap_or_default(),
            expires_at: time_opt(model.expires_at)?,
            created_at: time(model.created_at)?,
            created_by: model.created_by,
            first_used_at: time_opt(model.first_used_at)?,
            last_used_at: time_opt(model.last_used_at)?,
            last_used_address: model.last_used_address,
            last_used_agent: model.last_used_agent,
            paused_at: time_opt(model.paused_at)?,
            revoked_at: time_opt(model.revoked_at)?,
            revoked_by: model.revoked_by,
            replaces: model.replaces.map(id).transpose()?,
            spends_with: model.spends_with.map(id).transpose()?,
            pair_id: model.pair_id.map(id).transpose()?,
            version: model.version,
        })
    }
}
