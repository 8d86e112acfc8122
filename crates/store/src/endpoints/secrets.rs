//! Signing secrets: their rotation, and what of them is kept.

use chrono::{DateTime, Utc};
use latchkey_contract::{EndpointId, PartnerId, PrefixedId};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany, sea_query::Expr,
};

use super::{EndpointRow, SealedSecret, is, rows::next_version};
use crate::{
    Author, NewAuditEvent, Store, StoreError, audit,
    columns::micros,
    entities::webhook_endpoints::{self, Column},
};

/// A secret that takes another's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSecret {
    /// The new signing secret.
    pub secret: SealedSecret,
    /// The last four characters of the plain one.
    pub last4: String,
    /// Until when the former one signs as well; `None` drops it at once.
    pub overlap_until: Option<DateTime<Utc>>,
    /// Who asks for it.
    pub author: Author,
    /// When.
    pub now: DateTime<Utc>,
}

impl Store {
    /// Gives an endpoint another signing secret. The former one stays beside it for the overlap;
    /// one that was former already is dropped.
    pub async fn rotate_endpoint_secret(
        &self,
        partner_id: &PartnerId,
        endpoint_id: &EndpointId,
        new: NewSecret,
    ) -> Result<Option<EndpointRow>, StoreError> {
        let former = if new.overlap_until.is_some() {
            keep_former(next_version())
        } else {
            drop_former(next_version())
        };
        let tx = self.begin_write().await?;
        let rotated = former
            .col_expr(Column::PreviousUntil, Expr::value(new.overlap_until.map(micros)))
            .col_expr(Column::SecretCiphertext, Expr::value(new.secret.ciphertext))
            .col_expr(Column::SecretNonce, Expr::value(new.secret.nonce))
            .col_expr(Column::SecretLast4, Expr::value(new.last4))
            .filter(is(partner_id, endpoint_id))
            .exec_with_returning(&*tx)
            .await?;
        let Some(row) = rotated.into_iter().next().map(EndpointRow::try_from).transpose()? else {
            return Ok(None);
        };
        let name = row.url.as_deref().unwrap_or_default();
        let subject = ("endpoint", endpoint_id.as_str(), name);
        let action = "endpoint.secret_rotated";
        let event = NewAuditEvent::new(partner_id, &new.author, action, subject, new.now)
            .on_platform(&row.platform)
            .with("previous_secret_until", new.overlap_until.map(|until| until.to_rfc3339()));
        audit::append(&tx, event).await?;
        tx.commit().await?;
        Ok(Some(row))
    }

    /// Over all partners: wipes former secrets whose overlap is over. Answers how many.
    pub(crate) async fn prune_former_secrets(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let over = Column::PreviousUntil.lte(micros(now));
        let tx = self.begin_write().await?;
        let wiped = drop_former(webhook_endpoints::Entity::update_many())
            .col_expr(Column::PreviousUntil, Expr::value(None::<i64>))
            .filter(over)
            .exec(&*tx)
            .await?;
        tx.commit().await?;
        Ok(wiped.rows_affected)
    }

    /// The operator's own: some signing secrets of all partners, the newest first, to see whether
    /// a server key opens them.
    pub async fn list_sealed_secrets(
        &self,
        limit: u16,
    ) -> Result<Vec<(EndpointId, SealedSecret)>, StoreError> {
        let found = webhook_endpoints::Entity::find()
            .filter(Column::DeletedAt.is_null())
            .order_by_desc(Column::Id)
            .limit(u64::from(limit))
            .all(self.db())
            .await?;
        let rows = found.into_iter().map(EndpointRow::try_from);
        rows.map(|row| row.map(|row| (row.id, row.secret))).collect()
    }
}

type Update = UpdateMany<webhook_endpoints::Entity>;

fn keep_former(update: Update) -> Update {
    // The right-hand sides are the values before the update, in every engine.
    update
        .col_expr(Column::PreviousCiphertext, Expr::col(Column::SecretCiphertext))
        .col_expr(Column::PreviousNonce, Expr::col(Column::SecretNonce))
}

fn drop_former(update: Update) -> Update {
    update
        .col_expr(Column::PreviousCiphertext, Expr::value(None::<Vec<u8>>))
        .col_expr(Column::PreviousNonce, Expr::value(None::<Vec<u8>>))
}
