//! Removing a sample partner whole: the one way that rows of a partner go.

use latchkey_contract::{Environment, PartnerId, PrefixedId};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::{
    Store, StoreError,
    columns::Word,
    connection::WriteTransaction,
    entities::{
        accounts, admin_idempotency, api_keys, attempts, audit_events, audit_heads,
        billing_answers, billing_customers, billing_events, billing_plans, billing_usage, claims,
        deliveries, events, idempotency, jobs, key_numbers, key_spend, ledger, members, partners,
        replays, requests, sessions, top_ups, usage, usage_hours, used_refresh_tokens,
        webhook_endpoints,
    },
};

/// Scopes of repeat keys in one statement.
const AT_ONCE: usize = 500;

/// Deletes a partner's rows of each table, in this order.
macro_rules! delete_rows {
    ($tx:expr, $partner:expr, [$($table:ident),* $(,)?]) => {$(
        $table::Entity::delete_many()
            .filter($table::Column::PartnerId.eq($partner))
            .exec(&**$tx)
            .await?;
    )*};
}

impl Store {
    /// Removes a sample partner and everything of it in every table, all or nothing; `false` where
    /// there is none of this id, so that no other partner ever goes this way. What the grouped
    /// writer has still to count for it is dropped.
    pub async fn delete_sample_partner(&self, partner_id: &PartnerId) -> Result<bool, StoreError> {
        let tx = self.begin_write().await?;
        let sample = partners::Entity::find_by_id(partner_id.as_str())
            .filter(partners::Column::Sample.is_not_null())
            .one(&*tx)
            .await?;
        if sample.is_none() {
            return Ok(false);
        }
        // The writer waits for its turn: nothing is counted until the rows are gone.
        self.forget_counts(partner_id);
        delete_repeat_keys(&tx, partner_id).await?;
        delete_all(&tx, partner_id.as_str()).await?;
        tx.commit().await?;
        self.ledger_sums.lock().retain(|(partner, _), _| partner != partner_id);
        Ok(true)
    }
}

/// A test walks through the schema: a table that is added and is missing here fails it. Whoever
/// refers to another goes first.
async fn delete_all(tx: &WriteTransaction, partner: &str) -> Result<(), StoreError> {
    delete_rows!(tx, partner, [attempts, deliveries, events, replays, webhook_endpoints]);
    delete_rows!(tx, partner, [claims, key_numbers, key_spend, jobs, ledger, top_ups]);
    delete_rows!(tx, partner, [usage, usage_hours, requests, api_keys]);
    delete_rows!(
        tx,
        partner,
        [billing_answers, billing_usage, billing_events, billing_customers, billing_plans]
    );
    delete_rows!(tx, partner, [accounts, audit_events, audit_heads]);
    let sessions_of = sessions::Entity::find()
        .select_only()
        .column(sessions::Column::Id)
        .filter(sessions::Column::PartnerId.eq(partner))
        .into_query();
    used_refresh_tokens::Entity::delete_many()
        .filter(used_refresh_tokens::Column::SessionId.in_subquery(sessions_of))
        .exec(&**tx)
        .await?;
    delete_rows!(tx, partner, [sessions, members]);
    partners::Entity::delete_by_id(partner).exec(&**tx).await?;
    Ok(())
}

/// Repeat keys belong to a scope: of the admin API the partner, of the keyed ones platform,
/// environment, and partner or key.
async fn delete_repeat_keys(
    tx: &WriteTransaction,
    partner_id: &PartnerId,
) -> Result<(), StoreError> {
    admin_idempotency::Entity::delete_many()
        .filter(admin_idempotency::Column::Scope.eq(partner_id.as_str()))
        .exec(&**tx)
        .await?;
    let platforms: Vec<String> = accounts::Entity::find()
        .select_only()
        .column(accounts::Column::Platform)
        .filter(accounts::Column::PartnerId.eq(partner_id.as_str()))
        .into_tuple()
        .all(&**tx)
        .await?;
    let keys: Vec<(String, String, String)> = api_keys::Entity::find()
        .select_only()
        .column(api_keys::Column::Platform)
        .column(api_keys::Column::Environment)
        .column(api_keys::Column::Id)
        .filter(api_keys::Column::PartnerId.eq(partner_id.as_str()))
        .into_tuple()
        .all(&**tx)
        .await?;
    let of_partner = platforms.iter().flat_map(|platform| {
        let environments = [Environment::Live, Environment::Test];
        environments.map(|environment| format!("{platform}/{}/{partner_id}", environment.word()))
    });
    let of_keys =
        keys.iter().map(|(platform, environment, key)| format!("{platform}/{environment}/{key}"));
    let scopes: Vec<String> = of_partner.chain(of_keys).collect();
    for some in scopes.chunks(AT_ONCE) {
        let in_scope = idempotency::Column::Scope.is_in(some.iter().map(String::as_str));
        idempotency::Entity::delete_many()
            .filter(Condition::all().add(in_scope))
            .exec(&**tx)
            .await?;
    }
    Ok(())
}
