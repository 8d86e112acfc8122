//! Lists of keys: one index an order, and pages that begin where the last one ended, so that the
//! hundred-thousandth key is as near as the first.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    KeyId, KeyIds, Page, PartnerId, PrefixedId,
    keys::{KeyQuery, KeySort, KeyStatus},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    Select,
    sea_query::{Expr, Func, LikeExpr, Value},
};

use super::KeyRow;
use crate::{
    Store, StoreError,
    columns::{Word, micros},
    entities::api_keys::{self, Column, Entity},
    pages::{page, page_limit},
};

impl Store {
    /// The partner's keys in the order asked for. What has expired is judged at `now`.
    pub async fn list_keys(
        &self,
        partner_id: &PartnerId,
        query: &KeyQuery,
        now: DateTime<Utc>,
    ) -> Result<Page<KeyRow>, StoreError> {
        let limit = page_limit(query.limit);
        let order = KeyOrder::of(query);
        let keys = asked(partner_id, query, now);
        let after = query.cursor.as_deref().map(|cursor| order.after(cursor)).transpose()?;
        let mut found = Vec::new();
        for part in order.parts(&keys, after) {
            let missing = limit + 1 - found.len() as u64;
            if missing > 0 {
                found.extend(part.limit(missing).all(self.db()).await?);
            }
        }
        page(found, limit, |key| order.cursor(key), KeyRow::try_from)
    }
}

fn asked(partner_id: &PartnerId, query: &KeyQuery, now: DateTime<Utc>) -> Select<Entity> {
    let partner = partner_id.as_str();
    let keys = match &query.ids {
        None => Entity::find().filter(Column::PartnerId.eq(partner)),
        // Written so that no index of the partner's fits: the few are looked up by their ids, where
        // an order would else be read from its beginning until they have come up.
        Some(KeyIds(ids)) => Entity::find()
            .filter(Column::Id.is_in(ids.iter().map(KeyId::as_str)))
            .filter(Expr::cust_with_values("partner_id || '' = ?", [partner])),
    };
    keys.filter(chosen(query, now))
}

/// An order of keys: by a value, and by id where that is the same.
struct KeyOrder {
    sort: KeySort,
    values: Order,
    ids: Order,
}

/// The last key of a page: its value and its id.
type Last = (Option<Value>, KeyId);

impl KeyOrder {
    fn of(query: &KeyQuery) -> Self {
        let sort = query.sort.unwrap_or_default();
        let (up, down) = match query.descending {
            Some(true) => (Order::Desc, Order::Asc),
            _ => (Order::Asc, Order::Desc),
        };
        // Within a platform the newest is first.
        let ids = if sort == KeySort::Platform { down } else { up.clone() };
        Self { sort, values: up, ids }
    }

    /// What is ordered by before the id; ids alone tell the order of creation.
    fn value(&self) -> Option<Expr> {
        match self.sort {
            KeySort::Platform => Some(Expr::col(Column::Platform)),
            KeySort::Created => None,
            KeySort::Name => Some(Expr::col(Column::NameFolded)),
            // As the index has it, to the letter.
            KeySort::LastUsed => Some(Expr::cust("COALESCE(last_used_at, 0)")),
        }
    }

    /// The selects that make up a page, one after the other: all keys, or first those that share
    /// the last value and then those beyond it. Each is one stretch of the index.
    fn parts(&self, keys: &Select<Entity>, after: Option<Last>) -> Vec<Select<Entity>> {
        let by_id = |keys: Select<Entity>| keys.order_by(Column::Id, self.ids.clone());
        let in_order = |keys: Select<Entity>| match self.value() {
            Some(value) => by_id(keys.order_by(value, self.values.clone())),
            None => by_id(keys),
        };
        let Some((last, id)) = after else { return vec![in_order(keys.clone())] };
        let same = keys.clone().filter(beyond(Expr::col(Column::Id), &self.ids, id.as_str()));
        match (self.value(), last) {
            (Some(value), Some(last)) => vec![
                by_id(same.filter(value.clone().eq(last.clone()))),
                in_order(keys.clone().filter(beyond(value, &self.values, last))),
            ],
            _ => vec![by_id(same)],
        }
    }

    /// Marks cursors: one of another order would begin a page somewhere.
    fn mark(&self) -> String {
        let sort = match self.sort {
            KeySort::Platform => 'p',
            KeySort::Created => 'c',
            KeySort::Name => 'n',
            KeySort::LastUsed => 'u',
        };
        let direction = if self.values == Order::Desc { 'd' } else { 'a' };
        format!("{sort}{direction}.")
    }

    /// `{mark}.{value}.{id}`.
    fn cursor(&self, key: &api_keys::Model) -> String {
        let (mark, id) = (self.mark(), &key.id);
        match self.sort {
            KeySort::Platform => format!("{mark}{}.{id}", key.platform),
            KeySort::Created => format!("{mark}.{id}"),
            KeySort::Name => format!("{mark}{}.{id}", key.name_folded),
            KeySort::LastUsed => format!("{mark}{}.{id}", key.last_used_at.unwrap_or_default()),
        }
    }

    fn after(&self, cursor: &str) -> Result<Last, StoreError> {
        let cursor = cursor.strip_prefix(&self.mark()).ok_or(StoreError::BadCursor)?;
        let (value, id) = cursor.rsplit_once('.').ok_or(StoreError::BadCursor)?;
        let id = id.parse().map_err(|_| StoreError::BadCursor)?;
        let value = match self.sort {
            KeySort::Platform | KeySort::Name => Some(Value::from(value)),
            KeySort::Created => None,
            KeySort::LastUsed => {
                Some(value.parse::<i64>().map_err(|_| StoreError::BadCursor)?.into())
            }
        };
        Ok((value, id))
    }
}

fn beyond(value: Expr, order: &Order, last: impl Into<Value>) -> Expr {
    let last: Value = last.into();
    if *order == Order::Desc { value.lt(last) } else { value.gt(last) }
}

fn chosen(query: &KeyQuery, now: DateTime<Utc>) -> Condition {
    let unrevoked = (query.include_revoked == Some(false)).then(|| Column::RevokedAt.is_null());
    let search = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
    Condition::all()
        .add_option(query.platform.as_deref().map(|slug| Column::Platform.eq(slug)))
        .add_option(query.environment.map(|environment| Column::Environment.eq(environment.word())))
        .add_option(query.kind.map(|kind| Column::Kind.eq(kind.word())))
        .add_option(search.map(matching))
        .add_option(query.expires_before.map(|time| Column::ExpiresAt.lt(micros(time))))
        .add_option(query.status.map(|status| standing(status, now)))
        .add_option(unrevoked)
}

/// What is for good comes first, as where a key's status is told.
fn standing(status: KeyStatus, now: DateTime<Utc>) -> Condition {
    let has_ended = Condition::any()
        .add(Column::ExpiresAt.lte(micros(now)))
        .add(Column::GraceEndsAt.lte(micros(now)));
    let goes_on =
        |column: Column| Condition::any().add(column.is_null()).add(column.gt(micros(now)));
    let works = Condition::all()
        .add(Column::RevokedAt.is_null())
        .add(goes_on(Column::ExpiresAt))
        .add(goes_on(Column::GraceEndsAt));
    let runs = works.clone().add(Column::PausedAt.is_null());
    match status {
        KeyStatus::Revoked => Condition::all().add(Column::RevokedAt.is_not_null()),
        KeyStatus::Expired => Condition::all().add(Column::RevokedAt.is_null()).add(has_ended),
        KeyStatus::Paused => works.add(Column::PausedAt.is_not_null()),
        KeyStatus::Retiring => runs.add(Column::ReplacedBy.is_not_null()),
        KeyStatus::Active => runs.add(Column::ReplacedBy.is_null()),
    }
}

/// Part of the name, or the last four characters; without case.
fn matching(text: &str) -> Condition {
    let folded = text.to_lowercase();
    let pattern = LikeExpr::new(format!("%{}%", escape_like(&folded))).escape('\\');
    let last4 = Expr::expr(Func::lower(Expr::col(Column::Last4))).eq(folded);
    Condition::any().add(Column::NameFolded.like(pattern)).add(last4)
}

fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use sea_orm::{ConnectionTrait, DbBackend, QueryTrait};

    use super::*;
    use crate::StoreConfig;

    const LAST: &str = "red.key_01JDB6QZ3V8M2K4T9XEWA7YHRC";
    const LAST_USED: &str = "1732000000.key_01JDB6QZ3V8M2K4T9XEWA7YHRC";

    async fn plan(store: &Store, part: Select<Entity>) -> String {
        let mut statement = part.limit(51).build(DbBackend::Sqlite);
        statement.sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let rows = store.db().query_all_raw(statement).await.unwrap();
        let details = rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap());
        details.collect::<Vec<_>>().join("; ")
    }

    fn partner() -> PartnerId {
        PartnerId::from_parts(0, 0)
    }

    #[tokio::test]
    async fn keys_of_a_list_are_looked_up_one_by_one() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreConfig { data_dir: dir.path().to_path_buf() }).await.unwrap();
        let ids = (0..100).map(|random| KeyId::from_parts(0, random)).collect();
        let query = KeyQuery { ids: Some(KeyIds(ids)), ..KeyQuery::default() };
        let keys = asked(&partner(), &query, DateTime::UNIX_EPOCH);
        for part in KeyOrder::of(&query).parts(&keys, None) {
            let plan = plan(&store, part).await;
            assert!(plan.contains("(id=?)") && !plan.contains("partner_id=?"), "{plan}");
        }
    }

    #[tokio::test]
    async fn every_page_of_every_order_is_a_stretch_of_an_index() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreConfig { data_dir: dir.path().to_path_buf() }).await.unwrap();
        let now = DateTime::from_timestamp(1_732_000_000, 0).unwrap();
        for sort in [KeySort::Platform, KeySort::Created, KeySort::Name, KeySort::LastUsed] {
            for descending in [false, true] {
                for (platform, status) in
                    [(None, None), (Some("red".to_owned()), Some(KeyStatus::Active))]
                {
                    let query = KeyQuery {
                        platform,
                        status,
                        sort: Some(sort),
                        descending: Some(descending),
                        ..KeyQuery::default()
                    };
                    let keys = asked(&partner(), &query, now);
                    let order = KeyOrder::of(&query);
                    let cursor = if sort == KeySort::LastUsed { LAST_USED } else { LAST };
                    let after = order.after(&format!("{}{cursor}", order.mark())).unwrap();
                    let pages = [order.parts(&keys, None), order.parts(&keys, Some(after))];
                    for part in pages.into_iter().flatten() {
                        let plan = plan(&store, part).await;
                        let searched = plan.starts_with("SEARCH api_keys USING INDEX api_keys_by_");
                        assert!(searched, "{query:?}: {plan}");
                        assert!(!plan.contains("SCAN"), "{query:?}: {plan}");
                        assert!(!plan.contains("TEMP B-TREE"), "{query:?}: {plan}");
                    }
                }
            }
        }
    }
}
