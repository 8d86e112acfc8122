use latchkey_contract::usage::{Usage, UsageQuery};

use crate::{Client, ClientError};

impl Client {
    /// `GET /usage`: requests and credits in buckets of time, 10,000 buckets at most.
    pub async fn get_usage(&self, query: &UsageQuery) -> Result<Usage, ClientError> {
        self.get(&["usage"]).query(query).answer().await
    }
}
