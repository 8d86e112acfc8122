//! Hours come as one row: there are thousands of them, and a row costs more on its way here than
//! what it says.

use std::collections::{BTreeMap, btree_map::Entry};

use chrono::DateTime;
use latchkey_contract::{
    Amount, Environment, PartnerId,
    usage::{Outcome, UsageGroup},
};
use sea_orm::{DbBackend, QuerySelect, sea_query::Expr};

use super::{UsageFilter, UsageRow, chosen, unsigned};
use crate::{Store, StoreError, columns::Word};

/// Bucket, environment, outcome, group, requests, credits.
type Hour<'a> = (i64, &'a str, &'a str, &'a str, i64, i64);

impl Store {
    /// Like `list_usage`, of hours.
    pub(super) async fn list_hours(
        &self,
        partner_id: &PartnerId,
        filter: &UsageFilter,
    ) -> Result<Vec<UsageRow>, StoreError> {
        let packed = packed(self.db().get_database_backend(), filter.group_by);
        let found: Option<Option<String>> = chosen(partner_id, filter)
            .column_as(packed, "hours")
            .into_tuple()
            .one(self.db())
            .await?;
        let text = found.flatten().unwrap_or_else(|| "[]".to_owned());
        let hours: Vec<Hour<'_>> = serde_json::from_str(&text)
            .map_err(|_| StoreError::Corrupt("the hours of the usage".to_owned()))?;
        let mut rows = BTreeMap::new();
        for hour in hours {
            let (bucket, environment, _, group, ..) = hour;
            let environment = Environment::from_word(environment)?;
            let row = match rows.entry((bucket, environment, group)) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(UsageRow {
                    bucket: DateTime::from_timestamp(bucket, 0)
                        .ok_or_else(|| StoreError::Corrupt(format!("the bucket {bucket}")))?,
                    environment,
                    group: filter.group_by.map(|_| group.to_owned()),
                    requests: 0,
                    refused: 0,
                    failed: 0,
                    credits: Amount::ZERO,
                }),
            };
            add(row, hour, filter.group_by)?;
        }
        Ok(rows.into_values().collect())
    }
}

/// The rows as one array of JSON.
fn packed(backend: DbBackend, group_by: Option<UsageGroup>) -> Expr {
    let group = match group_by {
        Some(UsageGroup::Platform) => "platform",
        Some(UsageGroup::Outcome) => "outcome",
        // Hours know no keys and operations.
        Some(UsageGroup::Key | UsageGroup::Operation) | None => "''",
    };
    let row = format!("bucket, environment, outcome, {group}, requests, credits");
    Expr::cust(match backend {
        DbBackend::Postgres => format!("json_agg(json_build_array({row}))::text"),
        _ => format!("json_group_array(json_array({row}))"),
    })
}

/// A failed job was counted as an accepted call before, so it is no call of its own, but where
/// outcomes are told apart.
fn add(row: &mut UsageRow, hour: Hour<'_>, group_by: Option<UsageGroup>) -> Result<(), StoreError> {
    let (_, _, outcome, _, requests, credits) = hour;
    let (outcome, requests) = (Outcome::from_word(outcome)?, unsigned(requests)?);
    match outcome {
        Outcome::Accepted => {}
        Outcome::Refused => row.refused += requests,
        Outcome::Failed => row.failed += requests,
    }
    if outcome != Outcome::Failed || group_by == Some(UsageGroup::Outcome) {
        row.requests += requests;
    }
    row.credits = Amount(row.credits.0.saturating_add(credits));
    Ok(())
}
