use crate::support::{TestServer, redacted};

#[tokio::test]
async fn platforms_are_told_with_this_partners_accounts() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let platforms = partner.client.list_platforms().await.unwrap();
    for platform in &platforms.data {
        assert!(platform.base_url.starts_with(server.base.as_str()), "{}", platform.base_url);
        assert_eq!(platform.account.balance.whole_credits(), 100);
    }
    // What a manifest says is its own affair; here counts that the answer has it all.
    let first = serde_json::to_value(&platforms.data[0]).unwrap();
    let fields: Vec<_> = first.as_object().unwrap().keys().collect();
    insta::assert_json_snapshot!((fields, redacted(first["account"].clone())));
}

#[tokio::test]
async fn a_public_address_is_told_where_there_is_one() {
    let public = "https://api.example.com/";
    let server =
        TestServer::start_as(|config| config.public_url = Some(public.parse().unwrap())).await;
    let partner = server.sign_up("Northwind").await;
    for platform in partner.client.list_platforms().await.unwrap().data {
        assert!(platform.base_url.starts_with("https://api.example.com/"), "{}", platform.base_url);
        assert!(!platform.base_url.contains("com//"), "{}", platform.base_url);
    }
}
