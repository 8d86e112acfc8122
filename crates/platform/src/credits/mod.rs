//! Credits of an account: what a member sets, what is bought, what is told when they run low.
//!
//! A charge that leaves an account short goes on without waiting: [`after_charge`] looks after it on
//! a task of its own. A charge that finds too little waits for [`top_up_for`] and is tried again.
//! Both buy through a [`PaymentProvider`].

mod payment;
mod settings;
mod tell;
mod top_up;
mod watch;

pub use payment::{OnAccount, PaymentProvider};
pub use settings::{AccountError, CREDITS, update_account};
pub use top_up::{buy, top_up_for};
pub use watch::{after_charge, after_movement, resume};

use std::{collections::HashMap, fmt, sync::Arc};

use latchkey_contract::PartnerId;
use parking_lot::Mutex;
use watch::Due;

/// What pays, and whose balances are being looked after. Cheap to clone.
#[derive(Clone)]
pub struct Credits {
    payments: Arc<dyn PaymentProvider>,
    watched: Arc<Mutex<Watched>>,
}

/// Accounts that are looked after just now, and what came up meanwhile.
type Watched = HashMap<(PartnerId, Arc<str>), Due>;

impl Credits {
    /// Buys through `payments`.
    #[must_use]
    pub fn new(payments: impl PaymentProvider + 'static) -> Self {
        Self { payments: Arc::new(payments), watched: Arc::default() }
    }
}

impl fmt::Debug for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credits").finish_non_exhaustive()
    }
}
