//! What happens to an account and is told of: credits bought or not bought, a balance gone low.

use chrono::{DateTime, Utc};
use latchkey_contract::{PartnerId, PrefixedId, credits::TopUp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{
    AccountRow, Author, NewEvent, Store, StoreError,
    accounts::records::of_account,
    audit,
    deliveries::insert_event,
    entities::accounts::{self, Column},
};

/// Something that happened to an account.
#[derive(Debug, Clone, Copy)]
pub enum AccountEvent<'e> {
    /// The balance fell below the threshold.
    LowBalance {
        /// As it is when that is told.
        account: &'e AccountRow,
        /// When it is told.
        at: DateTime<Utc>,
    },
    /// Credits were bought, or not.
    TopUp {
        /// The attempt.
        top_up: &'e TopUp,
        /// As it is after it.
        account: &'e AccountRow,
    },
}

/// What is told by webhook of an event, written in the transaction that tells it.
pub type Tell<'t> = &'t (dyn Fn(&AccountEvent<'_>) -> Vec<NewEvent> + Send + Sync);

impl Store {
    /// Tells that a balance fell below its threshold, once a crossing: the movement that crossed it
    /// has left a note, which goes away with the telling. `None` where there is nothing to tell.
    pub async fn tell_low_balance(
        &self,
        partner_id: &PartnerId,
        platform: &str,
        tell: Tell<'_>,
        now: DateTime<Utc>,
    ) -> Result<Option<AccountRow>, StoreError> {
        let tx = self.begin_write().await?;
        let noted = accounts::Entity::update_many()
            .col_expr(Column::LowSince, Expr::value(None::<i64>))
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(Column::Platform.eq(platform))
            .filter(Column::LowSince.is_not_null())
            .exec_with_returning(&*tx)
            .await?;
        let Some(account) = noted.into_iter().next() else { return Ok(None) };
        let account = AccountRow::try_from(account)?;
        let author = Author::system();
        let event = of_account(&account, &author, "account.balance_low", now)
            .with("balance", Some(account.balance))
            .with("low_balance", account.low_balance);
        audit::append(&tx, event).await?;
        for event in tell(&AccountEvent::LowBalance { account: &account, at: now }) {
            insert_event(&tx, partner_id, platform, &event, now).await?;
        }
        tx.commit().await?;
        Ok(Some(account))
    }

    /// The server's start over all partners: the accounts whose low balance nobody was told of.
    pub async fn list_untold_accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        let found =
            accounts::Entity::find().filter(Column::LowSince.is_not_null()).all(self.db()).await?;
        found.into_iter().map(AccountRow::try_from).collect()
    }
}
