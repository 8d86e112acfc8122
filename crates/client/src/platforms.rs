use latchkey_contract::{
    Page,
    platforms::{Account, Platform, UpdateAccount},
};

use crate::{Client, ClientError};

impl Client {
    /// `GET /platforms`: every platform of the server with the partner's account on it.
    pub async fn list_platforms(&self) -> Result<Page<Platform>, ClientError> {
        self.get(&["platforms"]).answer().await
    }

    /// `PATCH /platforms/{slug}/account`: `stale_version` where it changed since `version`.
    pub async fn update_account(
        &self,
        platform: &str,
        version: i64,
        change: &UpdateAccount,
    ) -> Result<Account, ClientError> {
        let request = self.patch(&["platforms", platform, "account"]);
        request.if_version(version).body(change).answer().await
    }
}
