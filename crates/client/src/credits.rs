use latchkey_contract::{
    Page,
    credits::{
        CreateTopUp, CreditEntry, CreditSummary, CreditsQuery, EntryQuery, TopUp, TopUpQuery,
    },
};

use crate::{Client, ClientError, IdempotencyKey};

impl Client {
    /// `GET /credits`: where the credits of each platform are, and since when.
    pub async fn get_credits(
        &self,
        query: &CreditsQuery,
    ) -> Result<Page<CreditSummary>, ClientError> {
        self.get(&["credits"]).query(query).answer().await
    }

    /// `GET /credits/entries`, the newest first.
    pub async fn list_credit_entries(
        &self,
        query: &EntryQuery,
    ) -> Result<Page<CreditEntry>, ClientError> {
        self.get(&["credits", "entries"]).query(query).answer().await
    }

    /// `POST /credits/top-ups`: buys on account; `outcome` says whether it was booked.
    pub async fn create_top_up(
        &self,
        request: &CreateTopUp,
        once: &IdempotencyKey,
    ) -> Result<TopUp, ClientError> {
        self.post(&["credits", "top-ups"]).idempotency_key(once).body(request).answer().await
    }

    /// `GET /credits/top-ups`: what was bought and what was not, the newest first.
    pub async fn list_top_ups(&self, query: &TopUpQuery) -> Result<Page<TopUp>, ClientError> {
        self.get(&["credits", "top-ups"]).query(query).answer().await
    }
}
