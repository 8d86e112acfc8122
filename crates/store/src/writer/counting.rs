//! Writing counts: one upsert a bucket, one update a key.

use std::collections::{HashMap, HashSet};

use latchkey_contract::{KeyId, PrefixedId, usage::Outcome};
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
    usage::ALL_PLATFORMS,
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
    let mut hours: HashMap<_, Hour> = HashMap::new();
    for (key, count) in &counts.usage {
        if key.span != UsageSpan::QuarterHour {
            continue;
        }
        let start = key.bucket - key.bucket.rem_euclid(UsageSpan::Hour.seconds());
        for platform in [&*key.platform, ALL_PLATFORMS] {
            let hour = hours.entry((&key.partner_id, platform, start, key.environment));
            hour.or_default().add(key.outcome, *count);
        }
    }
    for ((partner, platform, start, environment), hour) in hours {
        statements.add_hour.execute(params![
            partner.as_str(),
            platform,
            start,
            environment.word(),
            hour.accepted,
            hour.refused,
            hour.failed,
            hour.credits,
        ])?;
    }
    Ok(())
}

/// What is added to an hour.
#[derive(Default)]
struct Hour {
    accepted: i64,
    refused: i64,
    failed: i64,
    /// Millionths.
    credits: i64,
}

impl Hour {
    fn add(&mut self, outcome: Outcome, count: Count) {
        let calls = match outcome {
            Outcome::Accepted => &mut self.accepted,
            Outcome::Refused => &mut self.refused,
            Outcome::Failed => &mut self.failed,
        };
        *calls = calls.saturating_add(count.requests);
        self.credits = self.credits.saturating_add(count.credits);
    }
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
