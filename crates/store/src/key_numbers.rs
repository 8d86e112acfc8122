//! Whole numbers for keys, on platforms that know keys by such: 1, 2, 3… for each account, in the
//! order the keys were made. A key keeps its number for good.

use latchkey_contract::{KeyId, PartnerId, PrefixedId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};

use crate::{
    KeyRow, Store, StoreError,
    columns::id,
    entities::{api_keys, key_numbers},
};

/// Numbers the keys that have none yet.
const NUMBER: &str = "INSERT INTO key_numbers (partner_id, platform, number, key_id) \
    SELECT k.partner_id, k.platform, \
        (SELECT COALESCE(MAX(n.number), 0) FROM key_numbers n WHERE n.partner_id = $1 AND n.platform = $2) \
            + ROW_NUMBER() OVER (ORDER BY k.created_at, k.id), \
        k.id \
    FROM api_keys k WHERE k.partner_id = $1 AND k.platform = $2 \
        AND NOT EXISTS (SELECT 1 FROM key_numbers n WHERE n.key_id = k.id)";

impl Store {
    /// The partner's keys on a platform with their numbers, revoked ones too, the newest first.
    /// Keys that have no number yet get theirs.
    pub async fn list_numbered_keys(
        &self,
        partner_id: &PartnerId,
        platform: &str,
    ) -> Result<Vec<(i64, KeyRow)>, StoreError> {
        self.number_keys(partner_id, platform).await?;
        let found = key_numbers::Entity::find()
            .filter(of(partner_id, platform))
            .order_by_desc(key_numbers::Column::Number)
            .all(self.db())
            .await?;
        let keys = api_keys::Entity::find()
            .filter(api_keys::Column::PartnerId.eq(partner_id.as_str()))
            .filter(api_keys::Column::Platform.eq(platform))
            .all(self.db())
            .await?;
        let mut keys: std::collections::HashMap<_, _> =
            keys.into_iter().map(|key| (key.id.clone(), key)).collect();
        let numbered = found.into_iter().filter_map(|found| {
            let key = keys.remove(&found.key_id)?;
            Some(KeyRow::try_from(key).map(|key| (found.number, key)))
        });
        numbered.collect()
    }

    /// The number of one of the partner's keys, which gets one where it has none yet.
    pub async fn number_key(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        key_id: &KeyId,
    ) -> Result<i64, StoreError> {
        self.number_keys(partner_id, platform).await?;
        let found: Option<i64> = key_numbers::Entity::find()
            .select_only()
            .column(key_numbers::Column::Number)
            .filter(of(partner_id, platform))
            .filter(key_numbers::Column::KeyId.eq(key_id.as_str()))
            .into_tuple()
            .one(self.db())
            .await?;
        found.ok_or_else(|| StoreError::Corrupt("a key without its number".to_owned()))
    }

    async fn number_keys(&self, partner_id: &PartnerId, platform: &str) -> Result<(), StoreError> {
        let tx = self.begin_write().await?;
        let backend = tx.get_database_backend();
        let values = [partner_id.as_str().into(), platform.into()];
        tx.execute_raw(Statement::from_sql_and_values(backend, NUMBER, values)).await?;
        tx.commit().await
    }

    /// The key of the partner's account that has this number.
    pub async fn get_numbered_key(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        number: i64,
    ) -> Result<Option<KeyId>, StoreError> {
        let found: Option<String> = key_numbers::Entity::find()
            .select_only()
            .column(key_numbers::Column::KeyId)
            .filter(of(partner_id, platform))
            .filter(key_numbers::Column::Number.eq(number))
            .into_tuple()
            .one(self.db())
            .await?;
        found.map(id).transpose()
    }
}

fn of(partner_id: &PartnerId, platform: &str) -> Condition {
    Condition::all()
        .add(key_numbers::Column::PartnerId.eq(partner_id.as_str()))
        .add(key_numbers::Column::Platform.eq(platform))
}
