use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{
    Environment,
    usage::{Interval, Usage, UsageGroup, UsageQuery},
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
