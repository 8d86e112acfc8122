//! What is told by webhook of an account.

use std::{collections::HashMap, sync::Arc};

use latchkey_contract::{
    Amount, Environment, PartnerId, PrefixedId, TopUpId,
    credits::{TopUp, TopUpOutcome, TopUpReason, TopUpTrigger},
};
use latchkey_store::{AccountEvent, AccountRow, NewDelivery, NewEvent, StoreError};

use crate::{
    Context,
    dialects::{self, Dialect},
    webhooks::deliveries::{self, Occurred, deliveries_for},
};

/// Forms the events of one account. Who listens is read beforehand, for within a transaction there
/// is no time for it.
pub(super) struct Teller<'c> {
    context: &'c Context,
    dialect: Option<Arc<dyn Dialect>>,
    listeners: HashMap<String, Vec<NewDelivery>>,
}

impl<'c> Teller<'c> {
    /// For `account`, whatever may happen to it.
    pub(super) async fn of(
        context: &'c Context,
        partner: &PartnerId,
        platform: &str,
    ) -> Result<Self, StoreError> {
        let manifest = context.manifests.get(platform);
        let dialect = manifest.and_then(dialects::find);
        let mut teller = Self { context, dialect, listeners: HashMap::new() };
        if let Some(account) = context.store.get_account(partner, platform).await? {
            for event_type in teller.event_types(&account) {
                let occurred = Occurred {
                    partner,
                    platform,
                    event_type: &event_type,
                    key: None,
                    request_url: None,
                };
                let listeners = deliveries_for(context, occurred).await?;
                teller.listeners.insert(event_type, listeners);
            }
        }
        Ok(teller)
    }

    /// The types of event that the platform has for accounts.
    fn event_types(&self, account: &AccountRow) -> Vec<String> {
        let attempt = |outcome, reason| TopUp {
            id: TopUpId::from_parts(0, 0),
            platform: account.platform.clone(),
            amount: Amount::ZERO,
            trigger: TopUpTrigger::Rule,
            outcome,
            reason,
            owed_after: account.owed,
            at: account.created_at,
        };
        let booked = attempt(TopUpOutcome::Booked, None);
        let refused = attempt(TopUpOutcome::NotBooked, Some(TopUpReason::CreditLine));
        let events = [
            AccountEvent::LowBalance { account, at: account.created_at },
            AccountEvent::TopUp { top_up: &booked, account },
            AccountEvent::TopUp { top_up: &refused, account },
        ];
        let Some(dialect) = &self.dialect else { return Vec::new() };
        let formed = |event| dialect.account_event(event).map(|event| event.event_type.to_owned());
        events.iter().filter_map(formed).collect()
    }

    /// The event as it is kept, where the platform tells of such.
    pub(super) fn events(&self, event: &AccountEvent<'_>) -> Vec<NewEvent> {
        let told = self.dialect.as_ref().and_then(|dialect| dialect.account_event(event));
        let subject = match event {
            AccountEvent::LowBalance { account, .. } => account.partner_id.to_string(),
            AccountEvent::TopUp { top_up, .. } => top_up.id.to_string(),
        };
        let new = told.map(|told| NewEvent {
            id: self.context.entropy.id(self.context.clock.now()),
            event_type: told.event_type.to_owned(),
            environment: Environment::Live,
            subject,
            body: told.body,
            deliveries: self.listeners.get(told.event_type).cloned().unwrap_or_default(),
        });
        new.into_iter().collect()
    }

    /// Tells the dispatcher that something was committed.
    pub(super) fn announce(&self, partner: &PartnerId, platform: &str) {
        if self.listeners.values().any(|listeners| !listeners.is_empty()) {
            deliveries::announce(self.context, partner, platform);
        }
    }
}
