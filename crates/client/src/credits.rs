use latchkey_contract::{
    Page,
    credits::{CreditEntry, CreditSummary, EntryQuery},
};

use crate::{Client, ClientError};

impl Client {
    /// `GET /credits`: where the credits of each platform are.
    pub async fn get_credits(&self) -> Result<Page<CreditSummary>, ClientError> {
        self.get(&["credits"]).answer().await
    }

    /// `GET /credits/entries`, the newest first.
    pub async fn list_credit_entries(
        &self,
        query: &EntryQuery,
    ) -> Result<Page<CreditEntry>, ClientError> {
        self.get(&["credits", "entries"]).query(query).answer().await
    }
}
