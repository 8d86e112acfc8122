//! Hours of usage lie in a table of their own. A range of them comes as one row: there are
//! thousands, and a row costs more on its way here than what it says.

use chrono::DateTime;
use latchkey_contract::{
    Amount, Environment, PartnerId, PrefixedId,
    usage::{Outcome, UsageGroup},
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Select,
    sea_query::Expr,
};
use serde::Deserialize;

use super::{UsageFilter, UsageRow};
use crate::{
    Store, StoreError,
    columns::Word,
    entities::usage_hours::{Column, Entity},
};

/// Stands for all platforms together, in place of a slug: their hours lie apart from those of each,
/// so that a range of them is one stretch.
pub(crate) const ALL_PLATFORMS: &str = "";

/// A row as it is packed: its fields in this order.
#[derive(Deserialize)]
struct Hour<'a> {
    start: i64,
    environment: &'a str,
    accepted: u64,
    refused: u64,
    failed: u64,
    /// Millionths.
    credits: i64,
    /// Left out where all platforms are summed up.
    #[serde(default)]
    platform: &'a str,
}

impl Store {
    /// Like `list_usage`, of hours.
    pub(super) async fn list_hours(
        &self,
        partner_id: &PartnerId,
        filter: &UsageFilter,
    ) -> Result<Vec<UsageRow>, StoreError> {
        let found: Option<Option<String>> = chosen(partner_id, filter)
            .column_as(packed(self.db().get_database_backend(), filter.group_by), "hours")
            .into_tuple()
            .one(self.db())
            .await?;
        let text = found.flatten().unwrap_or_else(|| "[]".to_owned());
        let hours: Vec<Hour<'_>> = serde_json::from_str(&text)
            .map_err(|_| StoreError::Corrupt("the hours of the usage".to_owned()))?;
        let mut rows = Vec::with_capacity(hours.len());
        for hour in hours {
            add_rows(&mut rows, hour, filter.group_by)?;
        }
        let order = |row: &UsageRow| (row.bucket, row.environment);
        rows.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.group.cmp(&b.group)));
        Ok(rows)
    }
}

/// The sums of a range.
pub(super) fn summed(partner_id: &PartnerId, filter: &UsageFilter) -> Select<Entity> {
    let sum = |counted: Expr| counted.sum().cast_as("BIGINT");
    let column = |column: Column| Expr::col(column);
    chosen(partner_id, filter)
        .column_as(sum(column(Column::Accepted).add(column(Column::Refused))), "calls")
        .column_as(sum(column(Column::Refused)), "refused")
        .column_as(sum(column(Column::Failed)), "failed")
        .column_as(sum(column(Column::Credits)), "spent")
}

/// The partner's rows that are asked for, nothing of them selected yet.
fn chosen(partner_id: &PartnerId, filter: &UsageFilter) -> Select<Entity> {
    let platform = match (&filter.platform, filter.group_by) {
        (Some(slug), _) => Column::Platform.eq(slug.as_str()),
        (None, Some(UsageGroup::Platform)) => Column::Platform.ne(ALL_PLATFORMS),
        (None, _) => Column::Platform.eq(ALL_PLATFORMS),
    };
    let environment =
        filter.environment.map(|environment| Column::Environment.eq(environment.word()));
    Entity::find()
        .select_only()
        .filter(Column::PartnerId.eq(partner_id.as_str()))
        .filter(platform)
        .filter(Column::Hour.gte(filter.from.timestamp()))
        .filter(Column::Hour.lt(filter.to.timestamp()))
        .filter(Condition::all().add_option(environment))
}

/// The rows as one array of JSON.
fn packed(backend: DbBackend, group_by: Option<UsageGroup>) -> Expr {
    let platform = if group_by == Some(UsageGroup::Platform) { ", platform" } else { "" };
    let row = format!("hour, environment, accepted, refused, failed, credits{platform}");
    Expr::cust(match backend {
        DbBackend::Postgres => format!("json_agg(json_build_array({row}))::text"),
        _ => format!("json_group_array(json_array({row}))"),
    })
}

/// What an hour says: one row, or one for each outcome where they are told apart. A failed job was
/// counted as an accepted call before, so it is no call of its own there where they are not.
fn add_rows(
    rows: &mut Vec<UsageRow>,
    hour: Hour<'_>,
    group_by: Option<UsageGroup>,
) -> Result<(), StoreError> {
    let Hour { start, accepted, refused, failed, credits, .. } = hour;
    let row = UsageRow {
        bucket: DateTime::from_timestamp(start, 0)
            .ok_or_else(|| StoreError::Corrupt(format!("the hour {start}")))?,
        environment: Environment::from_word(hour.environment)?,
        group: None,
        requests: accepted + refused,
        refused,
        failed,
        credits: Amount(credits),
    };
    match group_by {
        Some(UsageGroup::Outcome) => {
            let outcomes = [
                (Outcome::Accepted, accepted, credits),
                (Outcome::Failed, failed, 0),
                (Outcome::Refused, refused, 0),
            ];
            let some = outcomes.into_iter().filter(|(_, calls, spent)| *calls > 0 || *spent != 0);
            rows.extend(some.map(|(outcome, calls, spent)| UsageRow {
                group: Some(outcome.word().to_owned()),
                requests: calls,
                refused: if outcome == Outcome::Refused { calls } else { 0 },
                failed: if outcome == Outcome::Failed { calls } else { 0 },
                credits: Amount(spent),
                ..row.clone()
            }));
        }
        Some(UsageGroup::Platform) => {
            rows.push(UsageRow { group: Some(hour.platform.to_owned()), ..row });
        }
        // Hours know no keys and operations; who asks for them is answered from quarters.
        Some(UsageGroup::Key | UsageGroup::Operation) | None => rows.push(row),
    }
    Ok(())
}
