//! Sample data as its member sees it over HTTP, and its removal.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_client::{Client, IdempotencyKey};
use latchkey_contract::{
    Amount, Environment, MemberId, PartnerId, PrefixedId,
    audit::AuditQuery,
    credits::CreditsQuery,
    keys::{Key, KeyKind, KeyQuery, KeyStatus},
    page::PageQuery,
    platforms::{Platform, WebhookTarget},
    usage::{Interval, Outcome, RequestQuery, UsageGroup, UsageQuery},
    webhooks::{DeliveryQuery, DeliveryState},
};
use latchkey_platform::operator::{self, Command};
use latchkey_store::{Author, NewMember, NewPartner, StoreConfig};
use tempfile::TempDir;

use crate::support::{
    TestServer,
    process::{run, said},
};

const FURTHER: &str = include_str!("dialects/posterworks.toml");

/// A server with one platform more than it was built with.
async fn start() -> (TestServer, TempDir) {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("further.toml"), FURTHER).unwrap();
    let platforms_dir = Some(folder.path().to_owned());
    let server = TestServer::start_as(|config| config.platforms_dir = platforms_dir).await;
    (server, folder)
}

async fn explore(server: &TestServer) -> Client {
    let opened = operator::sample::open(server.context()).await.unwrap();
    server.client.with_token(opened.access_token)
}

fn year(
    now: DateTime<Utc>,
    platform: &str,
    environment: Environment,
    group_by: Option<UsageGroup>,
) -> UsageQuery {
    UsageQuery {
        from: now - TimeDelta::days(366),
        to: now + TimeDelta::minutes(15),
        interval: Interval::Day,
        timezone: None,
        group_by,
        environment: Some(environment),
        platform: Some(platform.to_owned()),
        key_id: None,
        operation: None,
    }
}

/// Calls, refused ones and credits of a year.
async fn used(client: &Client, query: UsageQuery) -> (u64, u64, i64) {
    let usage = client.get_usage(&query).await.unwrap();
    let sum = |counts: &Vec<u32>| counts.iter().map(|count| u64::from(*count)).sum::<u64>();
    usage.series.iter().fold((0, 0, 0), |(calls, refused, credits), series| {
        let spent: i64 = series.credits.iter().map(|credits| credits.0).sum();
        (calls + sum(&series.requests), refused + sum(&series.refused), credits + spent)
    })
}

async fn keys(client: &Client) -> Vec<Key> {
    let all = KeyQuery { limit: Some(200), ..KeyQuery::default() };
    client.list_keys(&all).await.unwrap().data
}

/// One sample for all of it: to make one takes seconds.
#[tokio::test]
async fn a_sample_is_a_year_of_use_on_every_platform() {
    let (server, _folder) = start().await;
    let client = explore(&server).await;
    books_agree(&server, &client).await;
    keys_stand_everywhere_a_key_can(&server, &client).await;
    the_log_is_a_true_chain_in_the_order_of_its_times(&server, &client).await;
    calls_and_webhooks_are_told_and_nothing_is_ever_sent(&server, &client).await;
}

async fn books_agree(server: &TestServer, client: &Client) {
    let me = client.get_me().await.unwrap();
    assert!(me.partner.sample);
    let now = server.context().clock.now();

    let platforms = client.list_platforms().await.unwrap().data;
    assert_eq!(platforms.len(), 6);
    let books = client.get_credits(&CreditsQuery::default()).await.unwrap().data;
    for platform in &platforms {
        let slug = platform.slug.as_str();
        let of = books.iter().find(|books| books.platform == slug).unwrap();
        assert!(of.agrees, "{of:?}");
        assert_eq!(
            of.opening + of.granted + of.purchased + of.adjusted - of.captured - of.held,
            of.balance,
            "{slug}"
        );
        for environment in &platform.environments {
            let asked = |group_by| year(now, slug, *environment, group_by);
            let (calls, refused, credits) = used(client, asked(None)).await;
            assert!(calls > 3_000, "{slug} {environment:?}: {calls} calls");
            assert!(refused > calls / 500 && refused < calls / 5, "{slug}: {refused} of {calls}");
            let spent = if *environment == Environment::Live { of.captured } else { Amount::ZERO };
            assert_eq!(credits, spent.0, "{slug} {environment:?}");
            // By key and from hours alone it is the same.
            let by_key = used(client, asked(Some(UsageGroup::Key))).await;
            assert_eq!(by_key, (calls, refused, credits), "{slug} {environment:?}");
        }
        assert_eq!(of.captured > Amount::ZERO, sells(platform), "{slug}");
        assert_eq!(of.purchased > Amount::ZERO, sells(platform), "{slug}");
    }
    for check in server.context().store.check_ledger().await.unwrap() {
        assert!(check.balanced(), "{check:?}");
    }
    let rows: i64 = server.query("SELECT COUNT(*) FROM usage");
    assert!((100_000..360_000).contains(&rows), "{rows} rows of usage");
}

/// Whether calls cost something.
fn sells(platform: &Platform) -> bool {
    platform.operations.iter().any(|operation| operation.price > Amount::ZERO)
}

async fn keys_stand_everywhere_a_key_can(server: &TestServer, client: &Client) {
    let keys = keys(client).await;
    for platform in client.list_platforms().await.unwrap().data {
        let of: Vec<_> = keys.iter().filter(|key| key.platform == platform.slug).collect();
        let environments: BTreeSet<_> = of.iter().map(|key| key.environment.as_str()).collect();
        assert_eq!(environments.len(), platform.environments.len(), "{}", platform.slug);
        for status in
            [KeyStatus::Active, KeyStatus::Paused, KeyStatus::Retiring, KeyStatus::Revoked]
        {
            let one = of.iter().find(|key| key.status == status);
            assert!(one.is_some(), "{} has no {status:?} key", platform.slug);
        }
        assert!(of.iter().any(|key| key.expires_at.is_some() && !key.ip_rules.is_empty()));
        assert!(of.iter().any(|key| key.requests_per_minute.is_some()));
        assert!(of.iter().all(|key| key.pair_id.is_some() == platform.paired_keys));
        // Of a pair, programs call with the secret one.
        let calls = |key: &&&Key| key.name == "Production" && key.kind == KeyKind::Secret;
        let production = of.iter().find(calls).unwrap();
        assert!(
            production.last_used_at.unwrap() <= server.context().clock.now()
                && production.first_used_at.is_some()
        );
    }
    // The rotation shows both keys, the new one in use.
    let retiring = keys.iter().find(|key| key.status == KeyStatus::Retiring).unwrap();
    let cut_over = client.get_cut_over(&retiring.id).await.unwrap();
    assert_eq!(Some(cut_over.new.id), retiring.replaced_by);
}

async fn the_log_is_a_true_chain_in_the_order_of_its_times(server: &TestServer, client: &Client) {
    let mut log = Vec::new();
    let mut query = AuditQuery { limit: Some(200), ..AuditQuery::default() };
    loop {
        let page = client.list_audit_events(&query).await.unwrap();
        log.extend(page.data);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    assert!(log.len() > 200, "{} records", log.len());
    for two in log.windows(2) {
        let [newer, older] = two else { continue };
        assert!(newer.at >= older.at, "{newer:?} came after {older:?}");
    }
    let actions: BTreeSet<_> = log.iter().map(|record| record.action.as_str()).collect();
    for action in [
        "partner.created",
        "key.created",
        "key.updated",
        "key.paused",
        "key.rotated",
        "key.revoked",
        "account.top_up_booked",
        "account.top_up_not_booked",
        "account.top_up_rule_changed",
        "account.low_balance_changed",
        "account.credits_granted",
        "account.credits_adjusted",
        "account.payment_recorded",
        "endpoint.created",
        "endpoint.secret_rotated",
        "endpoint.disabled",
    ] {
        assert!(actions.contains(action), "no {action} in {actions:?}");
    }
    let config = StoreConfig { data_dir: server.data_dir().to_owned() };
    let check = latchkey_store::audit::verify(&config).await.unwrap();
    assert_eq!(check.faults, []);
}

async fn calls_and_webhooks_are_told_and_nothing_is_ever_sent(
    server: &TestServer,
    client: &Client,
) {
    let endpoints = client.list_webhook_endpoints(&PageQuery::default()).await.unwrap().data;
    for platform in client.list_platforms().await.unwrap().data {
        let slug = &platform.slug;
        let of: Vec<_> = endpoints.iter().filter(|one| one.platform == *slug).collect();
        assert!(!of.is_empty(), "{slug}");
        for endpoint in &of {
            let by_request = platform.webhooks.target == WebhookTarget::Request;
            assert_eq!(endpoint.url.is_none(), by_request, "{slug}");
        }
        assert!(of.iter().any(|one| one.health.delivered > 0), "{slug}");
        let calls = RequestQuery { platform: Some(slug.clone()), ..RequestQuery::default() };
        assert!(!client.list_requests(&calls).await.unwrap().data.is_empty(), "{slug}");
    }
    assert!(endpoints.iter().any(|endpoint| !endpoint.enabled));
    let refused = RequestQuery { outcome: Some(Outcome::Refused), ..RequestQuery::default() };
    let refused = client.list_requests(&refused).await.unwrap().data;
    assert!(!refused.is_empty());
    assert!(refused.iter().all(|call| call.reason.is_some() && call.status >= 400));
    for state in [DeliveryState::Delivered, DeliveryState::Failed, DeliveryState::Waiting] {
        let query = DeliveryQuery { state: Some(state), ..DeliveryQuery::default() };
        let found = client.list_deliveries(&query).await.unwrap().data;
        assert!(!found.is_empty(), "{state:?}");
        for delivery in found {
            assert!(delivery.url.split('/').nth(2).unwrap().ends_with(".example"));
            let detail = client.get_delivery(&delivery.id).await.unwrap();
            assert_eq!(detail.attempts.len(), delivery.attempts as usize);
            assert!(!detail.attempts.is_empty());
        }
    }
    let due: i64 = server.query("SELECT COUNT(*) FROM deliveries WHERE due_at IS NOT NULL");
    assert_eq!(due, 0);
}

#[tokio::test]
async fn it_is_removed_whole_and_nobody_else_notices() {
    let (server, _folder) = start().await;
    let partner = server.sign_up("Northwind").await;
    partner.issue_key("clipia", Environment::Live).await;
    let client = explore(&server).await;
    let sample = client.get_me().await.unwrap().partner.id;
    let again = explore(&server).await.get_me().await.unwrap().partner;
    assert_eq!(again.id, sample, "asked for again it is the same one");
    // What its visitors do belongs to it too.
    let own = support::new_key("clipia", Environment::Test);
    client.create_key(&own, &IdempotencyKey::random()).await.unwrap();

    let others = |server: &TestServer| -> Vec<i64> {
        let of_others = tables(server).into_iter().map(|table| {
            server.query(&format!(
                "SELECT COUNT(*) FROM {table} WHERE partner_id <> '{}'",
                sample.as_str()
            ))
        });
        of_others.collect()
    };
    let before = others(&server);
    assert_eq!(server.operate(Command::RemoveSample).await, "removed the sample data");

    assert!(client.get_me().await.is_err(), "its sessions are over");
    for table in tables(&server) {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE partner_id = '{}'", sample.as_str());
        assert_eq!(server.query::<i64>(&sql), 0, "{table}");
    }
    assert_eq!(others(&server), before);
    assert!(!partner.client.get_me().await.unwrap().partner.sample);
    assert_eq!(keys(&partner.client).await.len(), 1);
    let config = StoreConfig { data_dir: server.data_dir().to_owned() };
    assert_eq!(latchkey_store::audit::verify(&config).await.unwrap().faults, []);
    assert_eq!(server.operate(Command::RemoveSample).await, "there is no sample data");
}

/// Every table whose rows are a partner's.
fn tables(server: &TestServer) -> Vec<String> {
    let database = server.database();
    let mut found = database
        .prepare(
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND c.name = 'partner_id' ORDER BY m.name",
        )
        .unwrap();
    let names = found.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).collect()
}

#[tokio::test]
async fn one_that_was_broken_off_is_begun_anew() {
    let (server, _folder) = start().await;
    let (store, now) = (&server.context().store, server.context().clock.now());
    let broken_off = PartnerId::from_parts(1, 1);
    let member = NewMember {
        id: MemberId::from_parts(1, 1),
        email: "sample@latchkey.example".to_owned(),
        password_hash: "none".to_owned(),
    };
    let new = NewPartner {
        id: broken_off.clone(),
        name: "Sample Studio".to_owned(),
        member,
        accounts: Vec::new(),
        author: Author::operator(),
        now,
    };
    store.create_sample_partner(new).await.unwrap();
    let anew = explore(&server).await.get_me().await.unwrap().partner;
    assert_ne!(anew.id, broken_off);
    assert_eq!(server.query::<i64>("SELECT COUNT(*) FROM partners"), 1);
}

#[test]
fn the_operator_makes_and_removes_it_by_command() {
    let data = TempDir::new().unwrap();
    let made = said(&run(data.path(), &["sample", "create"], ""));
    assert!(made.starts_with("Sample Studio (ptn_"), "{made}");
    assert_eq!(said(&run(data.path(), &["sample", "create"], "")), made);
    assert_eq!(said(&run(data.path(), &["sample", "remove"], "")), "removed the sample data");
    assert_eq!(said(&run(data.path(), &["sample", "remove"], "")), "there is no sample data");
    let checked = said(&run(data.path(), &["audit", "verify"], ""));
    assert!(checked.starts_with("checked 0 records"), "{checked}");
}
