use latchkey_contract::{
    KeyId, Page, PrefixedId,
    keys::{
        CreateKey, CutOver, IssuedKey, Key, KeyCount, KeyQuery, RotateKey, RotatedKey, UpdateKey,
    },
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

    /// `GET /keys`, by platform and the newest first unless `sort` says otherwise.
    pub async fn list_keys(&self, query: &KeyQuery) -> Result<Page<Key>, ClientError> {
        self.get(&["keys"]).query(query).answer().await
    }

    /// `GET /keys/counts`: a line for each platform and environment with a key.
    pub async fn count_keys(&self) -> Result<Page<KeyCount>, ClientError> {
        self.get(&["keys", "counts"]).answer().await
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

    /// `POST /keys/{id}/rotate`: `rotation_in_progress` while the grace of an earlier one runs,
    /// unless forced. A repeated call gets the same key without its secret.
    pub async fn rotate_key(
        &self,
        id: &KeyId,
        request: &RotateKey,
        once: &IdempotencyKey,
    ) -> Result<RotatedKey, ClientError> {
        let call = self.post(&["keys", id.as_str(), "rotate"]);
        call.idempotency_key(once).body(request).answer().await
    }

    /// `POST /keys/{id}/end-grace`, by the id of either key of a rotation: the old one as it is
    /// now. Repeating it changes nothing.
    pub async fn end_grace(&self, id: &KeyId) -> Result<Key, ClientError> {
        self.post(&["keys", id.as_str(), "end-grace"]).answer().await
    }

    /// `GET /keys/{id}/cut-over`, by the id of either key: `not_rotated` where there is none.
    pub async fn get_cut_over(&self, id: &KeyId) -> Result<CutOver, ClientError> {
        self.get(&["keys", id.as_str(), "cut-over"]).answer().await
    }
}
