//! Usage in buckets of time, read from the roll-up.

mod buckets;

use std::collections::BTreeMap;

use chrono_tz::Tz;
use latchkey_contract::{
    Amount, Environment, FieldError, PartnerId,
    usage::{Interval, Usage, UsageQuery, UsageSeries},
};
use latchkey_store::{StoreError, UsageFilter, UsageRow, UsageSpan};

use crate::{Context, input::Faults};
pub use buckets::{Buckets, RangeFault};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    #[error("some parameters are not as they must be")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The partner's usage, every bucket of the range, empty ones too. Without a grouping there is
/// always a series for each environment asked for; with one, a series for each group that was
/// used.
///
/// # Errors
/// All parameters at fault at once.
pub async fn get_usage(
    context: &Context,
    partner: &PartnerId,
    query: UsageQuery,
) -> Result<Usage, UsageError> {
    let (zone, buckets) = checked(&query)?;
    let (from, to) = buckets.range();
    let filter = UsageFilter {
        span: span(query.interval, &buckets),
        from,
        to,
        environment: query.environment,
        platform: query.platform.clone(),
        key_id: query.key_id.clone(),
        operation: query.operation.clone(),
        group_by: query.group_by,
    };
    let rows = context.store.list_usage(partner, &filter).await?;
    let series = fill(&query, &buckets, rows);
    let starts = buckets.into_starts();
    Ok(Usage { interval: query.interval, timezone: zone.name().to_owned(), starts, series })
}

fn checked(query: &UsageQuery) -> Result<(Tz, Buckets), UsageError> {
    let mut faults = Faults::default();
    let zone = match query.timezone.as_deref().unwrap_or("UTC").parse::<Tz>() {
        Ok(zone) => zone,
        Err(_) => {
            faults.add("?timezone", "must be an IANA time zone such as Europe/Vienna");
            Tz::UTC
        }
    };
    let buckets = match Buckets::cover(query.from, query.to, query.interval, zone) {
        Ok(buckets) => Some(buckets),
        Err(fault) => {
            faults.add(fault.parameter(), fault.to_string());
            None
        }
    };
    faults.finish().map_err(UsageError::Invalid)?;
    Ok((zone, buckets.unwrap_or_default()))
}

/// The roll-up that buckets are added up from: hours where each of them begins with one of UTC's.
fn span(interval: Interval, buckets: &Buckets) -> UsageSpan {
    match interval {
        Interval::Minute => UsageSpan::Minute,
        Interval::Hour | Interval::Day if buckets.begin_with_hours() => UsageSpan::Hour,
        Interval::QuarterHour | Interval::Hour | Interval::Day => UsageSpan::QuarterHour,
    }
}

fn fill(query: &UsageQuery, buckets: &Buckets, rows: Vec<UsageRow>) -> Vec<UsageSeries> {
    let mut series: BTreeMap<(Option<String>, Environment), UsageSeries> = BTreeMap::new();
    if query.group_by.is_none() {
        for environment in [Environment::Live, Environment::Test] {
            if query.environment.is_none_or(|asked| asked == environment) {
                series.insert((None, environment), empty(environment, None, buckets.len()));
            }
        }
    }
    for row in rows {
        let Some(at) = buckets.find(row.bucket) else { continue };
        let key = (row.group.clone(), row.environment);
        let line = series
            .entry(key)
            .or_insert_with(|| empty(row.environment, row.group.clone(), buckets.len()));
        add(&mut line.requests, at, row.requests);
        add(&mut line.refused, at, row.refused);
        add(&mut line.failed, at, row.failed);
        if let Some(credits) = line.credits.get_mut(at) {
            *credits = Amount(credits.0.saturating_add(row.credits.0));
        }
    }
    series.into_values().collect()
}

fn empty(environment: Environment, group: Option<String>, buckets: usize) -> UsageSeries {
    UsageSeries {
        environment,
        group,
        requests: vec![0; buckets],
        refused: vec![0; buckets],
        failed: vec![0; buckets],
        credits: vec![Amount::ZERO; buckets],
    }
}

fn add(counts: &mut [u32], at: usize, more: u64) {
    if let Some(count) = counts.get_mut(at) {
        *count = count.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
    }
}
