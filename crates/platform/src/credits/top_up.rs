//! Buying credits.

use latchkey_contract::{
    Amount, PartnerId,
    credits::{TopUp, TopUpOutcome},
    events::Topic,
};
use latchkey_store::{AccountEvent, Author, Purchase, Purchased, StoreError, Wanted};

use super::tell::Teller;
use crate::Context;

/// Buys for a member, now; answers what came of it. `None` where there is no such account.
///
/// # Errors
/// What the store says; [`StoreError::AmountOutOfRange`] for an amount that is not above zero.
pub async fn buy(
    context: &Context,
    partner: &PartnerId,
    platform: &str,
    amount: Amount,
    author: Author,
) -> Result<Option<TopUp>, StoreError> {
    match purchase(context, partner, platform, Wanted::Exactly(amount), author).await? {
        Purchased::Kept(top_up) => Ok(Some(top_up)),
        Purchased::KnownReason(_) | Purchased::NotNeeded | Purchased::NoAccount => Ok(None),
    }
}

/// Buys what a call needs, if the account's rule is on and allows it. Answers whether the call
/// should be tried again: there may be enough now, be it that another call has bought.
///
/// # Errors
/// What the store says.
pub async fn top_up_for(
    context: &Context,
    partner: &PartnerId,
    platform: &str,
    needed: Amount,
) -> Result<bool, StoreError> {
    let wanted = Wanted::ByRuleFor(needed);
    let purchased = purchase(context, partner, platform, wanted, Author::system()).await?;
    Ok(match purchased {
        Purchased::Kept(top_up) => top_up.outcome == TopUpOutcome::Booked,
        Purchased::NotNeeded => true,
        Purchased::KnownReason(_) | Purchased::NoAccount => false,
    })
}

/// Buys, or keeps why not, and tells of it.
pub(super) async fn purchase(
    context: &Context,
    partner: &PartnerId,
    platform: &str,
    wanted: Wanted,
    author: Author,
) -> Result<Purchased, StoreError> {
    let teller = Teller::of(context, partner, platform).await?;
    let now = context.clock.now();
    let purchase = Purchase {
        id: context.entropy.id(now),
        partner_id: partner.clone(),
        platform: platform.to_owned(),
        wanted,
        author,
        now,
    };
    let tell = |event: &AccountEvent<'_>| teller.events(event);
    let payments = &context.credits.payments;
    let purchased = payments.purchase(&context.store, &purchase, &tell).await?;
    if let Purchased::Kept(top_up) = &purchased {
        if top_up.outcome == TopUpOutcome::Booked {
            context.live.announce(partner, Topic::Accounts, Some(platform));
        }
        context.live.announce(partner, Topic::Credits, Some(platform));
        context.live.announce(partner, Topic::Audit, Some(platform));
        teller.announce(partner, platform);
    }
    Ok(purchased)
}
