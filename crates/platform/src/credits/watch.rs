//! Looking after an account whose balance a movement has brought down.

use std::{collections::hash_map::Entry, sync::Arc};

use latchkey_contract::{Amount, PartnerId, events::Topic};
use latchkey_store::{AccountEvent, Author, StoreError, Wanted};

use super::{tell::Teller, top_up::purchase};
use crate::{Context, keys::KeyState};

/// What a movement has left to be done.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Due {
    /// To tell of a low balance.
    tell: bool,
    /// To buy what the rule says.
    buy: bool,
}

/// Tells of a low balance and buys what the account's rule says, after a charge that left
/// `balance`. Does not wait: one task an account does it, and accounts without threshold and rule
/// cost two comparisons.
pub fn after_charge(context: &Context, key: &KeyState, price: Amount, balance: Amount) {
    let tell = key.low_balance.is_some_and(|low| balance < low && low <= balance + price);
    let buy = key.top_up_below.is_some_and(|threshold| balance < threshold);
    if price > Amount::ZERO && (tell || buy) {
        look_after(context, &key.row.partner_id, &key.platform, Due { tell, buy });
    }
}

/// Tells of a low balance after a movement that no call caused.
pub fn after_movement(context: &Context, partner: &PartnerId, platform: &str) {
    look_after(context, partner, &platform.into(), Due { tell: true, buy: false });
}

/// Takes up what an earlier process left: low balances that nobody was told of.
///
/// # Errors
/// What the store says.
pub async fn resume(context: &Context) -> Result<(), StoreError> {
    for account in context.store.list_untold_accounts().await? {
        let due = Due { tell: true, buy: false };
        look_after(context, &account.partner_id, &account.platform.into(), due);
    }
    Ok(())
}

fn look_after(context: &Context, partner: &PartnerId, platform: &Arc<str>, due: Due) {
    let account = (partner.clone(), Arc::clone(platform));
    match context.credits.watched.lock().entry(account) {
        Entry::Occupied(mut watched) => {
            let waiting = watched.get_mut();
            waiting.tell |= due.tell;
            waiting.buy |= due.buy;
        }
        Entry::Vacant(free) => {
            free.insert(Due::default());
            tokio::spawn(watch(context.clone(), partner.clone(), Arc::clone(platform), due));
        }
    }
}

/// Does what is due until nothing came in between.
async fn watch(context: Context, partner: PartnerId, platform: Arc<str>, mut due: Due) {
    loop {
        if let Err(error) = take_care(&context, &partner, &platform, due).await {
            tracing::error!(%partner, %platform, %error, "an account could not be looked after");
        }
        let account = (partner.clone(), Arc::clone(&platform));
        let mut watched = context.credits.watched.lock();
        match watched.entry(account) {
            Entry::Occupied(mut waiting) if waiting.get().tell || waiting.get().buy => {
                due = waiting.insert(Due::default());
            }
            Entry::Occupied(done) => {
                done.remove();
                return;
            }
            Entry::Vacant(_) => return,
        }
    }
}

async fn take_care(
    context: &Context,
    partner: &PartnerId,
    platform: &str,
    due: Due,
) -> Result<(), StoreError> {
    if due.tell {
        tell_low_balance(context, partner, platform).await?;
    }
    if due.buy {
        purchase(context, partner, platform, Wanted::ByRule, Author::system()).await?;
    }
    Ok(())
}

async fn tell_low_balance(
    context: &Context,
    partner: &PartnerId,
    platform: &str,
) -> Result<(), StoreError> {
    let teller = Teller::of(context, partner, platform).await?;
    let tell = |event: &AccountEvent<'_>| teller.events(event);
    let now = context.clock.now();
    let told = context.store.tell_low_balance(partner, platform, &tell, now).await?;
    if told.is_some() {
        context.live.announce(partner, Topic::Credits, Some(platform));
        context.live.announce(partner, Topic::Audit, Some(platform));
        teller.announce(partner, platform);
    }
    Ok(())
}
