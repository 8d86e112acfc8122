//! Webhook endpoints: where events go, and how they fared.

use std::fmt;

use chrono::{DateTime, Utc};
use latchkey_contract::{EndpointId, Page, PartnerId, PrefixedId, page::PageQuery};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany, sea_query::Expr,
};

use crate::{
    Store, StoreError, Updated,
    columns::{first_time_kept, id, micros, strings, strings_text, time},
    connection::WriteTransaction,
    deliveries::waiting,
    entities::webhook_endpoints::{self, Column},
    pages::{page, page_limit},
};

/// A signing secret, encrypted with the server's key. Prints as `[sealed]`.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// AES-256-GCM ciphertext with its tag.
    pub ciphertext: Vec<u8>,
    /// Its nonce.
    pub nonce: Vec<u8>,
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

/// Where a partner receives events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointRow {
    /// Its id.
    pub id: EndpointId,
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: String,
    /// Absent where each request names its own URL.
    pub url: Option<String>,
    /// The events it receives.
    pub events: Vec<String>,
    /// Whether anything is sent.
    pub enabled: bool,
    /// The signing secret.
    pub secret: SealedSecret,
    /// The last four characters of the plain secret.
    pub secret_last4: String,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Counts changes.
    pub version: i64,
}

/// An endpoint to be; it is enabled from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEndpoint {
    /// Its id.
    pub id: EndpointId,
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform; the partner has an account there.
    pub platform: String,
    /// Absent where each request names its own URL.
    pub url: Option<String>,
    /// The events it receives.
    pub events: Vec<String>,
    /// The signing secret.
    pub secret: SealedSecret,
    /// The last four characters of the plain secret.
    pub secret_last4: String,
    /// When.
    pub now: DateTime<Utc>,
}

/// What changes about an endpoint; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointChange {
    /// The new URL; waiting deliveries go there too.
    pub url: Option<String>,
    /// The new list of events.
    pub events: Option<Vec<String>>,
    /// On or off. Off: nothing waiting is sent until it is on again, and new events make none.
    pub enabled: Option<bool>,
}

impl Store {
    /// Keeps a new endpoint unless the partner has `max` of them on that platform: `None` then.
    pub async fn create_endpoint(
        &self,
        new: NewEndpoint,
        max: u32,
    ) -> Result<Option<EndpointRow>, StoreError> {
        let tx = self.begin_write().await?;
        let there = webhook_endpoints::Entity::find()
            .filter(of(&new.partner_id))
            .filter(Column::Platform.eq(new.platform.as_str()))
            .count(&*tx)
            .await?;
        if there >= u64::from(max) {
            return Ok(None);
        }
        let endpoint = insert_endpoint(&tx, new).await?;
        tx.commit().await?;
        Ok(Some(endpoint))
    }

    /// The partner's endpoints, the oldest first; of one platform where it is named.
    pub async fn list_endpoints(
        &self,
        partner_id: &PartnerId,
        platform: Option<&str>,
    ) -> Result<Vec<EndpointRow>, StoreError> {
        let found = webhook_endpoints::Entity::find()
            .filter(of(partner_id).add_option(platform.map(|slug| Column::Platform.eq(slug))))
            .order_by_asc(Column::Id)
            .all(self.db())
            .await?;
        found.into_iter().map(EndpointRow::try_from).collect()
    }

    /// A page of the partner's endpoints, the oldest first.
    pub async fn page_endpoints(
        &self,
        partner_id: &PartnerId,
        query: &PageQuery,
    ) -> Result<Page<EndpointRow>, StoreError> {
        let limit = page_limit(query.limit);
        let after: Option<EndpointId> = query
            .cursor
            .as_deref()
            .map(|cursor| cursor.parse().map_err(|_| StoreError::BadCursor))
            .transpose()?;
        let found = webhook_endpoints::Entity::find()
            .filter(of(partner_id).add_option(after.map(|after| Column::Id.gt(after.as_str()))))
            .order_by_asc(Column::Id)
            .limit(limit + 1)
            .all(self.db())
            .await?;
        page(found, limit, |endpoint| endpoint.id.clone(), EndpointRow::try_from)
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

    /// One of the partner's endpoints.
    pub async fn get_endpoint(
        &self,
        partner_id: &PartnerId,
        endpoint_id: &EndpointId,
    ) -> Result<Option<EndpointRow>, StoreError> {
        let found = webhook_endpoints::Entity::find()
            .filter(is(partner_id, endpoint_id))
            .one(self.db())
            .await?;
        found.map(EndpointRow::try_from).transpose()
    }

    /// Changes an endpoint that has still this version.
    pub async fn update_endpoint(
        &self,
        partner_id: &PartnerId,
        endpoint_id: &EndpointId,
        version: i64,
        change: EndpointChange,
        now: DateTime<Utc>,
    ) -> Result<Updated<EndpointRow>, StoreError> {
        let current = Column::Version.eq(version);
        match self.change_endpoint(is(partner_id, endpoint_id).add(current), change, now).await? {
            Some(endpoint) => Ok(Updated::Changed(endpoint)),
            None => Ok(self
                .get_endpoint(partner_id, endpoint_id)
                .await?
                .map_or(Updated::Absent, Updated::Stale)),
        }
    }

    /// Switches an endpoint off whatever its version (it answered 410, or its schedule ran out).
    pub async fn disable_endpoint(
        &self,
        partner_id: &PartnerId,
        endpoint_id: &EndpointId,
        now: DateTime<Utc>,
    ) -> Result<Option<EndpointRow>, StoreError> {
        let off = EndpointChange { enabled: Some(false), ..EndpointChange::default() };
        self.change_endpoint(is(partner_id, endpoint_id), off, now).await
    }

    /// Deletes an endpoint; its deliveries stay readable, waiting ones are given up. `false` where
    /// the partner has no such endpoint.
    pub async fn delete_endpoint(
        &self,
        partner_id: &PartnerId,
        endpoint_id: &EndpointId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let tx = self.begin_write().await?;
        let deleted = next_version()
            .col_expr(Column::DeletedAt, Expr::value(micros(now)))
            .filter(is(partner_id, endpoint_id))
            .exec(&*tx)
            .await?;
        if deleted.rows_affected > 0 {
            waiting::give_up(&tx, endpoint_id).await?;
        }
        tx.commit().await?;
        Ok(deleted.rows_affected > 0)
    }

    /// The partner's enabled endpoints on a platform that receive this event.
    pub async fn endpoints_for_event(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        event_type: &str,
    ) -> Result<Vec<EndpointRow>, StoreError> {
        let mut endpoints = self.list_endpoints(partner_id, Some(platform)).await?;
        endpoints.retain(|endpoint| {
            endpoint.enabled && endpoint.events.iter().any(|event| event == event_type)
        });
        Ok(endpoints)
    }

    async fn change_endpoint(
        &self,
        which: Condition,
        change: EndpointChange,
        now: DateTime<Utc>,
    ) -> Result<Option<EndpointRow>, StoreError> {
        let tx = self.begin_write().await?;
        let changed = apply(&change, now).filter(which).exec_with_returning(&*tx).await?;
        let Some(endpoint) = changed.into_iter().next().map(EndpointRow::try_from).transpose()?
        else {
            return Ok(None);
        };
        if let Some(url) = &change.url {
            waiting::redirect(&tx, &endpoint.id, url).await?;
        }
        match change.enabled {
            Some(true) => waiting::resume(&tx, &endpoint.id).await?,
            Some(false) => waiting::hold_back(&tx, &endpoint.id).await?,
            None => {}
        }
        tx.commit().await?;
        Ok(Some(endpoint))
    }
}

/// The partner's endpoints that are not deleted.
fn of(partner_id: &PartnerId) -> Condition {
    Condition::all().add(Column::PartnerId.eq(partner_id.as_str())).add(Column::DeletedAt.is_null())
}

fn is(partner_id: &PartnerId, endpoint_id: &EndpointId) -> Condition {
    of(partner_id).add(Column::Id.eq(endpoint_id.as_str()))
}

fn next_version() -> UpdateMany<webhook_endpoints::Entity> {
    webhook_endpoints::Entity::update_many()
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
}

fn apply(change: &EndpointChange, now: DateTime<Utc>) -> UpdateMany<webhook_endpoints::Entity> {
    let mut update = next_version();
    if let Some(url) = &change.url {
        update = update.col_expr(Column::Url, Expr::value(url.as_str()));
    }
    if let Some(events) = &change.events {
        update = update.col_expr(Column::Events, Expr::value(strings_text(events)));
    }
    if let Some(enabled) = change.enabled {
        let disabled_at = (!enabled).then_some(now);
        update =
            update.col_expr(Column::DisabledAt, first_time_kept(Column::DisabledAt, disabled_at));
    }
    update
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
        url: Set(new.url),
        events: Set(strings_text(&new.events)),
        secret_ciphertext: Set(new.secret.ciphertext),
        secret_nonce: Set(new.secret.nonce),
        secret_last4: Set(new.secret_last4),
        created_at: Set(micros(new.now)),
        disabled_at: Set(None),
        deleted_at: Set(None),
        version: Set(1),
    };
    endpoint.insert(&**tx).await?.try_into()
}

impl TryFrom<webhook_endpoints::Model> for EndpointRow {
    type Error = StoreError;

    fn try_from(model: webhook_endpoints::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(model.id)?,
            partner_id: id(model.partner_id)?,
            platform: model.platform,
            url: model.url,
            events: strings(&model.events)?,
            enabled: model.disabled_at.is_none(),
            secret: SealedSecret { ciphertext: model.secret_ciphertext, nonce: model.secret_nonce },
            secret_last4: model.secret_last4,
            created_at: time(model.created_at)?,
            version: model.version,
        })
    }
}
