use latchkey_contract::{Page, platforms::Platform};

use crate::{Client, ClientError};

impl Client {
    /// `GET /platforms`: every platform of the server with the partner's account on it.
    pub async fn list_platforms(&self) -> Result<Page<Platform>, ClientError> {
        self.get(&["platforms"]).answer().await
    }
}
