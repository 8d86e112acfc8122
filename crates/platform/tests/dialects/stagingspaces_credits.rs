//! StagingSpaces, row by row: what becomes of an account whose credits run out.

use latchkey_contract::{Amount, platforms::UpdateAccount};
use latchkey_platform::credits::update_account;
use latchkey_store::Author;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    house::{Answer, House, LIVE, send},
    receiver::{Received, Receiver},
    stagingspaces::{PLATFORM, assert_refused, fields, stage},
    stagingspaces_dashboard::{KEYS, assert_signed, call, get, put_webhook, sign_in},
};

const RULE: &str = "/stagingspaces/api/v1/settings/auto-topup";
const CREDITS: &str = "/stagingspaces/api/v1/credits";

/// Sets the webhook of the first key; answers its signing secret.
async fn listen(house: &House, token: &str, receiver: &Receiver) -> String {
    get(house, token, KEYS).await;
    let put = put_webhook(house, token, 1, json!({ "url": receiver.url("/") })).await;
    put.body["secret"].as_str().unwrap().to_owned()
}

async fn set_rule(house: &House, token: &str, rule: &Value) -> Answer {
    send(call(house, token, Method::PUT, RULE).json(rule)).await
}

/// What stands for a payment method on file.
async fn set_credit_line(house: &House, credits: i64) {
    let context = house.context();
    let by = (&Author::operator(), context.clock.now());
    let line = Amount::from_credits(credits);
    context.store.set_credit_line(&house.partner, PLATFORM, line, by).await.unwrap();
    context.keys.forget_partner(&house.partner);
}

/// The one event of this name among what was told.
fn event(told: &[Received], secret: &str, name: &str) -> Value {
    let mut bodies = told.iter().map(|told| assert_signed(told, secret));
    let mut named = bodies.by_ref().filter(|body| body["event"] == name);
    let first = named.next().unwrap_or_else(|| panic!("no {name}"));
    assert!(named.next().is_none(), "{name} twice");
    first
}

#[tokio::test(flavor = "multi_thread")]
async fn a_low_balance_is_told_to_the_key_once_a_crossing() {
    let house = House::with(1, 4).await;
    let receiver = Receiver::start().await;
    let (token, key) = (sign_in(&house, "one@example.com").await, house.key(PLATFORM, LIVE).await);
    let secret = listen(&house, &token, &receiver).await;
    let context = house.context();
    let account = context.store.get_account(&house.partner, PLATFORM).await.unwrap().unwrap();
    let low = Some(Amount::from_credits(3));
    let change = UpdateAccount { low_balance: low, ..UpdateAccount::default() };
    let author = Author::operator();
    update_account(context, &house.partner, PLATFORM, account.version, change, &author)
        .await
        .unwrap();
    for left in [3, 2, 1] {
        assert_eq!(stage(&house, &key).await.status, 200);
        assert_eq!(house.credits(PLATFORM).await.0, left);
    }
    // Three pictures, the warning, and what is sent after them.
    let ping = call(&house, &token, Method::POST, &format!("{KEYS}/1/webhook/test"));
    assert_eq!(send(ping).await.status, 200);
    let told = receiver.wait_for(5).await;
    let low = event(&told, &secret, "credits.low");
    assert_eq!(low["data"], json!({ "current_balance": 2 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rule_buys_below_its_threshold_and_tells_the_key() {
    let house = House::with(1, 3).await;
    let receiver = Receiver::start().await;
    let (token, key) = (sign_in(&house, "one@example.com").await, house.key(PLATFORM, LIVE).await);
    let secret = listen(&house, &token, &receiver).await;
    set_credit_line(&house, 100).await;
    let rule = json!({ "enabled": true, "amount": 25, "threshold": 2 });
    assert_eq!(set_rule(&house, &token, &rule).await.body, rule);
    stage(&house, &key).await;
    assert_eq!(house.credits(PLATFORM).await.0, 2, "that is not below");
    stage(&house, &key).await;
    let told = receiver.wait_for(3).await;
    let bought = event(&told, &secret, "auto_topup.success");
    assert_eq!(bought["data"], json!({ "amount": 25, "current_balance": 26 }));
    let credits = get(&house, &key.plain, CREDITS).await;
    assert_eq!(
        credits.body,
        json!({"credits": 26, "has_payment_method": true, "total_purchased": 25, "total_used": 2})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_rule_on_a_short_balance_is_not_refused() {
    let house = House::with(1, 0).await;
    let receiver = Receiver::start().await;
    let (token, key) = (sign_in(&house, "one@example.com").await, house.key(PLATFORM, LIVE).await);
    let secret = listen(&house, &token, &receiver).await;
    set_credit_line(&house, 100).await;
    let refused = stage(&house, &key).await;
    assert_refused(&refused, 402, "insufficient_credits");
    assert_eq!(
        (&refused.body["credits_required"], &refused.body["credits_available"]),
        (&json!(1), &json!(0))
    );
    let rule = json!({ "enabled": true, "amount": 10, "threshold": 1 });
    set_rule(&house, &token, &rule).await;
    let staged = stage(&house, &key).await;
    assert_eq!(staged.status, 200, "{staged:?}");
    assert_eq!(house.credits(PLATFORM).await, (9, 0));
    let told = receiver.wait_for(2).await;
    let bought = event(&told, &secret, "auto_topup.success");
    assert_eq!(bought["data"], json!({ "amount": 10, "current_balance": 10 }));
    assert_eq!(event(&told, &secret, "staging.complete")["data"]["credits_remaining"], 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_cannot_buy_tells_the_key() {
    let house = House::with(1, 2).await;
    house.second_partner().await;
    let receiver = Receiver::start().await;
    let (token, key) = (sign_in(&house, "one@example.com").await, house.key(PLATFORM, LIVE).await);
    get(&house, &token, KEYS).await;
    let secret = listen(&house, &token, &receiver).await;
    let told = get(&house, &token, RULE).await;
    assert_eq!((told.status, fields(&told.body)), (200, vec!["amount", "enabled", "threshold"]));
    assert_eq!(told.body["enabled"], false);
    for (body, told) in [
        (json!({"enabled": 1}), "`enabled` must be true or false"),
        (json!({"amount": -5}), "`amount` must be a number of credits"),
        (json!({"threshold": "5"}), "`threshold` must be a number of credits"),
        (json!({"enabled": true, "amount": 0, "threshold": 2}), "`amount` must be above 0"),
    ] {
        let refused = set_rule(&house, &token, &body).await;
        assert_refused(&refused, 400, "invalid_request");
        assert!(refused.body["message"].as_str().unwrap().starts_with(told), "{refused:?}");
    }
    let rule = json!({ "enabled": true, "amount": 25, "threshold": 2 });
    for answer in [set_rule(&house, &token, &rule).await, get(&house, &token, RULE).await] {
        assert_eq!((answer.status, &answer.body), (200, &rule));
    }
    // Of many at once each is done; the largest amount is within what may be bought a month.
    let largest = json!({ "enabled": true, "amount": 1_000_000_000, "threshold": 2 });
    let many = futures::future::join_all((0..12).map(|_| set_rule(&house, &token, &largest))).await;
    assert!(many.iter().all(|answer| answer.status == 200 && answer.body == largest), "{many:?}");
    set_rule(&house, &token, &rule).await;
    let other = sign_in(&house, "two@example.com").await;
    assert_eq!(get(&house, &other, RULE).await.body["enabled"], false, "an account's own");

    stage(&house, &key).await;
    let told = receiver.wait_for(2).await;
    let failed = event(&told, &secret, "auto_topup.failed");
    assert_eq!(
        failed["data"],
        json!({ "amount": 25, "current_balance": 1, "reason": "credit_line" })
    );
}
