//! Buying on account: rule, ceiling, cool-down, credit line; low balances.

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{
    Amount, Environment, PartnerId,
    credits::{TopUp, TopUpOutcome, TopUpQuery, TopUpReason, TopUpRule, TopUpTrigger},
};
use latchkey_store::{
    AccountChange, AccountEvent, Author, NewEvent, Purchase, Purchased, Store, StoreError, Updated,
    Wanted,
};

use crate::common::{RED, TestStore, accept, after, charge, new_id, now, operator, partner};

const fn credits(credits: i64) -> Amount {
    Amount::from_credits(credits)
}

/// Below 100, the balance of a new account; an hour between two.
const RULE: TopUpRule = TopUpRule {
    enabled: true,
    threshold: credits(101),
    amount: credits(10),
    monthly_ceiling: credits(25),
    cooldown_seconds: 3600,
};

pub async fn set_rule(store: &Store, partner: &PartnerId, rule: TopUpRule) {
    let version = store.get_account(partner, RED).await.unwrap().unwrap().version;
    let change = AccountChange { top_up: Some(rule), ..AccountChange::default() };
    let updated =
        store.update_account(partner, RED, version, change, (&operator(), now())).await.unwrap();
    assert!(matches!(updated, Updated::Changed(account) if account.top_up == rule));
}

pub async fn purchase(
    store: &Store,
    partner: &PartnerId,
    wanted: Wanted,
    now: DateTime<Utc>,
) -> Purchased {
    let purchase = Purchase {
        id: new_id(),
        partner_id: partner.clone(),
        platform: RED.to_owned(),
        wanted,
        author: Author::system(),
        now,
    };
    store.purchase_on_account(&purchase, &|_| Vec::new()).await.unwrap()
}

/// All that was bought, by whom.
pub async fn booked(store: &Store, partner: &PartnerId, by: Option<TopUpTrigger>) -> Amount {
    let query = TopUpQuery { limit: Some(200), ..TopUpQuery::default() };
    let top_ups = store.list_top_ups(partner, &query).await.unwrap().data;
    let booked = top_ups.iter().filter(|top_up| {
        top_up.outcome == TopUpOutcome::Booked && by.is_none_or(|by| by == top_up.trigger)
    });
    booked.fold(Amount::ZERO, |sum, top_up| sum + top_up.amount)
}

fn kept(purchased: Purchased) -> TopUp {
    match purchased {
        Purchased::Kept(top_up) => top_up,
        other => panic!("{other:?}"),
    }
}

fn reason(purchased: Purchased) -> Option<TopUpReason> {
    kept(purchased).reason
}

#[tokio::test]
async fn a_rule_buys_within_its_limits_and_says_why_not() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let by_rule = async |at| purchase(&store, &ada.id, Wanted::ByRule, at).await;
    assert_eq!(by_rule(now()).await, Purchased::NotNeeded, "there is no rule");
    set_rule(&store, &ada.id, RULE).await;
    assert_eq!(reason(by_rule(now()).await), Some(TopUpReason::CreditLine));
    let known = Purchased::KnownReason(TopUpReason::CreditLine);
    assert_eq!(by_rule(after(3599)).await, known, "kept once a cool-down");
    assert_eq!(reason(by_rule(after(3601)).await), Some(TopUpReason::CreditLine));

    store.set_credit_line(&ada.id, RED, credits(100), (&operator(), now())).await.unwrap();
    assert_eq!(reason(by_rule(after(3700)).await), None);
    assert_eq!(by_rule(after(9000)).await, Purchased::NotNeeded, "110 are enough");
}

#[tokio::test]
async fn cool_down_and_ceiling_are_hard() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let rule = TopUpRule { threshold: credits(1000), ..RULE };
    set_rule(&store, &ada.id, rule).await;
    store.set_credit_line(&ada.id, RED, credits(1000), (&operator(), now())).await.unwrap();
    let by_rule = async |at| purchase(&store, &ada.id, Wanted::ByRule, at).await;
    let first = kept(by_rule(now()).await);
    assert_eq!((first.outcome, first.owed_after), (TopUpOutcome::Booked, credits(10)));
    assert_eq!(reason(by_rule(after(3599)).await), Some(TopUpReason::CoolDown));
    assert_eq!(reason(by_rule(after(3600)).await), None);
    assert_eq!(reason(by_rule(after(7200)).await), Some(TopUpReason::MonthlyCeiling));
    let member = purchase(&store, &ada.id, Wanted::Exactly(credits(50)), after(7201)).await;
    assert_eq!(reason(member), None, "the ceiling is the rule's");
    // The month of the tests' time ends within twelve days.
    let next_month = now() + TimeDelta::days(12);
    assert_eq!(reason(by_rule(next_month).await), None);
    assert_eq!(booked(&store, &ada.id, Some(TopUpTrigger::Rule)).await, credits(30));
    store.assert_balanced().await;
}

#[tokio::test]
async fn a_call_gets_as_many_times_the_amount_as_it_needs() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let rule = TopUpRule { threshold: Amount::ZERO, monthly_ceiling: credits(40), ..RULE };
    set_rule(&store, &ada.id, rule).await;
    store.set_credit_line(&ada.id, RED, credits(1000), (&operator(), now())).await.unwrap();
    let needed = async |needed, at| {
        purchase(&store, &ada.id, Wanted::ByRuleFor(credits(needed)), after(at)).await
    };
    assert_eq!(needed(100, 0).await, Purchased::NotNeeded);
    assert_eq!(kept(needed(121, 1).await).amount, credits(30));
    assert_eq!(needed(121, 2).await, Purchased::NotNeeded);
    assert_eq!(reason(needed(160, 4000).await), Some(TopUpReason::MonthlyCeiling));
}

#[tokio::test]
async fn purchases_at_once_pass_no_limit_together() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let rule = TopUpRule { threshold: credits(1000), cooldown_seconds: 0, ..RULE };
    set_rule(&store, &ada.id, rule).await;
    store.set_credit_line(&ada.id, RED, credits(35), (&operator(), now())).await.unwrap();
    let buying = (0..24).map(|number| {
        let (store, ada) = (store.store.clone(), ada.id.clone());
        let wanted = if number % 2 == 0 { Wanted::ByRule } else { Wanted::Exactly(credits(7)) };
        tokio::spawn(async move { purchase(&store, &ada, wanted, after(number)).await })
    });
    futures::future::join_all(buying).await;
    assert!(booked(&store, &ada.id, Some(TopUpTrigger::Rule)).await <= credits(25));
    let account = store.get_account(&ada.id, RED).await.unwrap().unwrap();
    assert!(account.owed <= credits(35) && account.owed == account.purchased, "{account:?}");
    store.assert_balanced().await;
}

#[tokio::test]
async fn amounts_that_do_not_fit_are_refused() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let buy = async |amount| {
        let wanted = Wanted::Exactly(Amount(amount));
        let purchase = Purchase {
            id: new_id(),
            partner_id: ada.id.clone(),
            platform: RED.to_owned(),
            wanted,
            author: Author::system(),
            now: now(),
        };
        store.purchase_on_account(&purchase, &|_| Vec::new()).await
    };
    for amount in [0, -1] {
        assert!(matches!(buy(amount).await, Err(StoreError::AmountOutOfRange)), "{amount}");
    }
    store.set_credit_line(&ada.id, RED, Amount(i64::MAX), (&operator(), now())).await.unwrap();
    assert!(matches!(buy(i64::MAX).await, Err(StoreError::AmountOutOfRange)));
    store.assert_balanced().await;
    assert!(matches!(
        store.record_payment(&ada.id, RED, Amount::ZERO, (&operator(), now())).await,
        Err(StoreError::AmountOutOfRange)
    ));
    let paid = store.record_payment(&ada.id, RED, Amount(1), (&operator(), now())).await;
    assert_eq!(paid.unwrap(), None, "owes nothing");
}

#[tokio::test]
async fn top_ups_are_paged_and_ones_own() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    for second in 0..3 {
        purchase(&store, &ada.id, Wanted::Exactly(credits(1)), after(second)).await;
    }
    let mut query = TopUpQuery { limit: Some(2), ..TopUpQuery::default() };
    let first = store.list_top_ups(&ada.id, &query).await.unwrap();
    query.cursor = first.next_cursor;
    let second = store.list_top_ups(&ada.id, &query).await.unwrap();
    let times: Vec<_> = first.data.iter().chain(&second.data).map(|top_up| top_up.at).collect();
    assert_eq!(times, [after(2), after(1), after(0)]);
    assert_eq!(second.next_cursor, None);
    assert!(store.list_top_ups(&bob.id, &TopUpQuery::default()).await.unwrap().data.is_empty());
    query.cursor = Some("nonsense".to_owned());
    assert!(matches!(store.list_top_ups(&ada.id, &query).await, Err(StoreError::BadCursor)));
}

#[tokio::test]
async fn a_crossing_is_noted_by_the_hold_and_told_once() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let change = AccountChange { low_balance: Some(Some(credits(50))), ..AccountChange::default() };
    store.update_account(&ada.id, RED, 1, change, (&operator(), now())).await.unwrap();
    let hold = async |job: &str, price| {
        let low_balance = Some(credits(50));
        let charge = latchkey_store::Charge { low_balance, ..charge(&ada, job, credits(price)) };
        accept(&store, charge).await;
        store.list_untold_accounts().await.unwrap().len()
    };
    let tell = async || {
        let tell = |event: &AccountEvent<'_>| {
            let AccountEvent::LowBalance { account, .. } = event else { panic!("{event:?}") };
            vec![NewEvent {
                id: new_id(),
                event_type: "credits.low".to_owned(),
                environment: Environment::Live,
                subject: account.partner_id.to_string(),
                body: account.balance.to_string(),
                deliveries: Vec::new(),
            }]
        };
        store.tell_low_balance(&ada.id, RED, &tell, after(1)).await.unwrap().is_some()
    };
    assert_eq!(hold("above", 50).await, 0, "fifty is not below fifty");
    assert!(!tell().await);
    assert_eq!(hold("crossing", 1).await, 1);
    assert!(tell().await);
    assert_eq!(hold("below", 1).await, 0);
    assert!(!tell().await, "once");
    let bodies: String = store
        .raw()
        .query_row("SELECT group_concat(body) FROM events", [], |row| row.get(0))
        .unwrap();
    assert_eq!(bodies, "49");
}

#[tokio::test]
async fn settings_are_changed_by_who_knows_them() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    let change =
        AccountChange { low_balance: Some(Some(credits(5))), top_up: Some(RULE), ip_entries: None };
    let update = async |partner: &PartnerId, version| {
        store
            .update_account(partner, RED, version, change.clone(), (&operator(), now()))
            .await
            .unwrap()
    };
    assert!(matches!(update(&ada.id, 1).await, Updated::Changed(account) if account.version == 2));
    assert!(matches!(update(&ada.id, 1).await, Updated::Stale(account) if account.version == 2));
    assert_eq!(update(&new_id(), 1).await, Updated::Absent);
    let bobs = store.get_account(&bob.id, RED).await.unwrap().unwrap();
    assert_eq!((bobs.version, bobs.low_balance, bobs.top_up.enabled), (1, None, false));
}
