//! Buying credits: by a member or by an account's rule, on account.
//!
//! Rule, ceiling, cool-down and credit line are looked at in the transaction that buys, so that
//! purchases at the same moment cannot pass a limit together.

use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Utc};
use latchkey_contract::{
    Amount, Page, PartnerId, PrefixedId, TopUpId,
    credits::{TopUp, TopUpOutcome, TopUpQuery, TopUpReason, TopUpTrigger},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, sea_query::Expr,
};

use crate::{
    AccountEvent, AccountRow, Author, Store, StoreError, Tell,
    accounts::{find, records::of_top_up},
    audit,
    columns::{Word, id, micros, time},
    connection::WriteTransaction,
    deliveries::insert_event,
    entities::{
        accounts,
        top_ups::{self, Column},
    },
    ledger::booking::{Booked, BookedKind, Booking, book},
    pages::{page, page_limit},
};

/// The shortest time between two notes of one reason.
const SHORTEST_PERIOD: TimeDelta = TimeDelta::minutes(1);

/// Credits to be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// Names it; unique on the server.
    pub id: TopUpId,
    /// For whom.
    pub partner_id: PartnerId,
    /// Slug of the platform.
    pub platform: String,
    /// How much.
    pub wanted: Wanted,
    /// Who buys.
    pub author: Author,
    /// When.
    pub now: DateTime<Utc>,
}

/// How much is to be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A member says so; above zero.
    Exactly(Amount),
    /// What the rule says, if the balance is below its threshold.
    ByRule,
    /// What the rule says, or as many times that as a call needs, if the balance is below that.
    ByRuleFor(Amount),
}

/// How a purchase ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purchased {
    /// Bought, or not bought for a reason that is kept.
    Kept(TopUp),
    /// Not bought, for a reason that was kept a short while ago.
    KnownReason(TopUpReason),
    /// The rule is off, or there is enough.
    NotNeeded,
    /// The partner has no account there.
    NoAccount,
}

impl Store {
    /// Buys on account: books the credits and owes for them, within the account's credit line; or
    /// keeps why not. What `tell` answers is written with it.
    pub async fn purchase_on_account(
        &self,
        purchase: &Purchase,
        tell: Tell<'_>,
    ) -> Result<Purchased, StoreError> {
        // A look first: most purchases by rule come to nothing, and should not wait for their turn
        // to write.
        if let Decision::Ended(ended) = decide(self.db(), purchase).await? {
            return Ok(ended);
        }
        let tx = self.begin_write().await?;
        let (plan, account) = match decide(&*tx, purchase).await? {
            Decision::Ended(ended) => return Ok(ended),
            Decision::Keep(plan, account) if plan.reason.is_some() => (plan, account),
            Decision::Keep(plan, _) => {
                let account = take(&tx, purchase, plan.amount).await?;
                (plan, account)
            }
        };
        let top_up = plan.top_up(purchase, account.owed);
        keep(&tx, &purchase.partner_id, &top_up).await?;
        audit::append(&tx, of_top_up(&account, &purchase.author, &top_up)).await?;
        for event in tell(&AccountEvent::TopUp { top_up: &top_up, account: &account }) {
            let (partner, platform) = (&purchase.partner_id, &purchase.platform);
            insert_event(&tx, partner, platform, &event, purchase.now).await?;
        }
        tx.commit().await?;
        Ok(Purchased::Kept(top_up))
    }

    /// The partner's attempts to buy, the newest first.
    pub async fn list_top_ups(
        &self,
        partner_id: &PartnerId,
        query: &TopUpQuery,
    ) -> Result<Page<TopUp>, StoreError> {
        let limit = page_limit(query.limit);
        let after = query.cursor.as_deref().map(top_ups_after).transpose()?;
        let platform = query.platform.as_deref().map(|slug| Column::Platform.eq(slug));
        let found = top_ups::Entity::find()
            .filter(Column::PartnerId.eq(partner_id.as_str()))
            .filter(Condition::all().add_option(platform).add_option(after))
            .order_by_desc(Column::At)
            .order_by_desc(Column::Id)
            .limit(limit + 1)
            .all(self.db())
            .await?;
        page(found, limit, |top_up| format!("{}.{}", top_up.at, top_up.id), TopUp::try_from)
    }
}

/// What is to become of a purchase.
enum Decision {
    /// Nothing is written.
    Ended(Purchased),
    /// It is kept: bought, or not for a reason.
    Keep(Plan, AccountRow),
}

struct Plan {
    trigger: TopUpTrigger,
    amount: Amount,
    reason: Option<TopUpReason>,
}

impl Plan {
    fn top_up(&self, purchase: &Purchase, owed_after: Amount) -> TopUp {
        TopUp {
            id: purchase.id.clone(),
            platform: purchase.platform.clone(),
            amount: self.amount,
            trigger: self.trigger,
            outcome: self.reason.map_or(TopUpOutcome::Booked, |_| TopUpOutcome::NotBooked),
            reason: self.reason,
            owed_after,
            at: purchase.now,
        }
    }
}

async fn decide(db: &impl ConnectionTrait, purchase: &Purchase) -> Result<Decision, StoreError> {
    let found = find(&purchase.partner_id, &purchase.platform).one(db).await?;
    let Some(account) = found.map(AccountRow::try_from).transpose()? else {
        return Ok(Decision::Ended(Purchased::NoAccount));
    };
    let Some((trigger, amount)) = asked(purchase.wanted, &account)? else {
        return Ok(Decision::Ended(Purchased::NotNeeded));
    };
    let reason = refusal(db, &account, trigger, amount, purchase.now).await?;
    if let Some(reason) = reason
        && is_known(db, &account, trigger, reason, purchase.now).await?
    {
        return Ok(Decision::Ended(Purchased::KnownReason(reason)));
    }
    Ok(Decision::Keep(Plan { trigger, amount, reason }, account))
}

/// Who buys and how much; `None` where nothing is to be bought.
fn asked(
    wanted: Wanted,
    account: &AccountRow,
) -> Result<Option<(TopUpTrigger, Amount)>, StoreError> {
    let (rule, balance) = (account.top_up, account.balance);
    let times = match wanted {
        Wanted::Exactly(amount) if amount <= Amount::ZERO => {
            return Err(StoreError::AmountOutOfRange);
        }
        Wanted::Exactly(amount) => return Ok(Some((TopUpTrigger::Member, amount))),
        _ if !rule.enabled || rule.amount <= Amount::ZERO => return Ok(None),
        Wanted::ByRule if balance >= rule.threshold => return Ok(None),
        Wanted::ByRule => 1,
        Wanted::ByRuleFor(needed) if balance >= needed => return Ok(None),
        Wanted::ByRuleFor(needed) => {
            let short = needed.0 - balance.0;
            short / rule.amount.0 + i64::from(short % rule.amount.0 > 0)
        }
    };
    let amount = rule.amount.0.checked_mul(times).ok_or(StoreError::AmountOutOfRange)?;
    Ok(Some((TopUpTrigger::Rule, Amount(amount))))
}

/// Why the account may not buy this now.
async fn refusal(
    db: &impl ConnectionTrait,
    account: &AccountRow,
    trigger: TopUpTrigger,
    amount: Amount,
    now: DateTime<Utc>,
) -> Result<Option<TopUpReason>, StoreError> {
    if account.suspended_at.is_some() {
        return Ok(Some(TopUpReason::Disabled));
    }
    if trigger == TopUpTrigger::Rule {
        let cooldown = TimeDelta::seconds(account.top_up.cooldown_seconds.into());
        let bought = by_rule(account).filter(Column::Outcome.eq(TopUpOutcome::Booked.word()));
        let lately = bought.clone().filter(Column::At.gt(micros(now - cooldown)));
        if lately.one(db).await?.is_some() {
            return Ok(Some(TopUpReason::CoolDown));
        }
        let this_month = sum(db, bought.filter(Column::At.gte(micros(month_of(now))))).await?;
        let after = this_month.checked_add(amount.0);
        if after.is_none_or(|after| after > account.top_up.monthly_ceiling.0) {
            return Ok(Some(TopUpReason::MonthlyCeiling));
        }
    }
    let owed = account.owed.0.checked_add(amount.0);
    let over = owed.is_none_or(|owed| owed > account.credit_line.0);
    Ok(over.then_some(TopUpReason::CreditLine))
}

/// Whether it was kept within a cool-down why the rule does not buy. What a member tried is
/// always kept.
async fn is_known(
    db: &impl ConnectionTrait,
    account: &AccountRow,
    trigger: TopUpTrigger,
    reason: TopUpReason,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    if trigger == TopUpTrigger::Member {
        return Ok(false);
    }
    let period = TimeDelta::seconds(account.top_up.cooldown_seconds.into()).max(SHORTEST_PERIOD);
    let kept = by_rule(account)
        .filter(Column::Reason.eq(reason.word()))
        .filter(Column::At.gt(micros(now - period)))
        .one(db)
        .await?;
    Ok(kept.is_some())
}

/// Books the credits and owes for them; the account after it.
async fn take(
    tx: &WriteTransaction,
    purchase: &Purchase,
    amount: Amount,
) -> Result<AccountRow, StoreError> {
    let booking = Booking {
        partner_id: &purchase.partner_id,
        platform: &purchase.platform,
        kind: BookedKind::Purchase,
        amount,
        operation_key: format!("purchase:{}", purchase.id),
        note: None,
        now: purchase.now,
    };
    let Booked::Done(_) = book(tx, &booking).await? else {
        return Err(StoreError::Corrupt(format!("two purchases with the id {}", purchase.id)));
    };
    let owing = accounts::Entity::update_many()
        .col_expr(accounts::Column::Owed, Expr::col(accounts::Column::Owed).add(amount.0))
        .filter(accounts::Column::PartnerId.eq(purchase.partner_id.as_str()))
        .filter(accounts::Column::Platform.eq(purchase.platform.as_str()))
        .exec_with_returning(&**tx)
        .await?;
    let account = owing.into_iter().next();
    account.ok_or(StoreError::AmountOutOfRange)?.try_into()
}

async fn keep(
    tx: &WriteTransaction,
    partner_id: &PartnerId,
    top_up: &TopUp,
) -> Result<(), StoreError> {
    let row = top_ups::ActiveModel {
        id: Set(top_up.id.to_string()),
        partner_id: Set(partner_id.to_string()),
        platform: Set(top_up.platform.clone()),
        amount: Set(top_up.amount.0),
        trigger: Set(top_up.trigger.word().to_owned()),
        outcome: Set(top_up.outcome.word().to_owned()),
        reason: Set(top_up.reason.map(|reason| reason.word().to_owned())),
        owed_after: Set(top_up.owed_after.0),
        at: Set(micros(top_up.at)),
    };
    top_ups::Entity::insert(row).exec_without_returning(&**tx).await?;
    Ok(())
}

fn by_rule(account: &AccountRow) -> Select<top_ups::Entity> {
    top_ups::Entity::find()
        .filter(Column::PartnerId.eq(account.partner_id.as_str()))
        .filter(Column::Platform.eq(account.platform.as_str()))
        .filter(Column::Trigger.eq(TopUpTrigger::Rule.word()))
}

async fn sum(db: &impl ConnectionTrait, rows: Select<top_ups::Entity>) -> Result<i64, StoreError> {
    let sum: Option<Option<i64>> = rows
        .select_only()
        .column_as(Expr::col(Column::Amount).sum().cast_as("BIGINT"), "amount")
        .into_tuple()
        .one(db)
        .await?;
    Ok(sum.flatten().unwrap_or_default())
}

/// The first moment of its calendar month, UTC.
fn month_of(time: DateTime<Utc>) -> DateTime<Utc> {
    let first = time.date_naive().with_day(1).unwrap_or(time.date_naive());
    first.and_time(NaiveTime::MIN).and_utc()
}

/// What follows a cursor: `{at}.{id}` of the last one seen.
fn top_ups_after(cursor: &str) -> Result<Condition, StoreError> {
    let (at, id) = cursor.split_once('.').ok_or(StoreError::BadCursor)?;
    let at: i64 = at.parse().map_err(|_| StoreError::BadCursor)?;
    Ok(Condition::all().add(Column::At.lte(at)).add(Column::At.lt(at).or(Column::Id.lt(id))))
}

impl TryFrom<top_ups::Model> for TopUp {
    type Error = StoreError;

    fn try_from(model: top_ups::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(model.id)?,
            platform: model.platform,
            amount: Amount(model.amount),
            trigger: TopUpTrigger::from_word(&model.trigger)?,
            outcome: TopUpOutcome::from_word(&model.outcome)?,
            reason: model.reason.as_deref().map(TopUpReason::from_word).transpose()?,
            owed_after: Amount(model.owed_after),
            at: time(model.at)?,
        })
    }
}
