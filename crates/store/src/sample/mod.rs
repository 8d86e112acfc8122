//! Sample partners: made up, to be looked around in, and removed whole.
//!
//! What their members and the operator might have done goes through the functions that everybody
//! uses, with its own times, so that log and ledger are real ones; `filling` adds what a year of
//! calls leaves behind. Nothing of it can be added to any other partner.

mod filling;
mod removal;
mod rows;

use chrono::{DateTime, Utc};
use latchkey_contract::{PartnerId, PrefixedId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

pub use filling::{SampleCharge, SampleDelivery, SampleSeries, SampleUse};

use crate::{
    KeyRow, MemberRow, NewPartner, PartnerCreated, PartnerRow, Store, StoreError,
    columns::Word,
    connection::WriteTransaction,
    entities::{api_keys, members, partners},
    spend,
};

/// How far a sample partner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleState {
    /// Its data is being written; where that was broken off it stays so.
    Filling,
    /// It is whole.
    Ready,
}

/// A sample partner and who signs in for it.
#[derive(Debug, Clone)]
pub struct SamplePartner {
    /// The partner.
    pub partner: PartnerRow,
    /// Its member.
    pub member: MemberRow,
    /// How far it is.
    pub state: SampleState,
}

impl Store {
    /// Creates a partner as [`Store::create_partner`] does, marked as a sample that is being filled.
    pub async fn create_sample_partner(
        &self,
        new: NewPartner,
    ) -> Result<PartnerCreated, StoreError> {
        self.insert_partner(new, Some(SampleState::Filling)).await
    }

    /// The operator's look-up: the sample partner of this server, the newest where there are more.
    pub async fn get_sample_partner(&self) -> Result<Option<SamplePartner>, StoreError> {
        let partners = self.list_partners().await?;
        let sample = partners.into_iter().find_map(|partner| Some((partner.sample?, partner)));
        let Some((state, partner)) = sample else { return Ok(None) };
        let member = members::Entity::find()
            .filter(members::Column::PartnerId.eq(partner.id.as_str()))
            .one(self.db())
            .await?;
        let Some(member) = member.map(MemberRow::try_from).transpose()? else {
            return Err(StoreError::Corrupt("a sample partner without a member".to_owned()));
        };
        Ok(Some(SamplePartner { partner, member, state }))
    }

    /// Marks a sample partner as whole, and counts what its keys with a spend limit have spent.
    pub async fn finish_sample(
        &self,
        partner_id: &PartnerId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let tx = self.begin_filling(partner_id).await?;
        let keys = api_keys::Entity::find()
            .filter(api_keys::Column::PartnerId.eq(partner_id.as_str()))
            .all(&*tx)
            .await?;
        for key in keys {
            let key = KeyRow::try_from(key)?;
            if key.spend_limits.any() {
                spend::recount(&tx, &key, now).await?;
            }
        }
        partners::Entity::update_many()
            .col_expr(partners::Column::Sample, Expr::value(SampleState::Ready.word()))
            .filter(partners::Column::Id.eq(partner_id.as_str()))
            .exec(&*tx)
            .await?;
        tx.commit().await
    }

    /// A transaction that adds to a sample partner which is being filled. It refuses any other.
    async fn begin_filling(&self, partner_id: &PartnerId) -> Result<WriteTransaction, StoreError> {
        let tx = self.begin_write().await?;
        let being_filled = partners::Entity::find_by_id(partner_id.as_str())
            .filter(partners::Column::Sample.eq(SampleState::Filling.word()))
            .one(&*tx)
            .await?;
        match being_filled {
            Some(_) => Ok(tx),
            None => Err(StoreError::NotASample),
        }
    }
}
