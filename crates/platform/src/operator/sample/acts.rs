//! What the sample's member and the operator did in the year, through the functions that everybody
//! uses, so that keys, books and audit log are what those make of it.

use chrono::{DateTime, Utc};
use latchkey_contract::{Amount, EndpointId, KeyId, webhooks::DisabledReason};
use latchkey_store::{
    AccountChange, Author, KeyChange, Movement, NewEndpoint, NewKey, NewSecret, Purchase, Rotation,
    SampleCharge, Store, Wanted,
};

use super::Studio;
use crate::operator::CommandError;

/// Something that was done.
pub(super) enum Act {
    EnableLive {
        platform: String,
    },
    CreateKey {
        new: Box<NewKey>,
        pair: Option<Box<NewKey>>,
        first_grant: Option<Amount>,
    },
    ChangeKey {
        id: KeyId,
        change: KeyChange,
    },
    RotateKey {
        id: KeyId,
        rotation: Rotation,
    },
    RevokeKey {
        id: KeyId,
    },
    CreateEndpoint {
        new: NewEndpoint,
        most: u32,
    },
    RotateSecret {
        id: EndpointId,
        secret: NewSecret,
    },
    /// By the server, after the last attempt.
    DisableEndpoint {
        id: EndpointId,
    },
    Grant(Given),
    Adjust(Given),
    CreditLine {
        platform: String,
        amount: Amount,
    },
    Payment {
        platform: String,
        amount: Amount,
    },
    SetRule {
        platform: String,
        change: AccountChange,
    },
    Purchase {
        platform: String,
        wanted: Wanted,
    },
    /// Calls were paid for.
    Book {
        platform: String,
        charges: Vec<SampleCharge>,
    },
}

/// Credits that the operator gives, for whatever reason.
pub(super) struct Given {
    pub(super) platform: String,
    pub(super) amount: Amount,
    pub(super) note: &'static str,
}

/// An act and its time.
pub(super) struct Step {
    pub(super) at: DateTime<Utc>,
    pub(super) act: Act,
}

/// Does them in the order of their times.
///
/// # Errors
/// What the store says.
pub(super) async fn perform(studio: &Studio<'_>, mut steps: Vec<Step>) -> Result<(), CommandError> {
    steps.sort_by_key(|step| step.at);
    let member = studio.context.store.by(studio.author.clone());
    for Step { at, act } in steps {
        match act {
            Act::Grant(_)
            | Act::Adjust(_)
            | Act::CreditLine { .. }
            | Act::Payment { .. }
            | Act::EnableLive { .. } => by_operator(studio, at, act).await?,
            act => by_member(studio, &member, at, act).await?,
        }
    }
    Ok(())
}

async fn by_operator(studio: &Studio<'_>, at: DateTime<Utc>, act: Act) -> Result<(), CommandError> {
    let (store, partner) = (&studio.context.store, &studio.partner);
    let operator = &Author::operator();
    let movement = |Given { platform, amount, note }| Movement {
        partner_id: partner.clone(),
        platform,
        amount,
        operation: hex::encode(studio.context.entropy.bytes::<16>()),
        note: Some(note.to_owned()),
        now: at,
    };
    match act {
        Act::EnableLive { platform } => {
            store.set_account_live(partner, &platform, Some(at), (operator, at)).await?;
        }
        Act::Grant(given) => {
            store.grant_credits(movement(given), operator).await?;
        }
        Act::Adjust(given) => {
            store.adjust_credits(movement(given), operator).await?;
        }
        Act::CreditLine { platform, amount } => {
            store.set_credit_line(partner, &platform, amount, (operator, at)).await?;
        }
        Act::Payment { platform, amount } => {
            store.record_payment(partner, &platform, amount, (operator, at)).await?;
        }
        _ => {}
    }
    Ok(())
}

async fn by_member(
    studio: &Studio<'_>,
    store: &Store,
    at: DateTime<Utc>,
    act: Act,
) -> Result<(), CommandError> {
    let partner = &studio.partner;
    match act {
        Act::CreateKey { new, pair: Some(pair), .. } => {
            store.create_key_pair(*new, *pair).await?;
        }
        Act::CreateKey { new, pair: None, first_grant } => {
            store.create_granting_key(*new, first_grant).await?;
        }
        Act::ChangeKey { id, change } => {
            if let Some(key) = store.get_key(partner, &id).await? {
                store.update_key(partner, &id, key.version, change, at).await?;
            }
        }
        Act::RotateKey { id, rotation } => {
            store.rotate_key(partner, &id, rotation).await?;
        }
        Act::RevokeKey { id } => {
            store.revoke_key(partner, &id, &studio.author.actor.name, at).await?;
        }
        Act::CreateEndpoint { new, most } => {
            store.create_endpoint(new, most).await?;
        }
        Act::RotateSecret { id, secret } => {
            store.rotate_endpoint_secret(partner, &id, secret).await?;
        }
        Act::DisableEndpoint { id } => {
            let server = store.by(Author::system());
            server.disable_endpoint(partner, &id, DisabledReason::Exhausted, at).await?;
        }
        Act::SetRule { platform, change } => {
            if let Some(account) = store.get_account(partner, &platform).await? {
                let by = (&studio.author, at);
                store.update_account(partner, &platform, account.version, change, by).await?;
            }
        }
        Act::Purchase { platform, wanted } => purchase(studio, store, at, platform, wanted).await?,
        Act::Book { platform, charges } => {
            store.book_sample_charges(partner, &platform, &charges).await?;
        }
        _ => {}
    }
    Ok(())
}

async fn purchase(
    studio: &Studio<'_>,
    store: &Store,
    at: DateTime<Utc>,
    platform: String,
    wanted: Wanted,
) -> Result<(), CommandError> {
    let author = match wanted {
        Wanted::Exactly(_) => studio.author.clone(),
        _ => Author::system(),
    };
    let purchase = Purchase {
        id: studio.context.entropy.id(at),
        partner_id: studio.partner.clone(),
        platform,
        wanted,
        author,
        now: at,
    };
    store.purchase_on_account(&purchase, &|_| Vec::new()).await?;
    Ok(())
}
