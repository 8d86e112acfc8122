//! Webhooks delivered a second: claimed, signed, sent to a receiver on this computer, recorded.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use latchkey_contract::{
    Environment, PartnerId, SecretText,
    partners::CreatePartner,
    webhooks::{CreateWebhookEndpoint, DeliveryQuery, DeliveryState, WebhookEndpoint},
};
use latchkey_platform::{
    Clock, Config, Context, Entropy, ServerKey,
    partners::create_partner,
    server::open_context,
    webhooks::{Dispatcher, endpoints},
};
use latchkey_store::{Author, NewDelivery, NewEvent};

use crate::setting::PLATFORM;

/// Deliveries of a run, and how many one event has: what is measured is not the writing of events.
const DELIVERIES: usize = 20_000;
const AN_EVENT: usize = 100;

/// Blocks until a run is over, on a runtime of its own as a server has it.
pub fn deliveries_a_second(receiver: SocketAddr) -> anyhow::Result<f64> {
    let data = tempfile::tempdir()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let key = ServerKey::new(Entropy::system().bytes());
        let config = Config::on_this_computer(data.path().to_owned(), key);
        let context = open_context(config, Clock::system(), Entropy::system()).await?;
        let partner = sign_up(&context).await?;
        let endpoint = CreateWebhookEndpoint {
            platform: PLATFORM.to_owned(),
            key_id: None,
            url: format!("http://{receiver}/"),
            events: None,
        };
        let endpoint = endpoints::create(&context, &partner, endpoint).await?.endpoint;
        for _ in 0..DELIVERIES / AN_EVENT {
            tell(&context, &partner, &endpoint).await?;
        }
        let started = Instant::now();
        let dispatcher = Dispatcher::start(&context);
        until_delivered(&context, &partner).await?;
        let took = started.elapsed();
        context.stopping.cancel();
        dispatcher.await?;
        Ok(DELIVERIES as f64 / took.as_secs_f64())
    })
}

async fn sign_up(context: &Context) -> anyhow::Result<PartnerId> {
    let request = CreatePartner {
        name: "Bench".to_owned(),
        email: "bench@latchkey.example".to_owned(),
        password: SecretText::new("a passphrase for one run of the bench".to_owned()),
    };
    let created = create_partner(context, &request, Author::operator()).await?;
    Ok(created.partner.id)
}

/// An event to the endpoint, over and over.
async fn tell(
    context: &Context,
    partner: &PartnerId,
    endpoint: &WebhookEndpoint,
) -> anyhow::Result<()> {
    let now = context.clock.now();
    let delivery = || {
        Some(NewDelivery {
            id: context.entropy.id(now),
            endpoint_id: endpoint.id.clone(),
            url: endpoint.url.clone()?,
            at: now,
        })
    };
    let event = NewEvent {
        id: context.entropy.id(now),
        event_type: "image.completed".to_owned(),
        environment: Environment::Live,
        subject: "img_1".to_owned(),
        body: r#"{"event":"image.completed","image_id":"img_1","status":"completed"}"#.to_owned(),
        deliveries: std::iter::repeat_with(delivery).take(AN_EVENT).flatten().collect(),
    };
    context.store.create_event(partner, PLATFORM, event, now).await?;
    Ok(())
}

async fn until_delivered(context: &Context, partner: &PartnerId) -> anyhow::Result<()> {
    let waiting = DeliveryQuery {
        state: Some(DeliveryState::Waiting),
        limit: Some(1),
        ..DeliveryQuery::default()
    };
    while !context.store.list_deliveries(partner, &waiting).await?.data.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
