//! A clock that was set back: what was planned while it was ahead keeps its pause, not its date.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, Func},
};

use crate::{
    Store, StoreError,
    columns::micros,
    entities::deliveries::{Column, Entity},
};

impl Store {
    /// Over all partners: a retry that was planned from a time yet to come is due as long after
    /// `now` as it was to be after that time, and a replay at once. Claimed deliveries are left
    /// alone. Answers how many were moved.
    pub async fn pull_deliveries_back(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let now = micros(now);
        // A look first: it is hardly ever needed and should not wait for its turn to write.
        let ahead = Condition::any().add(replays_ahead(now)).add(retries_ahead(now));
        if Entity::find().filter(ahead).count(self.db()).await? == 0 {
            return Ok(0);
        }
        let tx = self.begin_write().await?;
        let replays = Entity::update_many()
            .col_expr(Column::ReplayAt, Expr::value(now))
            .col_expr(Column::DueAt, Expr::value(now))
            .filter(replays_ahead(now))
            .exec(&*tx)
            .await?;
        let back = |column: Column| Expr::col(column).sub(planned_from()).add(now);
        let retries = Entity::update_many()
            .col_expr(Column::NextAttemptAt, back(Column::NextAttemptAt))
            .col_expr(Column::DueAt, back(Column::DueAt))
            // Now: looked at again, the delivery stays as it is.
            .col_expr(Column::LastAttemptAt, back(Column::LastAttemptAt))
            .filter(retries_ahead(now))
            .exec(&*tx)
            .await?;
        tx.commit().await?;
        Ok(replays.rows_affected + retries.rows_affected)
    }
}

/// What a retry's pause is counted from.
fn planned_from() -> Expr {
    Func::coalesce([Expr::col(Column::LastAttemptAt), Expr::col(Column::CreatedAt)]).into()
}

fn replays_ahead(now: i64) -> Condition {
    Condition::all()
        .add(Column::DueAt.gt(now))
        .add(Expr::col(Column::DueAt).eq(Expr::col(Column::ReplayAt)))
}

fn retries_ahead(now: i64) -> Condition {
    Condition::all()
        .add(Column::DueAt.gt(now))
        .add(Expr::col(Column::DueAt).eq(Expr::col(Column::NextAttemptAt)))
        .add(planned_from().gt(now))
}
