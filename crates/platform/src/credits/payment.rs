//! What pays for credits.

use futures::future::BoxFuture;
use latchkey_store::{Purchase, Purchased, Store, StoreError, Tell};

/// A way to pay. It books the credits only for what was paid or is owed, checks an account's rule
/// and limits in the transaction that books, and keeps why nothing was bought.
pub trait PaymentProvider: Send + Sync {
    /// Buys, or keeps why not; what `tell` answers is written with it.
    ///
    /// # Errors
    /// What the store says; nothing was bought then.
    fn purchase<'p>(
        &'p self,
        store: &'p Store,
        purchase: &'p Purchase,
        tell: Tell<'p>,
    ) -> BoxFuture<'p, Result<Purchased, StoreError>>;
}

/// On account: the price is owed, within the line that the operator sets for the account. Nobody's
/// card is charged.
#[derive(Debug, Clone, Copy)]
pub struct OnAccount;

impl PaymentProvider for OnAccount {
    fn purchase<'p>(
        &'p self,
        store: &'p Store,
        purchase: &'p Purchase,
        tell: Tell<'p>,
    ) -> BoxFuture<'p, Result<Purchased, StoreError>> {
        Box::pin(store.purchase_on_account(purchase, tell))
    }
}
