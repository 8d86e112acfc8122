use chrono::TimeDelta;
use latchkey_client::IdempotencyKey;
use latchkey_contract::{
    Amount, Environment,
    audit::{AuditActorKind, AuditQuery},
    credits::{
        CreateTopUp, CreditSummary, CreditsQuery, EntryKind, EntryQuery, TopUp, TopUpOutcome,
        TopUpQuery, TopUpReason, TopUpRule, TopUpTrigger,
    },
    platforms::{Account, UpdateAccount},
};
use latchkey_platform::operator::{AccountCommand, Command};

use crate::{
    support::{TestPartner, TestServer, until},
    told,
};

const CLIPIA: &str = "clipia";

fn credits(credits: i64) -> Amount {
    Amount::from_credits(credits)
}

fn on_clipia(partner: &TestPartner, change: AccountCommand) -> Command {
    Command::Account { partner: partner.email.clone(), platform: CLIPIA.to_owned(), change }
}

fn grant(amount: Amount, operation: &str) -> AccountCommand {
    AccountCommand::Grant { amount, note: None, operation: operation.to_owned() }
}

fn adjust(amount: Amount) -> AccountCommand {
    let note = Some("Counted twice".to_owned());
    AccountCommand::Adjust { amount, note, operation: amount.to_string() }
}

async fn summary(partner: &TestPartner, query: &CreditsQuery) -> CreditSummary {
    let summaries = partner.client.get_credits(query).await.unwrap().data;
    for line in &summaries {
        let explained = line.opening + line.granted + line.purchased + line.adjusted
            - line.captured
            - line.held;
        assert_eq!(explained, line.balance, "{line:?}");
        assert_eq!((line.recomputed, line.agrees), (line.balance, true), "{line:?}");
    }
    summaries.into_iter().find(|summary| summary.platform == CLIPIA).unwrap()
}

async fn account(partner: &TestPartner) -> Account {
    let platforms = partner.client.list_platforms().await.unwrap().data;
    platforms.into_iter().find(|platform| platform.slug == CLIPIA).unwrap().account
}

async fn set(partner: &TestPartner, change: &UpdateAccount) -> Account {
    let version = account(partner).await.version;
    partner.client.update_account(CLIPIA, version, change).await.unwrap()
}

async fn buy(partner: &TestPartner, amount: Amount) -> TopUp {
    let request = CreateTopUp { platform: CLIPIA.to_owned(), amount };
    partner.client.create_top_up(&request, &IdempotencyKey::random()).await.unwrap()
}

async fn top_ups(partner: &TestPartner) -> Vec<TopUp> {
    partner.client.list_top_ups(&TopUpQuery::default()).await.unwrap().data
}

/// A live call of four credits; answers its status.
async fn submit(server: &TestServer, plain: &str) -> u16 {
    let submit = server.http.post(server.url("/clipia/v1/models/nano-banana-2"));
    let submit = submit.bearer_auth(plain).json(&serde_json::json!({ "input": { "prompt": "x" } }));
    submit.send().await.unwrap().status().as_u16()
}

fn rule() -> TopUpRule {
    TopUpRule {
        enabled: true,
        threshold: credits(20),
        amount: credits(10),
        monthly_ceiling: credits(30),
        cooldown_seconds: 0,
    }
}

#[tokio::test]
async fn every_movement_adds_up_to_the_balance() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    for _ in 0..2 {
        server.operate(on_clipia(&partner, grant(Amount(1_500_000), "one"))).await;
    }
    server.operate(on_clipia(&partner, adjust(Amount(-500_000)))).await;
    server.operate(on_clipia(&partner, AccountCommand::SetCreditLine { amount: credits(7) })).await;
    assert_eq!(buy(&partner, credits(7)).await.outcome, TopUpOutcome::Booked);
    let line = summary(&partner, &CreditsQuery::default()).await;
    assert_eq!(line.granted, Amount(101_500_000), "the same grant twice gives once");
    let moved = (line.opening, line.purchased, line.adjusted, line.balance);
    assert_eq!(moved, (Amount::ZERO, credits(7), Amount(-500_000), credits(108)));

    // From now on: what was is the opening.
    let from = Some(server.context().clock.now() + TimeDelta::seconds(1));
    server.clock.jump(TimeDelta::seconds(2));
    server.operate(on_clipia(&partner, grant(credits(2), "two"))).await;
    let line = summary(&partner, &CreditsQuery { from }).await;
    assert_eq!((line.opening, line.granted, line.purchased), (credits(108), credits(2), Amount(0)));
    assert_eq!(
        line.from.map(|from| from.timestamp_micros()),
        from.map(|from| from.timestamp_micros())
    );
}

#[tokio::test]
async fn a_ledger_that_was_changed_by_hand_is_told() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let change = "UPDATE ledger SET amount = amount + 1 WHERE platform = 'clipia'";
    let file = server.database().path().unwrap().to_owned();
    rusqlite::Connection::open(file).unwrap().execute(change, []).unwrap();
    let summaries = partner.client.get_credits(&CreditsQuery::default()).await.unwrap().data;
    for line in summaries {
        let expected = (line.platform != CLIPIA, i64::from(line.platform == CLIPIA));
        assert_eq!((line.agrees, line.recomputed.0 - line.balance.0), expected, "{line:?}");
    }
}

#[tokio::test]
async fn movements_are_listed_and_chosen_from() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (key, plain) = partner.issue_key(CLIPIA, Environment::Live).await;
    server.operate(on_clipia(&partner, adjust(credits(-1)))).await;
    assert_eq!(submit(&server, &plain).await, 200);
    let entries =
        async |query: EntryQuery| partner.client.list_credit_entries(&query).await.unwrap().data;
    let query = EntryQuery { platform: Some(CLIPIA.to_owned()), ..EntryQuery::default() };
    let of_kind = |kind| EntryQuery { kind: Some(kind), ..query.clone() };
    let adjusted = entries(of_kind(EntryKind::Adjustment)).await;
    assert_eq!((adjusted.len(), adjusted[0].amount), (1, credits(-1)));
    assert_eq!(adjusted[0].note.as_deref(), Some("Counted twice"));
    let held = entries(of_kind(EntryKind::Hold)).await;
    assert_eq!((held.len(), held[0].key_id.as_ref()), (1, Some(&key.id)));
    until(async || {
        let of_key = EntryQuery { key_id: Some(key.id.clone()), ..EntryQuery::default() };
        let kinds: Vec<_> = entries(of_key).await.into_iter().map(|entry| entry.kind).collect();
        (kinds == [EntryKind::Capture, EntryKind::Hold]).then_some(())
    })
    .await;
    let before = EntryQuery { to: Some(adjusted[0].at), ..query.clone() };
    assert!(entries(before).await.iter().all(|entry| entry.kind == EntryKind::Grant));
    let since = EntryQuery { from: Some(adjusted[0].at), ..query.clone() };
    assert!(entries(since).await.iter().all(|entry| entry.kind != EntryKind::Grant));

    let first = EntryQuery { limit: Some(1), ..EntryQuery::default() };
    let first = partner.client.list_credit_entries(&first).await.unwrap();
    let rest = EntryQuery { cursor: first.next_cursor, ..EntryQuery::default() };
    let rest = entries(rest).await;
    assert!(rest.iter().any(|entry| entry.platform != CLIPIA), "of all platforms");
    assert!(rest.iter().all(|entry| entry.id != first.data[0].id));
    assert!(rest.is_sorted_by(|a, b| a.at >= b.at));

    let stranger = server.sign_up("Southwind").await;
    let theirs = EntryQuery { key_id: Some(key.id), ..EntryQuery::default() };
    let theirs = stranger.client.list_credit_entries(&theirs).await.unwrap();
    assert!(theirs.data.is_empty());
}

#[tokio::test]
async fn nothing_is_bought_beyond_the_credit_line() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let refused = buy(&partner, credits(5)).await;
    let why = (refused.trigger, refused.outcome, refused.reason, refused.owed_after);
    let line = Some(TopUpReason::CreditLine);
    assert_eq!(why, (TopUpTrigger::Member, TopUpOutcome::NotBooked, line, Amount::ZERO));
    server.operate(on_clipia(&partner, AccountCommand::SetCreditLine { amount: credits(8) })).await;
    let request = CreateTopUp { platform: CLIPIA.to_owned(), amount: credits(5) };
    let once = IdempotencyKey::random();
    let booked = partner.client.create_top_up(&request, &once).await.unwrap();
    assert_eq!((booked.outcome, booked.owed_after), (TopUpOutcome::Booked, credits(5)));
    assert_eq!(partner.client.create_top_up(&request, &once).await.unwrap(), booked);
    assert_eq!(buy(&partner, credits(4)).await.reason, line, "5 + 4 is more than 8");
    let paid = AccountCommand::RecordPayment { amount: credits(2) };
    let told_of = server.operate(on_clipia(&partner, paid)).await;
    assert!(told_of.contains("owes 3 credits"), "{told_of}");
    assert_eq!(buy(&partner, credits(4)).await.owed_after, credits(7));
    let account = account(&partner).await;
    let expected = (credits(109), credits(7), credits(8));
    assert_eq!((account.balance, account.owed, account.credit_line), expected);
    let outcomes: Vec<_> = top_ups(&partner).await.iter().map(|top_up| top_up.outcome).collect();
    let (yes, no) = (TopUpOutcome::Booked, TopUpOutcome::NotBooked);
    assert_eq!(outcomes, [yes, no, yes, no]);

    let wrong = CreateTopUp { platform: CLIPIA.to_owned(), amount: Amount::ZERO };
    let wrong = told(partner.client.create_top_up(&wrong, &IdempotencyKey::random()).await);
    assert_eq!((wrong.0, wrong.2), (422, vec!["/amount".to_owned()]));
    let stranger = server.sign_up("Southwind").await;
    assert!(top_ups(&stranger).await.is_empty());
}

#[tokio::test]
async fn an_accounts_settings_need_the_version_they_were_changed_from() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let before = account(&partner).await;
    assert!(!before.top_up.enabled && before.low_balance.is_none());
    let change = UpdateAccount {
        low_balance: Some(credits(9)),
        top_up: Some(rule()),
        ..UpdateAccount::default()
    };
    let changed = partner.client.update_account(CLIPIA, before.version, &change).await.unwrap();
    assert_eq!((changed.low_balance, changed.top_up), (Some(credits(9)), rule()));
    let stale = told(partner.client.update_account(CLIPIA, before.version, &change).await);
    assert_eq!((stale.0, stale.1.as_str()), (412, "stale_version"));
    let off = UpdateAccount { low_balance: Some(Amount::ZERO), ..UpdateAccount::default() };
    let off = set(&partner, &off).await;
    assert_eq!((off.low_balance, off.top_up), (None, rule()), "what is absent stays");

    let rule = TopUpRule {
        threshold: Amount(-1),
        amount: Amount::ZERO,
        monthly_ceiling: Amount(-1),
        cooldown_seconds: 2_592_001,
        ..rule()
    };
    let change = UpdateAccount {
        low_balance: Some(Amount(-1)),
        top_up: Some(rule),
        ..UpdateAccount::default()
    };
    let (status, _, pointers) =
        told(partner.client.update_account(CLIPIA, off.version, &change).await);
    let expected = [
        "/low_balance",
        "/top_up/threshold",
        "/top_up/amount",
        "/top_up/monthly_ceiling",
        "/top_up/monthly_ceiling",
        "/top_up/cooldown_seconds",
    ];
    assert_eq!((status, pointers.as_slice()), (422, expected.map(str::to_owned).as_slice()));
    let nowhere =
        told(partner.client.update_account("nowhere", 1, &UpdateAccount::default()).await);
    assert_eq!(nowhere.0, 404);
}

#[tokio::test]
async fn a_call_that_leaves_too_little_has_credits_bought() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (_, plain) = partner.issue_key(CLIPIA, Environment::Live).await;
    server.operate(on_clipia(&partner, adjust(credits(-78)))).await;
    server
        .operate(on_clipia(&partner, AccountCommand::SetCreditLine { amount: credits(99) }))
        .await;
    set(&partner, &UpdateAccount { top_up: Some(rule()), ..UpdateAccount::default() }).await;
    assert_eq!(submit(&server, &plain).await, 200, "22 - 4 is below 20");
    let bought = until(async || top_ups(&partner).await.pop()).await;
    let facts = (bought.trigger, bought.outcome, bought.amount, bought.owed_after);
    let expected = (TopUpTrigger::Rule, TopUpOutcome::Booked, credits(10), credits(10));
    assert_eq!(facts, expected);
    assert_eq!(summary(&partner, &CreditsQuery::default()).await.purchased, credits(10));
}

#[tokio::test]
async fn a_short_balance_is_topped_up_and_not_refused_until_the_ceiling() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (_, plain) = partner.issue_key(CLIPIA, Environment::Live).await;
    server.operate(on_clipia(&partner, adjust(credits(-100)))).await;
    assert_eq!(submit(&server, &plain).await, 402, "there is no rule");
    let rule = TopUpRule { threshold: Amount::ZERO, amount: credits(3), ..rule() };
    set(&partner, &UpdateAccount { top_up: Some(rule), ..UpdateAccount::default() }).await;
    assert_eq!(submit(&server, &plain).await, 402, "there is no credit line");
    let refused = top_ups(&partner).await;
    assert_eq!((refused.len(), refused[0].reason), (1, Some(TopUpReason::CreditLine)));
    assert_eq!(submit(&server, &plain).await, 402);
    assert_eq!(top_ups(&partner).await.len(), 1, "a reason is kept once a while");

    server
        .operate(on_clipia(&partner, AccountCommand::SetCreditLine { amount: credits(99) }))
        .await;
    let (one, two) = tokio::join!(submit(&server, &plain), submit(&server, &plain));
    assert_eq!((one, two), (200, 200));
    let bought = |top_ups: &[TopUp]| -> Amount {
        let booked = top_ups.iter().filter(|top_up| top_up.outcome == TopUpOutcome::Booked);
        booked.fold(Amount::ZERO, |sum, top_up| sum + top_up.amount)
    };
    let so_far = bought(&top_ups(&partner).await);
    assert!(so_far == credits(9) || so_far == credits(12), "as many times 3 as needed: {so_far}");
    let mut refused = 0;
    for _ in 0..12 {
        refused += u32::from(submit(&server, &plain).await == 402);
    }
    assert!(refused > 0, "thirty credits are seven calls");
    let all = top_ups(&partner).await;
    assert!(bought(&all) <= credits(30), "the ceiling is hard");
    assert_eq!(all[0].reason, Some(TopUpReason::MonthlyCeiling));
    summary(&partner, &CreditsQuery::default()).await;
    let log = AuditQuery { action: Some("account.".to_owned()), ..AuditQuery::default() };
    let log = partner.client.list_audit_events(&log).await.unwrap().data;
    let find = |action: &str| log.iter().find(|event| event.action == action).unwrap();
    assert_eq!(find("account.top_up_booked").actor.kind, AuditActorKind::System);
    assert_eq!(find("account.top_up_rule_changed").actor.kind, AuditActorKind::Member);
    assert_eq!(find("account.credits_adjusted").actor.kind, AuditActorKind::Operator);
    let refused = &find("account.top_up_not_booked").changes;
    let reason = refused.iter().find(|change| change.field == "reason").unwrap();
    assert_eq!(reason.after.as_deref(), Some("monthly_ceiling"));
    server.clock.jump(TimeDelta::days(32));
    assert_eq!(submit(&server, &plain).await, 200, "a new month");
}

#[tokio::test]
async fn a_suspended_account_buys_nothing_and_its_keys_are_refused_at_once() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (_, plain) = partner.issue_key(CLIPIA, Environment::Live).await;
    assert_eq!(submit(&server, &plain).await, 200);
    server.operate(on_clipia(&partner, AccountCommand::Suspend)).await;
    let refused = submit(&server, &plain).await;
    assert!(refused == 401 || refused == 403, "{refused}");
    assert_eq!(buy(&partner, credits(1)).await.reason, Some(TopUpReason::Disabled));
    server.operate(on_clipia(&partner, AccountCommand::Resume)).await;
    assert_eq!(submit(&server, &plain).await, 200);
    server.operate(on_clipia(&partner, AccountCommand::DisableLive)).await;
    let refused = submit(&server, &plain).await;
    assert!(refused == 401 || refused == 403, "{refused}");
}

#[tokio::test]
async fn a_low_balance_is_told_once_a_crossing() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (_, plain) = partner.issue_key(CLIPIA, Environment::Live).await;
    let low = UpdateAccount { low_balance: Some(credits(99)), ..UpdateAccount::default() };
    set(&partner, &low).await;
    let mut feed = server.context().live.listen();
    let mut told_so_far = async || {
        let mut told = 0;
        while let Ok((_, change)) = feed.try_recv() {
            told += u32::from(change.topic == latchkey_contract::events::Topic::Credits);
        }
        told
    };
    let untold = "SELECT count(*) FROM accounts WHERE low_since IS NOT NULL";
    assert_eq!(submit(&server, &plain).await, 200, "100 - 4 is below 99");
    until(async || (server.query::<i64>(untold) == 0).then_some(())).await;
    let mut told = 0;
    until(async || {
        told += told_so_far().await;
        (told == 1).then_some(())
    })
    .await;
    assert_eq!(submit(&server, &plain).await, 200);
    assert_eq!(server.query::<i64>(untold), 0, "it was below before");
    assert_eq!(told_so_far().await, 0);
}
