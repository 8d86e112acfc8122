//! Writing counts: one upsert a bucket, one update a key.

use latchkey_contract::{KeyId, PrefixedId};
use rusqlite::params;

use super::{
    Caller,
    statements::Statements,
    tallies::{Counts, LastUse},
};
use crate::columns::{Word, micros};

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
    for (key_id, last) in &counts.last_used {
        note_use(statements, key_id, last)?;
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
