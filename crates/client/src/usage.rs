use latchkey_contract::{
    Page,
    usage::{RequestQuery, RequestRecord, Usage, UsageQuery},
};

use crate::{Client, ClientError};

impl Client {
    /// `GET /usage`: requests and credits in buckets of time, 10,000 buckets at most.
    pub async fn get_usage(&self, query: &UsageQuery) -> Result<Usage, ClientError> {
        self.get(&["usage"]).query(query).answer().await
    }

    /// `GET /requests`: single calls with the reason of each refusal, the newest first.
    pub async fn list_requests(
        &self,
        query: &RequestQuery,
    ) -> Result<Page<RequestRecord>, ClientError> {
        self.get(&["requests"]).query(query).answer().await
    }
}
