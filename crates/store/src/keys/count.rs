//! How many keys there are.

use latchkey_contract::{Environment, PartnerId, PrefixedId, keys::KeyCount};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Store, StoreError,
    columns::{Word, count},
    entities::api_keys::{Column, Entity},
};

impl Store {
    /// How many keys the partner has, by platform and environment.
    pub async fn count_keys(&self, partner_id: &PartnerId) -> Result<Vec<KeyCount>, StoreError> {
        let found: Vec<(String, String, i64, i64)> = Entity::find()
            .select_only()
            .columns([Column::Platform, Column::Environment])
            .column_as(Column::Id.count(), "keys")
            // NULL, which a key has that is not revoked, is not counted.
            .column_as(Column::RevokedAt.count(), "revoked")
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .group_by(Column::Platform)
            .group_by(Column::Environment)
            .order_by_asc(Column::Platform)
            .order_by_asc(Column::Environment)
            .into_tuple()
            .all(self.db())
            .await?;
        let counted = |(platform, environment, keys, revoked): (String, String, i64, i64)| {
            Ok(KeyCount {
                platform,
                environment: Environment::from_word(&environment)?,
                kept: count(keys - revoked)?,
                revoked: count(revoked)?,
            })
        };
        found.into_iter().map(counted).collect()
    }
}
