//! Webhook endpoints: where events go, and how they fared.

mod records;
mod rows;
mod secrets;

use std::fmt;

use chrono::{DateTime, Utc};
use latchkey_contract::{
    EndpointId, KeyId, Page, PartnerId, PrefixedId, page::PageQuery, webhooks::DisabledReason,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, sea_query::Expr,
};

pub(crate) use rows::{insert_endpoint, previous_secret};
pub use secrets::NewSecret;

use crate::{
    KeyRow, Store, StoreError, Updated, audit,
    columns::{Word, micros},
    connection::WriteTransaction,
    deliveries::waiting,
    entities::{
        api_keys,
        webhook_endpoints::{self, Column},
    },
    pages::{last_id, page, page_limit},
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

/// The secret before the last rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousSecret {
    /// The secret.
    pub secret: SealedSecret,
    /// Until when it signs beside the new one.
    pub until: DateTime<Utc>,
}

/// Why and since when nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disabled {
    /// Why.
    pub reason: DisabledReason,
    /// Since when.
    pub at: DateTime<Utc>,
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
    /// Whose events it receives, where it is one key's.
    pub key_id: Option<KeyId>,
    /// Absent where each request names its own URL.
    pub url: Option<String>,
    /// The events it receives.
    pub events: Vec<String>,
    /// Set while nothing is sent.
    pub disabled: Option<Disabled>,
    /// The signing secret.
    pub secret: SealedSecret,
    /// The last four characters of the plain secret.
    pub secret_last4: String,
    /// The secret before, until it is wiped after its overlap.
    pub previous: Option<PreviousSecret>,
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
    /// Whose events it receives, where it is one key's.
    pub key_id: Option<KeyId>,
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

impl EndpointRow {
    /// Whether anything is sent.
    #[must_use]
    pub const fn enabled(&self) -> bool {
        self.disabled.is_none()
    }
}

impl Store {
    /// Keeps a new endpoint unless the partner has `max` of them on that platform, or for that key:
    /// `None` then.
    pub async fn create_endpoint(
        &self,
        new: NewEndpoint,
        max: u32,
    ) -> Result<Option<EndpointRow>, StoreError> {
        let tx = self.begin_write().await?;
        let of_key = new.key_id.as_ref().map(|key| Column::KeyId.eq(key.as_str()));
        let there = webhook_endpoints::Entity::find()
            .filter(of(&new.partner_id))
            .filter(Column::Platform.eq(new.platform.as_str()))
            .filter(Condition::all().add_option(of_key))
            .count(&*tx)
            .await?;
        if there >= u64::from(max) {
            return Ok(None);
        }
        let now = new.now;
        let endpoint = insert_endpoint(&tx, new).await?;
        let event = self.endpoint_event(&endpoint, "endpoint.created", now);
        let event = event.with("events", Some(endpoint.events.join(", ")));
        audit::append(&tx, event).await?;
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
        let after = last_id::<EndpointId>(query.cursor.as_deref())?;
        let found = webhook_endpoints::Entity::find()
            .filter(of(partner_id).add_option(after.map(|after| Column::Id.gt(after.as_str()))))
            .order_by_asc(Column::Id)
            .limit(limit + 1)
            .all(self.db())
            .await?;
        page(found, limit, |endpoint| endpoint.id.clone(), EndpointRow::try_from)
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

    /// Switches an endpoint off that is on, whatever its version; `None` where there is none.
    pub async fn disable_endpoint(
        &self,
        partner_id: &PartnerId,
        endpoint_id: &EndpointId,
        reason: DisabledReason,
        now: DateTime<Utc>,
    ) -> Result<Option<EndpointRow>, StoreError> {
        let tx = self.begin_write().await?;
        let on = is(partner_id, endpoint_id).add(Column::DisabledAt.is_null());
        let off = rows::switched_off(rows::next_version(), reason, now)
            .filter(on)
            .exec_with_returning(&*tx)
            .await?;
        let Some(endpoint) = off.into_iter().next().map(EndpointRow::try_from).transpose()? else {
            return Ok(None);
        };
        waiting::hold_back(&tx, endpoint_id).await?;
        let event = self.endpoint_event(&endpoint, "endpoint.disabled", now);
        audit::append(&tx, event.with("reason", Some(reason.word()))).await?;
        tx.commit().await?;
        Ok(Some(endpoint))
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
        let deleted = rows::next_version()
            .col_expr(Column::DeletedAt, Expr::value(micros(now)))
            .filter(is(partner_id, endpoint_id))
            .exec_with_returning(&*tx)
            .await?;
        let Some(endpoint) = deleted.into_iter().next() else {
            return Ok(false);
        };
        waiting::give_up(&tx, endpoint_id).await?;
        let event = self.endpoint_event(&endpoint.try_into()?, "endpoint.deleted", now);
        audit::append(&tx, event).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The partner's enabled endpoints on a platform that receive this event. Where a key caused it,
    /// not those of other keys, but that of the key in its place. An endpoint receives nothing new
    /// once its key is revoked, and the one that caused it too.
    pub async fn endpoints_for_event(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        event_type: &str,
        key_id: Option<&KeyId>,
    ) -> Result<Vec<EndpointRow>, StoreError> {
        let mut wanted = of(partner_id).add(Column::Platform.eq(platform));
        let caused_by = match key_id {
            Some(key) => self.get_key(partner_id, key).await?,
            None => None,
        };
        if caused_by.as_ref().is_none_or(|key| key.revoked_at.is_some()) {
            wanted = wanted.add(Expr::exists(revoked_key()).not());
        }
        if let Some(key) = key_id {
            let keys = self.with_successors(key, caused_by).await?;
            let theirs = Column::KeyId.is_in(keys.iter().map(PrefixedId::as_str));
            wanted = wanted.add(Column::KeyId.is_null().or(theirs));
        }
        let found = webhook_endpoints::Entity::find()
            .filter(wanted)
            .filter(Column::DisabledAt.is_null())
            .order_by_asc(Column::Id)
            .all(self.db())
            .await?;
        let endpoints: Result<Vec<EndpointRow>, _> =
            found.into_iter().map(EndpointRow::try_from).collect();
        let mut endpoints = endpoints?;
        endpoints.retain(|endpoint| endpoint.events.iter().any(|event| event == event_type));
        Ok(endpoints)
    }

    /// A key and those that took its place by rotation.
    async fn with_successors(
        &self,
        key_id: &KeyId,
        mut key: Option<KeyRow>,
    ) -> Result<Vec<KeyId>, StoreError> {
        let mut keys = vec![key_id.clone()];
        while let Some(KeyRow { partner_id, replaced: Some(replaced), .. }) = key {
            key = self.get_key(&partner_id, &replaced.by).await?;
            keys.push(replaced.by);
        }
        Ok(keys)
    }

    async fn change_endpoint(
        &self,
        which: Condition,
        change: EndpointChange,
        now: DateTime<Utc>,
    ) -> Result<Option<EndpointRow>, StoreError> {
        let tx = self.begin_write().await?;
        let before = webhook_endpoints::Entity::find().filter(which.clone()).one(&*tx).await?;
        let changed = rows::apply(&change, now).filter(which).exec_with_returning(&*tx).await?;
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
        if let Some(before) = before {
            let event = self.endpoint_changed(&before.try_into()?, &endpoint, now);
            audit::append(&tx, event).await?;
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

/// The key of an endpoint, where it is revoked.
fn revoked_key() -> sea_orm::sea_query::SelectStatement {
    let key = Expr::col((api_keys::Entity, api_keys::Column::Id));
    api_keys::Entity::find()
        .select_only()
        .column(api_keys::Column::Id)
        .filter(key.equals((webhook_endpoints::Entity, Column::KeyId)))
        .filter(api_keys::Column::RevokedAt.is_not_null())
        .into_query()
}

/// A key was rotated: the endpoint goes on with the key in its place. `older` are the keys that it
/// may be at.
pub(crate) async fn follow_key(
    tx: &WriteTransaction,
    older: &[&KeyId],
    new: &KeyId,
) -> Result<(), StoreError> {
    rows::next_version()
        .col_expr(Column::KeyId, Expr::value(new.as_str()))
        .filter(Column::KeyId.is_in(older.iter().map(|key| key.as_str())))
        .filter(Column::DeletedAt.is_null())
        .exec(&**tx)
        .await?;
    Ok(())
}
