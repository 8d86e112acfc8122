//! Checks every chain from its beginning to its head, beside a live server or without one.

use std::fmt;

use latchkey_contract::{PartnerId, PrefixedId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement, TransactionTrait,
};

use super::{Head, chain::hash};
use crate::{
    StoreConfig, StoreError,
    columns::id,
    connection::connect_to_read,
    entities::{
        audit_events::{self, Column},
        audit_heads,
    },
};

/// Records read at once.
const AT_ONCE: u64 = 1000;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditCheck {
    /// Records that are as they were written.
    pub records: u64,
    /// Where each chain ends that holds: noted elsewhere, it shows later what was forged since.
    pub ends: Vec<AuditEnd>,
    /// The first fault of each chain that does not hold.
    pub faults: Vec<AuditFault>,
}

/// The end of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEnd {
    /// Whose.
    pub partner_id: PartnerId,
    /// The last record; zero before the first.
    pub sequence: i64,
    /// Its hash in hexadecimal.
    pub hash: String,
}

/// The first record of a chain that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFault {
    /// Whose chain.
    pub partner_id: PartnerId,
    /// Which record.
    pub sequence: i64,
    /// What is wrong with it.
    pub what: AuditFaultKind,
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFaultKind {
    /// It says something else than it did.
    Altered,
    /// It is gone.
    Missing,
    /// Another record stands in its place.
    Reordered {
        /// The number that record was written with.
        was: i64,
    },
    /// It is the last one, and the head kept beside the chain says something else.
    NotTheHead {
        /// The record the head names; none where the head is gone.
        head: Option<i64>,
    },
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partner_id, sequence, what } = self;
        write!(f, "partner {partner_id}: record {sequence} ")?;
        match what {
            AuditFaultKind::Altered => f.write_str("was altered"),
            AuditFaultKind::Missing => f.write_str("is missing"),
            AuditFaultKind::Reordered { was } => {
                write!(f, "was moved: record {was} stands in its place")
            }
            AuditFaultKind::NotTheHead { head: Some(head) } => {
                write!(f, "is the last one, and not the end that was noted, record {head}")
            }
            AuditFaultKind::NotTheHead { head: None } => {
                f.write_str("is the last one, and the note of the end is missing")
            }
        }
    }
}

/// Checks the audit logs of all partners: the operator's own. Changes nothing, and may run beside
/// a server that goes on writing.
///
/// # Errors
/// Where there is no database, or one without an audit log.
pub async fn verify(config: &StoreConfig) -> Result<AuditCheck, StoreError> {
    if !config.file().exists() {
        return Err(StoreError::NoDatabase { path: config.file() });
    }
    let db = connect_to_read(&config.file(), "audit_heads").await?;
    let checked = check_all(&db).await;
    db.close().await?;
    checked
}

async fn check_all(db: &DatabaseConnection) -> Result<AuditCheck, StoreError> {
    let sql = "SELECT id FROM partners UNION SELECT partner_id AS id FROM audit_heads \
               UNION SELECT DISTINCT partner_id AS id FROM audit_events ORDER BY id";
    let partners = Statement::from_string(db.get_database_backend(), sql);
    let mut check = AuditCheck::default();
    for partner in db.query_all_raw(partners).await? {
        let partner_id: PartnerId = id(partner.try_get_by_index(0)?)?;
        match check_chain(db, &partner_id, &mut check.records).await? {
            Ok(end) => check.ends.push(end),
            Err((sequence, what)) => check.faults.push(AuditFault { partner_id, sequence, what }),
        }
    }
    Ok(check)
}

/// The number of a record and what is wrong with it.
type Fault = (i64, AuditFaultKind);

/// Checks one chain as of one moment.
async fn check_chain(
    db: &DatabaseConnection,
    partner_id: &PartnerId,
    checked: &mut u64,
) -> Result<Result<AuditEnd, Fault>, StoreError> {
    let tx = db.begin().await?;
    let noted = audit_heads::Entity::find_by_id(partner_id.as_str()).one(&tx).await?;
    let mut end = Head::default();
    let mut seen = i64::MIN;
    loop {
        let records = audit_events::Entity::find()
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(Column::Sequence.gt(seen))
            .order_by_asc(Column::Sequence)
            .limit(AT_ONCE)
            .all(&tx)
            .await?;
        let Some(last) = records.last() else { break };
        seen = last.sequence;
        for record in &records {
            match follow(&end, record, noted.as_ref()) {
                Ok(next) => end = next,
                Err(fault) => return Ok(Err(fault)),
            }
            *checked += 1;
        }
    }
    Ok(compare(&end, noted).map(|()| AuditEnd {
        partner_id: partner_id.clone(),
        sequence: end.sequence,
        hash: hex::encode(end.hash),
    }))
}

/// Where the chain ends with this record, if it follows on what came before.
fn follow(
    end: &Head,
    record: &audit_events::Model,
    noted: Option<&audit_heads::Model>,
) -> Result<Head, Fault> {
    let expected = end.sequence + 1;
    if record.sequence > expected {
        return Err((expected, AuditFaultKind::Missing));
    }
    let own = hash(record, record.sequence);
    if own.as_slice() != record.hash {
        let last = noted.map_or(record.sequence, |head| head.sequence).max(record.sequence);
        let was = (1..=last).find(|number| hash(record, *number).as_slice() == record.hash);
        let what = was.map_or(AuditFaultKind::Altered, |was| AuditFaultKind::Reordered { was });
        return Err((record.sequence, what));
    }
    if end.hash.as_slice() != record.previous {
        // This one is as it was written: the one before was altered, and its hash made to fit.
        return Err((end.sequence.max(1), AuditFaultKind::Altered));
    }
    Ok(Head { sequence: record.sequence, hash: own })
}

/// Compares the end of the records with the one that was noted.
fn compare(end: &Head, noted: Option<audit_heads::Model>) -> Result<(), Fault> {
    let Some(noted) = noted else {
        if end.sequence == 0 {
            // A partner's log begins with the partner.
            return Err((1, AuditFaultKind::Missing));
        }
        return Err((end.sequence, AuditFaultKind::NotTheHead { head: None }));
    };
    if noted.sequence > end.sequence {
        return Err((end.sequence + 1, AuditFaultKind::Missing));
    }
    if noted.sequence < end.sequence || noted.hash != end.hash {
        let head = Some(noted.sequence);
        return Err((end.sequence, AuditFaultKind::NotTheHead { head }));
    }
    Ok(())
}
