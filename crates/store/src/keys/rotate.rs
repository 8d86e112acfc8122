//! Rotation: a new key takes the place of an old one, and for a while both work.

use chrono::{DateTime, SecondsFormat, Utc};
use latchkey_contract::{KeyId, PartnerId, PrefixedId};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, QueryFilter, sea_query::Expr};

use super::{KeyRow, NewKey, is, rows};
use crate::{
    Author, Digest, NewAuditEvent, Store, StoreError, audit,
    columns::micros,
    connection::WriteTransaction,
    endpoints,
    entities::api_keys::{self, Column},
    spend,
};

/// A rotation to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The new key's id.
    pub id: KeyId,
    /// Its last four characters.
    pub last4: String,
    /// SHA-256 of it.
    pub digest: Digest,
    /// Until when the old key works beside it.
    pub grace_ends_at: DateTime<Utc>,
    /// Whether the grace of an earlier rotation is ended for it.
    pub force: bool,
    /// Address of the member who rotates.
    pub by: String,
    /// The same member, for the audit log.
    pub author: Author,
    /// When.
    pub now: DateTime<Utc>,
}

/// How a rotation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotated {
    /// Both keys as they are now, and the one whose grace was ended for it.
    Done {
        /// The key in the old one's place.
        new: Box<KeyRow>,
        /// The key that retires.
        old: Box<KeyRow>,
        /// The key before that.
        ended: Option<Box<KeyRow>>,
    },
    /// The grace of an earlier rotation still runs.
    InProgress,
    /// The key is revoked.
    Revoked,
    /// The key, or its grace, has come to its end.
    Expired,
    /// There is no such key.
    Absent,
}

impl Store {
    /// Makes a key with the settings of one that still works, and lets that one retire.
    ///
    /// While an earlier rotation is under way, whichever of its two keys is named, the newer one is
    /// rotated, and only by force. A replacement that was revoked is none: the old key, which still
    /// works, gets another.
    pub async fn rotate_key(
        &self,
        partner_id: &PartnerId,
        key_id: &KeyId,
        rotation: Rotation,
    ) -> Result<Rotated, StoreError> {
        let now = rotation.now;
        let tx = self.begin_write().await?;
        let Some(named) = read(&tx, partner_id, key_id).await? else { return Ok(Rotated::Absent) };
        let (older, old) = rotation_under_way(&tx, named, now).await?;
        if old.revoked_at.is_some() {
            return Ok(Rotated::Revoked);
        }
        if old.ends_at().is_some_and(|end| end <= now) {
            return Ok(Rotated::Expired);
        }
        if older.is_some() && !rotation.force {
            return Ok(Rotated::InProgress);
        }
        let ended = match older {
            Some(older) => Some(Box::new(end_grace(&tx, &older, &rotation.author, now).await?)),
            None => None,
        };
        let (new, old) = replace(&tx, old, rotation).await?;
        tx.commit().await?;
        Ok(Rotated::Done { new: Box::new(new), old: Box::new(old), ended })
    }

    /// Ends the grace of a rotated key now; one that is over stays as it is. `None` where there is
    /// no such key, or where it was not rotated.
    pub async fn end_grace(
        &self,
        partner_id: &PartnerId,
        key_id: &KeyId,
        author: &Author,
        now: DateTime<Utc>,
    ) -> Result<Option<KeyRow>, StoreError> {
        let tx = self.begin_write().await?;
        let Some(key) = read(&tx, partner_id, key_id).await? else { return Ok(None) };
        let ended = match &key.replaced {
            None => return Ok(None),
            Some(replaced) if replaced.grace_ends_at <= now => key,
            Some(_) => end_grace(&tx, &key, author, now).await?,
        };
        tx.commit().await?;
        Ok(Some(ended))
    }
}

/// The key to rotate, after the older one whose grace still runs beside it.
async fn rotation_under_way(
    tx: &WriteTransaction,
    named: KeyRow,
    now: DateTime<Utc>,
) -> Result<(Option<KeyRow>, KeyRow), StoreError> {
    let works =
        |key: &KeyRow| key.revoked_at.is_none() && key.ends_at().is_none_or(|end| end > now);
    if let Some(replaced) = named.replaced.as_ref().filter(|_| works(&named)) {
        let newer = read(tx, &named.partner_id, &replaced.by).await?;
        return Ok(match newer.filter(|newer| newer.revoked_at.is_none()) {
            Some(newer) => (Some(named), newer),
            None => (None, named),
        });
    }
    let older = match &named.replaces {
        Some(older) => read(tx, &named.partner_id, older).await?,
        None => None,
    };
    let replaced_by_named =
        |older: &KeyRow| older.replaced.as_ref().is_some_and(|replaced| replaced.by == named.id);
    Ok((older.filter(works).filter(replaced_by_named), named))
}

/// Keeps the new key, and notes at the old one what became of it.
async fn replace(
    tx: &WriteTransaction,
    old: KeyRow,
    rotation: Rotation,
) -> Result<(KeyRow, KeyRow), StoreError> {
    let (grace_ends_at, now, author) =
        (rotation.grace_ends_at, rotation.now, rotation.author.clone());
    let older: Vec<KeyId> = old.replaced.iter().map(|replaced| replaced.by.clone()).collect();
    let mut new = rows::active(successor(&old, rotation));
    new.replaces = Set(Some(old.id.to_string()));
    new.spends_with = Set(Some(old.spend_key().to_string()));
    let new: KeyRow = new.insert(&**tx).await?.try_into()?;
    let retire = rows::next_version()
        .col_expr(Column::ReplacedBy, Expr::value(new.id.as_str()))
        .col_expr(Column::RotatedAt, Expr::value(micros(now)))
        .col_expr(Column::GraceEndsAt, Expr::value(micros(grace_ends_at)));
    let old = changed(tx, retire.filter(is(&old.partner_id, &old.id))).await?;
    // Its webhook goes on too, also where it had gone to a replacement that is none any more.
    let older: Vec<_> = std::iter::once(&old.id).chain(&older).collect();
    endpoints::follow_key(tx, &older, &new.id).await?;
    if let Some(pair) = &new.pair_id {
        // The other key of a pair belongs to the new one from now on.
        rows::next_version()
            .col_expr(Column::PairId, Expr::value(new.id.as_str()))
            .filter(is(&new.partner_id, pair))
            .exec(&**tx)
            .await?;
    }
    if new.spend_limits.any() {
        spend::recount(tx, &new, now).await?;
    }
    let created = event(&new, &author, "key.created", now).with("replaces", Some(&old.id));
    audit::append(tx, created).await?;
    let rotated = event(&old, &author, "key.rotated", now).with("replaced_by", Some(&new.id));
    audit::append(tx, rotated.with("grace_ends_at", Some(told(grace_ends_at)))).await?;
    Ok((new, old))
}

/// A key with the settings of another.
fn successor(old: &KeyRow, rotation: Rotation) -> NewKey {
    NewKey {
        id: rotation.id,
        last4: rotation.last4,
        digest: rotation.digest,
        created_by: rotation.by,
        now: rotation.now,
        partner_id: old.partner_id.clone(),
        platform: old.platform.clone(),
        name: old.name.clone(),
        kind: old.kind,
        environment: old.environment,
        prefix: old.prefix.clone(),
        scopes: old.scopes.clone(),
        requests_per_minute: old.requests_per_minute,
        concurrent_limit: old.concurrent_limit,
        spend_limits: old.spend_limits,
        ip_rules: old.ip_rules.clone(),
        expires_at: old.expires_at,
        pair_id: old.pair_id.clone(),
    }
}

async fn end_grace(
    tx: &WriteTransaction,
    key: &KeyRow,
    author: &Author,
    now: DateTime<Utc>,
) -> Result<KeyRow, StoreError> {
    let end = rows::next_version().col_expr(Column::GraceEndsAt, Expr::value(micros(now)));
    let ended = changed(tx, end.filter(is(&key.partner_id, &key.id))).await?;
    let before = key.replaced.as_ref().map(|replaced| told(replaced.grace_ends_at));
    let event = event(key, author, "key.grace_ended", now);
    audit::append(tx, event.changing("grace_ends_at", before, Some(told(now)))).await?;
    Ok(ended)
}

fn event(key: &KeyRow, author: &Author, action: &'static str, now: DateTime<Utc>) -> NewAuditEvent {
    let subject = ("key", key.id.as_str(), key.name.as_str());
    NewAuditEvent::new(&key.partner_id, author, action, subject, now).on_platform(&key.platform)
}

fn told(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

async fn read(
    tx: &WriteTransaction,
    partner_id: &PartnerId,
    key_id: &KeyId,
) -> Result<Option<KeyRow>, StoreError> {
    let found = api_keys::Entity::find().filter(is(partner_id, key_id)).one(&**tx).await?;
    found.map(KeyRow::try_from).transpose()
}

async fn changed(
    tx: &WriteTransaction,
    update: sea_orm::UpdateMany<api_keys::Entity>,
) -> Result<KeyRow, StoreError> {
    let key = update.exec_with_returning(&**tx).await?.into_iter().next();
    key.ok_or_else(|| StoreError::Corrupt("a key that was there a moment ago".to_owned()))?
        .try_into()
}
