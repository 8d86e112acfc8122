//! Claim codes: whoever knows one may take over what its job made, once.
//!
//! A code is set aside before its job is accepted; it is good for something once that has succeeded.

use chrono::{DateTime, Utc};
use latchkey_contract::{PartnerId, PrefixedId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, TryInsertResult,
    sea_query::Expr,
};

use crate::{
    Author, NewAuditEvent, NewEvent, Store, StoreError, audit,
    columns::{id, micros, time, time_opt},
    deliveries::insert_event,
    entities::claims::{self, Column},
};

/// A claim code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRow {
    /// Slug of the platform.
    pub platform: String,
    /// The code.
    pub code: String,
    /// Whose job it is for.
    pub partner_id: PartnerId,
    /// The job.
    pub job_id: String,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// When it was redeemed.
    pub claimed_at: Option<DateTime<Utc>>,
    /// The partner it went to.
    pub claimed_by: Option<PartnerId>,
    /// Address of the member who redeemed it.
    pub claimed_by_email: Option<String>,
}

/// A claim code to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClaim {
    /// Slug of the platform; the partner has an account there.
    pub platform: String,
    /// The code.
    pub code: String,
    /// Whose job it is for.
    pub partner_id: PartnerId,
    /// The job.
    pub job_id: String,
    /// When.
    pub now: DateTime<Utc>,
}

/// Who redeems a code.
#[derive(Debug, Clone)]
pub struct Claimant {
    /// The member, as its partner's log names it.
    pub author: Author,
    /// The partner that gets what was made.
    pub partner_id: PartnerId,
    /// Address of the member.
    pub email: String,
}

impl Store {
    /// Sets a code aside; `false` where it is in use on this platform.
    pub async fn create_claim(&self, new: NewClaim) -> Result<bool, StoreError> {
        let row = claims::ActiveModel {
            platform: Set(new.platform),
            code: Set(new.code),
            partner_id: Set(new.partner_id.to_string()),
            job_id: Set(new.job_id),
            created_at: Set(micros(new.now)),
            claimed_at: Set(None),
            claimed_by_partner_id: Set(None),
            claimed_by_email: Set(None),
        };
        let tx = self.begin_write().await?;
        let written = claims::Entity::insert(row)
            .on_conflict_do_nothing_on([Column::Platform, Column::Code])
            .exec_without_returning(&*tx)
            .await?;
        tx.commit().await?;
        Ok(matches!(written, TryInsertResult::Inserted(1)))
    }

    /// Gives up the code of a partner's job that was not accepted.
    pub async fn drop_claim(&self, partner_id: &PartnerId, job_id: &str) -> Result<(), StoreError> {
        let tx = self.begin_write().await?;
        claims::Entity::delete_many()
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(Column::JobId.eq(job_id))
            .exec(&*tx)
            .await?;
        tx.commit().await
    }

    /// Somebody's look-up who was given a code, whoever it belongs to: by platform and code.
    pub async fn get_claim(
        &self,
        platform: &str,
        code: &str,
    ) -> Result<Option<ClaimRow>, StoreError> {
        let found = claims::Entity::find().filter(is(platform, code)).one(self.db()).await?;
        found.map(ClaimRow::try_from).transpose()
    }

    /// Redeems a code for whoever was given it, with the event that tells its partner; `None`
    /// where there is none or it was redeemed before.
    pub async fn redeem_claim(
        &self,
        platform: &str,
        code: &str,
        by: &Claimant,
        event: Option<NewEvent>,
        now: DateTime<Utc>,
    ) -> Result<Option<ClaimRow>, StoreError> {
        let tx = self.begin_write().await?;
        let changed = claims::Entity::update_many()
            .col_expr(Column::ClaimedAt, Expr::value(micros(now)))
            .col_expr(Column::ClaimedByPartnerId, Expr::value(by.partner_id.as_str()))
            .col_expr(Column::ClaimedByEmail, Expr::value(by.email.as_str()))
            .filter(is(platform, code))
            .filter(Column::ClaimedAt.is_null())
            .exec_with_returning(&*tx)
            .await?;
        let Some(model) = changed.into_iter().next() else { return Ok(None) };
        let claim = ClaimRow::try_from(model)?;
        audit::append(&tx, redeemed(&claim, &by.author, now)).await?;
        if let Some(event) = &event {
            insert_event(&tx, &claim.partner_id, &claim.platform, event, now).await?;
        }
        tx.commit().await?;
        Ok(Some(claim))
    }
}

/// In the log of the partner whose job it was.
fn redeemed(claim: &ClaimRow, author: &Author, now: DateTime<Utc>) -> NewAuditEvent {
    let subject = ("claim", claim.code.as_str(), claim.code.as_str());
    let event = NewAuditEvent::new(&claim.partner_id, author, "claim.redeemed", subject, now);
    NewAuditEvent { platform: Some(claim.platform.clone()), ..event }
}

fn is(platform: &str, code: &str) -> Condition {
    Condition::all().add(Column::Platform.eq(platform)).add(Column::Code.eq(code))
}

impl TryFrom<claims::Model> for ClaimRow {
    type Error = StoreError;

    fn try_from(model: claims::Model) -> Result<Self, StoreError> {
        Ok(Self {
            platform: model.platform,
            code: model.code,
            partner_id: id(model.partner_id)?,
            job_id: model.job_id,
            created_at: time(model.created_at)?,
            claimed_at: time_opt(model.claimed_at)?,
            claimed_by: model.claimed_by_partner_id.map(id).transpose()?,
            claimed_by_email: model.claimed_by_email,
        })
    }
}
