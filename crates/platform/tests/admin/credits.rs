use latchkey_contract::{
    Amount,
    credits::{EntryKind, EntryQuery},
};
use latchkey_platform::operator::Command;

use crate::support::TestServer;

#[tokio::test]
async fn every_movement_adds_up_to_the_balance() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let grant = Command::GrantCredits {
        partner: partner.email.clone(),
        platform: "clipia".to_owned(),
        amount: Amount(1_500_000),
        operation: "one".to_owned(),
    };
    server.operate(grant.clone()).await;
    server.operate(grant).await;
    let summaries = partner.client.get_credits().await.unwrap().data;
    for summary in &summaries {
        let balance = summary.granted - summary.captured - summary.held;
        assert_eq!(balance, summary.balance, "{}", summary.platform);
    }
    let clipia = summaries.iter().find(|summary| summary.platform == "clipia").unwrap();
    assert_eq!(clipia.balance, Amount(101_500_000), "the same grant twice gives once");

    let query = EntryQuery { platform: Some("clipia".to_owned()), limit: Some(1), cursor: None };
    let first = partner.client.list_credit_entries(&query).await.unwrap();
    assert_eq!((first.data[0].kind, first.data[0].amount), (EntryKind::Grant, Amount(1_500_000)));
    let query = EntryQuery { cursor: first.next_cursor, ..query };
    let second = partner.client.list_credit_entries(&query).await.unwrap();
    assert_eq!(second.data[0].amount, Amount::from_credits(100));
    assert_eq!(second.next_cursor, None);
}
