//! What customers used, read from the counts by day.

use chrono::{DateTime, NaiveDate, Utc};
use latchkey_contract::PrefixedId;
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use super::{Book, in_book};
use crate::{
    Store, StoreError,
    columns::time,
    entities::billing_usage::{self, Column},
};

/// What a customer used of one kind of event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventUsage {
    /// The kind.
    pub event_name: String,
    /// The sum of the events' quantities.
    pub quantity: i64,
    /// When it was last used.
    pub last_at: DateTime<Utc>,
}

impl Store {
    /// What a customer used from the one day to the other, both included, by event name; of one
    /// where it is named.
    pub async fn list_customer_usage(
        &self,
        book: &Book,
        customer_id: &str,
        (from, to): (NaiveDate, NaiveDate),
        event_name: Option<&str>,
    ) -> Result<Vec<EventUsage>, StoreError> {
        let named = event_name.map(|name| Column::EventName.eq(name));
        let found: Vec<(String, i64, i64)> = billing_usage::Entity::find()
            .select_only()
            .column(Column::EventName)
            .column_as(Expr::col(Column::Quantity).sum().cast_as("BIGINT"), "quantity")
            .column_as(Expr::col(Column::LastAt).max(), "last_at")
            .filter(in_book!(billing_usage, book).add_option(named))
            .filter(Column::CustomerId.eq(customer_id))
            .filter(Column::Day.between(day_number(from), day_number(to)))
            .group_by(Column::EventName)
            .order_by_asc(Column::EventName)
            .into_tuple()
            .all(self.db())
            .await?;
        let read = |(event_name, quantity, last_at)| {
            Ok(EventUsage { event_name, quantity, last_at: time(last_at)? })
        };
        found.into_iter().map(read).collect()
    }
}

/// The day in days since 1970.
pub(super) fn day_number(day: NaiveDate) -> i64 {
    day.signed_duration_since(NaiveDate::default()).num_days()
}
