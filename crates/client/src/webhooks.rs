use latchkey_contract::{
    DeliveryId, EndpointId, Page, PrefixedId, ReplayId,
    page::PageQuery,
    webhooks::{
        CreateReplay, CreateWebhookEndpoint, Delivery, DeliveryDetail, DeliveryQuery,
        IssuedEndpoint, Replay, RotateSecret, UpdateWebhookEndpoint, WebhookEndpoint,
    },
};

use crate::{Client, ClientError, IdempotencyKey};

impl Client {
    /// `POST /webhook-endpoints`. A repeated call gets the same endpoint without its secret.
    pub async fn create_webhook_endpoint(
        &self,
        request: &CreateWebhookEndpoint,
        once: &IdempotencyKey,
    ) -> Result<IssuedEndpoint, ClientError> {
        self.post(&["webhook-endpoints"]).idempotency_key(once).body(request).answer().await
    }

    /// `GET /webhook-endpoints`.
    pub async fn list_webhook_endpoints(
        &self,
        page: &PageQuery,
    ) -> Result<Page<WebhookEndpoint>, ClientError> {
        self.get(&["webhook-endpoints"]).query(page).answer().await
    }

    /// `GET /webhook-endpoints/{id}`.
    pub async fn get_webhook_endpoint(
        &self,
        id: &EndpointId,
    ) -> Result<WebhookEndpoint, ClientError> {
        self.get(&["webhook-endpoints", id.as_str()]).answer().await
    }

    /// `PATCH /webhook-endpoints/{id}`: `stale_version` where it changed since `version`.
    pub async fn update_webhook_endpoint(
        &self,
        id: &EndpointId,
        version: i64,
        change: &UpdateWebhookEndpoint,
    ) -> Result<WebhookEndpoint, ClientError> {
        let path = ["webhook-endpoints", id.as_str()];
        self.patch(&path).if_version(version).body(change).answer().await
    }

    /// `DELETE /webhook-endpoints/{id}`: nothing is sent to it any more.
    pub async fn delete_webhook_endpoint(&self, id: &EndpointId) -> Result<(), ClientError> {
        self.delete(&["webhook-endpoints", id.as_str()]).done().await
    }

    /// `POST /webhook-endpoints/{id}/test`: sends a ping; watch its delivery.
    pub async fn test_webhook_endpoint(&self, id: &EndpointId) -> Result<Delivery, ClientError> {
        self.post(&["webhook-endpoints", id.as_str(), "test"]).answer().await
    }

    /// `POST /webhook-endpoints/{id}/reveal-secret`: the endpoint with its signing secret.
    pub async fn reveal_webhook_secret(
        &self,
        id: &EndpointId,
    ) -> Result<IssuedEndpoint, ClientError> {
        self.post(&["webhook-endpoints", id.as_str(), "reveal-secret"]).answer().await
    }

    /// `POST /webhook-endpoints/{id}/rotate-secret`: the endpoint with its new signing secret. A
    /// repeated call gets it without the secret.
    pub async fn rotate_webhook_secret(
        &self,
        id: &EndpointId,
        request: &RotateSecret,
        once: &IdempotencyKey,
    ) -> Result<IssuedEndpoint, ClientError> {
        let path = ["webhook-endpoints", id.as_str(), "rotate-secret"];
        self.post(&path).idempotency_key(once).body(request).answer().await
    }

    /// `GET /deliveries`, the newest first.
    pub async fn list_deliveries(
        &self,
        query: &DeliveryQuery,
    ) -> Result<Page<Delivery>, ClientError> {
        self.get(&["deliveries"]).query(query).answer().await
    }

    /// `GET /deliveries/{id}`, with every attempt.
    pub async fn get_delivery(&self, id: &DeliveryId) -> Result<DeliveryDetail, ClientError> {
        self.get(&["deliveries", id.as_str()]).answer().await
    }

    /// `POST /deliveries/{id}/replay`: one more attempt, at once.
    pub async fn replay_delivery(&self, id: &DeliveryId) -> Result<Delivery, ClientError> {
        self.post(&["deliveries", id.as_str(), "replay"]).answer().await
    }

    /// `POST /replays`: counts a range of deliveries, or sends it again.
    pub async fn create_replay(
        &self,
        request: &CreateReplay,
        once: &IdempotencyKey,
    ) -> Result<Replay, ClientError> {
        self.post(&["replays"]).idempotency_key(once).body(request).answer().await
    }

    /// `GET /replays`, the newest first.
    pub async fn list_replays(&self, page: &PageQuery) -> Result<Page<Replay>, ClientError> {
        self.get(&["replays"]).query(page).answer().await
    }

    /// `GET /replays/{id}`: how far it is.
    pub async fn get_replay(&self, id: &ReplayId) -> Result<Replay, ClientError> {
        self.get(&["replays", id.as_str()]).answer().await
    }

    /// `POST /replays/{id}/cancel`: what is on its way still arrives.
    pub async fn cancel_replay(&self, id: &ReplayId) -> Result<Replay, ClientError> {
        self.post(&["replays", id.as_str(), "cancel"]).answer().await
    }
}
