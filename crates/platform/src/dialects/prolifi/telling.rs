//! What is told by webhook.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use latchkey_contract::Environment;
use latchkey_store::{NewDelivery, NewEvent};
use serde_json::{Value, json};

use super::super::timestamp;
use crate::{
    Entropy,
    gateway::{Call, Refusal},
    webhooks::{self, Occurred},
};

pub const CUSTOMER_CREATED: &str = "customer.created";
pub const CUSTOMER_ARCHIVED: &str = "customer.archived";
pub const USAGE_RECORDED: &str = "usage.recorded";
pub const ENTITLEMENT_EXCEEDED: &str = "entitlement.exceeded";

/// Who listens to which events: read before a change, for within it nothing waits.
pub struct Teller {
    listeners: HashMap<&'static str, Vec<NewDelivery>>,
    environment: Environment,
    entropy: Entropy,
    now: DateTime<Utc>,
}

impl Teller {
    /// For events of these types.
    pub async fn of(call: &Call, types: &[&'static str]) -> Result<Self, Refusal> {
        let (context, key) = (call.context(), &call.key.row);
        let mut listeners = HashMap::new();
        for event_type in types {
            let occurred = Occurred {
                partner: &key.partner_id,
                platform: &key.platform,
                event_type,
                key: Some(&key.id),
                request_url: None,
            };
            let deliveries = webhooks::deliveries_for(context, occurred).await?;
            listeners.insert(*event_type, deliveries);
        }
        let entropy = context.entropy.clone();
        Ok(Self { listeners, environment: key.environment, entropy, now: call.now })
    }

    /// An event of a customer; none where nobody listens.
    pub fn tell(&self, event_type: &'static str, customer: &str, data: &Value) -> Option<NewEvent> {
        let listeners = self.listeners.get(event_type).filter(|all| !all.is_empty())?;
        let addressed = listeners
            .iter()
            .cloned()
            .map(|delivery| NewDelivery { id: self.entropy.id(self.now), ..delivery });
        let body = json!({ "type": event_type, "timestamp": timestamp(self.now), "data": data });
        Some(NewEvent {
            id: self.entropy.id(self.now),
            event_type: event_type.to_owned(),
            environment: self.environment,
            subject: customer.to_owned(),
            body: body.to_string(),
            deliveries: addressed.collect(),
        })
    }
}
