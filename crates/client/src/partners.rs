use latchkey_contract::{
    partners::{CreatePartner, Me, UpdateMe},
    sessions::SessionTokens,
};

use crate::{Client, ClientError};

impl Client {
    /// `POST /partners`: signs up, and in. `sign_up_closed` where the server does not allow it,
    /// `email_taken` where the address has an account.
    pub async fn create_partner(
        &self,
        request: &CreatePartner,
    ) -> Result<SessionTokens, ClientError> {
        self.post(&["partners"]).body(request).answer().await
    }

    /// `GET /me`.
    pub async fn get_me(&self) -> Result<Me, ClientError> {
        self.get(&["me"]).answer().await
    }

    /// `PATCH /me`. A new password ends the member's other sessions.
    pub async fn update_me(&self, change: &UpdateMe) -> Result<Me, ClientError> {
        self.patch(&["me"]).body(change).answer().await
    }
}
