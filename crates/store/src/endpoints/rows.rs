//! Endpoints between their row types and their columns.

use chrono::{DateTime, Utc};
use latchkey_contract::webhooks::DisabledReason;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    EntityTrait, ExprTrait, UpdateMany,
    sea_query::{Expr, Func},
};

use super::{Disabled, EndpointChange, EndpointRow, NewEndpoint, PreviousSecret, SealedSecret};
use crate::{
    StoreError,
    columns::{Word, first_time_kept, id, micros, strings, strings_text, time, time_opt},
    connection::WriteTransaction,
    entities::webhook_endpoints::{self, Column},
};

pub(super) fn next_version() -> UpdateMany<webhook_endpoints::Entity> {
    webhook_endpoints::Entity::update_many()
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
}

pub(super) fn apply(
    change: &EndpointChange,
    now: DateTime<Utc>,
) -> UpdateMany<webhook_endpoints::Entity> {
    let mut update = next_version();
    if let Some(url) = &change.url {
        update = update.col_expr(Column::Url, Expr::value(url.as_str()));
    }
    if let Some(events) = &change.events {
        update = update.col_expr(Column::Events, Expr::value(strings_text(events)));
    }
    match change.enabled {
        Some(true) => update
            .col_expr(Column::DisabledAt, Expr::value(None::<i64>))
            .col_expr(Column::DisabledReason, Expr::value(None::<String>)),
        Some(false) => switched_off(update, DisabledReason::ByMember, now),
        None => update,
    }
}

/// Off for `reason`; one that is off already keeps its first reason and time.
pub(super) fn switched_off(
    update: UpdateMany<webhook_endpoints::Entity>,
    reason: DisabledReason,
    now: DateTime<Utc>,
) -> UpdateMany<webhook_endpoints::Entity> {
    let first_reason =
        Func::coalesce([Expr::col(Column::DisabledReason), Expr::value(reason.word())]);
    update
        .col_expr(Column::DisabledAt, first_time_kept(Column::DisabledAt, Some(now)))
        .col_expr(Column::DisabledReason, first_reason.into())
}

/// Adds an endpoint in somebody's transaction.
pub(crate) async fn insert_endpoint(
    tx: &WriteTransaction,
    new: NewEndpoint,
) -> Result<EndpointRow, StoreError> {
    let endpoint = webhook_endpoints::ActiveModel {
        id: Set(new.id.to_string()),
        partner_id: Set(new.partner_id.to_string()),
        platform: Set(new.platform),
        key_id: Set(new.key_id.map(String::from)),
        url: Set(new.url),
        events: Set(strings_text(&new.events)),
        secret_ciphertext: Set(new.secret.ciphertext),
        secret_nonce: Set(new.secret.nonce),
        secret_last4: Set(new.secret_last4),
        created_at: Set(micros(new.now)),
        version: Set(1),
        ..Default::default()
    };
    endpoint.insert(&**tx).await?.try_into()
}

/// The former secret of a rotation, where it was not wiped yet.
pub(crate) fn previous_secret(
    model: &webhook_endpoints::Model,
) -> Result<Option<PreviousSecret>, StoreError> {
    let sealed = model.previous_ciphertext.clone().zip(model.previous_nonce.clone());
    let secret = sealed.map(|(ciphertext, nonce)| SealedSecret { ciphertext, nonce });
    let until = time_opt(model.previous_until)?;
    Ok(secret.zip(until).map(|(secret, until)| PreviousSecret { secret, until }))
}

impl TryFrom<webhook_endpoints::Model> for EndpointRow {
    type Error = StoreError;

    fn try_from(model: webhook_endpoints::Model) -> Result<Self, StoreError> {
        let previous = previous_secret(&model)?;
        let reason = model.disabled_reason.as_deref().map(DisabledReason::from_word).transpose()?;
        let disabled = time_opt(model.disabled_at)?
            .map(|at| Disabled { reason: reason.unwrap_or(DisabledReason::ByMember), at });
        Ok(Self {
            id: id(model.id)?,
            partner_id: id(model.partner_id)?,
            platform: model.platform,
            key_id: model.key_id.map(id).transpose()?,
            url: model.url,
            events: strings(&model.events)?,
            disabled,
            secret: SealedSecret { ciphertext: model.secret_ciphertext, nonce: model.secret_nonce },
            secret_last4: model.secret_last4,
            previous,
            created_at: time(model.created_at)?,
            version: model.version,
        })
    }
}
