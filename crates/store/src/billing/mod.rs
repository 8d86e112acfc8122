//! Billing: the plans a partner sells, its customers, and what they use. Everything lies in a
//! [`Book`]: one partner on one platform in one environment; nothing is read or written across.
//!
//! A change is made once under its repeat key: the change, the answer it is told with, and the
//! events it causes are one transaction (`answers`). The caller says what to tell by a function
//! from what was done to a [`Telling`].

mod answers;
mod customers;
mod plans;
mod record;
mod usage;

use latchkey_contract::{Environment, PartnerId};

pub use answers::{Answer, Repeat, Telling, Written};
pub use customers::{CustomerChange, CustomerRow, NewCustomer};
pub use plans::{NewPlan, PlanRow, PlanStatus};
pub use record::{MonthUsage, NewUsageEvent, Recorded, RecordedEvent, month_of};
pub use usage::EventUsage;

/// One partner's book on a platform, live or test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// Whose.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: String,
    /// Live or test.
    pub environment: Environment,
}

/// Which rows of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// At most so many.
    pub limit: u64,
    /// After so many.
    pub offset: u64,
}

/// Some rows of a list, and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<T> {
    /// Those asked for.
    pub rows: Vec<T>,
    /// All there are.
    pub total: u64,
}

/// The rows of a book in one table.
macro_rules! in_book {
    ($entity:ident, $book:expr) => {
        sea_orm::Condition::all()
            .add($entity::Column::PartnerId.eq($book.partner_id.as_str()))
            .add($entity::Column::Platform.eq($book.platform.as_str()))
            .add($entity::Column::Environment.eq($crate::columns::Word::word($book.environment)))
    };
}
use in_book;
