//! What a year of calls leaves behind, many rows a statement.

use std::{collections::BTreeSet, fmt::Write};

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, Environment, KeyId, PartnerId, PrefixedId, usage::Outcome};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, Statement, sea_query::Expr,
};

use super::rows::{attempt_row, delivery_row, event_row, movements, request_row};
use crate::{
    DeliveryRow, NewAttempt, NewRequest, Store, StoreError, UsageSpan,
    columns::{Word, micros},
    connection::WriteTransaction,
    entities::{accounts, api_keys, attempts, deliveries, events, ledger, requests},
};

/// Rows of one statement: far below what an engine takes in parameters.
const AT_ONCE: usize = 500;
/// Points of one statement; they are no parameters.
const POINTS_AT_ONCE: usize = 4_000;

/// Usage of one key, operation and outcome over time.
#[derive(Debug, Clone)]
pub struct SampleSeries {
    /// Slug of the platform.
    pub platform: String,
    /// Live or test.
    pub environment: Environment,
    /// Which key.
    pub key_id: KeyId,
    /// The operation's name in usage.
    pub operation: String,
    /// How the calls ended.
    pub outcome: Outcome,
    /// Minutes or quarters of an hour.
    pub span: UsageSpan,
    /// Start of the bucket in Unix seconds, calls, millionths of credits; each bucket once.
    pub points: Vec<(i64, i64, i64)>,
}

/// One call that was paid for, or many of them together.
#[derive(Debug, Clone)]
pub struct SampleCharge {
    /// The key that called, where it was one.
    pub key_id: Option<KeyId>,
    /// What was held, above zero.
    pub amount: Amount,
    /// Whether it was spent; else it was given back.
    pub captured: bool,
    /// Names the movements on this server: the job's id, or what the calls have in common.
    pub name: String,
    /// Whether the name is a job's id.
    pub is_job: bool,
    /// What the list of movements says to it.
    pub note: Option<String>,
    /// When it was held.
    pub held_at: DateTime<Utc>,
    /// When that ended.
    pub settled_at: DateTime<Utc>,
}

/// A delivery that has had its attempts: nothing is sent any more.
#[derive(Debug, Clone)]
pub struct SampleDelivery {
    /// As it stands.
    pub delivery: DeliveryRow,
    /// The job it tells of.
    pub subject: String,
    /// Its body.
    pub body: String,
    /// The oldest first.
    pub attempts: Vec<NewAttempt>,
}

/// When and from where a key was used.
#[derive(Debug, Clone)]
pub struct SampleUse {
    /// Which key.
    pub key_id: KeyId,
    /// Its first call.
    pub first_at: DateTime<Utc>,
    /// Its last call.
    pub last_at: DateTime<Utc>,
    /// From where.
    pub address: String,
    /// With what.
    pub agent: String,
}

impl Store {
    /// Adds usage by minutes and quarters to a sample partner that is being filled: all of it in one
    /// call, so that rows are written in the order they lie in.
    pub async fn add_sample_usage(
        &self,
        partner_id: &PartnerId,
        series: &[SampleSeries],
    ) -> Result<(), StoreError> {
        let tx = self.begin_filling(partner_id).await?;
        for span in [UsageSpan::Minute, UsageSpan::QuarterHour] {
            let of_span = series.iter().enumerate().filter(|(_, one)| one.span == span);
            let mut points: Vec<Point> = of_span
                .flat_map(|(index, one)| {
                    one.points
                        .iter()
                        .map(move |(at, calls, credits)| (*at, index, *calls, *credits))
                })
                .collect();
            points.sort_unstable();
            for some in points.chunks(POINTS_AT_ONCE) {
                insert_points(&tx, partner_id, span, series, some).await?;
            }
        }
        tx.commit().await
    }

    /// Sums up its quarters of an hour by the hour, of each platform and of all together. Once.
    pub async fn sum_sample_hours(&self, partner_id: &PartnerId) -> Result<(), StoreError> {
        let tx = self.begin_filling(partner_id).await?;
        let sums = "CAST(SUM(CASE WHEN outcome = 'accepted' THEN requests ELSE 0 END) AS BIGINT), \
             CAST(SUM(CASE WHEN outcome = 'refused' THEN requests ELSE 0 END) AS BIGINT), \
             CAST(SUM(CASE WHEN outcome = 'failed' THEN requests ELSE 0 END) AS BIGINT), \
             CAST(SUM(credits) AS BIGINT)";
        for platform in ["platform", "''"] {
            let sql = format!(
                "INSERT INTO usage_hours \
                 (partner_id, platform, hour, environment, accepted, refused, failed, credits) \
                 SELECT partner_id, {platform} AS of_platform, bucket - bucket % {hour} AS of_hour, \
                 environment, {sums} FROM usage WHERE partner_id = $1 AND span_s = {quarter} \
                 GROUP BY partner_id, of_platform, of_hour, environment",
                hour = UsageSpan::Hour.seconds(),
                quarter = UsageSpan::QuarterHour.seconds(),
            );
            execute(&tx, sql, vec![partner_id.as_str().into()]).await?;
        }
        tx.commit().await
    }

    /// Books what calls cost on one of its accounts, which must be able to pay for all of it.
    pub async fn book_sample_charges(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        charges: &[SampleCharge],
    ) -> Result<(), StoreError> {
        let tx = self.begin_filling(partner_id).await?;
        let captured = charges.iter().filter(|charge| charge.captured);
        let captured: i64 = captured.map(|charge| charge.amount.0).sum();
        let paid = accounts::Entity::update_many()
            .col_expr(accounts::Column::Balance, Expr::col(accounts::Column::Balance).sub(captured))
            .col_expr(
                accounts::Column::Captured,
                Expr::col(accounts::Column::Captured).add(captured),
            )
            .filter(accounts::Column::PartnerId.eq(partner_id.as_str()))
            .filter(accounts::Column::Platform.eq(platform))
            .filter(accounts::Column::Balance.gte(captured))
            .exec(&*tx)
            .await?;
        if paid.rows_affected == 0 {
            return Err(StoreError::AmountOutOfRange);
        }
        let entries = charges.iter().flat_map(|charge| movements(partner_id, platform, charge));
        let entries: Vec<_> = entries.collect();
        for some in entries.chunks(AT_ONCE) {
            ledger::Entity::insert_many(some.to_vec()).exec_without_returning(&*tx).await?;
        }
        tx.commit().await
    }

    /// Adds single calls to its log.
    pub async fn add_sample_requests(
        &self,
        partner_id: &PartnerId,
        calls: &[NewRequest],
    ) -> Result<(), StoreError> {
        let tx = self.begin_filling(partner_id).await?;
        for some in calls.chunks(AT_ONCE) {
            let rows = some.iter().map(|call| request_row(partner_id, call));
            requests::Entity::insert_many(rows).exec_without_returning(&*tx).await?;
        }
        tx.commit().await
    }

    /// Adds deliveries with their events and attempts.
    pub async fn add_sample_deliveries(
        &self,
        partner_id: &PartnerId,
        made: &[SampleDelivery],
    ) -> Result<(), StoreError> {
        let tx = self.begin_filling(partner_id).await?;
        for some in made.chunks(AT_ONCE) {
            let rows = some.iter().map(|one| event_row(partner_id, one));
            events::Entity::insert_many(rows).exec_without_returning(&*tx).await?;
            let rows = some.iter().map(|one| delivery_row(partner_id, one));
            deliveries::Entity::insert_many(rows).exec_without_returning(&*tx).await?;
            let mut tried = Vec::new();
            for one in some {
                for (attempt, number) in one.attempts.iter().zip(1..) {
                    tried.push(attempt_row(partner_id, one, attempt, number)?);
                }
            }
            for some in tried.chunks(AT_ONCE) {
                attempts::Entity::insert_many(some.to_vec()).exec_without_returning(&*tx).await?;
            }
        }
        tx.commit().await
    }

    /// Notes when its keys were used.
    pub async fn note_sample_uses(
        &self,
        partner_id: &PartnerId,
        uses: &[SampleUse],
    ) -> Result<(), StoreError> {
        use api_keys::Column;
        let tx = self.begin_filling(partner_id).await?;
        for used in uses {
            api_keys::Entity::update_many()
                .col_expr(Column::FirstUsedAt, Expr::value(micros(used.first_at)))
                .col_expr(Column::LastUsedAt, Expr::value(micros(used.last_at)))
                .col_expr(Column::LastUsedAddress, Expr::value(used.address.as_str()))
                .col_expr(Column::LastUsedAgent, Expr::value(used.agent.as_str()))
                .filter(Column::Id.eq(used.key_id.as_str()))
                .filter(Column::PartnerId.eq(partner_id.as_str()))
                .exec(&*tx)
                .await?;
        }
        tx.commit().await
    }
}

const INTO_USAGE: &str = "INSERT INTO usage \
    (partner_id, span_s, bucket, platform, environment, key_id, operation, outcome, requests, credits)";

/// Start of the bucket, which series, calls, millionths.
type Point = (i64, usize, i64, i64);

/// Numbers stand in the text itself: to bind each of some hundred thousand would take many times as
/// long. What is bound is numbered in the order it appears in, which every engine understands alike.
async fn insert_points(
    tx: &WriteTransaction,
    partner_id: &PartnerId,
    span: UsageSpan,
    series: &[SampleSeries],
    points: &[Point],
) -> Result<(), StoreError> {
    let mut sql =
        "WITH series (n, platform, environment, key_id, operation, outcome) AS (VALUES ".to_owned();
    let mut values: Vec<sea_orm::Value> = Vec::new();
    let named: BTreeSet<usize> = points.iter().map(|(_, index, ..)| *index).collect();
    for (index, one) in named.iter().filter_map(|index| Some((*index, series.get(*index)?))) {
        let comma = if values.is_empty() { "" } else { "," };
        let [a, b, c, d, e] = [1, 2, 3, 4, 5].map(|next| values.len() + next);
        // Writing to a text does not fail.
        let _ = write!(sql, "{comma}({index},${a},${b},${c},${d},${e})");
        values.extend([
            one.platform.as_str().into(),
            one.environment.word().into(),
            one.key_id.as_str().into(),
            one.operation.as_str().into(),
            one.outcome.word().into(),
        ]);
    }
    sql.push_str("), points (n, bucket, requests, credits) AS (VALUES ");
    for (at, (bucket, index, calls, credits)) in points.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(sql, "{comma}({index},{bucket},{calls},{credits})");
    }
    values.push(partner_id.as_str().into());
    let (partner, span) = (values.len(), span.seconds());
    let _ = write!(
        sql,
        ") {INTO_USAGE} SELECT ${partner}, {span}, bucket, platform, environment, key_id, operation, \
         outcome, requests, credits FROM points CROSS JOIN series WHERE series.n = points.n"
    );
    execute(tx, sql, values).await
}

async fn execute(
    tx: &WriteTransaction,
    sql: String,
    values: Vec<sea_orm::Value>,
) -> Result<(), StoreError> {
    let backend = tx.get_database_backend();
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}
