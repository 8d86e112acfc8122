use latchkey_contract::{
    KeyId, Page, PrefixedId,
    keys::{CreateKey, IssuedKey, Key, KeyQuery, UpdateKey},
};

use crate::{Client, ClientError, IdempotencyKey};

impl Client {
    /// `POST /keys`. A repeated call gets the same key without its secret.
    pub async fn create_key(
        &self,
        request: &CreateKey,
        once: &IdempotencyKey,
    ) -> Result<IssuedKey, ClientError> {
        self.post(&["keys"]).idempotency_key(once).body(request).answer().await
    }

    /// `GET /keys`, the newest first.
    pub async fn list_keys(&self, query: &KeyQuery) -> Result<Page<Key>, ClientError> {
        self.get(&["keys"]).query(query).answer().await
    }

    /// `GET /keys/{id}`.
    pub async fn get_key(&self, id: &KeyId) -> Result<Key, ClientError> {
        self.get(&["keys", id.as_str()]).answer().await
    }

    /// `PATCH /keys/{id}`: `stale_version` where the key changed since `version`.
    pub async fn update_key(
        &self,
        id: &KeyId,
        version: i64,
        change: &UpdateKey,
    ) -> Result<Key, ClientError> {
        self.patch(&["keys", id.as_str()]).if_version(version).body(change).answer().await
    }

    /// `POST /keys/{id}/revoke`: for good, from the next request on. Repeating it changes nothing.
    pub async fn revoke_key(&self, id: &KeyId) -> Result<Key, ClientError> {
        self.post(&["keys", id.as_str(), "revoke"]).answer().await
    }
}
