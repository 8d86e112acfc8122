//! Single calls of the keyed APIs: the newest `KEPT` of each partner. Written with the counts of
//! calls, a moment after each.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use latchkey_contract::{
    Amount, Environment, KeyId, Page, PartnerId, PrefixedId, RequestId,
    usage::{Outcome, RequestQuery, RequestRecord},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Store, StoreError,
    columns::{Word, count, id, time},
    entities::requests::{self, Column},
    pages::{last_id, page, page_limit},
};

/// How many are kept of a partner.
pub(crate) const KEPT: i64 = 1000;

/// A call that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// Its id; newer ones are greater.
    pub id: RequestId,
    /// Whose.
    pub partner_id: PartnerId,
    /// When it came in.
    pub at: DateTime<Utc>,
    /// Slug of the platform.
    pub platform: Arc<str>,
    /// Live or test.
    pub environment: Environment,
    /// The key that called.
    pub key_id: KeyId,
    /// The operation's name in usage; empty where there is no such call.
    pub operation: Arc<str>,
    /// `GET`.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Accepted or refused.
    pub outcome: Outcome,
    /// Why it was refused, as a stable word.
    pub reason: Option<&'static str>,
    /// The same as a sentence.
    pub detail: Option<String>,
    /// What it cost, or holds.
    pub credits: Amount,
    /// From its arrival to its answer.
    pub duration_ms: u32,
    /// Where it came from.
    pub address: Option<String>,
}

impl Store {
    /// Keeps calls without waiting; committed at the latest after 200 ms. Older ones than the
    /// newest thousand of their partner go.
    pub fn log_requests(&self, requests: Vec<NewRequest>) {
        self.writer().log(requests);
    }

    /// The partner's calls, the newest first.
    pub async fn list_requests(
        &self,
        partner_id: &PartnerId,
        query: &RequestQuery,
    ) -> Result<Page<RequestRecord>, StoreError> {
        let limit = page_limit(query.limit);
        let after = last_id::<RequestId>(query.cursor.as_deref())?;
        let found = requests::Entity::find()
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(chosen(query).add_option(after.map(|after| Column::Id.lt(after.as_str()))))
            .order_by_desc(Column::Id)
            .limit(limit + 1)
            .all(self.db())
            .await?;
        page(found, limit, |request| request.id.clone(), RequestRecord::try_from)
    }
}

fn chosen(query: &RequestQuery) -> Condition {
    let environment = query.environment.map(|environment| environment.word());
    Condition::all()
        .add_option(query.platform.as_deref().map(|slug| Column::Platform.eq(slug)))
        .add_option(environment.map(|environment| Column::Environment.eq(environment)))
        .add_option(query.key_id.as_ref().map(|key_id| Column::KeyId.eq(key_id.as_str())))
        .add_option(query.outcome.map(|outcome| Column::Outcome.eq(outcome.word())))
}

impl TryFrom<requests::Model> for RequestRecord {
    type Error = StoreError;

    fn try_from(model: requests::Model) -> Result<Self, StoreError> {
        let status = u16::try_from(model.status);
        let status =
            status.map_err(|_| StoreError::Corrupt(format!("the status {}", model.status)))?;
        Ok(Self {
            id: id(model.id)?,
            at: time(model.at)?,
            platform: model.platform,
            environment: Some(Environment::from_word(&model.environment)?),
            key_id: Some(id(model.key_id)?),
            operation: model.operation,
            method: model.method,
            path: model.path,
            status,
            outcome: Outcome::from_word(&model.outcome)?,
            reason: model.reason,
            detail: model.detail,
            credits: Amount(model.credits),
            duration_ms: count(model.duration_ms)?,
            address: model.address,
        })
    }
}
