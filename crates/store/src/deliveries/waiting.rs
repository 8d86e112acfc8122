//! What a change of an endpoint means to its deliveries that wait. `due_at` is what the dispatcher
//! looks at: without it nothing is sent.

use latchkey_contract::{EndpointId, PrefixedId, webhooks::DeliveryState};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, UpdateMany,
    sea_query::{Expr, Func},
};

use crate::{
    StoreError,
    columns::Word,
    connection::WriteTransaction,
    entities::deliveries::{self, Column},
};

/// When a delivery is to be tried next, by its replay or else its schedule.
pub(super) fn planned() -> Expr {
    Func::coalesce([Expr::col(Column::ReplayAt), Expr::col(Column::NextAttemptAt)]).into()
}

/// The endpoint moved: what waits goes to the new place.
pub(crate) async fn redirect(
    tx: &WriteTransaction,
    endpoint_id: &EndpointId,
    url: &str,
) -> Result<(), StoreError> {
    of(endpoint_id)
        .col_expr(Column::Url, Expr::value(url))
        .filter(Column::State.eq(DeliveryState::Waiting.word()))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// The endpoint is off: nothing is due.
pub(crate) async fn hold_back(
    tx: &WriteTransaction,
    endpoint_id: &EndpointId,
) -> Result<(), StoreError> {
    of(endpoint_id)
        .col_expr(Column::DueAt, Expr::value(None::<i64>))
        .filter(Column::DueAt.is_not_null())
        .exec(&**tx)
        .await?;
    Ok(())
}

/// The endpoint is on again: what was held back is due by its plan.
pub(crate) async fn resume(
    tx: &WriteTransaction,
    endpoint_id: &EndpointId,
) -> Result<(), StoreError> {
    of(endpoint_id)
        .col_expr(Column::DueAt, planned())
        .filter(Column::DueAt.is_null())
        .exec(&**tx)
        .await?;
    Ok(())
}

/// The endpoint is gone: what waits has failed.
pub(crate) async fn give_up(
    tx: &WriteTransaction,
    endpoint_id: &EndpointId,
) -> Result<(), StoreError> {
    let nothing = || Expr::value(None::<i64>);
    of(endpoint_id)
        .col_expr(Column::State, Expr::value(DeliveryState::Failed.word()))
        .col_expr(Column::LastError, Expr::value("the endpoint was deleted"))
        .filter(Column::State.eq(DeliveryState::Waiting.word()))
        .exec(&**tx)
        .await?;
    of(endpoint_id)
        .col_expr(Column::NextAttemptAt, nothing())
        .col_expr(Column::ReplayAt, nothing())
        .col_expr(Column::DueAt, nothing())
        .exec(&**tx)
        .await?;
    Ok(())
}

fn of(endpoint_id: &EndpointId) -> UpdateMany<deliveries::Entity> {
    deliveries::Entity::update_many().filter(Column::EndpointId.eq(endpoint_id.as_str()))
}
