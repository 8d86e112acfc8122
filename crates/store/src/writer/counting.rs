//! Writing counts: one upsert a bucket, one update a key.

use std::collections::{HashMap, HashSet};

use latchkey_contract::{KeyId, PrefixedId};
use rusqlite::params;

use super::{
    Caller,
    statements::Statements,
    tallies::{Count, Counts, LastUse},
};
use crate::{
    NewRequest, UsageSpan,
    columns::{Word, micros},
    requests::KEPT,
    usage::ALL_HOURS,
};

/// Writes all of them in the transaction under way.
pub(super) fn write(statements: &mut Statements<'_>, counts: &Counts) -> rusqlite::Result<()> {
    for (key, count) in &counts.usage {
        statements.add_usage.execute(params![
            key.partner_id.as_str(),
            key.span.seconds(),
            key.bucket,
            &*key.platform,
            key.environment.word(),
            key.key_id.as_str(),
            &*key.operation,
            key.outcome.word(),
            count.requests,
            count.credits,
        ])?;
    }
    add_hours(statements, counts)?;
    for (key_id, last) in &counts.last_used {
        note_use(statements, key_id, last)?;
    }
    log_requests(statements, &counts.requests)
}

/// Adds what is counted in quarters of an hour to the hours of its platform and of all together.
fn add_hours(statements: &mut Statements<'_>, counts: &Counts) -> rusqlite::Result<()> {
    let mut hours: HashMap<_, Count> = HashMap::new();
    for (key, count) in &counts.usage {
        if key.span != UsageSpan::QuarterHour {
            continue;
        }
        let hour = key.bucket - key.bucket.rem_euclid(UsageSpan::Hour.seconds());
        for (span, platform) in [(UsageSpan::Hour.seconds(), &*key.platform), (ALL_HOURS, "")] {
            let key = (&key.partner_id, span, hour, platform, key.environment, key.outcome);
            let sum = hours.entry(key).or_default();
            sum.requests = sum.requests.saturating_add(count.requests);
            sum.credits = sum.credits.saturating_add(count.credits);
        }
    }
    for ((partner, span, hour, platform, environment, outcome), count) in hours {
        statements.add_usage.execute(params![
            partner.as_str(),
            span,
            hour,
            platform,
            environment.word(),
            "",
            "",
            outcome.word(),
            count.requests,
            count.credits,
        ])?;
    }
    Ok(())
}

/// Writes single calls, and removes what is no longer among the newest of its partner.
fn log_requests(statements: &mut Statements<'_>, requests: &[NewRequest]) -> rusqlite::Result<()> {
    let mut partners = HashSet::new();
    for request in requests {
        statements.insert_request.execute(params![
            request.partner_id.as_str(),
            request.id.as_str(),
            micros(request.at),
            &*request.platform,
            request.environment.word(),
            request.key_id.as_str(),
            &*request.operation,
            request.method,
            request.path,
            request.status,
            request.outcome.word(),
            request.reason,
            request.detail,
            request.credits.0,
            request.duration_ms,
            request.address,
        ])?;
        partners.insert(&request.partner_id);
    }
    for partner in partners {
        statements.drop_requests.execute(params![partner.as_str(), KEPT])?;
    }
    Ok(())
}

fn note_use(
    statements: &mut Statements<'_>,
    key_id: &KeyId,
    last: &LastUse,
) -> rusqlite::Result<()> {
    let Caller { address, agent } = &last.caller;
    let (at, partner) = (micros(last.at), last.partner_id.as_str());
    statements.note_use.execute(params![
        at,
        address.as_deref(),
        agent.as_deref(),
        key_id.as_str(),
        partner,
        micros(last.first_at),
    ])?;
    Ok(())
}
