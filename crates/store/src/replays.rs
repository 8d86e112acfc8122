//! Replays of a range: which deliveries, how fast, how far. A row that the dispatcher goes by, so
//! that a restart goes on where it was.

use chrono::{DateTime, Utc};
use latchkey_contract::{
    DeliveryId, EndpointId, Environment, Page, PartnerId, PrefixedId, ReplayId,
    page::PageQuery,
    webhooks::{DeliveryState, ReplayState},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, SelectStatement},
};

use crate::{
    Author, NewAuditEvent, Store, StoreError, audit,
    columns::{Word, count, id, micros, time, time_opt},
    deliveries::in_state,
    entities::{
        deliveries,
        replays::{self, Column},
        webhook_endpoints,
    },
    pages::{last_id, page, page_limit},
};

/// Which deliveries are sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayRange {
    /// Of one endpoint.
    pub endpoint_id: Option<EndpointId>,
    /// Of one platform.
    pub platform: Option<String>,
    /// Live or test.
    pub environment: Option<Environment>,
    /// Those that stand so.
    pub state: Option<DeliveryState>,
    /// Made then or later.
    pub from: DateTime<Utc>,
    /// Made before.
    pub to: DateTime<Utc>,
}

/// A replay to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReplay {
    /// Its id.
    pub id: ReplayId,
    /// Whose.
    pub partner_id: PartnerId,
    /// What.
    pub range: ReplayRange,
    /// How many a second.
    pub per_second: u32,
    /// Deliveries found.
    pub total: u32,
    /// Who asks for it.
    pub author: Author,
    /// When.
    pub now: DateTime<Utc>,
}

/// A range on its way out again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayRow {
    /// Its id.
    pub id: ReplayId,
    /// Whose.
    pub partner_id: PartnerId,
    /// What.
    pub range: ReplayRange,
    /// How many a second.
    pub per_second: u32,
    /// Deliveries found when it was asked for.
    pub total: u32,
    /// Made due so far.
    pub done: u32,
    /// Running, done or cancelled.
    pub state: ReplayState,
    /// How far it has come.
    pub last_delivery_id: Option<DeliveryId>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Since when it is over.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Store {
    /// How many of the partner's deliveries are in a range, to endpoints that are on.
    pub async fn count_replay(
        &self,
        partner_id: &PartnerId,
        range: &ReplayRange,
    ) -> Result<u32, StoreError> {
        let found = deliveries::Entity::find().filter(in_range(partner_id, range));
        Ok(u32::try_from(found.count(self.db()).await?).unwrap_or(u32::MAX))
    }

    /// Keeps a replay; it runs from now on, or is done where there is nothing in it.
    pub async fn create_replay(&self, new: NewReplay) -> Result<ReplayRow, StoreError> {
        let subject = ("replay", new.id.as_str(), "Replay");
        let (from, to) = (new.range.from.to_rfc3339(), new.range.to.to_rfc3339());
        let mut event =
            NewAuditEvent::new(&new.partner_id, &new.author, "replay.started", subject, new.now)
                .with("from", Some(from))
                .with("to", Some(to))
                .with("deliveries", Some(new.total));
        event.platform = new.range.platform.clone();
        let tx = self.begin_write().await?;
        let nothing = new.total == 0;
        let state = if nothing { ReplayState::Done } else { ReplayState::Running };
        let row = replays::ActiveModel {
            id: Set(new.id.to_string()),
            partner_id: Set(new.partner_id.to_string()),
            endpoint_id: Set(new.range.endpoint_id.map(String::from)),
            platform: Set(new.range.platform),
            environment: Set(new.range.environment.map(|environment| environment.word().into())),
            delivery_state: Set(new.range.state.map(|state| state.word().into())),
            from_at: Set(micros(new.range.from)),
            to_at: Set(micros(new.range.to)),
            per_second: Set(new.per_second.into()),
            total: Set(new.total.into()),
            done: Set(0),
            state: Set(state.word().to_owned()),
            last_delivery_id: Set(None),
            created_at: Set(micros(new.now)),
            finished_at: Set(nothing.then_some(micros(new.now))),
        };
        let row = row.insert(&*tx).await?;
        audit::append(&tx, event).await?;
        tx.commit().await?;
        row.try_into()
    }

    /// The partner's replays, the newest first.
    pub async fn list_replays(
        &self,
        partner_id: &PartnerId,
        query: &PageQuery,
    ) -> Result<Page<ReplayRow>, StoreError> {
        let limit = page_limit(query.limit);
        let before = last_id::<ReplayId>(query.cursor.as_deref())?;
        let found = replays::Entity::find()
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(
                Condition::all().add_option(before.map(|before| Column::Id.lt(before.as_str()))),
            )
            .order_by_desc(Column::Id)
            .limit(limit + 1)
            .all(self.db())
            .await?;
        page(found, limit, |replay| replay.id.clone(), ReplayRow::try_from)
    }

    /// One of the partner's replays.
    pub async fn get_replay(
        &self,
        partner_id: &PartnerId,
        replay_id: &ReplayId,
    ) -> Result<Option<ReplayRow>, StoreError> {
        let found =
            replays::Entity::find().filter(is(partner_id, replay_id)).one(self.db()).await?;
        found.map(ReplayRow::try_from).transpose()
    }

    /// Ends a replay that runs; one that is over stays as it ended.
    pub async fn cancel_replay(
        &self,
        partner_id: &PartnerId,
        replay_id: &ReplayId,
        author: &Author,
        now: DateTime<Utc>,
    ) -> Result<Option<ReplayRow>, StoreError> {
        let tx = self.begin_write().await?;
        let cancelled = replays::Entity::update_many()
            .col_expr(Column::State, Expr::value(ReplayState::Cancelled.word()))
            .col_expr(Column::FinishedAt, Expr::value(micros(now)))
            .filter(is(partner_id, replay_id))
            .filter(Column::State.eq(ReplayState::Running.word()))
            .exec_with_returning(&*tx)
            .await?;
        let Some(replay) = cancelled.into_iter().next() else {
            drop(tx);
            return self.get_replay(partner_id, replay_id).await;
        };
        let subject = ("replay", replay_id.as_str(), "Replay");
        let mut event = NewAuditEvent::new(partner_id, author, "replay.cancelled", subject, now)
            .with("deliveries", Some(replay.done));
        event.platform = replay.platform.clone();
        audit::append(&tx, event).await?;
        tx.commit().await?;
        replay.try_into().map(Some)
    }

    /// The dispatcher's look over all partners: replays that run, the oldest first.
    pub async fn running_replays(&self) -> Result<Vec<ReplayRow>, StoreError> {
        let found = replays::Entity::find()
            .filter(Column::State.eq(ReplayState::Running.word()))
            .order_by_asc(Column::Id)
            .all(self.db())
            .await?;
        found.into_iter().map(ReplayRow::try_from).collect()
    }

    /// Makes up to `limit` more deliveries of a running replay due now; it is done when there were
    /// fewer. `None` if it is over or another process was faster.
    pub async fn advance_replay(
        &self,
        replay: &ReplayRow,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Option<ReplayRow>, StoreError> {
        // Looked up outside the transaction: a long range should not hold up those who write.
        let after = replay.last_delivery_id.as_ref();
        let next: Vec<String> = deliveries::Entity::find()
            .select_only()
            .column(deliveries::Column::Id)
            .filter(in_range(&replay.partner_id, &replay.range))
            .filter(
                Condition::all()
                    .add_option(after.map(|after| deliveries::Column::Id.gt(after.as_str()))),
            )
            .order_by_asc(deliveries::Column::Id)
            .limit(u64::from(limit))
            .into_tuple()
            .all(self.db())
            .await?;
        let last = next.last().cloned().or_else(|| after.map(ToString::to_string));
        let over = next.len() < usize::try_from(limit).unwrap_or(usize::MAX);
        let state = if over { ReplayState::Done } else { ReplayState::Running };
        let tx = self.begin_write().await?;
        let due = deliveries::Entity::update_many()
            .col_expr(deliveries::Column::ReplayAt, Expr::value(micros(now)))
            .col_expr(deliveries::Column::DueAt, Expr::value(micros(now)))
            .filter(deliveries::Column::Id.is_in(next))
            .filter(deliveries::Column::EndpointId.in_subquery(open_endpoints(&replay.partner_id)))
            .exec(&*tx)
            .await?
            .rows_affected;
        let moved = replays::Entity::update_many()
            .col_expr(Column::Done, Expr::col(Column::Done).add(i64::try_from(due).unwrap_or(0)))
            .col_expr(Column::LastDeliveryId, Expr::value(last))
            .col_expr(Column::State, Expr::value(state.word()))
            .col_expr(Column::FinishedAt, Expr::value(over.then_some(micros(now))))
            .filter(is(&replay.partner_id, &replay.id))
            .filter(Column::State.eq(ReplayState::Running.word()))
            .filter(match after {
                Some(after) => Column::LastDeliveryId.eq(after.as_str()),
                None => Column::LastDeliveryId.is_null(),
            })
            .exec_with_returning(&*tx)
            .await?;
        let Some(moved) = moved.into_iter().next() else { return Ok(None) };
        tx.commit().await?;
        moved.try_into().map(Some)
    }
}

fn is(partner_id: &PartnerId, replay_id: &ReplayId) -> Condition {
    Condition::all()
        .add(Column::Id.eq(replay_id.as_str()))
        .add(Column::PartnerId.eq(partner_id.as_str()))
}

/// The partner's deliveries in a range, to endpoints that are on.
fn in_range(partner_id: &PartnerId, range: &ReplayRange) -> Condition {
    use deliveries::Column;
    let ReplayRange { endpoint_id, platform, environment, state, from, to } = range;
    Condition::all()
        .add(Column::PartnerId.eq(partner_id.as_str()))
        .add(Column::CreatedAt.gte(micros(*from)))
        .add(Column::CreatedAt.lt(micros(*to)))
        .add(Column::EndpointId.in_subquery(open_endpoints(partner_id)))
        .add_option(endpoint_id.as_ref().map(|id| Column::EndpointId.eq(id.as_str())))
        .add_option(platform.as_deref().map(|slug| Column::Platform.eq(slug)))
        .add_option(environment.map(|environment| Column::Environment.eq(environment.word())))
        .add_option(state.map(in_state))
}

fn open_endpoints(partner_id: &PartnerId) -> SelectStatement {
    use webhook_endpoints::Column;
    webhook_endpoints::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PartnerId.eq(partner_id.as_str()))
        .filter(Column::DisabledAt.is_null())
        .filter(Column::DeletedAt.is_null())
        .into_query()
}

impl TryFrom<replays::Model> for ReplayRow {
    type Error = StoreError;

    fn try_from(model: replays::Model) -> Result<Self, StoreError> {
        let environment = model.environment.as_deref().map(Environment::from_word).transpose()?;
        let state = model.delivery_state.as_deref().map(DeliveryState::from_word).transpose()?;
        Ok(Self {
            id: id(model.id)?,
            partner_id: id(model.partner_id)?,
            range: ReplayRange {
                endpoint_id: model.endpoint_id.map(id).transpose()?,
                platform: model.platform,
                environment,
                state,
                from: time(model.from_at)?,
                to: time(model.to_at)?,
            },
            per_second: count(model.per_second)?,
            total: count(model.total)?,
            done: count(model.done)?,
            state: ReplayState::from_word(&model.state)?,
            last_delivery_id: model.last_delivery_id.map(id).transpose()?,
            created_at: time(model.created_at)?,
            finished_at: time_opt(model.finished_at)?,
        })
    }
}
