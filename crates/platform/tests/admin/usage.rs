use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{
    Environment,
    usage::{Interval, Outcome, RequestQuery, Usage, UsageGroup, UsageQuery},
};

use crate::{
    support::{TestPartner, TestServer, until},
    told,
};

fn query(from: DateTime<Utc>, to: DateTime<Utc>, interval: Interval) -> UsageQuery {
    UsageQuery {
        from,
        to,
        interval,
        timezone: None,
        group_by: None,
        environment: None,
        platform: None,
        key_id: None,
        operation: None,
    }
}

/// Asks until `requests` are counted: counts are written a moment after the call.
async fn counted(partner: &TestPartner, query: &UsageQuery, requests: u32) -> Usage {
    until(async || {
        let usage = partner.client.get_usage(query).await.unwrap();
        let sum: u32 = usage.series.iter().flat_map(|series| &series.requests).sum();
        (sum >= requests).then_some(usage)
    })
    .await
}

#[tokio::test]
async fn calls_are_counted_live_and_test_apart() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let now = server.context().clock.now();
    for (environment, times) in [(Environment::Live, 1), (Environment::Test, 2)] {
        let (_, plain) = partner.issue_key("clipia", environment).await;
        for _ in 0..times {
            let call = server.http.get(server.url("/clipia/v1/account")).bearer_auth(&plain);
            assert_eq!(call.send().await.unwrap().status(), 200);
        }
    }
    let hour = TimeDelta::hours(1);
    let usage = counted(&partner, &query(now - hour, now + hour, Interval::QuarterHour), 3).await;
    let sums: Vec<(Environment, u32)> = usage
        .series
        .iter()
        .map(|series| (series.environment, series.requests.iter().sum()))
        .collect();
    assert_eq!(sums, [(Environment::Live, 1), (Environment::Test, 2)]);
    for series in &usage.series {
        assert_eq!(series.requests.len(), usage.starts.len());
        assert_eq!(series.credits.len(), usage.starts.len());
    }
    let grouped = UsageQuery {
        group_by: Some(UsageGroup::Platform),
        environment: Some(Environment::Test),
        ..query(now - hour, now + hour, Interval::Minute)
    };
    let usage = counted(&partner, &grouped, 2).await;
    assert_eq!(usage.series.len(), 1);
    assert_eq!(usage.series[0].group.as_deref(), Some("clipia"));
}

#[tokio::test]
async fn every_bucket_is_there_in_the_zone_asked_for() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let month = UsageQuery {
        timezone: Some("Europe/Vienna".to_owned()),
        ..query(
            "2026-02-28T23:00:00Z".parse().unwrap(),
            "2026-03-31T22:00:00Z".parse().unwrap(),
            Interval::Day,
        )
    };
    let usage = partner.client.get_usage(&month).await.unwrap();
    assert_eq!((usage.starts.len(), usage.timezone.as_str()), (31, "Europe/Vienna"));
    let hours: i64 = (usage.starts[29] - usage.starts[28]).num_hours();
    assert_eq!(hours, 23, "the day the clock goes forward");
    assert_eq!(usage.series.len(), 2);
    assert!(usage.series.iter().all(|series| series.requests == [0; 31]));
}

#[tokio::test]
async fn foolish_questions_are_refused_with_every_fault() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let now = server.context().clock.now();
    let wrong = UsageQuery {
        timezone: Some("Mars/Olympus".to_owned()),
        ..query(now, now - TimeDelta::days(1), Interval::Hour)
    };
    assert_eq!(told(partner.client.get_usage(&wrong).await).2, ["?timezone", "?to"]);
    let long = query(now - TimeDelta::days(365), now, Interval::Minute);
    assert_eq!(told(partner.client.get_usage(&long).await).2, ["?to"]);
}

#[tokio::test]
async fn usage_is_told_apart_by_outcome_and_operation() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let now = server.context().clock.now();
    let (key, plain) = partner.issue_key("clipia", Environment::Test).await;
    let call = async || {
        let call = server.http.get(server.url("/clipia/v1/account")).bearer_auth(&plain);
        call.send().await.unwrap().status().as_u16()
    };
    assert_eq!(call().await, 200);
    partner.client.revoke_key(&key.id).await.unwrap();
    assert_eq!((call().await, call().await), (401, 401));
    let hour = TimeDelta::hours(1);
    let all = query(now - hour, now + hour, Interval::QuarterHour);
    let by = |group_by| UsageQuery { group_by: Some(group_by), ..all.clone() };
    let usage = counted(&partner, &by(UsageGroup::Outcome), 3).await;
    let sums = |usage: &Usage| -> Vec<(String, u32, u32)> {
        let sum = |counts: &[u32]| counts.iter().sum();
        let series = usage.series.iter();
        series.map(|s| (s.group.clone().unwrap(), sum(&s.requests), sum(&s.refused))).collect()
    };
    assert_eq!(sums(&usage), [("accepted".to_owned(), 1, 0), ("refused".to_owned(), 2, 2)]);
    let usage = counted(&partner, &by(UsageGroup::Operation), 3).await;
    let operation = usage.series[0].group.clone();
    let usage = counted(&partner, &UsageQuery { operation, ..by(UsageGroup::Outcome) }, 3).await;
    assert_eq!(sums(&usage).len(), 2);
    let other = Some("no.such.operation".to_owned());
    let none = UsageQuery { operation: other, ..by(UsageGroup::Outcome) };
    assert!(partner.client.get_usage(&none).await.unwrap().series.is_empty());
}

#[tokio::test]
async fn days_that_are_longer_or_shorter_are_asked_for_by_hour() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    // The day Vienna's clock goes back, and the one Lord Howe's goes forward by half an hour.
    for (zone, from, to, hours) in [
        ("Europe/Vienna", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25),
        ("Europe/Vienna", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 23),
        ("America/New_York", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", 25),
        ("Australia/Lord_Howe", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z", 24),
    ] {
        let day = UsageQuery {
            timezone: Some(zone.to_owned()),
            ..query(from.parse().unwrap(), to.parse().unwrap(), Interval::Hour)
        };
        let usage = partner.client.get_usage(&day).await.unwrap();
        assert_eq!(usage.starts.len(), hours, "{zone}");
        assert_eq!(usage.starts[0], day.from, "{zone}");
        let whole = UsageQuery { interval: Interval::Day, ..day };
        assert_eq!(partner.client.get_usage(&whole).await.unwrap().starts.len(), 1, "{zone}");
    }
}

#[tokio::test]
async fn calls_are_listed_with_the_reason_of_each_refusal() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (key, plain) = partner.issue_key("clipia", Environment::Test).await;
    let call = async |path: &str, plain: &str| {
        let call = server.http.get(server.url(path)).bearer_auth(plain).send().await.unwrap();
        (call.status().as_u16(), call.headers()["x-request-id"].to_str().unwrap().to_owned())
    };
    let (accepted, first) = call("/clipia/v1/account?secret=1", &plain).await;
    assert_eq!(accepted, 200);
    let (_, lost) = call("/clipia/v1/no-such-thing", &plain).await;
    let unknown = format!("{}{}", &plain[..plain.len() - 1], "!");
    call("/clipia/v1/account", &unknown).await;
    partner.client.revoke_key(&key.id).await.unwrap();
    let (_, revoked) = call("/clipia/v1/account", &plain).await;

    let all = RequestQuery::default();
    let mut listed = until(async || {
        let page = partner.client.list_requests(&all).await.unwrap();
        (page.data.len() >= 3).then_some(page.data)
    })
    .await;
    // Two of one millisecond come in any order.
    listed.sort_by_key(|request| std::cmp::Reverse(request.at));
    let told: Vec<_> = listed
        .iter()
        .map(|r| (r.id.to_string(), r.status, r.outcome, r.reason.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (revoked, 401, Outcome::Refused, Some("key_revoked")),
            (lost, 404, Outcome::Refused, Some("no_such_route")),
            (first, 200, Outcome::Accepted, None),
        ]
    );
    let first = &listed[2];
    assert_eq!((&*first.method, &*first.path), ("GET", "/clipia/v1/account"));
    assert_eq!(
        (first.key_id.as_ref(), first.environment),
        (Some(&key.id), Some(Environment::Test))
    );
    assert_eq!(first.address.as_deref(), Some("127.0.0.1"));
    assert!(listed[0].detail.as_deref().unwrap().contains("revoked"), "{:?}", listed[0]);
    let refused = RequestQuery { outcome: Some(Outcome::Refused), limit: Some(1), ..all };
    let page = partner.client.list_requests(&refused).await.unwrap();
    assert_eq!((page.data.len(), page.next_cursor.is_some()), (1, true));
}

#[tokio::test]
async fn a_flood_of_one_key_leaves_room_for_another() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let (flooding, loud) = partner.issue_key("clipia", Environment::Test).await;
    let (quiet, soft) = partner.issue_key("clipia", Environment::Test).await;
    partner.client.revoke_key(&flooding.id).await.unwrap();
    let call =
        |plain: &str| server.http.get(server.url("/clipia/v1/account")).bearer_auth(plain).send();
    futures::future::join_all((0..400).map(|_| call(&loud))).await;
    call(&soft).await.unwrap();
    let of = |id: &latchkey_contract::KeyId| RequestQuery {
        key_id: Some(id.clone()),
        limit: Some(200),
        ..RequestQuery::default()
    };
    let of_quiet = until(async || {
        let page = partner.client.list_requests(&of(&quiet.id)).await.unwrap();
        page.data.first().cloned()
    });
    assert_eq!(of_quiet.await.outcome, Outcome::Accepted);
    let usage = query(
        quiet.created_at - TimeDelta::hours(1),
        quiet.created_at + TimeDelta::hours(1),
        Interval::Hour,
    );
    counted(&partner, &usage, 401).await;
    let kept = partner.client.list_requests(&of(&flooding.id)).await.unwrap().data;
    assert!(!kept.is_empty());
}
