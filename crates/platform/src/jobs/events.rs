//! What is told of a finished job.

use latchkey_store::{JobRow, NewEvent, StoreError};
use url::Url;

use crate::{Context, dialects::Dialect, webhooks};

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
    let Some(event) = dialect.event(job) else { return Ok(Vec::new()) };
    let url = job.webhook_url.as_deref().and_then(|url| Url::parse(url).ok());
    let (partner, platform) = (&job.partner_id, &job.platform);
    let deliveries =
        webhooks::deliveries_for(context, partner, platform, event.event_type, url.as_ref())
            .await?;
    Ok(vec![NewEvent {
        id: context.entropy.id(context.clock.now()),
        event_type: event.event_type.to_owned(),
        environment: job.environment,
        subject: job.id.clone(),
        body: event.body,
        deliveries,
    }])
}
