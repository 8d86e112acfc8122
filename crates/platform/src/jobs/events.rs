//! What is told of a finished job.

use latchkey_contract::Amount;
use latchkey_store::{JobRow, NewEvent, StoreError};
use url::Url;

use crate::{
    Context,
    dialects::Dialect,
    webhooks::{Occurred, deliveries_for},
};

/// The event of a finished job with its deliveries, to be written in the transaction that
/// finishes it.
///
/// # Errors
/// What the store says.
pub async fn events_of(
    context: &Context,
    dialect: &dyn Dialect,
    job: &JobRow,
) -> Result<Vec<NewEvent>, StoreError> {
    let Some(mut event) = dialect.event(job) else { return Ok(Vec::new()) };
    if let Some(tell) = dialect.balance_teller() {
        let account = context.store.get_account(&job.partner_id, &job.platform).await?;
        tell(&mut event, account.map_or(Amount::ZERO, |account| account.balance));
    }
    let url = job.webhook_url.as_deref().and_then(|url| Url::parse(url).ok());
    let occurred = Occurred {
        partner: &job.partner_id,
        platform: &job.platform,
        event_type: event.event_type,
        key: Some(&job.key_id),
        request_url: url.as_ref(),
    };
    let deliveries = deliveries_for(context, occurred).await?;
    Ok(vec![NewEvent {
        id: context.entropy.id(context.clock.now()),
        event_type: event.event_type.to_owned(),
        environment: job.environment,
        subject: job.id.clone(),
        body: event.body,
        deliveries,
    }])
}
