//! Rotation of keys, where keys may be used from, their first use, and an index for each order that
//! keys are listed in.

use sea_orm_migration::{prelude::*, schema::*};

use crate::migrations::tables::index;

pub(super) struct KeyRotation;

impl MigrationName for KeyRotation {
    fn name(&self) -> &str {
        "m0004_key_rotation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for KeyRotation {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            let mut add = Table::alter();
            add.table("api_keys").add_column(column);
            manager.alter_table(add).await?;
        }
        let connection = manager.get_connection();
        connection.execute_unprepared(FIRST_USES).await?;
        manager.drop_index(Index::drop().table("api_keys").name(OLD_ORDER).to_owned()).await?;
        for statement in INDEXES {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in INDEX_NAMES {
            manager.drop_index(Index::drop().table("api_keys").name(name).to_owned()).await?;
        }
        manager.create_index(index("api_keys", &["partner_id", "platform", "id"])).await?;
        for column in columns() {
            let name = column.get_column_name();
            let mut alter = Table::alter();
            manager.alter_table(alter.table("api_keys").drop_column(name).to_owned()).await?;
        }
        Ok(())
    }
}

/// What is added, one statement a column, as SQLite wants it.
fn columns() -> [ColumnDef; 8] {
    [
        text_null("ip_rules"),
        big_integer_null("first_used_at"),
        text_null("replaces"),
        text_null("replaced_by"),
        big_integer_null("rotated_at"),
        big_integer_null("grace_ends_at"),
        // The first key of a chain of rotations, whose count they all spend from.
        text_null("spends_with"),
        text_null("pair_id"),
    ]
}

/// Keys that are in use already: from the roll-up, to the quarter of an hour.
const FIRST_USES: &str = "UPDATE api_keys SET first_used_at = \
    CASE WHEN uses.first_at > api_keys.created_at THEN uses.first_at ELSE api_keys.created_at END \
    FROM (SELECT partner_id, key_id, MIN(bucket) * 1000000 AS first_at FROM usage \
        WHERE span_s = 900 GROUP BY partner_id, key_id) AS uses \
    WHERE uses.key_id = api_keys.id AND uses.partner_id = api_keys.partner_id";

const OLD_ORDER: &str = "api_keys_partner_id_platform_id";
const INDEX_NAMES: [&str; 5] = [
    "api_keys_by_platform",
    "api_keys_by_creation",
    "api_keys_by_name",
    "api_keys_by_last_use",
    "api_keys_spends_with",
];

/// Ids tell the order of creation. What a search looks at lies in the index of each order, so that
/// rows are read for what was found alone.
const INDEXES: [&str; 5] = [
    "CREATE INDEX api_keys_by_platform ON api_keys \
        (partner_id, platform, id DESC, environment, kind, name_folded, last4)",
    "CREATE INDEX api_keys_by_creation ON api_keys \
        (partner_id, id, platform, environment, kind, name_folded, last4)",
    "CREATE INDEX api_keys_by_name ON api_keys \
        (partner_id, name_folded, id, platform, environment, kind, last4)",
    "CREATE INDEX api_keys_by_last_use ON api_keys (partner_id, (COALESCE(last_used_at, 0)), id)",
    "CREATE INDEX api_keys_spends_with ON api_keys (spends_with) WHERE spends_with IS NOT NULL",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Store, StoreConfig};

    const OLD_KEYS: &str = "PRAGMA foreign_keys = OFF;
        INSERT INTO api_keys (id, partner_id, platform, name, name_folded, kind, environment, \
            prefix, last4, digest, scopes, created_at, created_by, version)
        SELECT id, 'p', 'x', 'n', 'n', 'secret', 'live', '', '', id, '[]', created_at, '', 1
        FROM (SELECT 'used' AS id, 1000000000 AS created_at UNION ALL SELECT 'young', 2000000000 \
            UNION ALL SELECT 'idle', 5);
        INSERT INTO usage (partner_id, span_s, bucket, platform, environment, key_id, operation, \
            outcome, requests, credits)
        SELECT 'p', 900, bucket, 'x', 'live', key_id, 'o', 'accepted', 1, 0
        FROM (SELECT 'used' AS key_id, 2700 AS bucket UNION ALL SELECT 'used', 1800 \
            UNION ALL SELECT 'young', 1800);";

    #[tokio::test]
    async fn keys_in_use_get_their_first_use_from_the_roll_up() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreConfig { data_dir: dir.path().to_path_buf() }).await.unwrap();
        let manager = SchemaManager::new(store.db());
        KeyRotation.down(&manager).await.unwrap();
        let file = rusqlite::Connection::open(dir.path().join("latchkey.db")).unwrap();
        file.execute_batch(OLD_KEYS).unwrap();
        KeyRotation.up(&manager).await.unwrap();
        let first = |id: &str| -> Option<i64> {
            let sql = "SELECT first_used_at FROM api_keys WHERE id = ?1";
            file.query_row(sql, [id], |row| row.get(0)).unwrap()
        };
        assert_eq!(first("used"), Some(1_800_000_000));
        assert_eq!(first("young"), Some(2_000_000_000), "not before it was made");
        assert_eq!(first("idle"), None);
    }
}
